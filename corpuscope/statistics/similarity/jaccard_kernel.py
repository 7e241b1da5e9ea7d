"""The inner loops of the weighted Jaccard index; compiled on first use, and kept on disk.

Types are not declared: the compiler finds them.
"""

from typing import no_type_check

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
@no_type_check
def affinity_of_all(starts, columns, rows_from, rows, weights, totals):
    """The index of each two documents, by walking the documents of each feature.

    Args:
        starts: Where the columns of each document begin in `columns`.
        columns: Of each document.
        rows_from: Where the documents of each column begin in `rows`.
        rows: Of each column, ascending.
        weights: Of each column.
        totals: The sum of the weights of each document's columns.

    Returns:
        Documents x documents; 1 on the diagonal, 0 between two without columns.
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
    """For each document the column with the smallest draw; -1 where it has none.

    With exponential draws of the rate of each column's weight, two documents agree with a
    chance that is their weighted Jaccard index.
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
    """Compare each document with those up to `reach` places on in `order`; keep the nearest.

    Args:
        starts: Where the columns of each document begin.
        columns: Of each document, ascending.
        weights: Of each column.
        totals: The sum of the weights of each document's columns.
        order: Documents.
        reach: How many places on are looked at.
        near: Documents x neighbours, changed in place; -1 where there is none yet.
        affinity: Of each of them, changed in place; the weakest is first.
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
    """Compare each document with the neighbours of its neighbours; how many were nearer.

    Args:
        starts: Where the columns of each document begin.
        columns: Of each document, ascending.
        weights: Of each column.
        totals: The sum of the weights of each document's columns.
        before: The neighbours as they were, documents x neighbours.
        near: The neighbours, changed in place.
        affinity: Of each of them, changed in place.
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
    """Let two documents be neighbours of each other if they are near enough."""
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
    """Put a neighbour in the place of the weakest one, and move it to where it belongs."""
    if found <= affinity[one, 0] or _knows(near, one, other):
        return 0
    place = 0
    while place + 1 < near.shape[1] and affinity[one, place + 1] < found:
        affinity[one, place] = affinity[one, place + 1]
        near[one, place] = near[one, place + 1]
        place += 1
    affinity[one, place], near[one, place] = found, other
    return 1
