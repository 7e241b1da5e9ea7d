"""Contexts x traits as a sparse table, for fast evaluation of many labels."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.traits.sentence_traits import sentence_traits
from corpuscope.labels.traits.token_traits import token_traits

__all__ = ["Background", "TraitNames", "traits_of"]

_TRAITS_OF = {"token": token_traits, "sentence": sentence_traits}


def traits_of(context: FeatureContext, kind: UnitKind) -> list[str]:
    """Distinct surface traits of a context, as `slot=value`."""
    return _TRAITS_OF[kind](context)


@dataclass(frozen=True, slots=True, eq=False)
class TraitNames:
    """Shared column names of several tables; grows as contexts are added."""

    kind: UnitKind
    names: list[str] = field(default_factory=list)
    column: dict[str, int] = field(default_factory=dict)

    def table(self, contexts: Sequence[FeatureContext]) -> Any:
        """Binary table with a row per context and a column per trait."""
        columns: list[int] = []
        ends = [0]
        for context in contexts:
            for trait in traits_of(context, self.kind):
                columns.append(self.column.setdefault(trait, len(self.column)))
            ends.append(len(columns))
        self.names.extend(islice(self.column, len(self.names), None))
        ones = np.ones(len(columns), dtype=np.int8)
        found = (ones, np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32))
        return sp.csr_array(found, shape=(len(contexts), len(self.names)))


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """Random units of one kind with their traits, to compare a feature's contexts with."""

    traits: TraitNames
    rows: npt.NDArray[np.int64]
    by_context: Any
    by_trait: Any
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, contexts: Sequence[FeatureContext], kind: UnitKind) -> "Background":
        """The background from contexts, analysed once for all features of the kind."""
        traits = TraitNames(kind)
        rows = np.array([context.row for context in contexts], dtype=np.int64)
        return cls.over(traits, rows, traits.table(contexts))

    @classmethod
    def over(cls, traits: TraitNames, rows: npt.NDArray[np.int64], table: Any) -> "Background":
        """The background from the documents of its contexts and their binary table of traits."""
        counts = np.bincount(table.indices, minlength=table.shape[1])
        return cls(traits, rows, table, table.tocsc(), counts)

    def copy(self) -> "Background":
        """The same background, to whose names of traits others can be added without a trace."""
        traits = TraitNames(self.traits.kind, list(self.traits.names), dict(self.traits.column))
        return replace(self, traits=traits)

    def has(self, trait: str) -> npt.NDArray[np.int64]:
        """Positions of the contexts with a trait, in ascending order."""
        at = self.traits.column.get(trait, len(self.counts))
        if at >= len(self.counts):
            return np.empty(0, dtype=np.int64)
        found = self.by_trait
        positions: npt.NDArray[np.int64] = found.indices[found.indptr[at] : found.indptr[at + 1]]
        return positions.astype(np.int64)

    def without(self, present: npt.NDArray[np.bool_]) -> "npt.NDArray[np.bool_]":
        """Mask of the contexts from documents without a feature, given where it is present."""
        return ~present[self.rows]
