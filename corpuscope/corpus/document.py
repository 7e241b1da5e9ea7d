"""What a corpus is made of: documents, and a record of what could not become one."""

from collections.abc import Mapping
from dataclasses import dataclass

Scalar = str | int | float | bool | None
"""A value that metadata may hold; anything nested is kept as a JSON string."""


@dataclass(frozen=True, slots=True)
class Role:
    """Who speaks in the characters `start` to `end` (exclusive) of a document's text."""

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an id and metadata, exactly as it was found.

    The text of a chat is its messages joined by a blank line, and `roles` says which
    characters belong to whom. The text is never normalised, so that spans stay true.
    """

    id: str
    text: str
    metadata: Mapping[str, Scalar]
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was seen and left out, with the reason and the place it came from."""

    id: str
    reason: str
    where: str
