"""Surface traits of tokens: word, position and neighbours.

A token within a word is treated as the whole word.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from corpuscope.labels.context import FeatureContext
from corpuscope.labels.traits.sentence_traits import content_stems, forms_around
from corpuscope.labels.word_forms import FUNCTION_WORDS, WORD_CLASSES, WordPiece, pieces, stem

__all__ = ["token_traits", "whole_word"]

_ENDINGS = (
    "ing", "ed", "ly", "tion", "sion", "ment", "ness", "able", "ible", "ity", "ous", "ive", "ful",
    "less", "ism", "ist", "est", "er", "al", "ic", "ish", "ology", "ward", "ship", "n't", "'s",
    "'re", "'ll", "'ve",
)  # fmt: skip
_BEGINNINGS = (
    "un", "re", "dis", "pre", "mis", "non", "over", "under", "inter", "anti", "auto", "micro",
    "multi", "out", "in", "im", "con", "com", "de", "ex", "en", "sub", "trans", "pro",
)  # fmt: skip
_QUOTES = frozenset("\"“”«»„'‘’")
_CLASSES_OF_SIGNS = {
    "quotation mark": frozenset('"“”«»„``') | {"''"},
    "bracket": frozenset("()[]{}"),
    "dash": frozenset("-–—") | {"--", "---"},
    "code sign": frozenset("_`=<>{}[]\\|#$&;@~^+*/"),
    "currency sign": frozenset("$€£¥₹"),
    "final sign": frozenset(".?!"),
}
_YEAR = re.compile(r"(?:1[0-9]|20)\d\d")
_BULLETS = frozenset("-*+•‣▪◦·–")
# Maximum number of a sentence's stems that are traits of its tokens.
_NEAR_LIMIT = 30


def token_traits(context: FeatureContext) -> list[str]:
    """The traits of a token in its sentence, as `slot=value`.

    The token itself: `word`, `forms` (its stem), `class`, `ending`, `beginning`, and `initial` and
    `final` letters. Its context: `where`, `after` and `before` (up to three neighbours), `near`
    (stems in the sentence) and `in` (forms of the sentence).
    """
    found = pieces(context.text)
    at = _piece_at(found, context.start)
    if at is None:
        return ["class=white space"] if not context.unit.strip() else ["class=other sign"]
    piece = found[at]
    traits = [
        *_what(context, piece, found, at),
        *(f"where={place}" for place in _places(context, found, at)),
        *_neighbours(found, at),
        *(f"in={form}" for form in forms_around(context.text)),
    ]
    near = content_stems(context.text)[:_NEAR_LIMIT]
    own = stem(piece[0])
    traits += [f"near={other}" for other in near if other != own]
    return list(dict.fromkeys(traits))


def whole_word(context: FeatureContext) -> str:
    """The word, number or sign that contains the context's unit, in lower case."""
    found = pieces(context.text)
    at = _piece_at(found, context.start)
    return context.unit.lower() if at is None else found[at][0]


def _piece_at(found: tuple[WordPiece, ...], start: int) -> int | None:
    at = bisect_right(found, start, key=lambda piece: piece[1]) - 1
    if at >= 0 and found[at][1] <= start < found[at][2]:
        return at
    return None


def _what(
    context: FeatureContext, piece: WordPiece, found: tuple[WordPiece, ...], at: int
) -> Iterator[str]:
    word, start, end = piece
    yield f"word={word}"
    if not word[0].isalnum():
        yield from _sign_classes(context, word, at)
        return
    shown = context.text[start:end]
    if word[0].isdigit() and not any(map(str.isalpha, word)):
        yield from _number_classes(context, piece, found, at)
    else:
        yield f"forms={stem(word)}"
        yield from _endings(word)
        yield from (f"class={name}" for name, words in WORD_CLASSES.items() if word in words)
        yield from _capital_classes(shown, opens=_opens(context, start))
    yield from _parts(context, piece)


def _sign_classes(context: FeatureContext, sign: str, at: int) -> Iterator[str]:
    yield "class=punctuation or sign"
    for name, signs in _CLASSES_OF_SIGNS.items():
        if sign in signs:
            yield f"class={name}"
    if sign in _QUOTES:
        before = context.text[context.start - 1 : context.start] if context.start else " "
        side = "opening" if not before.strip() or before in "([—-" else "closing"
        yield f"class={side} quotation mark"
    if at == 0 and sign in _BULLETS and context.text[context.end : context.end + 1] == " ":
        yield "class=bullet"
    if at == 0 and set(sign) == {"#"}:
        yield "class=heading sign"
    if sign == ":" and context.text[context.end :].strip() == "" and "\n" in context.after:
        yield "class=colon before a new line"
    # From the block Miscellaneous Symbols on, signs are mostly emoji.
    if any(ord(c) >= 0x2600 for c in sign):
        yield "class=emoji"


