"""Products of an int8 matrix with a vector; compiled on first use, and cached on disk."""

from typing import no_type_check

import numba
import numpy as np
import numpy.typing as npt

from corpuscope.shapes import NumberPerDocument, PhraseVector

# 15 bits, so that a sum of 384 products of 7-bit and 15-bit integers fits into int32.
_LARGEST = 32_000


def products(steps: npt.NDArray[np.int8], vector: PhraseVector) -> NumberPerDocument:
    """Product of each row with a vector, which is quantised to 15 bits."""
    largest = max(float(np.abs(vector).max(initial=0.0)), 1e-12)
    whole = np.round(vector * (_LARGEST / largest)).astype(np.int16)
    found = np.empty(len(steps), dtype=np.int32)
    if steps.shape[1:] != whole.shape:
        raise ValueError(f"rows of shape {steps.shape[1:]} and a vector of shape {whole.shape}")
    _integer_products(steps, whole, found)
    scaled: NumberPerDocument = found * np.float32(largest / _LARGEST)
    return scaled


@numba.njit(nogil=True, cache=True, boundscheck=False, fastmath=True)
@no_type_check
def _integer_products(steps, whole, found):
    for row in range(steps.shape[0]):
        total = np.int32(0)
        for at in range(steps.shape[1]):
            total += np.int32(steps[row, at]) * np.int32(whole[at])
        found[row] = total
