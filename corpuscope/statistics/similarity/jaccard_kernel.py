"""Inner loops of the weighted Jaccard index; compiled on first use and cached on disk.

Types are not declared: the compiler infers them.
"""

from typing import no_type_check

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
@no_type_check
def affinity_of_all(starts, columns, rows_from, rows, weights, totals):
    """The index of each two documents, by iterating over the documents of each feature.

    Args:
        starts: Start of each document's columns in `columns`.
        columns: Columns of each document.
        rows_from: Start of each column's documents in `rows`.
        rows: Documents of each column, ascending.
        weights: Weight of each column.
        totals: Sum of the weights of each document's columns.

    Returns:
        Documents x documents; 1 on the diagonal, 0 between two documents without columns.
    """
    n = len(totals)
    answer = np.zeros((n, n), np.float32)
    for document in range(n):
        own = answer[document]
        for at in range(starts[document], starts[document + 1]):
            column = columns[at]
            weight = weights[column]
            for place in range(rows_from[column], rows_from[column + 1]):
                own[rows[place]] += weight
        total = totals[document]
        for other in range(n):
            shared = own[other]
            if shared > 0:
                # The union weighs both totals minus what is shared, which they both contain.
                own[other] = shared / (total + totals[other] - shared)
        own[document] = 1
    return answer


@numba.njit(nogil=True, cache=True)
@no_type_check
def similarity(starts, columns, weights, totals, one, other):
    """The index of two documents, by merging their ascending columns."""
    left, last_left = starts[one], starts[one + 1]
    right, last_right = starts[other], starts[other + 1]
    shared = np.float32(0)
    while left < last_left and right < last_right:
        a, b = columns[left], columns[right]
        if a == b:
            shared += weights[a]
            left += 1
            right += 1
        elif a < b:
            left += 1
        else:
            right += 1
    union = totals[one] + totals[other] - shared
    return shared / union if union > 0 else np.float32(0)


@numba.njit(nogil=True, cache=True)
@no_type_check
def signatures(starts, columns, draws, n):
    """For each document the column with the smallest draw; -1 if it has none.

    With exponential draws whose rate is the column's weight, the probability that two documents
    agree is their weighted Jaccard index.
    """
    answer = np.full(n, -1, np.int32)
    for document in range(n):
        least = np.inf
        for at in range(starts[document], starts[document + 1]):
            if draws[columns[at]] < least:
                least = draws[columns[at]]
                answer[document] = columns[at]
    return answer


@numba.njit(nogil=True, cache=True)
@no_type_check
def compare_along(starts, columns, weights, totals, order, reach, near, affinity):
    """Compare each document with the next `reach` documents in `order`; keep the most similar.

    Args:
        starts: Start of each document's columns in `columns`.
        columns: Columns of each document, ascending.
        weights: Weight of each column.
        totals: Sum of the weights of each document's columns.
        order: Documents.
        reach: Number of following documents to compare with.
        near: Documents x neighbours, updated in place; -1 if not yet known.
        affinity: Index of each neighbour, updated in place; ascending in each row.
    """
    n = len(order)
    for place in range(n):
        one = order[place]
        for step in range(1, min(reach, n - 1 - place) + 1):
            other = order[place + step]
            _meet(starts, columns, weights, totals, one, other, near, affinity)


@numba.njit(nogil=True, cache=True)
@no_type_check
def compare_beyond(starts, columns, weights, totals, before, near, affinity):
    """Compare each document with its neighbours' neighbours; returns the number of new neighbours.

    Args:
        starts: Start of each document's columns in `columns`.
        columns: Columns of each document, ascending.
        weights: Weight of each column.
        totals: Sum of the weights of each document's columns.
        before: Neighbours before this pass, documents x neighbours.
        near: Neighbours, updated in place.
        affinity: Index of each neighbour, updated in place.
    """
    n_found = 0
    for one in range(len(before)):
        for first in before[one]:
            if first < 0:
                continue
            for second in before[first]:
                if second >= 0 and second != one:
                    n_found += _meet(starts, columns, weights, totals, one, second, near, affinity)
    return n_found


@numba.njit(nogil=True, cache=True)
@no_type_check
def _meet(starts, columns, weights, totals, one, other, near, affinity):
    """Make two documents neighbours of each other if they are similar enough."""
    if _knows(near, one, other) and _knows(near, other, one):
        return 0
    found = similarity(starts, columns, weights, totals, one, other)
    if found <= 0:
        return 0
    return _keep(near, affinity, one, other, found) + _keep(near, affinity, other, one, found)


@numba.njit(nogil=True, cache=True)
@no_type_check
def _knows(near, one, other):
    place = 0
    while place < near.shape[1] and near[one, place] != other:
        place += 1
    return place < near.shape[1]


@numba.njit(nogil=True, cache=True)
@no_type_check
def _keep(near, affinity, one, other, found):
    """Replace the weakest neighbour, and move the new one to its place in the ascending order."""
    # The weakest neighbour comes first.
    if found <= affinity[one, 0] or _knows(near, one, other):
        return 0
    place = 0
    while place + 1 < near.shape[1] and affinity[one, place + 1] < found:
        affinity[one, place] = affinity[one, place + 1]
        near[one, place] = near[one, place + 1]
        place += 1
    affinity[one, place], near[one, place] = found, other
    return 1
