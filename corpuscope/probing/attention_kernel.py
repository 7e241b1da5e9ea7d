"""The loops of attention: over tokens of documents that lie end to end, for several problems.

What numpy does with one array after another is done here while a token is at hand: reading half
precision a fifth of the time, pooling a tenth.
"""

from typing import Any, no_type_check

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Bits of half precision, in the places of single precision, are a number too small by this.
_TOO_SMALL = np.float32(2.0**112)


def in_single_precision(halves: npt.NDArray[np.float16], rows: Array) -> npt.NDArray[np.float32]:
    """Some rows of finite numbers, exactly."""
    bits = np.empty((len(rows), halves.shape[1]), dtype=np.uint32)
    _moved_bits(halves.view(np.uint16), rows, bits)
    return numbers_of(bits)


def numbers_of(bits: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """What bits of half precision mean that were moved to their places in single precision."""
    found = bits.view(np.float32)
    found *= _TOO_SMALL
    return found


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def _moved(half):
    bits = np.uint32(half)
    sign = (bits & np.uint32(0x8000)) << np.uint32(16)
    return sign | ((bits & np.uint32(0x7FFF)) << np.uint32(13))


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def _moved_bits(halves, rows, into):
    for i in range(len(rows)):
        given, own = halves[rows[i]], into[i]
        for j in range(given.shape[0]):
            own[j] = _moved(given[j])


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def wanted_values(rows, starts, halves, columns, place):
    """Some rows of a sparse matrix, in the columns that are wanted.

    Args:
        rows: Which.
        starts: Where each row begins, and where the last one ends.
        halves: The bits of its values, end to end.
        columns: Their columns.
        place: For each column which of the wanted ones it is; -1 for others.

    Returns:
        Bits for `numbers_of`, wanted columns, and where each row begins and the last one ends.
    """
    most = 0
    for row in rows:
        most += starts[row + 1] - starts[row]
    bits, at = np.empty(most, np.uint32), np.empty(most, np.int32)
    ends = np.zeros(len(rows) + 1, np.int32)
    n = 0
    for i in range(len(rows)):
        for j in range(starts[rows[i]], starts[rows[i] + 1]):
            if place[columns[j]] >= 0:
                bits[n] = _moved(halves[j])
                at[n] = place[columns[j]]
                n += 1
        ends[i + 1] = n
    return bits[:n], at[:n], ends


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
    told = np.zeros((len(ends), n), dtype=np.float32)
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
                told[document, i] += grown * given[token, n + i]
        for token in range(first, ends[document]):
            for i in range(n):
                attention[token, i] /= total[i]
        if first < ends[document]:
            for i in range(n):
                told[document, i] /= total[i]
        first = ends[document]
    return told, attention


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def slopes_of_tokens(given, ends, told, attention, slopes):
    """How what is lost changes with `given`, if it changes by `slopes` with what is told.

    Args:
        given: As `attended` was given it.
        ends: Likewise.
        told: What it returned.
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
                found[token, i] = own * (given[token, n + i] - told[document, i])
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
