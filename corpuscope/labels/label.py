"""A label: text for readers, and the same criteria as a test on contexts."""

from dataclasses import dataclass

from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.traits.trait_table import traits_of

__all__ = ["WEIGHTS", "Clause", "Label"]

WEIGHTS = (12, 6, 4, 3, 2)
"""Weights of a label's clauses: 1, 1/2, 1/3, 1/4, 1/6; integers, so that sums compare exactly."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One criterion of a label: true of a context with any of the traits."""

    traits: tuple[str, ...]

    @property
    def slot(self) -> str:
        """Type of the clause, such as `word` or `after`."""
        return self.traits[0].partition("=")[0]

    @property
    def values(self) -> tuple[str, ...]:
        """The traits without their slot."""
        return tuple(trait.partition("=")[2] for trait in self.traits)


@dataclass(frozen=True, slots=True)
class Label:
    """A feature's label. `text` is None if it could not be labelled, with a `reason`.

    `criteria` are the text as clauses, in the same order.
    """

    kind: UnitKind
    text: str | None
    criteria: tuple[Clause, ...] = ()
    reason: str | None = None

    def matches(self, context: FeatureContext) -> float:
        """How well a context fits the label, in [0, 1]: the weighted share of true clauses."""
        return self.fit(frozenset(traits_of(context, self.kind)))

    def fit(self, traits: frozenset[str]) -> float:
        """How well a context with these traits fits the label, in [0, 1]."""
        weights = WEIGHTS[: len(self.criteria)]
        fits = (not traits.isdisjoint(clause.traits) for clause in self.criteria)
        won = sum(weight for weight, fit in zip(weights, fits, strict=True) if fit)
        return won / max(sum(weights), 1)
