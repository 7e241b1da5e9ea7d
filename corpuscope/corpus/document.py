"""The items of a corpus: documents, and records of rows that were skipped."""

from collections.abc import Mapping
from dataclasses import dataclass

Scalar = str | int | float | bool | None
"""A metadata value; nested values are stored as JSON strings."""


@dataclass(frozen=True, slots=True)
class Role:
    """The role (speaker) of the characters `start` to `end` (exclusive) of a document's text."""

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an id and metadata, unchanged from the source.

    The text of a chat is its messages joined by blank lines, and `roles` are the character ranges
    of the speakers. The text is never normalised, so that spans stay valid.
    """

    id: str
    text: str
    metadata: Mapping[str, Scalar]
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was skipped, with the reason and its place in the source."""

    id: str
    reason: str
    where: str
