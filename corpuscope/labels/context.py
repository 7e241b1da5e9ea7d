"""A context: a unit in its sentence; and the contexts of one feature."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["FeatureContext", "FeatureContexts", "UnitKind"]

UnitKind = Literal["token", "sentence"]
"""Type of a feature's units."""


@dataclass(frozen=True, slots=True)
class FeatureContext:
    """A unit in its sentence.

    `start` and `end` are the unit's character offsets in `text`, the sentence; `before` and
    `after` are a few characters of the document on either side of it. `strength` is 0 for random
    units.
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
    """The contexts of one feature, each from a different document.

    `training` and `held_out` share no document or parts of one, and no long sentence unless
    copies are kept.
    """

    feature: int
    kind: UnitKind
    training: tuple[FeatureContext, ...]
    held_out: tuple[FeatureContext, ...]
    n_documents: int
