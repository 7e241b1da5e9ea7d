"""Attention pooling and its gradient, for concatenated documents and several problems at once.

Compiled loops fuse what numpy would do in several passes over memory.
"""

from typing import no_type_check

import numba
import numpy as np


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def attended(given, ends):
    """Attention-weighted means of token values for each document, and the attention weights.

    Args:
        given: Tokens x twice the problems: attention logits, then values.
        ends: Where the tokens of each document end.

    Returns:
        Means, documents x problems (0 where there are no tokens); weights, tokens x problems.
    """
    n = given.shape[1] // 2
    every = np.zeros((len(ends), n), dtype=np.float32)
    attention = np.empty((len(given), n), dtype=np.float32)
    largest, total = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)
    first = 0
    for document in range(len(ends)):
        largest[:] = -np.inf
        total[:] = 0
        # Subtract the maximum before exp, so that softmax cannot overflow.
        for token in range(first, ends[document]):
            for i in range(n):
                largest[i] = max(largest[i], given[token, i])
        for token in range(first, ends[document]):
            for i in range(n):
                grown = np.exp(given[token, i] - largest[i])
                attention[token, i] = grown
                total[i] += grown
                every[document, i] += grown * given[token, n + i]
        for token in range(first, ends[document]):
            for i in range(n):
                attention[token, i] /= total[i]
        if first < ends[document]:
            for i in range(n):
                every[document, i] /= total[i]
        first = ends[document]
    return every, attention


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def slopes_of_tokens(given, ends, every, attention, slopes):
    """The gradient of the loss with respect to `given`: backpropagation through `attended`.

    Args:
        given: As passed to `attended`.
        ends: Likewise.
        every: The means that it returned.
        attention: The weights that it returned.
        slopes: The gradient with respect to `every`, documents x problems.

    Returns:
        Tokens x twice the problems.
    """
    n = attention.shape[1]
    found = np.empty((len(given), 2 * n), dtype=np.float32)
    first = 0
    for document in range(len(ends)):
        for token in range(first, ends[document]):
            for i in range(n):
                # Softmax: d mean / d logit_t = a_t (value_t - mean); d mean / d value_t = a_t.
                own = attention[token, i] * slopes[document, i]
                found[token, i] = own * (given[token, n + i] - every[document, i])
                found[token, n + i] = own
        first = ends[document]
    return found


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def adam_step(array, first, second, slope, penalty, rate, moments, number):
    """One Adam step, in place, with an L2 penalty in the gradient.

    Source: Kingma and Ba 2015, algorithm 1.

    Args:
        array: The parameters, flat.
        first: Running mean of gradients.
        second: Running mean of squared gradients.
        slope: The gradient without the penalty.
        penalty: The L2 penalty: its term of the loss is penalty / 2 * sum(array ** 2).
        rate: Learning rate.
        moments: Decay rates of the two means (beta 1 and beta 2).
        number: Which step it is, from 1.
    """
    one, two = np.float32(moments[0]), np.float32(moments[1])
    size = np.float32(rate / (1 - moments[0] ** number))
    correction = np.float32(1 / (1 - moments[1] ** number))
    shrink, least = np.float32(penalty), np.float32(1e-8)
    for i in range(len(array)):
        own = slope[i] + shrink * array[i]
        first[i] += (1 - one) * (own - first[i])
        second[i] += (1 - two) * (own * own - second[i])
        array[i] -= size * first[i] / (np.sqrt(second[i] * correction) + least)
