"""Renders a chat by the reader's chat template, and finds the document's text in it.

The template is filled twice, once with marks around each text. The marks show where it put each;
then what it wrote without marks is followed along, since it may take white space off.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from corpuscope.corpus.document import Document
from corpuscope.reader.chat.arguments import arguments_in
from corpuscope.reader.chat.following import followed
from corpuscope.reader.chat.habits import habits_of, written
from corpuscope.reader.chat.marks import Marks
from corpuscope.reader.chat.pieces import ChatRefusedError, Piece, joined
from corpuscope.reader.chat.turns import Call, Script, turns_of


def render(
    document: Document, tokenizer: Any, *, counts: Callable[[str], bool] = lambda role: True
) -> tuple[str, list[Piece]]:
    """The rendered chat, and its pieces of the document, in the order of the rendered text.

    Args:
        document: A document with roles.
        tokenizer: A tokenizer with a chat template.
        counts: Whether text of a role counts; what does not may be rewritten by the template.

    Raises:
        ChatRefusedError: The template rejects the roles, leaves a message out, or rewrites one
            that counts. Thinking may be left out, and arguments of tool calls that are not written
            as JSON have no pieces.
    """
    habits = habits_of(tokenizer)
    marks = Marks(document.text)
    turns = turns_of(document.roles, habits)
    plain, script = Script(document, habits, None), Script(document, habits, marks)
    text = written(tokenizer, list(plain.messages(turns)))
    frames, found = marks.split(written(tokenizer, list(script.messages(turns))))
    marked = [(script.segments[number], words) for number, words in found]
    places = followed(text, frames, marked, document, counts=counts)
    by_number = {number: own for (number, _), own in zip(found, places, strict=True)}
    pieces = [piece for own in places for piece in own]
    pieces += _arguments(text, script.calls, by_number)
    pieces = _bridged(text, document, joined(pieces))
    _check(document, script, by_number)
    return text, pieces


def _arguments(text: str, calls: Iterable[Call], by_number: dict[int, list[Piece]]) -> list[Piece]:
    """The pieces of the arguments of tool calls, each after the name of its tool."""
    starts = sorted(piece.start for own in by_number.values() for piece in own)
    found = []
    for call in calls:
        if own := by_number.get(call.name):
            start = own[-1].end
            end = next((one for one in starts if one > start), len(text))
            found += arguments_in(text, start, end, call)
    return found


def _bridged(text: str, document: Document, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, with what was left unmarked beside them in a message, such as `<think>`."""
    found = list(pieces)
    bounds = [None, *pieces, None]
    for before, piece, after in zip(bounds, pieces, bounds[2:], strict=False):
        role = document.roles[piece.message]
        is_first = before is None or before.message != piece.message
        start = role.start if is_first or before is None else before.document_end
        n = piece.document_start - start
        if _is_same(text, document, piece.start, piece.document_start, n):
            found.append(Piece(piece.start - n, start, n, piece.message))
        n = role.end - piece.document_end
        is_last = after is None or after.message != piece.message
        if is_last and _is_same(text, document, piece.end + n, role.end, n):
            found.append(Piece(piece.end, piece.document_end, n, piece.message))
    return joined(found)


def _is_same(text: str, document: Document, end: int, document_end: int, n: int) -> bool:
    """Whether the `n` characters before two places are the same, and more than white space."""
    words = document.text[document_end - n : document_end]
    return n > 0 and end >= n and bool(words.strip()) and text[end - n : end] == words


def _check(document: Document, script: Script, by_number: Mapping[int, object]) -> None:
    """Check that nothing is lost but thinking."""
    for number, segment in enumerate(script.segments):
        if number not in by_number and not segment.is_thinking:
            role = document.roles[segment.message].role
            raise ChatRefusedError(f"the chat template leaves out what {role} says")
