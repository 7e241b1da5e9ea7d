"""Follows a rendered chat along the same chat with marks, to where each marked text lies in it.

Without marks a template may take white space off the ends of texts; nothing else may differ.
"""

import json
from collections.abc import Callable, Iterator, Sequence

from corpuscope.corpus.document import Document
from corpuscope.reader.chat.marks import Segment
from corpuscope.reader.chat.pieces import ChatRefusedError, Piece

_WHITE = (None, "\n", " ", "\t\n ")


def followed(
    text: str,
    frames: Sequence[str],
    marked: Sequence[tuple[Segment, str]],
    document: Document,
    *,
    counts: Callable[[str], bool],
) -> list[list[Piece]]:
    """The pieces of each marked segment, in the order in which they were written.

    Args:
        text: The rendered chat.
        frames: What the template wrote before, between and after the segments.
        marked: The segments, with what the template made of each.
        document: The document.
        counts: Whether text of a role counts; what does not may be rewritten, and has no pieces.

    Raises:
        ChatRefusedError: The template writes the chat otherwise where it has no marks, or
            rewrites a text that counts.
    """
    if not text.startswith(frames[0]):
        raise _lost()
    starts = [len(frames[0])]
    options = [list(_options(one, words, document, counts)) for one, words in marked]
    chosen: list[int] = []
    at = 0
    while len(chosen) < len(options):
        i = len(chosen)
        found = _next(text, starts[i], options[i], frames[i + 1], at)
        if found is None:
            # Another ending of the text before may fit.
            if not chosen:
                raise _lost()
            at = chosen.pop() + 1
            starts.pop()
            continue
        chosen.append(found)
        starts.append(starts[i] + len(options[i][found][0]) + len(frames[i + 1]))
        at = 0
        if len(chosen) == len(options) and starts[-1] != len(text):
            at = chosen.pop() + 1
            starts.pop()
    if not options and frames[0] != text:
        raise _lost()
    return [
        [Piece(start + a, b, n, segment.message) for a, b, n in options[i][chosen[i]][1]]
        for i, ((segment, _), start) in enumerate(zip(marked, starts, strict=False))
    ]


Run = tuple[int, int, int]
"""A start in the written text, a start in the document, and a length."""


def _next(
    text: str, start: int, options: Sequence[tuple[str, list[Run]]], after: str, first: int
) -> int | None:
    for number in range(first, len(options)):
        words = options[number][0]
        if text.startswith(words, start) and text.startswith(after, start + len(words)):
            return number
    return None


def _options(
    segment: Segment, words: str, document: Document, counts: Callable[[str], bool]
) -> Iterator[tuple[str, list[Run]]]:
    """What the template may have made of a segment, the longest first, with its runs."""
    said, role = document.text[segment.start : segment.end], document.roles[segment.message].role
    is_escaped = words != said and words == _escaped(said)
    if words != said and not is_escaped:
        if counts(role):
            raise ChatRefusedError(f"the chat template rewrites what {role} says")
        yield from ((words[a:b], []) for a, b in _trims(words))
        return
    for a, b in _trims(said):
        at = segment.start + a
        if is_escaped:
            yield _escaped(said[a:b]), list(_unescaped(said[a:b], at))
        else:
            yield said[a:b], [(0, at, b - a)]


def _trims(text: str) -> list[tuple[int, int]]:
    """The ranges that are left of a text whose ends are trimmed or not, the longest first."""
    spans = {_trimmed(text, left, right) for left in _WHITE for right in _WHITE}
    return sorted(spans, key=lambda span: (span[0] - span[1], span))


def _trimmed(text: str, left: str | None, right: str | None) -> tuple[int, int]:
    end = len(text) if right is None else len(text.rstrip(None if "\t" in right else right))
    start = 0 if left is None else len(text) - len(text.lstrip(None if "\t" in left else left))
    return min(start, end), end


def _escaped(text: str) -> str:
    """The text as JSON writes it within quotation marks."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _unescaped(text: str, document_start: int) -> Iterator[Run]:
    """The runs of an escaped text that are its own characters; the rest are escapes."""
    at = 0
    for position, sign in enumerate(text):
        length = len(_escaped(sign))
        if length == 1 or sign in '"\\':
            yield at + length - 1, document_start + position, 1
        at += length


def _lost() -> ChatRefusedError:
    return ChatRefusedError("the chat template writes it in a way that cannot be followed")
