"""Fingerprints of texts: sets of n-gram hashes, to find texts that share a passage verbatim.

The plain form of a text ignores case, punctuation and white space. Its character n-grams are
hashed; of the long n-grams only some are kept, by winnowing, which guarantees that two texts with
a common passage of `SURE_LENGTH` plain characters share a hash.

Source: Schleimer, Wilkerson and Aiken 2003, SIGMOD (winnowing).
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]
"""Hashes, ascending and unique."""

# Length of the long n-grams, winnowing window, and length of the short n-grams.
_STRETCH, _WINDOW, _PIECE = 16, 8, 4

SURE_LENGTH = _STRETCH + _WINDOW - 1
"""A common passage of at least this many plain characters is never missed."""

_NOT_COUNTED = re.compile(r"[\W_]+")
_WITHIN_WORD = re.compile(r"(?<=\w)['’](?=\w)")
_BASE = 0x9E3779B97F4A7C15


def plain_text(text: str) -> str:
    r"""The text in lower case, words separated by single spaces, without punctuation.

    Example:
        >>> plain_text("  Well -- *that's* it!\n")
        'well thats it'
    """
    return _NOT_COUNTED.sub(" ", _WITHIN_WORD.sub("", text.casefold())).strip()


def fingerprints(text: str) -> Numbers:
    """Winnowed hashes of the 16-grams of a plain text, about two per nine characters.

    Of every eight consecutive 16-grams the one with the smallest hash is kept. A shorter text has
    one hash, of all of it; an empty one has none.
    """
    codes = _codes(text)
    if len(codes) <= _STRETCH:
        return _numbers(codes, len(codes)) if len(codes) else np.empty(0, dtype=np.uint64)
    numbers = _numbers(codes, _STRETCH)
    width = min(_WINDOW, len(numbers))
    windows = np.lib.stride_tricks.sliding_window_view(numbers, width)
    return np.unique(windows.min(axis=1))


def pieces_of(text: str) -> Numbers:
    """Hashes of all character 4-grams of a plain text; of a shorter text, of all of it."""
    codes = _codes(text)
    if not len(codes):
        return np.empty(0, dtype=np.uint64)
    return np.unique(_numbers(codes, min(_PIECE, len(codes))))


def _codes(text: str) -> Numbers:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)


def _numbers(codes: Numbers, length: int) -> Numbers:
    """A polynomial hash of each n-gram of `length` codes, mixed.

    Built by doubling: the hash of an n-gram combines those of its halves.
    """
    found = codes
    size, factor = 1, _BASE
    while size * 2 <= length:
        found = found[:-size] * np.uint64(factor) + found[size:]
        size, factor = size * 2, factor * factor % (1 << 64)
    n = len(codes) - length + 1
    if size < length:
        # For lengths that are no power of two, two overlapping halves cover the n-gram.
        found = found[:n] * np.uint64(_BASE) + found[length - size : length - size + n]
    return _mixed(found + np.uint64(length))


def _mixed(numbers: Numbers) -> Numbers:
    """The numbers mixed by the SplitMix64 finaliser (Steele et al. 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def overlap(one: Numbers, other: Numbers) -> int:
    """The number of hashes that two sets share."""
    if len(one) > len(other):
        one, other = other, one
    if not len(one):
        return 0
    at = np.minimum(np.searchsorted(other, one), len(other) - 1)
    return int(np.count_nonzero(other[at] == one))


def end_to_end(sets: Sequence[Numbers]) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """The concatenated hashes of many sets, and the index of the set of each."""
    sizes = np.array([len(one) for one in sets], dtype=np.int64)
    numbers = np.concatenate([*sets, np.empty(0, dtype=np.uint64)])
    return numbers, np.repeat(np.arange(len(sets), dtype=np.int64), sizes)


def passage_of(text: str, numbers: Numbers) -> tuple[int, int]:
    """The longest passage of the text covered by n-grams of `numbers`; (0, 0) if there is none.

    Returns:
        The start and end offsets of the passage in the text.
    """
    bare, places = _plain_with_places(text)
    codes = _codes(bare)
    if not len(codes):
        return 0, 0
    length = min(_STRETCH, len(codes))
    here = np.flatnonzero(np.isin(_numbers(codes, length), numbers))
    if not len(here):
        return 0, 0
    # Winnowed n-grams of one passage are less than a window apart.
    breaks = np.flatnonzero(np.diff(here) > length + _WINDOW)
    firsts, lasts = here[np.append(0, breaks + 1)], here[np.append(breaks, len(here) - 1)]
    longest = int(np.argmax(lasts - firsts))
    first, last = int(firsts[longest]), int(lasts[longest]) + length - 1
    # Partially covered words at either end are trimmed.
    if first and bare[first - 1] != " " and " " in bare[first:last]:
        first = bare.index(" ", first) + 1
    if last + 1 < len(bare) and bare[last + 1] != " " and " " in bare[first:last]:
        last = bare.rindex(" ", first, last) - 1
    return places[first + (bare[first] == " ")], places[last - (bare[last] == " ")] + 1


def _plain_with_places(text: str) -> tuple[str, list[int]]:
    """The plain form, and the offset in the text of each of its characters."""
    letters: list[str] = []
    places: list[int] = []
    silent = {found.start() for found in _WITHIN_WORD.finditer(text)}
    for at, character in enumerate(text):
        if at in silent:
            continue
        for one in character.casefold():
            is_counted = _NOT_COUNTED.match(one) is None
            if is_counted or (letters and letters[-1] != " "):
                letters.append(one if is_counted else " ")
                places.append(at)
    if letters and letters[-1] == " ":
        del letters[-1], places[-1]
    return "".join(letters), places
