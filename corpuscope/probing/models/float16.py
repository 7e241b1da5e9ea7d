"""Numbers of half precision made single: numpy takes five times as long.

The bits are moved to the places that they have in single precision. What is read there is too
small by one factor, for normal numbers and for subnormal ones.
"""

from typing import Any, no_type_check

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_TOO_SMALL = np.float32(2.0**112)


def in_single_precision(halves: npt.NDArray[np.float16], rows: Array) -> npt.NDArray[np.float32]:
    """Some rows of finite numbers, exactly."""
    bits = np.empty((len(rows), halves.shape[1]), dtype=np.uint32)
    _moved_rows(halves.view(np.uint16), rows, bits)
    return numbers_of(bits)


def numbers_of(bits: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """What bits of half precision mean that were moved to their places in single precision."""
    found = bits.view(np.float32)
    found *= _TOO_SMALL
    return found


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def moved(half):
    """The bits of a number of half precision in their places, for `numbers_of`."""
    bits = np.uint32(half)
    sign = (bits & np.uint32(0x8000)) << np.uint32(16)
    return sign | ((bits & np.uint32(0x7FFF)) << np.uint32(13))


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def _moved_rows(halves, rows, into):
    for i in range(len(rows)):
        given, own = halves[rows[i]], into[i]
        for j in range(given.shape[0]):
            own[j] = moved(given[j])
