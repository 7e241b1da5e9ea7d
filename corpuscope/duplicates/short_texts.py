"""Near duplicates of short texts, which may share no 16-gram once they are edited.

Three kinds are detected exactly: one character changed, one word (or two at an end) left out, and
the whole text contained in another. Texts are compared in their plain form.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

# Text lengths, in characters, at which a one-character change counts; digits may not change.
_LEAST_CHARACTERS, _MOST_CHARACTERS = 12, 60

# Text lengths, in words, at which one may be left out, and how many may be left out at an end.
_LEAST_WORDS, _MOST_WORDS = 5, 24
_AT_AN_END = 2

# Shorter texts contained in another may be common phrases. The first characters are also the key
# by which texts are looked up.
_LEAST_WORDS_WITHIN, _BEGINNING = 5, 20

# A text contained in, or similar to, more texts than this is a template and not paired.
_MOST_COMPARED = 32

SHORT = 200
"""Largest length of a short plain text, in characters."""

Pair = tuple[int, int]


def one_character_changed(shorts: Mapping[int, str]) -> Iterator[tuple[Pair, float]]:
    """Pairs of texts that differ in one character, with the share of common characters."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, text in shorts.items():
        rows_of[len(text)].append(row)
    for length in range(_LEAST_CHARACTERS, _MOST_CHARACTERS + 1):
        # Each pair is yielded at the length of its longer text.
        pairs = _sharing([*rows_of[length - 1], *rows_of[length]], shorts)
        for one, other in sorted(pairs):
            longer, shorter = sorted((shorts[one], shorts[other]), key=len, reverse=True)
            if len(longer) == length and _is_one_slip(longer, shorter):
                yield (one, other), 1 - 1 / length


def words_left_out(shorts: Mapping[int, str]) -> Iterator[tuple[Pair, float]]:
    """Pairs of texts that differ in omitted words, with the ratio of their lengths.

    One word is omitted anywhere, or two at the beginning or the end.
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
    """Pairs of a short text and a text that contains it at word boundaries.

    Args:
        shorts: The short texts, by row.
        every: All texts, in order of their rows.
        longest: Short texts above this length are skipped, since fingerprints find them.
    """
    starting: dict[str, list[int]] = defaultdict(list)
    for row, text in shorts.items():
        is_phrase = text.count(" ") >= _LEAST_WORDS_WITHIN - 1
        if is_phrase and _BEGINNING <= len(text) <= longest:
            starting[text[:_BEGINNING]].append(row)
    found: dict[int, list[int]] = defaultdict(list)
    for around, text in enumerate(every if starting else ()):
        for row in _contained_in(text, starting, shorts):
            if len(text) > len(shorts[row]):
                found[row].append(around)
    for row, rows in found.items():
        if len(rows) <= _MOST_COMPARED:
            yield from (_ordered(row, around) for around in rows)


def _sharing(rows: Sequence[int], shorts: Mapping[int, str]) -> set[Pair]:
    """Pairs that become equal after deleting at most one character from each."""
    # Symmetric deletion, as in SymSpell: deletions of both texts are hashed and matched.
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
    """Whether the texts differ in exactly one character that is not a digit."""
    start = next((at for at, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b),
                 len(shorter))  # fmt: skip
    is_added = len(longer) > len(shorter)
    if longer[start + 1 :] != shorter[start if is_added else start + 1 :]:
        return False
    changed = longer[start] + ("" if is_added else shorter[start])
    return not any(map(str.isdigit, changed))


def _contained_in(
    text: str, starting: Mapping[str, Sequence[int]], shorts: Mapping[int, str]
) -> set[int]:
    """The rows of the short texts that a text contains at word boundaries."""
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
