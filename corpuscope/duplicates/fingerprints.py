"""Texts as sets of numbers, by which those are found that share a passage, word for word.

A text's plain form is what is left when case, punctuation and white space do not count. Numbers
of all its stretches of some characters make a set; of the long stretches only some are kept, in
such a way that two texts with a common passage of `SURE_LENGTH` plain characters share one.

Source: Schleimer, Wilkerson and Aiken 2003, SIGMOD (winnowing).
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]
"""Hashes, ascending, each once."""

_STRETCH, _WINDOW, _PIECE = 16, 8, 4

SURE_LENGTH = _STRETCH + _WINDOW - 1
"""A common passage of so many plain characters is never missed."""

_NOT_COUNTED = re.compile(r"[\W_]+")
_WITHIN_WORD = re.compile(r"(?<=\w)['’](?=\w)")
_BASE = 0x9E3779B97F4A7C15


def plain_text(text: str) -> str:
    r"""The text in lower case, with one space between words and no other signs.

    Example:
        >>> plain_text("  Well -- *that's* it!\n")
        'well thats it'
    """
    return _NOT_COUNTED.sub(" ", _WITHIN_WORD.sub("", text.casefold())).strip()


def fingerprints(text: str) -> Numbers:
    """Numbers of some of a plain text's long stretches, about two for nine characters.

    Of each eight stretches in a row the one of the smallest number is kept. A text that is
    shorter than a stretch has one number, of all of it; an empty one has none.
    """
    codes = _codes(text)
    if len(codes) <= _STRETCH:
        return _numbers(codes, len(codes)) if len(codes) else np.empty(0, dtype=np.uint64)
    numbers = _numbers(codes, _STRETCH)
    width = min(_WINDOW, len(numbers))
    windows = np.lib.stride_tricks.sliding_window_view(numbers, width)
    return np.unique(windows.min(axis=1))


def pieces_of(text: str) -> Numbers:
    """Numbers of all a plain text's stretches of four characters; of a shorter one, of it all."""
    codes = _codes(text)
    if not len(codes):
        return np.empty(0, dtype=np.uint64)
    return np.unique(_numbers(codes, min(_PIECE, len(codes))))


def _codes(text: str) -> Numbers:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)


def _numbers(codes: Numbers, length: int) -> Numbers:
    """A number for each stretch of so many codes: a polynomial of them, well mixed.

    Built from the stretches of half the length, so that sixteen codes take five steps.
    """
    found = codes
    size, factor = 1, _BASE
    while size * 2 <= length:
        found = found[:-size] * np.uint64(factor) + found[size:]
        size, factor = size * 2, factor * factor % (1 << 64)
    n = len(codes) - length + 1
    if size < length:
        # Two stretches that overlap cover one of a length that is no power of two.
        found = found[:n] * np.uint64(_BASE) + found[length - size : length - size + n]
    return _mixed(found + np.uint64(length))


def _mixed(numbers: Numbers) -> Numbers:
    """Scattered over all numbers; the finaliser of SplitMix64 (Steele et al. 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def overlap(one: Numbers, other: Numbers) -> int:
    """How many numbers two sets share."""
    if len(one) > len(other):
        one, other = other, one
    if not len(one):
        return 0
    at = np.minimum(np.searchsorted(other, one), len(other) - 1)
    return int(np.count_nonzero(other[at] == one))


def end_to_end(sets: Sequence[Numbers]) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """All numbers of many sets, and for each the place of its set."""
    sizes = np.array([len(one) for one in sets], dtype=np.int64)
    numbers = np.concatenate([*sets, np.empty(0, dtype=np.uint64)])
    return numbers, np.repeat(np.arange(len(sets), dtype=np.int64), sizes)


def passage_of(text: str, numbers: Numbers) -> tuple[int, int]:
    """The longest passage of the text whose stretches are among the numbers; (0, 0) if none is.

    Returns:
        Its first character and the one after its last, counted in the text.
    """
    bare, places = _plain_with_places(text)
    codes = _codes(bare)
    if not len(codes):
        return 0, 0
    length = min(_STRETCH, len(codes))
    here = np.flatnonzero(np.isin(_numbers(codes, length), numbers))
    if not len(here):
        return 0, 0
    # Kept stretches of one passage are less than a window apart.
    breaks = np.flatnonzero(np.diff(here) > length + _WINDOW)
    firsts, lasts = here[np.append(0, breaks + 1)], here[np.append(breaks, len(here) - 1)]
    longest = int(np.argmax(lasts - firsts))
    first, last = int(firsts[longest]), int(lasts[longest]) + length - 1
    # Words that are common only in part are left out.
    if first and bare[first - 1] != " " and " " in bare[first:last]:
        first = bare.index(" ", first) + 1
    if last + 1 < len(bare) and bare[last + 1] != " " and " " in bare[first:last]:
        last = bare.rindex(" ", first, last) - 1
    return places[first + (bare[first] == " ")], places[last - (bare[last] == " ")] + 1


def _plain_with_places(text: str) -> tuple[str, list[int]]:
    """The plain form, and for each of its characters where it stands in the text."""
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
