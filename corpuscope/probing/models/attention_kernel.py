"""The loops of attention: over tokens of documents that lie end to end, for several problems.

What numpy does with one array after another is done here while a token is at hand.
"""

from typing import no_type_check

import numba
import numpy as np


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def attended(given, ends):
    """What documents are told by their tokens, and how much each token counts in that.

    Args:
        given: Tokens x twice the problems: how strongly each pulls, then what each tells.
        ends: Where the tokens of each document end.

    Returns:
        Documents x problems (0 where there are no tokens), and tokens x problems.
    """
    n = given.shape[1] // 2
    every = np.zeros((len(ends), n), dtype=np.float32)
    attention = np.empty((len(given), n), dtype=np.float32)
    largest, total = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.float32)
    first = 0
    for document in range(len(ends)):
        largest[:] = -np.inf
        total[:] = 0
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
    """How what is lost changes with `given`, if it changes by `slopes` with what is told.

    Args:
        given: As `attended` was given it.
        ends: Likewise.
        every: What it returned.
        attention: Likewise.
        slopes: Documents x problems.

    Returns:
        Tokens x twice the problems.
    """
    n = attention.shape[1]
    found = np.empty((len(given), 2 * n), dtype=np.float32)
    first = 0
    for document in range(len(ends)):
        for token in range(first, ends[document]):
            for i in range(n):
                own = attention[token, i] * slopes[document, i]
                found[token, i] = own * (given[token, n + i] - every[document, i])
                found[token, n + i] = own
        first = ends[document]
    return found


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def adam_step(array, first, second, slope, penalty, rate, moments, number):
    """A step of Kingma and Ba 2015, in place.

    Args:
        array: What is learned, numbers in a row.
        first: The mean of slopes.
        second: The mean of their squares.
        slope: How what is lost changes with `array`, without its penalty.
        penalty: What half its squares are multiplied by.
        rate: The size of a step.
        moments: How much of either mean is kept.
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
