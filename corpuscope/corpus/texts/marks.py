"""Format marks: typographic properties of a text, under readable names.

Each mark has a name, strings of which one must occur (a cheap filter), and a pattern for its
characters. Patterns are bounded, so that time is linear in the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Occurrence = tuple[str, int, int]

_SEVERAL = 2
_LONGEST_LAST_WORD = 40

# Without any capital among at least this many lower-case letters, a text avoids capitals.
_SURELY_NONE = 20
_FIRST_WORD = re.compile(r"[^\W\d_]+")

# At least this many long words, all capitalised, are in title case.
_SURELY_ALL = 4
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_HIDDEN = "\x00"
_CAPITAL = "A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁ"


@dataclass(frozen=True)
class Mark:
    """A format mark.

    Args:
        name: Its name in results.
        signs: One of these strings must occur in the text; empty for no such filter.
        pattern: Matches the characters of the mark.
        at_least: The minimum number of matches in a text.
    """

    name: str
    signs: tuple[str, ...]
    pattern: re.Pattern[str]
    at_least: int = 1

    def occurrences(self, text: str) -> Iterator[Occurrence]:
        """All occurrences of the mark in the text."""
        if self.signs and not any(sign in text for sign in self.signs):
            return
        spans = [match.span() for match in self.pattern.finditer(text)]
        if len(spans) >= self.at_least:
            for start, end in spans:
                yield self.name, start, end


def _mark(name: str, signs: str, pattern: str, *, at_least: int = 1) -> Mark:
    return Mark(f"‹{name}›", tuple(signs.split()), re.compile(pattern, re.MULTILINE), at_least)


_CODE = (
    _mark("code block", "```", r"```[\s\S]*?(?:```|\Z)"),
    _mark("inline code", "`", r"(?<!`)`(?!`)[^`\n]{1,200}`(?!`)"),
)
MARKS_OF_SEVERAL_LINES = frozenset(
    {"‹bullet list›", "‹numbered list›", "‹table›", "‹several paragraphs›"}
)
"""Marks that cannot occur in a single line."""

_ADDRESSES = (
    _mark("link", "http www.", r"(?:https?://|\bwww\.)[^\s<>\"')\]\x00]+(?<![.,;:!?])"),
    _mark("e-mail address", "@", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"),
    _mark("mention", "@", r"(?<![\w@.+-])@\w{2,40}(?!\.?\w)"),
)
_INLINE = (
    _mark("hashtag", "#", r"(?<![\w#&/])#[^\W\d_]\w{1,60}"),
    _mark("bullet list", "", r"^[ \t]*+[-*+•‣▪◦·](?=[ \t]+\S)", at_least=_SEVERAL),
    _mark("numbered list", "", r"^[ \t]*+\(?\d{1,3}[.)](?=[ \t]+\S)", at_least=_SEVERAL),
    _mark("heading", "#", r"^[ \t]*+#{1,6}[ \t]+\S.*"),
    _mark("bold", "**", r"\*\*(?=[^\s*])[^*\n]{1,200}(?<=\S)\*\*"),
    _mark(
        "italics",
        "* _",
        r"(?<![*\w\\])\*(?=[^\s*])[^*\n]{1,200}(?<=\S)\*(?![*\w])"
        r"|(?<![\w\\])_(?=[^\s_])[^_\n]{1,200}(?<=\S)_(?!\w)",
    ),
    _mark("table", "|", r"(?:^[ \t]*+\|[^\n]*\|[ \t]*+(?:\n|\Z)){2,}+"),
    _mark("question mark", "? ？ ؟", r"[?？؟]+"),
    _mark("exclamation mark", "! ！", r"[!！]+(?!=)"),
    _mark("semicolon", "; ；", r"(?<!&amp)(?<!&quot)(?<!&lt)(?<!&gt);(?=\s|\Z)|；"),
    _mark("colon", ": ：", r":(?=[\s*\x00]|\Z)|："),
    _mark("parentheses", "( （", r"\([^()\n]{1,200}\)|（[^（）\n]{1,200}）"),
    _mark("dash", "— – --", r"—|–(?!\d)|(?<=\S[ ])-{1,3}(?=[ ]\S)|(?<=\w)--(?=\w)"),
    _mark("ellipsis", "... … .", r"…|\.{3,}|\.(?:[ ]\.){2,}"),
    _mark(
        "quotation marks",
        '" “ « „ 「 ``',
        r"\"[^\"\n]{1,300}\"|[“„][^”“\n]{1,300}[”“]|«[^»\n]{1,300}»|「[^」\n]{1,300}」"
        r"|``[^'`\n]{1,300}''",
    ),
    _mark(
        "emoji",
        "",
        "(?:[\U0001f1e6-\U0001f1ff]{2}|[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]"
        "[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?)*)",
    ),
    _mark(
        "capitals",
        "",
        rf"(?<!\w)(?:[{_CAPITAL}]{{3,}}+(?:[ -][{_CAPITAL}]{{2,}}+|['’][{_CAPITAL}]++)++"
        rf"|[{_CAPITAL}]{{6,}}+)"
        r"(?!\w)",
    ),
    _mark(
        "letters and digits",
        "0 1 2 3 4 5 6 7 8 9",
        r"(?<!\w)(?=[A-Za-z]++\d|\d++[A-Za-z])(?=\w{0,38}?\d\w{0,38}?\d)"
        r"(?=\w{0,38}?[A-Za-z]\w{0,38}?[A-Za-z])\w{6,40}+(?!\w)",
    ),
    _mark("several paragraphs", "\n", r"(?<=\S)[ \t\r]*+\n[ \t\r]*+\n\s*+(?=\S)"),
    _mark(
        "currency",
        "$ € £ ¥ ₹ ₩ ₽ USD EUR GBP",
        r"[$€£¥₹₩₽][ ]?\d[\d.,]*+|(?<![\d.,])\d[\d.,]*+[ ]?(?:[€£¥₹₩₽]|(?:USD|EUR|GBP)\b)",
    ),
    _mark("percent", "%", r"(?<=\d)[ ]?%"),
)
# Names for the first or last character of a text.
_OPENING_SIGNS = {"a quotation mark": "\"'“‘«„", "a bracket": "([{"}
_ENDING_SIGNS = {
    "a quotation mark": "\"'”’»“",
    "a bracket": ")]}",
    "an ellipsis": "…",
    "a semicolon": ";；",
    "a colon": ":：",
    "a comma": ",，",
}
_LAST_SIGNS = re.compile(r"[.!?…。！？؟।:;]++[\"'”’»)\]*_`]*\Z")


def format_marks(text: str) -> Iterator[Occurrence]:
    """The name and span of each format mark; within code, only the code itself."""
    found, rest = hide(text, _CODE)
    yield from found
    found, rest = hide(rest, _ADDRESSES)
    yield from found
    for mark in _INLINE:
        yield from mark.occurrences(rest)
    yield from _opening_marks(rest)
    yield from _ending_marks(text, rest)
    yield from _small_letters(rest)
    yield from _capital_letters(rest)


def _small_letters(text: str) -> Iterator[Occurrence]:
    """The mark for a text without capital letters, at its first word."""
    if len(text) < _SURELY_NONE or any(map(str.isupper, text)):
        return
    if sum(map(str.islower, text)) >= _SURELY_NONE and (first := _FIRST_WORD.search(text)):
        yield "‹no capital letters›", *first.span()


def _capital_letters(text: str) -> Iterator[Occurrence]:
    """The mark for a text whose long words are all capitalised, at the first of them."""
    first, n_long, n_small = None, 0, 0
    for word in _LONG_WORD.finditer(text):
        if not word.group()[0].isupper():
            return
        first, n_long = first or word, n_long + 1
        n_small += not word.group().isupper()
    if first is not None and n_long >= _SURELY_ALL and 2 * n_small > n_long:
        yield "‹each word with a capital›", *first.span()


def without_addresses(text: str) -> str:
    """The text with links, e-mail addresses and mentions blanked out, at the same length."""
    return hide(text, _ADDRESSES)[1]


def hide(text: str, marks: tuple[Mark, ...]) -> tuple[list[Occurrence], str]:
    """The occurrences of the marks, and the text with these replaced by NUL characters."""
    found: list[Occurrence] = []
    for mark in marks:
        fresh = list(mark.occurrences(text))
        if fresh:
            found += fresh
            text = _blanked(text, fresh)
    return found, text


def _blanked(text: str, occurrences: list[Occurrence]) -> str:
    pieces: list[str] = []
    at = 0
    for _, start, end in occurrences:
        pieces += (text[at:start], _HIDDEN * (end - start))
        at = end
    return "".join(pieces) + text[at:]


def _opening_marks(rest: str) -> Iterator[Occurrence]:
    """The mark for a text that begins with neither a word nor a number."""
    begin = len(rest) - len(rest.lstrip())
    sign = rest[begin : begin + 1]
    if not sign or sign == _HIDDEN or sign.isalnum():
        return
    kind = next((name for name, signs in _OPENING_SIGNS.items() if sign in signs), f'"{sign}"')
    yield f"‹opens with {kind}›", begin, begin + 1


def _ending_marks(text: str, rest: str) -> Iterator[Occurrence]:
    """The marks for how a text ends; none if it ends in code or a link."""
    end = len(text.rstrip())
    if not end or rest[end - 1] == _HIDDEN:
        return
    begin = max(0, end - _LONGEST_LAST_WORD)
    signs = _LAST_SIGNS.search(rest[begin:end])
    if signs is None:
        last_word = rest[begin:end].split()[-1]
        yield "‹no final punctuation›", end - len(last_word), end
    elif set("?？؟") & set(signs.group()):
        yield "‹ends with a question›", begin + signs.start(), end
    elif set("!！") & set(signs.group()):
        yield "‹ends with an exclamation›", begin + signs.start(), end
    last = "…" if rest[:end].endswith("...") else rest[end - 1]
    for name, own in _ENDING_SIGNS.items():
        if last in own:
            yield f"‹ends with {name}›", end - 1, end
