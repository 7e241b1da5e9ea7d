"""Whether a full stop ends its sentence: abbreviations, initials, numbers, quotes, ellipses."""

import re


def word_set(words: str) -> frozenset[str]:
    """The set of words in a string."""
    return frozenset(words.split())


_ELLIPSIS_SIGNS = frozenset(".…‥ ")
_CLOSERS = "\"'”’»)]}*_`"
_OPENERS = "\"'“‘«([{*_`—–"
_CONTINUING = frozenset(",;:)]}%")
_NEEDS_NO_SPACE = frozenset("。！？｡")
# Longer than any abbreviation; bounds the cost of looking back.
_LOOK_BACK = 24

_BEFORE_NAMES = word_set(
    "mr mrs ms mx dr prof rev hon gen col maj capt cpt lt sgt cmdr adm gov sen rep pres supt "
    "messrs mme mlle fr st mt ft vs cf viz ca approx esp incl resp"
)
_BEFORE_NUMBERS = word_set("no nos fig figs vol vols p pp ch sec art eq eqs ed eds ref refs tab")
_BEFORE_NUMBERS_IF_CAPITAL = word_set(
    "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri"
)
_OFTEN_LAST = word_set("jr sr inc ltd co corp bros llc plc al dept univ assn ave blvd rd est gov't")
_SENTENCE_STARTERS = word_set(
    "a after all although an and another as at because before both but by can during each for "
    "from has have he her here his how however i if in is it its many more most my no not now "
    "of on one only or our she since so some such that the their then there these they this "
    "those to today under was we were what when where which while who why with would yes you "
    "your"
)
_WORD = re.compile(r"[^\W\d_]+")


def ends_sentence(text: str, *, begin: int, stop: int, end: int, after: int) -> bool:
    """Whether the stop with its closing quotes, `stop` to `end`, ends the sentence.

    Args:
        text: The whole text.
        begin: Start of the sentence.
        stop: Start of the stop.
        end: End of its closing quotes and brackets.
        after: Position of the next visible character, which must exist.
    """
    if text[stop] in _NEEDS_NO_SPACE:
        return True
    if text[after] in _CONTINUING:
        return False
    run = text[stop:end].rstrip(_CLOSERS)
    stands_alone = stop > begin and text[stop - 1].isspace()
    before_lower = text[after].islower()
    if (len(run) > 1 and _ELLIPSIS_SIGNS.issuperset(run)) or run == "…":
        return not before_lower
    if stands_alone:
        return True
    if before_lower and len(run) < end - stop:
        return False
    return run != "." or _full_stop_ends(text, begin, stop, after)


def _full_stop_ends(text: str, begin: int, stop: int, after: int) -> bool:
    before = text[max(begin, stop - _LOOK_BACK) : stop].split()[-1]
    word = before.lstrip(_OPENERS).rstrip(_CLOSERS)
    is_first = stop - len(before) == begin
    before_lower = text[after].islower()
    if word.isdigit() or len(word) <= 1:
        # "3." and "b." begin an item of a list; "J." is an initial, but "I." is a person.
        is_initial = word.isupper() and word != "I"
        return not (is_first or is_initial or before_lower)
    verdict = _abbreviation_ends(text, word, after)
    if verdict is not None:
        return verdict
    if not before_lower:
        return True
    # In lower-case text a full word ends a sentence; "Calif." or "v1.2." need not.
    return word.isalpha() and (word.islower() or len(word) > 5)


def _abbreviation_ends(text: str, word: str, after: int) -> bool | None:
    """Whether the sentence ends after an abbreviation; None if the word is not one."""
    name = word.lower()
    if name in _BEFORE_NAMES or name in ("e.g", "i.e"):
        return False
    if name in _BEFORE_NUMBERS:
        return False if text[after].isdigit() else None
    if word in _BEFORE_NUMBERS_IF_CAPITAL:
        return not text[after].isdigit() and _starts_sentence(text, after)
    if name == "etc":
        return not text[after].islower()
    is_dotted = "." in word and all(len(part) <= 2 and part.isalpha() for part in word.split("."))
    return _starts_sentence(text, after) if is_dotted or name in _OFTEN_LAST else None


def _starts_sentence(text: str, after: int) -> bool:
    """Whether the next word is capitalised and often begins sentences."""
    word = _WORD.match(text, after)
    if word is None:
        return not text[after].isalnum()
    name = word.group()
    return name[0].isupper() and name.lower() in _SENTENCE_STARTERS
