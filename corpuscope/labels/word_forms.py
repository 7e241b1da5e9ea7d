"""Tokenisation into words, stemming, and function words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from corpuscope.corpus.texts.stops import word_set
from corpuscope.corpus.texts.unspaced import UNSPACED, language_of, words_of_run
from corpuscope.corpus.texts.words import SIGNS

__all__ = ["FUNCTION_WORDS", "WORD_CLASSES", "WordPiece", "pieces", "stem", "words_in", "words_of"]

WordPiece = tuple[str, int, int]
"""A word in lower case, a number, or a run of one sign; with its start and end."""

_HAS_LATIN = re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")
_LETTERS = rf"[^\W_]+(?:[{SIGNS}]+[^\W_]*)*+"
_PIECE = re.compile(rf"\d+(?:[.,:]\d+)*(?![^\W\d_])|{_LETTERS}(?:['’]{_LETTERS})*|([^\w\s]|_)\1*")


@lru_cache(maxsize=1 << 15)
def pieces(text: str) -> tuple[WordPiece, ...]:
    """Words, numbers and runs of one sign in a text, in order.

    Example:
        >>> pieces("Don't -- 3,5")
        (("don't", 0, 5), ('--', 6, 8), ('3,5', 9, 12))
    """
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[WordPiece]:
    language = None if text.isascii() or not UNSPACED.search(text) else language_of(text)
    for match in _PIECE.finditer(text):
        if language and UNSPACED.search(match.group()):
            for first, last in words_of_run(match.group(), language):
                word = match.group()[first:last].lower()
                yield word, match.start() + first, match.start() + last
        else:
            yield match.group().lower().replace("’", "'"), *match.span()


def words_in(text: str) -> Iterator[WordPiece]:
    """The words and numbers only, with their spans; not cached.

    Example:
        >>> list(words_in("Don't -- 3,5"))
        [("don't", 0, 5), ('3,5', 9, 12)]
    """
    return (piece for piece in _pieces(text) if piece[0][0].isalnum())


def words_of(text: str) -> list[str]:
    """The words and numbers only, in lower case.

    Example:
        >>> words_of("Don't -- 3,5")
        ["don't", '3,5']
    """
    return [word for word, _, _ in pieces(text) if word[0].isalnum()]


_LANGUAGES = {
    "CYRILLIC": "russian", "ARABIC": "arabic", "GREEK": "greek", "DEVANAGARI": "hindi",
    "ARMENIAN": "armenian", "TAMIL": "tamil",
}  # fmt: skip
# Words that only look inflected.
_WHOLE = word_set("does news this thus business during morning evening nothing something anything")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Stem of a word; a key, not meant to be displayed.

    Words in Latin letters are treated as English. For other scripts, the Snowball stemmer of
    their most common language is used, if there is one.

    Example:
        >>> {stem(word) for word in ("apology", "apologies", "apologise", "apologized")}
        {'apolog'}
    """
    if not word.isascii():
        stemmer = _stemmer_of(unicodedata.name(word[0], "").partition(" ")[0])
        return word if stemmer is None else str(stemmer.stemWord(word))
    if len(word) < 4 or word in _WHOLE:
        return word
    word = word.removesuffix("'s")
    word = _without_plural(word)
    word = _without_ending(word)
    word = word[:-1] if word.endswith("e") and len(word) > 3 else word
    for ending, shortest in (("is", 5), ("iz", 5), ("ly", 4), ("y", 4), ("i", 4)):
        if word.endswith(ending) and len(word) - len(ending) >= shortest:
            word = word.removesuffix(ending)
    return word


@cache
def _stemmer_of(script: str) -> Any:
    import snowballstemmer

    language = _LANGUAGES.get(script)
    return None if language is None else snowballstemmer.stemmer(language)


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and len(word) > 3:
        return word[:-1]
    return word


def _without_ending(word: str) -> str:
    # Rules as in step 1b of the Porter stemmer: a vowel must remain, and doubling is undone.
    for ending in ("ing", "ied", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and re.search("[aeiouy]", rest):
            if rest[-1] == rest[-2] and rest[-1] not in "lsz":
                return rest[:-1]
            return rest
    return word


WORD_CLASSES: dict[str, frozenset[str]] = {
    "modal verb": word_set("can could may might must shall should will would cannot can't won't"),
    "form of to be": word_set("am is are was were be been being isn't aren't wasn't weren't"),
    "form of to have": word_set("have has had having haven't hasn't hadn't"),
    "form of to do": word_set("do does did doing done don't doesn't didn't"),
    "personal pronoun": word_set("i you he she it we they me him us them"),
    "possessive": word_set("my your his her its our their mine yours hers ours theirs"),
    "article": word_set("a an the"),
    "pointing word": word_set("this that these those"),
    "preposition": word_set(
        "of in to for with on at from by about into through after over between against during "
        "without before under around among within upon toward towards across behind beyond"
    ),
    "conjunction": word_set(
        "and or but nor so yet because although though while if unless whereas"
    ),
    "question word": word_set("who what when where why how which whose whom"),
    "negation": word_set(
        "not no never nothing none nobody neither nor don't doesn't didn't can't won't isn't "
        "aren't wasn't wouldn't couldn't shouldn't haven't hasn't"
    ),
    "number word": word_set(
        "one two three four five six seven eight nine ten eleven twelve twenty thirty forty "
        "fifty hundred thousand million billion first second third fourth fifth"
    ),
    "month or weekday": word_set(
        "january february march april june july august september october november december "
        "monday tuesday wednesday thursday friday saturday sunday"
    ),
    "colour": word_set("red blue green yellow black white brown orange purple pink grey gray"),
    "family member": word_set(
        "mother father mom dad mum brother sister son daughter wife husband uncle aunt cousin "
        "parents grandmother grandfather children child family"
    ),
}


def _of_other_scripts() -> frozenset[str]:
    """Stop words in non-Latin scripts; Latin ones could coincide with English content words."""
    from stopwordsiso import langs, stopwords

    found = (word.lower() for language in langs() for word in stopwords(language))
    return frozenset(w for w in found if not w.isascii() and not _HAS_LATIN.search(w))


FUNCTION_WORDS: frozenset[str] = (
    frozenset().union(
        *(words for name, words in WORD_CLASSES.items() if name not in ("colour", "family member")),
        word_set(
            "there here as than then such any some all each every both more most other another "
            "same own just only also very too even still now up down out off again once much many "
            "few it's i'm i've i'd i'll you're he's she's we're they're that's there's let's "
            "myself yourself himself herself itself themselves like get got one s t re ve ll d m"
        ),
    )
    - word_set(
        "january february march april june july august september october november december "
        "monday tuesday wednesday thursday friday saturday sunday hundred thousand million "
        "billion eleven twelve twenty thirty forty fifty"
    )
    | _of_other_scripts()
)
