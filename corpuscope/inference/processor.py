"""What the processor can do."""

from functools import cache
from pathlib import Path

_ABOUT = Path("/proc/cpuinfo")


@cache
def has_bf16() -> bool:
    """Whether the processor multiplies in bfloat16; False where that is not known."""
    flags = ("amx_bf16", "avx512_bf16", " bf16")
    return _ABOUT.is_file() and any(flag in _ABOUT.read_text() for flag in flags)