def _number_classes(
    context: FeatureContext, piece: WordPiece, found: tuple[WordPiece, ...], at: int
) -> Iterator[str]:
    word, _, end = piece
    yield "class=number"
    if _YEAR.fullmatch(word):
        yield "class=year"
    if at == 0 and context.text[end : end + 1] in (".", ")") and len(found) > 1:
        yield "class=list number"
    if at + 1 < len(found) and found[at + 1][0] == "%":
        yield "class=percentage"
    if at and found[at - 1][0] in ("$", "€", "£"):
        yield "class=amount of money"


def _endings(word: str) -> Iterator[str]:
    """Suffixes and prefixes that leave enough letters, and the first and last letter.

    Enough is three, or two before an apostrophe.
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + 3 - ("'" in ending):
            yield f"ending={ending}"
    for beginning in _BEGINNINGS:
        if word.startswith(beginning) and len(word) >= len(beginning) + 3:
            yield f"beginning={beginning}"
    yield f"initial={word[0]}"
    yield f"final={word[-1]}"


def _capital_classes(shown: str, *, opens: bool) -> Iterator[str]:
    if len(shown) > 1 and shown.isupper():
        yield "class=word in capitals"
    elif shown[0].isupper() and not opens and shown.lower() not in FUNCTION_WORDS:
        yield "class=capitalised name"
    if any(map(str.isdigit, shown)):
        yield "class=letters with digits"


def _parts(context: FeatureContext, piece: WordPiece) -> Iterator[str]:
    """Position of the token in a word that the reader's tokenizer has split."""
    word, start, end = piece
    if "'" in word or (context.start <= start and context.end >= end):
        return
    side = "start" if context.start == start else "rest"
    yield f"class={side} of a rare or long word"


def _opens(context: FeatureContext, start: int) -> bool:
    return not any(map(str.isalnum, context.text[:start]))


def _places(context: FeatureContext, found: tuple[WordPiece, ...], at: int) -> Iterator[str]:
    word, start, end = found[at]
    rest = context.text[end:]
    is_last = not any(map(str.isalnum, rest)) if word[0].isalnum() else not rest.strip()
    if _opens(context, start):
        yield "opening a sentence"
        if context.opens_text:
            yield "opening the text"
        elif context.before.rstrip()[-1:] == "?":
            yield "after a question"
        if "\n" in context.before[-3:]:
            yield "opening a line"
        if is_last:
            yield "alone in its sentence"
    elif at and _opens(context, found[at - 1][1]) and word[0].isalnum():
        yield "second in a sentence"
    if is_last:
        yield "ending a sentence"
        if context.ends_text:
            yield "ending the text"
    yield from _surroundings(context.text, start, end)


def _surroundings(text: str, start: int, end: int) -> Iterator[str]:
    before, after = text[:start], text[end:]
    # An odd number of straight quotation marks before means that one is open.
    if (before.count('"') % 2 and '"' in after) or before.rfind("“") > before.rfind("”"):
        yield "within quotation marks"
    if before.rfind("(") > before.rfind(")") and ")" in after:
        yield "within brackets"
    if before.count("**") % 2 and "**" in after:
        yield "within bold text"
    if before[-1:] in ("-", "–", "/") and before[-2:-1].isalnum():
        yield "joined to the word before"
    if after[:1] in ("-", "–", "/") and after[1:2].isalnum():
        yield "joined to the word after"


def _neighbours(found: tuple[WordPiece, ...], at: int) -> Iterator[str]:
    words = [_generic(piece[0]) for piece in found[max(0, at - 3) : at + 4]]
    middle = min(at, 3)
    before, after = words[:middle], words[middle + 1 :]
    for length in (1, 2, 3):
        if len(before) >= length:
            yield f"after={' '.join(before[-length:])}"
        if len(after) >= length:
            yield f"before={' '.join(after[:length])}"


def _generic(word: str) -> str:
    return "‹number›" if word[0].isdigit() and not any(map(str.isalpha, word)) else word
