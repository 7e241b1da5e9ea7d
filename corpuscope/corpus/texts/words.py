"""Word features: words, word pairs and format marks, tested in addition to the dictionary.

Their names are readable in findings: `however`, `of course`, `‹bullet list›`.
"""

import re
from collections.abc import Iterator
from typing import Literal

from corpuscope.corpus.texts.marks import Occurrence, format_marks, without_addresses
from corpuscope.corpus.texts.unspaced import UNSPACED, language_of, words_of_run

NUMBER = "‹number›"
"""The common name of all numbers."""

# Characters that \w excludes but that belong to the preceding letter: accents, vowel signs of
# Hebrew, Arabic, the Indic scripts and Thai, and zero-width joiners.
SIGNS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a03"
    "\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd"
    "\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d57"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d"
)
_LETTERS = rf"[^\W\d_]+(?:[{SIGNS}]+[^\W\d_]*)*+"
_WORD = re.compile(
    rf"{_LETTERS}(?:['’]{_LETTERS})*+|(\d+(?:[.,:]\d+)*+(?:(?:st|nd|rd|th|s)(?![^\W_]))?)"
)
_WIDEST_SPACE = 3


def word_features(text: str) -> list[Occurrence]:
    """All occurrences of words, pairs of adjacent words and format marks.

    Each is a name with its character span: first words and pairs in text order, then the marks,
    kind by kind. Links, addresses and mentions are marks only.

    Example:
        >>> word_features("Of course!")[:3]
        [('of', 0, 2), ('course', 3, 9), ('of course', 0, 9)]
    """
    features = _words_and_pairs(without_addresses(text))
    if features:
        features.append(_opening(*features[0]))
    features += format_marks(text)
    return features


def feature_kind(name: str) -> Literal["word", "pair", "mark"]:
    """Whether the name of a word feature is that of a word, a pair or a format mark."""
    plain = name.replace(NUMBER, "number")
    if plain.startswith("‹"):
        return "mark"
    return "pair" if " " in plain else "word"


def _words_and_pairs(text: str) -> list[Occurrence]:
    features: list[Occurrence] = []
    add = features.append
    before, before_start, before_end = "", 0, -1
    for name, start, end in words_in_order(text):
        add((name, start, end))
        if before and _are_neighbours(text, before_end, start):
            add((f"{before} {name}", before_start, end))
        before, before_start, before_end = name, start, end
    return features


def words_in_order(text: str) -> Iterator[Occurrence]:
    """The words in text order; scripts without spaces are segmented."""
    language = None if text.isascii() or not UNSPACED.search(text) else language_of(text)
    for match in _WORD.finditer(text):
        start, end = match.span()
        if match.lastindex:
            yield NUMBER, start, end
        elif language and UNSPACED.search(match.group()):
            for first, last in words_of_run(match.group(), language):
                yield match.group()[first:last].lower(), start + first, start + last
        else:
            yield match.group().lower().replace("’", "'"), start, end


def _are_neighbours(text: str, end: int, start: int) -> bool:
    """Whether two words are separated by spaces or a single hyphen only."""
    if start == end + 1:
        return text[end] in " -\u00a0\u2010\u2011"
    if start == end:
        return bool(UNSPACED.match(text, start - 1) or UNSPACED.match(text, start))
    gap = text[end:start] if start - end <= _WIDEST_SPACE else ""
    return bool(gap) and not gap.strip(" \u00a0")


def _opening(name: str, start: int, end: int) -> Occurrence:
    shown = "‹opens with a number›" if name == NUMBER else f'‹opens with "{name}"›'
    return shown, start, end
