"""The inner loop of counting pairs; compiled on first use, about a second, and kept on disk.

Types are not declared: the compiler finds them.
"""

from typing import no_type_check

import numba
import numpy as np

_BLOCK = 64
"""So many counts are looked at together; most blocks have no pair."""


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
    """Pairs of the left columns `first` to `last` with right ones, as far as they hold enough.

    Args:
        first: The first left column.
        last: The one after the last.
        documents_from: Where the documents of each left column begin in `documents`.
        documents: Of each left column.
        columns_from: Where the right columns of each document begin in `columns`.
        columns: Of each document, ascending.
        left_bound: A factor for each left column.
        right_bound: A factor for each right column, ascending: a pair is kept if its documents
            are at least as many as the product of the two.
        begin: For each left column the first right one that can be its partner.
        end: The one after the last.
        least: A pair is kept only if it has so many documents.

    Returns:
        Left columns, right columns and numbers of documents.
    """
    n_right = len(right_bound)
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
            # Bounds ascend, so that of the block's first column is the least of all.
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
