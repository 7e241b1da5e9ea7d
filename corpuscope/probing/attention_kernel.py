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
    found = bits.view(np.float32)
    found *= _TOO_SMALL
    return found


@numba.njit(nogil=True, cache=True)
@no_type_check
def _moved_bits(halves, rows, into):
    for i in range(len(rows)):
        given, own = halves[rows[i]], into[i]
        for j in range(given.shape[0]):
            bits = np.uint32(given[j])
            sign = (bits & np.uint32(0x8000)) << np.uint32(16)
            own[j] = sign | ((bits & np.uint32(0x7FFF)) << np.uint32(13))


@numba.njit(nogil=True, cache=True)
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


@numba.njit(nogil=True, cache=True)
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
