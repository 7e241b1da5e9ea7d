"""A unit in its sentence, and those of one feature."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["FeatureContext", "FeatureContexts", "UnitKind"]

UnitKind = Literal["token", "sentence"]
"""What a feature's units are."""


@dataclass(frozen=True, slots=True)
class FeatureContext:
    """A unit in its sentence.

    `start` and `end` are the unit's characters, counted in `text`, which is the sentence;
    `before` and `after` are a little of the document on either side of it. `strength` is 0
    where the unit was drawn at random.
    """

    text: str
    start: int
    end: int
    strength: float
    document: str
    row: int = -1
    before: str = ""
    after: str = ""
    opens_text: bool = False
    ends_text: bool = False

    @property
    def unit(self) -> str:
        """The characters of the unit."""
        return self.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class FeatureContexts:
    """The contexts of one feature, each from a document of its own.

    `training` and `held_out` share no document, nor parts of one; nor a long sentence, unless
    copies were asked for.
    """

    feature: int
    kind: UnitKind
    training: tuple[FeatureContext, ...]
    held_out: tuple[FeatureContext, ...]
    n_documents: int
