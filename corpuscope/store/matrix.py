"""The strengths as a sparse matrix by document (CSR) and by feature (CSC), memory-mapped.

Both are built shard by shard: rows by appending; columns by counting the entries of each feature,
then placing each entry (a counting sort). Memory holds a few thousand documents and one number
per feature.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from jaxtyping import Float

from corpuscope.shapes import PresenceMatrix
from corpuscope.store.cache import check_lengths, check_starts, mapped, new_array, saved_array
from corpuscope.store.manifest import damaged
from corpuscope.store.shards import StrengthBatch, strength_batches

__all__ = [
    "MATRIX_ARRAYS",
    "FeatureStrengths",
    "SparseStrengths",
    "StrengthMatrix",
    "build_matrix",
    "csr_of",
    "presence_above",
    "sparse_strengths",
]

StrengthMatrix = Float[sp.csr_array, "documents features"]
"""Strengths, above 0 where stored, in units of the dictionary."""

MATRIX_ARRAYS = (
    "document_starts",
    "features",
    "strengths",
    "feature_starts",
    "rows",
    "strengths_by_feature",
    "peaks_by_feature",
)

_ENTRIES_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class FeatureStrengths:
    """The documents in which one feature has a stored strength, by ascending row."""

    rows: npt.NDArray[np.int32]
    strengths: npt.NDArray[np.float16]
    peaks: npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class SparseStrengths:
    """All strengths, as memory-mapped arrays.

    By document (CSR): document `d` has `features[s:e]` and `strengths[s:e]`, where `s` and `e` are
    `document_starts[d]` and `document_starts[d + 1]`. By feature (CSC) likewise, with the rows of
    its documents and the unit at which each strength is reached (its peak).
    """

    n_documents: int
    n_features: int
    document_starts: npt.NDArray[np.int64]
    features: npt.NDArray[np.int32]
    strengths: npt.NDArray[np.float16]
    feature_starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    strengths_by_feature: npt.NDArray[np.float16]
    peaks_by_feature: npt.NDArray[np.uint32]

    def of_feature(self, feature: int) -> FeatureStrengths:
        """The rows, strengths and peaks of one feature."""
        if not 0 <= feature < self.n_features:
            raise IndexError(f"feature {feature} of {self.n_features}")
        here = slice(int(self.feature_starts[feature]), int(self.feature_starts[feature + 1]))
        return FeatureStrengths(
            self.rows[here], self.strengths_by_feature[here], self.peaks_by_feature[here]
        )

    def to_csr(self) -> StrengthMatrix:
        """The strengths as float32, in memory: about 8 bytes per non-zero."""
        strengths = self.strengths.astype(np.float32)
        matrix: StrengthMatrix = csr_of(
            strengths, np.array(self.features), self.document_starts, self.n_features
        )
        return matrix


def csr_of(
    values: npt.NDArray[Any], columns: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], n: int
) -> Any:
    """A SciPy CSR matrix of `n` columns from these arrays, without copying the long ones.

    Raises:
        StoreDamaged: The arrays are inconsistent; SciPy would read beyond their ends.
    """
    check_starts(starts, n_runs=len(starts) - 1, n_entries=len(columns))
    check_lengths(columns, n)
    # SciPy copies unless both index arrays have the same dtype.
    fits = starts[-1] <= np.iinfo(np.int32).max
    short = starts.astype(np.int32 if fits else np.int64)
    return sp.csr_array((values, columns, short), shape=(len(starts) - 1, n))


def presence_above(strengths: SparseStrengths, thresholds: npt.NDArray[Any]) -> PresenceMatrix:
    """The presence matrix: where strengths are above their feature's threshold.

    Memory: 5 bytes for each present feature of each document.
    """
    features = np.empty(len(strengths.features), dtype=np.int32)
    n_per_document = np.zeros(strengths.n_documents + 1, dtype=np.int64)
    n_kept = 0
    for first, last in _document_blocks(strengths.document_starts):
        starts = strengths.document_starts[first : last + 1]
        block = slice(int(starts[0]), int(starts[-1]))
        of_block = strengths.features[block]
        check_lengths(of_block, len(thresholds))
        is_present = strengths.strengths[block].astype(np.float32) > thresholds[of_block]
        # n_before[i] counts the present entries before entry i of the block.
        n_before = np.concatenate([[0], np.cumsum(is_present)])
        n_per_document[first + 1 : last + 1] = np.diff(n_before[starts - starts[0]])
        n_new = int(n_before[-1])
        features[n_kept : n_kept + n_new] = of_block[is_present]
        n_kept += n_new
    # The unused end of `features` takes no memory: its pages were never touched.
    kept, starts = features[:n_kept], np.cumsum(n_per_document)
    presence: PresenceMatrix = csr_of(np.ones(n_kept, np.bool_), kept, starts, len(thresholds))
    return presence


def _document_blocks(starts: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Ranges of documents with a bounded number of entries, at least one document per range."""
    first, n_documents = 0, len(starts) - 1
    while first < n_documents:
        limit = int(starts[first]) + _ENTRIES_AT_ONCE
        last = max(first + 1, int(np.searchsorted(starts, limit, side="right")) - 1)
        yield first, last
        first = last


