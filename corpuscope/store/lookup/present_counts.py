"""In how many documents each feature is present, and how many features each document has."""

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpuscope.store.cache import mapped, saved_array
from corpuscope.store.matrix import SparseStrengths
from corpuscope.store.store import Store

__all__ = ["PresentCounts", "present_counts_of"]

_VERSION = 1
_ARRAYS = ("of_features", "of_documents")
_ENTRIES_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class PresentCounts:
    """Counts of present features: documents for each feature, features for each document."""

    of_features: npt.NDArray[np.int64]
    of_documents: npt.NDArray[np.int64]


def present_counts_of(store: Store) -> PresentCounts:
    """How often each feature is above its threshold, and how many are in each document; cached.

    Cost: the first call reads all strengths once.

    Raises:
        StoreDamaged: A shard cannot be read.
        StorageFull: There is no disk space for the cache.
    """
    thresholds = store.thresholds
    folder = store.cached_folder(
        f"present-{_VERSION}-{zlib.crc32(thresholds.tobytes()):08x}",
        arrays=_ARRAYS,
        build=lambda into: _build(into, store.strengths(), thresholds),
    )
    return PresentCounts(*(np.array(mapped(folder, name)) for name in _ARRAYS))


def _build(folder: Path, strengths: SparseStrengths, thresholds: npt.NDArray[np.float32]) -> None:
    of_features = np.zeros(strengths.n_features, dtype=np.int64)
    of_documents = np.zeros(strengths.n_documents, dtype=np.int64)
    for first in range(0, len(strengths.features), _ENTRIES_AT_ONCE):
        here = slice(first, first + _ENTRIES_AT_ONCE)
        features = strengths.features[here]
        is_present = strengths.strengths[here].astype(np.float32) > thresholds[features]
        of_features += np.bincount(features[is_present], minlength=len(of_features))
        places = first + np.flatnonzero(is_present)
        documents = np.searchsorted(strengths.document_starts, places, side="right") - 1
        of_documents += np.bincount(documents, minlength=len(of_documents))
    saved_array(folder, "of_features", of_features)
    saved_array(folder, "of_documents", of_documents)
