"""A label: words for a reader, and the same thing as a test that can be run on a context."""

from dataclasses import dataclass

from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.trait_table import traits_of

__all__ = ["WEIGHTS", "Clause", "Label"]

WEIGHTS = (12, 6, 4, 3, 2)
"""How much each part of a label counts: the first most, then 1/2, 1/3, 1/4 and 1/6 of it."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a label: true of a context that has one of the traits."""

    traits: tuple[str, ...]

    @property
    def slot(self) -> str:
        """What the clause speaks about, such as `word` or `after`."""
        return self.traits[0].partition("=")[0]

    @property
    def values(self) -> tuple[str, ...]:
        """The traits without their slot."""
        return tuple(trait.partition("=")[2] for trait in self.traits)


@dataclass(frozen=True, slots=True)
class Label:
    """A feature's name. `text` is None where there was too little to name it; `reason` says why.

    `criteria` are what the text says and nothing else, in the order of the text.
    """

    kind: UnitKind
    text: str | None
    criteria: tuple[Clause, ...] = ()
    reason: str | None = None

    def matches(self, context: FeatureContext) -> float:
        """How well the context fits the label's text, from 0 to 1.

        Each part that is true of the context counts, the first most.
        """
        return self.fit(frozenset(traits_of(context, self.kind)))

    def fit(self, traits: frozenset[str]) -> float:
        """How well a context with these traits fits."""
        weights = WEIGHTS[: len(self.criteria)]
        fits = (not traits.isdisjoint(clause.traits) for clause in self.criteria)
        won = sum(weight for weight, fit in zip(weights, fits, strict=True) if fit)
        return won / max(sum(weights), 1)
