"""The inner loops of a search; compiled on first use, about a second, and kept on disk.

Types are not declared in the kernels: the compiler finds them.
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
    """Add to the documents' totals what some features give.

    Args:
        total: One for each document; changed.
        rows: The documents of all features, feature by feature.
        strengths: Their strengths.
        spans: For each feature that is added, where its documents begin and end.
        factors: What a strength of each is multiplied with.
        caps: What each strength counts for at most.

    Raises:
        StoreDamaged: A row is that of no document.
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
    """Add to the documents' totals what some words give; as `add_features`."""
    if not _add_words(total, rows, scores, spans, factors):
        raise _beyond(total)


def _beyond(total: npt.NDArray[np.float32]) -> StoreDamaged:
    return StoreDamaged(
        f"an array in the cache names a document beyond the {len(total)} that there are",
        expected="a cache that was made from this store",
        next_step="remove the folder `cache` in the store and ask again: it is computed again",
    )


@cache
def _value_of_bits() -> npt.NDArray[np.float32]:
    """The number that each pattern of 16 bits stands for; numba knows no such numbers."""
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
