"""A statement: a sentence about one text, which a stranger can decide by reading it."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Quote", "Side", "Statement", "StatementKind"]

Side = Literal["target", "reference"]
"""The group of which a statement should be true more often."""

StatementKind = Literal["presence", "degree"]
"""Whether one text alone decides it, or only two side by side."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage that shows a statement.

    Attributes:
        row: The document, counted from 0.
        id: Its id.
        text: The document's whole text.
        start: Where the passage begins in it.
        end: Where the passage ends.
    """

    row: int
    id: str
    text: str
    start: int
    end: int

    @property
    def passage(self) -> str:
        """The passage, as it stands in the document."""
        return self.text[self.start : self.end]


@dataclass(frozen=True)
class Statement:
    """A sentence to be tested.

    Attributes:
        sentence: The sentence.
        negation: What is true of a text of which it is not.
        side: The group of which it should be true more often.
        kind: Whether one text alone decides it.
        has_place: Whether a single sentence of a text can show it; else only the whole text does.
        findings: The findings it was made from, by their number in the material.
        quotes: Passages that show it.
    """

    sentence: str
    negation: str
    side: Side
    kind: StatementKind
    has_place: bool
    findings: tuple[int, ...]
    quotes: tuple[Quote, ...]
