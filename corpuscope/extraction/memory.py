"""Keep an extraction's memory from growing with the number of batches.

Batches have ever other shapes. oneDNN, with which torch multiplies on a processor, keeps what
it prepared for each of the last 1,024, about 200 MB; glibc keeps the holes that tensors leave.
"""

import ctypes
import os
import sys
from functools import cache
from typing import Any

_KEPT_SHAPES = "8"


def keep_few_shapes() -> None:
    """Have oneDNN keep little, unless the user's environment says how much.

    Counts only before the first product of the process; costs a few hundredths of the time.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", _KEPT_SHAPES)


def give_back() -> None:
    """Return free memory to the system, where the C library is glibc; elsewhere do nothing.

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
