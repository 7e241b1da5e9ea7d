"""Finds the JSON of a tool call's arguments in what a template wrote, whatever its spaces."""

import json
import re
from collections.abc import Iterator

from corpuscope.reader.chat.pieces import Piece
from corpuscope.reader.chat.turns import Call

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def arguments_in(text: str, start: int, end: int, call: Call) -> list[Piece]:
    """The pieces of the arguments between two characters of a rendered chat.

    Empty if the template writes them otherwise than as JSON.
    """
    for form in dict.fromkeys(_forms(call.text)):
        at = text.find(form, start, end)
        if at >= 0:
            return list(_aligned(call, form, at))
    return []


def _forms(text: str) -> Iterator[str]:
    """The ways in which the same JSON is written."""
    yield text
    value = json.loads(text)
    for separators, indent in ((None, None), ((",", ":"), None), (None, 2), (None, 4)):
        for is_ascii in (False, True):
            yield json.dumps(value, ensure_ascii=is_ascii, separators=separators, indent=indent)


def _aligned(call: Call, form: str, at: int) -> Iterator[Piece]:
    if form == call.text:
        yield Piece(at, call.start, len(form), call.message)
        return
    own, other = list(_TOKENS.finditer(call.text)), list(_TOKENS.finditer(form))
    if len(own) != len(other):
        return
    for mine, theirs in zip(own, other, strict=True):
        # The same value may be written with other escapes.
        if mine[0] == theirs[0]:
            length = len(mine[0])
            yield Piece(at + theirs.start(), call.start + mine.start(), length, call.message)
