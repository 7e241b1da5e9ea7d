"""Classifies the lines of a text, and joins lines that continue each other.

Recognises Markdown fences, lists, headings, rules and tables, and hard-wrapped prose.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from corpuscope.corpus.texts.stops import ends_sentence, word_set

_SHORT_CODE = 120
_WRAPPED_LINE = 45
_LONG_WRAPPED_LINE = 55
_ITEM_INDENT = 6
_MARKER = r"(?:#{1,6}|>+|[-*+•‣▪◦·–—]|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{2,4})[.)])"

# A line from its first visible character on; separators such as form feeds also end it.
_LINE = re.compile(r"\S[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*")
_KIND = re.compile(
    r"(?P<fence>```|~~~)"
    r"|(?P<rule>[-=_*~+|:─═]{2}[-=_*~+|:─═ \t]*+$)"
    r"|(?P<row>\|)"
    rf"|(?P<marker>{_MARKER}$)"
    rf"|(?P<item>{_MARKER}\s)"
)
_CODE_END = re.compile(r"[{}\[(=\\]$")
_STOP_AT_END = re.compile(r"[.!?…:。！？؟।॥][\"'”’»)\]*_`]*$")
_FIRST_WORD_SIGN = re.compile(r"[\"'“‘«(\[]*+(?P<sign>\w)")
_LINKING = word_set(
    "a an and as at but by for from had has have her his in into is its my nor not of on or "
    "our so than that the their this to was were which who whose with your"
)


class TextLine(NamedTuple):
    """One line without surrounding white space.

    `kind` is `fence` for the line that opens a fenced block, `code` within it, or `rule`,
    `row`, `marker` (only a list marker), `item` or `prose`.
    """

    start: int
    end: int
    indent: int
    kind: str
    after_blank: bool


class Block(NamedTuple):
    """Lines that continue each other, and whether full stops may split them."""

    start: int
    end: int
    is_prose: bool


def split_blocks(text: str) -> Iterator[Block]:
    """The blocks of the text, in order; no sentence crosses two blocks."""
    first: TextLine | None = None
    last: TextLine | None = None
    for line in _lines(text):
        if first is None or last is None:
            first = line
        elif not _joins(text, first, last, line):
            yield _block(first, last)
            first = line
        last = line
    if first is not None and last is not None:
        yield _block(first, last)


def _block(first: TextLine, last: TextLine) -> Block:
    return Block(first.start, last.end, first.kind in ("prose", "item", "marker"))


def _lines(text: str) -> Iterator[TextLine]:
    fence = ""
    end = 0
    for match in _LINE.finditer(text):
        start = match.start()
        gap = text[end:start]
        n_breaks = gap.count("\n") or gap.count("\r")
        end = start + len(match.group().rstrip())
        kind = _kind(text, start, end)
        if fence:
            is_closing = kind == "fence" and text.startswith(fence, start)
            fence = "" if is_closing else fence
            kind = "code"
        elif kind == "fence":
            fence = text[start : start + 3]
        yield TextLine(start, end, len(gap) - 1 - gap.rfind("\n"), kind, n_breaks > 1)


def _kind(text: str, start: int, end: int) -> str:
    match = _KIND.match(text, start, end)
    if match is not None:
        return str(match.lastgroup)
    return "row" if text.count(" | ", start, end) > 1 else "prose"


def _joins(text: str, first: TextLine, last: TextLine, line: TextLine) -> bool:
    """Whether `line` belongs to the block from `first` to `last`."""
    if line.after_blank:
        return False
    if line.kind == "code":
        return last.kind == "fence" or line.end - first.start <= _SHORT_CODE
    if line.kind == "rule":
        # The underline of a heading, or the line below a table header.
        return last.kind not in ("code", "rule")
    if line.kind != "prose":
        return False
    if last.kind == "marker":
        return True
    return last.kind in ("prose", "item") and _flows_into(text, last, line)


def _flows_into(text: str, last: TextLine, line: TextLine) -> bool:
    """Whether a sentence continues from one line of prose to the next."""
    length = last.end - last.start
    deepest = last.indent + (_ITEM_INDENT if last.kind == "item" else 0)
    if length < _WRAPPED_LINE or line.indent > deepest:
        return False
    tail = text[last.end - _WRAPPED_LINE : last.end]
    if _CODE_END.search(tail) or (line.indent and tail.endswith((")", "]", ";"))):
        return False
    if _STOP_AT_END.search(tail):
        return _stops_at_abbreviation(text, last, line)
    sign = _FIRST_WORD_SIGN.match(text, line.start)
    if sign is not None and sign["sign"].islower():
        return True
    is_open = tail.endswith((",", ";")) or tail.split()[-1] in _LINKING
    return length >= _LONG_WRAPPED_LINE and is_open


def _stops_at_abbreviation(text: str, last: TextLine, line: TextLine) -> bool:
    if text[last.end - 1] != ".":
        return False
    stop = last.end - 1
    return text[stop - 1] not in ".…" and not ends_sentence(
        text, begin=last.start, stop=stop, end=last.end, after=line.start
    )
