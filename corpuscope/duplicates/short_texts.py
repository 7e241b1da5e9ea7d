"""Copies of short texts, which share no long stretch once they are edited.

Three ways of copying a short text are told exactly: one character changed, one word left out or
two at an end, and all of it within another text. Texts are compared in their plain form.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

# A text of so many characters may have one changed; a change of a digit is no slip.
_LEAST_CHARACTERS, _MOST_CHARACTERS = 12, 60

# One of so many words may be left out; so many at an end, of those that are left as many.
_LEAST_WORDS, _MOST_WORDS = 5, 24
_AT_AN_END = 2

# So many words and characters within another text are no turn of phrase.
_LEAST_WORDS_WITHIN, _BEGINNING = 5, 20

# What stands in more texts, or has more texts so near to it, is a template.
_MOST_COMPARED = 32

SHORT = 200
"""Plain texts of at most so many characters are short."""

Pair = tuple[int, int]


def one_character_changed(shorts: Mapping[int, str]) -> Iterator[tuple[Pair, float]]:
    """Pairs of rows, with the share of the characters that they have in common."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, text in shorts.items():
        rows_of[len(text)].append(row)
    for length in range(_LEAST_CHARACTERS, _MOST_CHARACTERS + 1):
        # A pair is told where its longer text is of this length.
        pairs = _sharing([*rows_of[length - 1], *rows_of[length]], shorts)
        for one, other in sorted(pairs):
            longer, shorter = sorted((shorts[one], shorts[other]), key=len, reverse=True)
            if len(longer) == length and _is_one_slip(longer, shorter):
                yield (one, other), 1 - 1 / length


def words_left_out(shorts: Mapping[int, str]) -> Iterator[tuple[Pair, float]]:
    """Pairs of rows, with the shorter text's share of the longer's characters.

    One word is left out anywhere, or two at the beginning or the end.
    """
    row_of = {text: row for row, text in shorts.items()}
    for row, text in shorts.items():
        words = text.split(" ")
        if _LEAST_WORDS <= len(words) <= _MOST_WORDS:
            less = {" ".join([*words[:at], *words[at + 1 :]]) for at in range(len(words))}
            if len(words) - _AT_AN_END >= _LEAST_WORDS:
                less |= {" ".join(words[_AT_AN_END:]), " ".join(words[:-_AT_AN_END])}
            for one in sorted(less & row_of.keys()):
                yield _ordered(row, row_of[one]), len(one) / len(text)


def short_within(
    shorts: Mapping[int, str], every: Iterable[str], *, longest: int
) -> Iterator[Pair]:
    """Pairs of rows, of a short text and another that has all of it, from word to word.

    Args:
        shorts: Short texts by their rows.
        every: All texts, in order of their rows.
        longest: Texts of more characters are left to those who compare long stretches.
    """
    starting: dict[str, list[int]] = defaultdict(list)
    for row, text in shorts.items():
        is_phrase = text.count(" ") >= _LEAST_WORDS_WITHIN - 1
        if is_phrase and _BEGINNING <= len(text) <= longest:
            starting[text[:_BEGINNING]].append(row)
    found: dict[int, list[int]] = defaultdict(list)
    for around, text in enumerate(every if starting else ()):
        for row in _standing_in(text, starting, shorts):
            if len(text) > len(shorts[row]):
                found[row].append(around)
    for row, rows in found.items():
        if len(rows) <= _MOST_COMPARED:
            yield from (_ordered(row, around) for around in rows)


def _sharing(rows: Sequence[int], shorts: Mapping[int, str]) -> set[Pair]:
    """Pairs that are the same once one character or none is left out of each."""
    left: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        text = shorts[row]
        ways = {hash(text[:at] + text[at + 1 :]) for at in range(len(text))}
        for number in ways | {hash(text)}:
            left[number].append(row)
    return {
        _ordered(*pair)
        for some in left.values()
        if 1 < len(some) <= _MOST_COMPARED
        for pair in combinations(some, 2)
    }


def _is_one_slip(longer: str, shorter: str) -> bool:
    """Whether one character, no digit, is all in which they differ."""
    start = next((at for at, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b),
                 len(shorter))  # fmt: skip
    is_added = len(longer) > len(shorter)
    if longer[start + 1 :] != shorter[start if is_added else start + 1 :]:
        return False
    changed = longer[start] + ("" if is_added else shorter[start])
    return not any(map(str.isdigit, changed))


def _standing_in(
    text: str, starting: Mapping[str, Sequence[int]], shorts: Mapping[int, str]
) -> set[int]:
    """The rows of the short texts that stand in a text."""
    found: set[int] = set()
    start = 0
    while start >= 0:
        for row in starting.get(text[start : start + _BEGINNING], ()):
            end = start + len(shorts[row])
            if text.startswith(shorts[row], start) and text[end : end + 1] in ("", " "):
                found.add(row)
        start = text.find(" ", start) + 1 or -1
    return found


def _ordered(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)
