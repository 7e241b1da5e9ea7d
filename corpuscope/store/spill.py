"""Entries of documents that are spilled to disk and read back block by block."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["hashes_of", "spilled_blocks"]


def hashes_of(words: Sequence[str]) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each word."""
    from pandas.util import hash_array

    values = np.empty(len(words), dtype=object)
    values[:] = words
    return hash_array(values, categorize=False)


def spilled_blocks(
    spill: Path, counts: npt.NDArray[np.int64], *, dtype: npt.DTypeLike, at_once: int
) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[Any]]]:
    """Blocks of documents: first row, number of entries per document, and the entries.

    Args:
        spill: A file with the entries of all documents, one after the other.
        counts: The number of entries of each document.
        dtype: The type of an entry.
        at_once: The largest number of entries in a block; a document is never divided.
    """
    ends = np.cumsum(counts)
    first = n_read = 0
    with spill.open("rb") as file:
        while first < len(counts):
            last = int(np.searchsorted(ends, n_read + at_once, side="right"))
            last = min(max(last, first + 1), len(counts))
            n = int(ends[last - 1]) - n_read
            yield first, counts[first:last], np.fromfile(file, dtype=dtype, count=n)
            first, n_read = last, n_read + n