def sparse_strengths(folder: Path, *, n_documents: int, n_features: int) -> SparseStrengths:
    """The matrix that `build_matrix` wrote to `folder`."""
    arrays: dict[str, Any] = {name: mapped(folder, name) for name in MATRIX_ARRAYS}
    for starts, n_runs in (("document_starts", n_documents), ("feature_starts", n_features)):
        check_starts(arrays[starts], n_runs=n_runs, n_entries=len(arrays["rows"]))
    return SparseStrengths(n_documents, n_features, **arrays)


def build_matrix(
    folder: Path, *, shards: Sequence[Path], n_documents: int, n_features: int, n_nonzeros: int
) -> None:
    """Fill `folder` with the arrays of `MATRIX_ARRAYS`, reading every shard twice.

    Raises:
        StoreDamaged: A shard cannot be read, or its counts differ from the manifest.
    """
    starts = new_array(folder, "document_starts", dtype=np.int64, length=n_documents + 1)
    features = new_array(folder, "features", dtype=np.int32, length=n_nonzeros)
    strengths = new_array(folder, "strengths", dtype=np.float16, length=n_nonzeros)
    n_per_feature = np.zeros(n_features, dtype=np.int64)
    row = at = 0
    for path, batch in _batches(shards):
        n, end = len(batch.counts), at + len(batch.features)
        # Checked before writing: the arrays were allocated by the manifest's counts.
        if row + n > n_documents or end > n_nonzeros or np.any(batch.features >= n_features):
            raise damaged(path, "holds more than the manifest records")
        starts[row + 1 : row + n + 1] = at + np.cumsum(batch.counts)
        features[at:end] = batch.features
        strengths[at:end] = batch.strengths
        n_per_feature += np.bincount(batch.features, minlength=n_features)
        row, at = row + n, end
    if (row, at) != (n_documents, n_nonzeros):
        raise damaged(
            folder,
            f"would hold {row} documents and {at} strengths, not {n_documents} and {n_nonzeros}",
        )
    feature_starts = np.concatenate([[0], np.cumsum(n_per_feature)])
    saved_array(folder, "feature_starts", feature_starts)
    _build_columns(folder, shards, feature_starts)


def _build_columns(
    folder: Path, shards: Sequence[Path], feature_starts: npt.NDArray[np.int64]
) -> None:
    n_nonzeros, n_features = int(feature_starts[-1]), len(feature_starts) - 1
    rows = new_array(folder, "rows", dtype=np.int32, length=n_nonzeros)
    strengths = new_array(folder, "strengths_by_feature", dtype=np.float16, length=n_nonzeros)
    peaks = new_array(folder, "peaks_by_feature", dtype=np.uint32, length=n_nonzeros)
    free = feature_starts[:-1].copy()
    # NumPy uses a radix sort for 16-bit integers, ten times as fast as for wider ones.
    key = np.uint16 if n_features <= 1 << 16 else np.int32
    first_row = 0
    for _, batch in _batches(shards):
        order = np.argsort(batch.features.astype(key), kind="stable")
        n_here = np.bincount(batch.features, minlength=n_features)
        # Entry i of the sorted batch goes to its feature's next free slot plus its rank in the run.
        shift = free - (np.cumsum(n_here) - n_here)
        place = shift[batch.features[order]] + np.arange(len(order))
        rows[place] = (first_row + np.repeat(np.arange(len(batch.counts)), batch.counts))[order]
        strengths[place] = batch.strengths[order]
        peaks[place] = batch.peaks[order]
        free += n_here
        first_row += len(batch.counts)


def _batches(shards: Sequence[Path]) -> Iterator[tuple[Path, StrengthBatch]]:
    for path in shards:
        for batch in strength_batches(path):
            yield path, batch
