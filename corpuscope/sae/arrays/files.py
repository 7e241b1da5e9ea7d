"""Saves and loads arrays as safetensors files, in half the room where that is asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[np.float32]


def load_arrays(path: Path) -> dict[str, Array]:
    """The arrays of a file by their names, in float32.

    Raises:
        OSError: There is no such file.
        SafetensorError: It is damaged.
        ValueError: It has numbers of a kind that is not known here.
    """
    from safetensors import deserialize

    entries: Any = deserialize(path.read_bytes())  # type: ignore[no-untyped-call]
    return {
        name: _single(entry["dtype"], entry["data"]).reshape(entry["shape"])
        for name, entry in entries
    }


def save_arrays(
    arrays: Mapping[str, Array], path: Path, *, dtype: "torch.dtype | str", only: tuple[str, ...]
) -> None:
    """Save arrays in a file.

    Args:
        arrays: The arrays.
        path: The file.
        dtype: The type of those named in `only` on disk; bfloat16 needs torch.
        only: Their names; the others stay float32.
    """
    if str(dtype).removeprefix("torch.") == "bfloat16":
        _save_tensors(arrays, path, only)
        return
    from safetensors.numpy import save_file

    half: Any = np.dtype(str(dtype).removeprefix("torch."))
    kinds = {name: half if name in only else np.dtype(np.float32) for name in arrays}
    save_file(
        {name: np.ascontiguousarray(one, dtype=kinds[name]) for name, one in arrays.items()}, path
    )


def _save_tensors(arrays: Mapping[str, Array], path: Path, only: tuple[str, ...]) -> None:
    import torch
    from safetensors.torch import save_file

    tensors = {name: torch.from_numpy(np.ascontiguousarray(one)) for name, one in arrays.items()}
    save_file(
        {name: one.bfloat16() if name in only else one for name, one in tensors.items()}, path
    )


def _single(dtype: str, data: bytes) -> Array:
    if dtype == "BF16":
        # The upper half of a float32.
        upper = np.frombuffer(data, dtype=np.uint16).astype(np.uint32) << np.uint32(16)
        return upper.view(np.float32)
    kinds = {"F16": np.float16, "F32": np.float32, "F64": np.float64}
    if dtype not in kinds:
        raise ValueError(f"numbers of the kind {dtype}")
    # A copy of their own: what is read from bytes may not be written to, which torch warns of.
    return np.frombuffer(data, dtype=kinds[dtype]).astype(np.float32)
