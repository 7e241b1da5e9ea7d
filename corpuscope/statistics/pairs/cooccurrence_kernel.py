"""Inner loop of counting co-occurrences; compiled on first use (about a second) and cached on disk.

Types are not declared: the compiler infers them.
"""

from typing import no_type_check

import numba
import numpy as np

_BLOCK = 64
"""Number of counts that are checked together; most blocks contain no pair."""


@numba.njit(nogil=True, cache=True, boundscheck=False)
@no_type_check
def pairs_of(
    first, last,
    documents_from, documents,
    columns_from, columns,
    left_bound, right_bound,
    begin, end,
    least,
):  # fmt: skip
    """Pairs of left columns `first` to `last` with right columns that reach the minimum count.

    Args:
        first: First left column.
        last: One past the last left column.
        documents_from: Start of each left column's documents in `documents`.
        documents: Documents of each left column.
        columns_from: Start of each document's right columns in `columns`.
        columns: Right columns of each document, ascending.
        left_bound: Factor of each left column.
        right_bound: Factor of each right column, ascending: a pair is kept if its count is at
            least the product of the two factors.
        begin: For each left column, the first right column it can be paired with.
        end: One past the last.
        least: Minimum count of a pair.

    Returns:
        Left columns, right columns and counts.
    """
    n_right = len(right_bound)
    # Padded by a block, so that the last block needs no bounds check.
    counts = np.zeros(n_right + _BLOCK, np.int32)
    lefts = np.empty(1024, np.int32)
    rights = np.empty(1024, np.int32)
    both = np.empty(1024, np.int32)
    n = 0
    for left in range(first, last):
        lowest, highest = begin[left], end[left]
        if lowest >= highest:
            continue
        for at in range(documents_from[left], documents_from[left + 1]):
            document = documents[at]
            low, high = columns_from[document], columns_from[document + 1]
            stop = high
            # Binary search for the document's first column from `lowest` on.
            while low < stop:
                middle = (low + stop) >> 1
                if columns[middle] < lowest:
                    low = middle + 1
                else:
                    stop = middle
            for place in range(low, high):
                counts[columns[place]] += 1
        factor = left_bound[left]
        for block in range(lowest, highest, _BLOCK):
            most = 0
            for right in range(block, block + _BLOCK):
                most = max(most, counts[right])
            # Bounds ascend, so the first of a block is its smallest.
            if most >= least and most >= factor * right_bound[block]:
                for right in range(block, min(block + _BLOCK, highest)):
                    count = counts[right]
                    if count >= least and count >= factor * right_bound[right]:
                        if n == len(both):
                            lefts = _twice(lefts)
                            rights = _twice(rights)
                            both = _twice(both)
                        lefts[n], rights[n], both[n] = left, right, count
                        n += 1
        counts[lowest:] = 0
    return lefts[:n], rights[:n], both[:n]


@numba.njit(nogil=True, cache=True)
@no_type_check
def _twice(values):
    longer = np.empty(2 * len(values), values.dtype)
    longer[: len(values)] = values
    return longer
