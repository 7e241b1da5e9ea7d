"""How a language model is loaded: where, in which dtype, and with how many bits a weight."""

from dataclasses import dataclass
from typing import Literal

import torch

from corpuscope.errors import ReaderError

Quantization = Literal["8bit", "4bit"]
"""How many bits a weight of a linear layer takes in memory."""

_DTYPES = {
    "bfloat16": torch.bfloat16, "bf16": torch.bfloat16, "float16": torch.float16,
    "fp16": torch.float16, "float32": torch.float32, "fp32": torch.float32,
}  # fmt: skip
_QUANTIZATIONS: dict[str, Quantization] = {"8bit": "8bit", "4bit": "4bit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingSettings:
    """How a language model is loaded.

    Attributes:
        device: "auto", "cpu", "cuda", "cuda:1" and so on. With "auto" it is one GPU, several if
            it does not fit into one, or the CPU where there is no GPU.
        dtype: The dtype of its weights and states; None for bfloat16 where the hardware supports
            it, else float32.
        quantization: Load linear layers with 8 or 4 bits a weight; None leaves them whole.
        device_map: How it is spread over GPUs, memory and disk, as in transformers ("auto",
            "balanced", "sequential"); None decides by `device`.
    """

    device: str = "auto"
    dtype: torch.dtype | None = None
    quantization: Quantization | None = None
    device_map: str | None = None


def dtype_named(name: str | torch.dtype | None) -> torch.dtype | None:
    """The dtype of that name; None and dtypes are returned as they are.

    Raises:
        ReaderError: There is no such dtype.

    Example:
        >>> dtype_named("bf16")
        torch.bfloat16
    """
    if name is None or isinstance(name, torch.dtype):
        return name
    if found := _DTYPES.get(name.removeprefix("torch.").lower()):
        return found
    raise ReaderError(
        f"the dtype {name!r}",
        expected=f"one of {', '.join(_DTYPES)}",
        next_step="name one of these",
    )


def check_quantization(name: str | None) -> Quantization | None:
    """The quantization of that name, or None.

    Raises:
        ReaderError: There is no such quantization.
    """
    if name is None or name in _QUANTIZATIONS:
        return None if name is None else _QUANTIZATIONS[name]
    raise ReaderError(
        f"the quantization {name!r}",
        expected=f"one of {', '.join(_QUANTIZATIONS)}",
        next_step="name one of these, or leave it out for whole weights",
    )
