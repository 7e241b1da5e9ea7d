"""Keeps memory from growing with the number of batches.

Batches have many different shapes. oneDNN, torch's CPU backend, caches primitives for the last
1,024 shapes, about 200 MB; glibc keeps the memory of freed tensors.
"""

import ctypes
import os
import sys
from functools import cache
from typing import Any

_KEPT_SHAPES = "8"


def keep_few_shapes() -> None:
    """Limit oneDNN's primitive cache, unless the environment already sets its size.

    Has an effect only before the first matrix product of the process; costs a few percent of time.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _KEPT_SHAPES)


def give_back() -> None:
    """Return free memory to the system (glibc only; elsewhere no effect).

    Takes a few milliseconds.
    """
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
