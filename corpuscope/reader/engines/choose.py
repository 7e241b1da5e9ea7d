"""Which engine reads a corpus: torch, OpenVINO or numpy.

torch reads with any reader, and on a GPU. The built-in reader needs no torch: OpenVINO computes it
on a processor, and numpy where OpenVINO cannot start.
"""

import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from corpuscope.errors import ReaderError
from corpuscope.extras import check_torch
from corpuscope.inference.openvino_runtime import why_not
from corpuscope.reader.engines.array_reader import ArrayReader
from corpuscope.reader.engines.numpy_engine import NumpyEngine
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.protocol import Reader

EngineName = Literal["openvino", "numpy", "torch"]
"""What computes states and products."""

ENGINES: tuple[EngineName, ...] = get_args(EngineName)

# What drivers of NVIDIA and AMD, and of Windows in Linux, put there.
_GPU_FILES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")


def reader_for(
    name: str, *, engine: str | None = None, device: str = "auto", is_simple: bool = True
) -> Reader:
    """The reader of that name, with the engine that is asked for or fits.

    Args:
        name: The reader that a dictionary names.
        engine: One of `ENGINES`; None for torch where there is a GPU or the reader is another
            than the built-in one, and else for OpenVINO, or numpy where that cannot start.
        device: Where to compute, "auto", "cpu", "cuda" and so on.
        is_simple: Whether the dictionary can be applied without torch.

    Raises:
        ReaderError: There is no such engine, it cannot be used here or for this reader, or the
            reader cannot be loaded.
    """
    chosen = engine_for(name, engine=engine, device=device, is_simple=is_simple)
    if chosen == "torch":
        check_torch(f"the reader {name}" if name != BUILTIN_READER else "this dictionary or device")
        from corpuscope.reader.language_model import load_reader

        return load_reader(name, device=device)
    if chosen == "numpy":
        return ArrayReader(NumpyEngine())
    from corpuscope.reader.engines.openvino_engine import OpenVinoEngine

    return ArrayReader(OpenVinoEngine())


def engine_for(
    name: str, *, engine: str | None = None, device: str = "auto", is_simple: bool = True
) -> EngineName:
    """The engine that `reader_for` uses.

    Raises:
        ReaderError: There is no such engine, or it cannot be used here or for this reader.
    """
    if engine is not None:
        return _checked(engine, name, device)
    if name != BUILTIN_READER or not is_simple or _has_gpu(device):
        return "torch"
    if reason := why_not():
        warnings.warn(
            f"OpenVINO cannot start ({reason}): numpy reads instead, which is slower",
            stacklevel=2,
        )
        return "numpy"
    return "openvino"


def _checked(engine: str, name: str, device: str) -> EngineName:
    found = next((one for one in ENGINES if one == engine), None)
    if found is None:
        raise ReaderError(
            f"the engine {engine!r}",
            expected=f"one of {', '.join(ENGINES)}",
            next_step="name one of these, or none",
        )
    if found == "torch":
        return found
    if name != BUILTIN_READER or device not in ("auto", "cpu"):
        raise ReaderError(
            f"the engine {engine} for {name} on the device {device!r}",
            expected="the built-in reader, on a processor",
            next_step='leave the engine out, or read with torch: engine="torch" (--engine torch)',
        )
    if found == "openvino" and (reason := why_not()):
        raise ReaderError(
            f"OpenVINO cannot start ({reason})",
            expected="the package openvino, which has wheels for Linux, Windows and Apple silicon",
            next_step='pip install openvino, or read with numpy: engine="numpy" (--engine numpy)',
        )
    return found


def _has_gpu(device: str) -> bool:
    """Whether torch would compute on a GPU; torch is loaded only where there may be one."""
    if device != "auto":
        return device != "cpu"
    if find_spec("torch") is None or sys.platform == "darwin":
        return False
    if sys.platform == "linux" and not any(Path(one).exists() for one in _GPU_FILES):
        return False
    import torch

    return torch.cuda.is_available()
