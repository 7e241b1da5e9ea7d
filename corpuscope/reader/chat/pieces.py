"""Parts of a rendered chat that are copied from the document, and the error where none can be."""

from collections.abc import Iterable
from dataclasses import dataclass


class ChatRefusedError(Exception):
    """The chat template cannot render a chat; its document is skipped, with this reason."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a rendered text that is copied from the document, character by character.

    Attributes:
        start: Its first character in the rendered text.
        document_start: Its first character in the document.
        length: Its number of characters.
        message: The number of the role of the document that it is from.
    """

    start: int
    document_start: int
    length: int
    message: int = 0

    @property
    def end(self) -> int:
        """The character after its last in the rendered text."""
        return self.start + self.length

    @property
    def document_end(self) -> int:
        """The character after its last in the document."""
        return self.document_start + self.length


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces in the order of the rendered text, with those that touch in both texts joined.

    Example:
        >>> joined([Piece(7, 2, 3), Piece(5, 0, 2), Piece(11, 5, 1)])
        [Piece(start=5, document_start=0, length=5, message=0), \
Piece(start=11, document_start=5, length=1, message=0)]
    """
    found: list[Piece] = []
    for piece in sorted((one for one in pieces if one.length), key=lambda one: one.start):
        last = found[-1] if found else None
        if (
            last
            and last.message == piece.message
            and last.end == piece.start
            and last.document_end == piece.document_start
        ):
            length = last.length + piece.length
            found[-1] = Piece(last.start, last.document_start, length, last.message)
        else:
            found.append(piece)
    return found
