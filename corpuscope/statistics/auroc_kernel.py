"""The inner loop of the AUROC of draws; compiled on first use, about a second, and kept on disk.

Types are not declared: the compiler finds them.
"""

from typing import no_type_check

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
@no_type_check
def pairs_won(order, scores, is_positive, weights):
    """How much pairs of a positive and a negative count in which the former is ahead.

    Args:
        order: Documents by their scores.
        scores: Of the documents.
        is_positive: Which are of the class.
        weights: Documents x draws: how often each is in each.

    Returns:
        For each draw the pairs that are won, equal scores counting half, and all pairs.
    """
    n, n_draws = weights.shape
    won, below, positive = np.zeros(n_draws), np.zeros(n_draws), np.zeros(n_draws)
    first = 0
    while first < n:
        end = first + 1
        while end < n and scores[order[end]] == scores[order[first]]:
            end += 1
        # Those of one score: half of what they win before the negatives among them count.
        for document in order[first:end]:
            if is_positive[document]:
                for draw in range(n_draws):
                    won[draw] += 0.5 * weights[document, draw] * below[draw]
        for document in order[first:end]:
            if not is_positive[document]:
                for draw in range(n_draws):
                    below[draw] += weights[document, draw]
        for document in order[first:end]:
            if is_positive[document]:
                for draw in range(n_draws):
                    won[draw] += 0.5 * weights[document, draw] * below[draw]
                    positive[draw] += weights[document, draw]
        first = end
    return won, positive * below
