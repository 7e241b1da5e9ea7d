"""Which features an answer tells of: tested, folded into families, with their q-values.

What is tested is the caller's: two groups, or a trend along several. Why it is done so is told
in `diff` and in `docs/diff.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from corpuscope.analyses.comparison.families import Family, families
from corpuscope.analyses.comparison.peak_overlap import with_overlapping_peaks
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import (
    CandidateOrder,
    CountPerFeature,
    DocumentMask,
    PerCandidate,
    PerFeature,
    PerTest,
    Rows,
)
from corpuscope.statistics.multiplicity import benjamini_hochberg

REPLICATED_BELOW = 0.05
"""In the documents that were held out, a finding must have a p-value below this."""

# What is weaker cannot become a finding unless a fifth of all features differ.
_WORTH_A_LOOK = 0.01

# Bounds on what is adjusted and folded, for groups that differ in almost everything.
_MOST_ADJUSTED = 4000
_MOST_FOLDED = 4000

_SMALLEST_P = 1e-300

Tested = tuple[CountPerFeature, PerFeature]
"""For each feature the direction, 1 or -1 (0 if there is none), and the p-value."""


@dataclass(frozen=True, eq=False)
class Sides:
    """Which documents take part, and where features of each direction are more frequent.

    Attributes:
        rows: The documents that take part.
        up: Of these the ones where features of direction 1 are more frequent.
        down: Those where features of direction -1 are.
    """

    rows: DocumentMask
    up: DocumentMask
    down: DocumentMask


@dataclass(frozen=True, eq=False)
class Ranked:
    """Families worth a look, strongest first; each array has an entry for each leader.

    Attributes:
        families: The columns that are told as one.
        direction: 1 where the leader is more frequent on the upper side, else -1.
        p: The p-value.
        q: The q-value, counted in families among all features tested.
        raw_q: The q-value of every feature, as it stands; Benjamini and Hochberg's.
    """

    families: tuple[Family, ...]
    direction: CountPerFeature
    p: PerFeature
    q: PerFeature
    raw_q: PerTest

    @property
    def leaders(self) -> CandidateOrder:
        """The column that each family is told by."""
        return leaders_of(self.families)

    @property
    def z(self) -> PerFeature:
        """The p-value in standard errors, with the direction."""
        return _signed_z(self.direction, self.p)


def worth_a_look(p: PerFeature) -> CandidateOrder:
    """The features that may become findings: those with small p-values as things stand."""
    return _smallest(p, np.flatnonzero(p < _WORTH_A_LOOK), _MOST_ADJUSTED)


def ranked_families(
    source: NamedStore,
    columns: TestedFeatures,
    *,
    raw: Tested,
    kept: CandidateOrder,
    adjusted: tuple[CandidateOrder, PerCandidate] | None,
    sides: Sides,
) -> Ranked:
    """Families of the features that pass, strongest first.

    Args:
        source: The texts.
        columns: The features.
        raw: What the test says of each as things stand.
        kept: Those that are worth a look.
        adjusted: What the test says of `kept` at equal lengths and strata, where that is asked
            for; its p-values must be no smaller than the raw ones.
        sides: The documents.
    """
    direction, p = (values.copy() for values in raw)
    raw_q = benjamini_hochberg(p)
    # An adjusted p-value can only raise the raw one, so none is missed here.
    if adjusted is not None:
        direction[kept], p[kept] = adjusted
        kept = kept[p[kept] < _WORTH_A_LOOK]
    kept = _smallest(p, kept, _MOST_FOLDED)
    found = _folded(source, columns, sides, kept=kept, z=_signed_z(direction, p))
    leaders = leaders_of(found)
    return Ranked(
        families=tuple(found),
        direction=direction[leaders],
        p=p[leaders],
        # Every feature counts as a test but only families as findings: many members of one true
        # family make no room for false ones.
        q=benjamini_hochberg(p[leaders], n_tests=len(columns)),
        raw_q=raw_q,
    )


def places_of(leaders: CandidateOrder, kept: Rows) -> CandidateOrder:
    """Where among the columns `kept` each of `leaders` is; all are there."""
    order = np.argsort(kept, kind="stable")
    found: CandidateOrder = order[np.searchsorted(kept[order], leaders)]
    return found


def leaders_of(found: Sequence[Family]) -> CandidateOrder:
    """The column that each family is told by."""
    return np.array([family.leader for family in found], dtype=np.int64)


def _folded(
    source: NamedStore,
    columns: TestedFeatures,
    sides: Sides,
    *,
    kept: CandidateOrder,
    z: PerFeature,
) -> list[Family]:
    """Families of what goes up and of what goes down, by strength."""
    taking_part = np.flatnonzero(sides.rows)
    presence = columns.presence[taking_part]
    found: list[Family] = []
    for is_here, side in ((z[kept] > 0, sides.up), (z[kept] < 0, sides.down)):
        here = kept[is_here]
        names = [columns.name(int(column)) for column in here]
        of_side = families(
            presence[:, here],
            z[here],
            names=names,
            documents=side[taking_part],
            same_places=with_overlapping_peaks(source, names, taking_part[side[taking_part]]),
        )
        found += [family.renumbered(here) for family in of_side]
    return sorted(found, key=lambda family: -abs(z[family.leader]))


def _smallest(p: PerFeature, columns: CandidateOrder, n: int) -> CandidateOrder:
    """Those of `columns` with the `n` smallest p-values."""
    return columns[np.argsort(p[columns], kind="stable")[:n]]


def _signed_z(direction: CountPerFeature, p: PerFeature) -> PerFeature:
    z: PerFeature = direction * -ndtri(np.maximum(p, _SMALLEST_P) / 2)
    return z
