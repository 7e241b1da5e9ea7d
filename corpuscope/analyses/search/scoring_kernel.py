"""The inner loops of a search; compiled on first use (about a second), and cached on disk.

The kernels have no type annotations: numba infers the types.
"""

from functools import cache
from typing import no_type_check

import numba
import numpy as np
import numpy.typing as npt

from corpuscope.errors import StoreDamaged


def add_features(
    total: npt.NDArray[np.float32],
    *,
    rows: npt.NDArray[np.int32],
    strengths: npt.NDArray[np.float16],
    spans: npt.NDArray[np.int64],
    factors: npt.NDArray[np.float32],
    caps: npt.NDArray[np.float32],
) -> None:
    """Add the contributions of some features to the documents' totals.

    Args:
        total: Total of each document; changed in place.
        rows: Documents of all features, grouped by feature.
        strengths: Their strengths.
        spans: [start, end) in `rows` of each feature to add.
        factors: Factor on the strengths of each feature.
        caps: Maximum strength of each feature, before the factor.

    Raises:
        StoreDamaged: A row is out of range.
    """
    bits = strengths.view(np.uint16)
    if not _add_features(total, rows, bits, spans, factors, caps, _value_of_bits()):
        raise _beyond(total)


def add_words(
    total: npt.NDArray[np.float32],
    *,
    rows: npt.NDArray[np.int32],
    scores: npt.NDArray[np.float32],
    spans: npt.NDArray[np.int64],
    factors: npt.NDArray[np.float32],
) -> None:
    """Add the contributions of some words to the documents' totals, as `add_features` does."""
    if not _add_words(total, rows, scores, spans, factors):
        raise _beyond(total)


def _beyond(total: npt.NDArray[np.float32]) -> StoreDamaged:
    return StoreDamaged(
        f"a cached array refers to a document beyond the {len(total)} of the store",
        expected="a cache that was made from this store",
        next_step="remove the folder `cache` in the store and retry; it will be rebuilt",
    )


@cache
def _value_of_bits() -> npt.NDArray[np.float32]:
    """Lookup table from float16 bit patterns to float32, as numba does not support float16."""
    values: npt.NDArray[np.float32] = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    return values.astype(np.float32)


@numba.njit(nogil=True, cache=True, boundscheck=False)
@no_type_check
def _add_features(total, rows, bits, spans, factors, caps, value_of):
    for feature in range(len(factors)):
        factor, cap = factors[feature], caps[feature]
        for at in range(spans[feature, 0], spans[feature, 1]):
            row = rows[at]
            if not 0 <= row < len(total):
                return False
            total[row] += factor * min(value_of[bits[at]], cap)
    return True


@numba.njit(nogil=True, cache=True, boundscheck=False)
@no_type_check
def _add_words(total, rows, scores, spans, factors):
    for word in range(len(factors)):
        for at in range(spans[word, 0], spans[word, 1]):
            row = rows[at]
            if not 0 <= row < len(total):
                return False
            total[row] += factors[word] * scores[at]
    return True
