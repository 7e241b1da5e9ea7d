"""Selection of the features to report: merging into families, and false discovery control.

The test is the caller's: two groups, or a trend over several. The rationale is in `diff` and in
`docs/diff.md`.
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
"""A finding must have a p-value below this in the held-out documents."""

# Prescreening: at q = .05, a larger p-value is significant only if a fifth of all features differ.
_PRESCREEN_BELOW = 0.01

# Upper bounds on the cost of adjusting and merging, for groups that differ in most features.
_MOST_ADJUSTED = 4000
_MOST_FOLDED = 4000

_SMALLEST_P = 1e-300

Tested = tuple[CountPerFeature, PerFeature]
"""The direction of each feature, 1 or -1 (0 for none), and its p-value."""


@dataclass(frozen=True, eq=False)
class Sides:
    """The documents compared, and the side on which features of each direction are frequent.

    Attributes:
        rows: The documents compared.
        up: The documents in which features of direction 1 are more frequent.
        down: The documents in which features of direction -1 are more frequent.
    """

    rows: DocumentMask
    up: DocumentMask
    down: DocumentMask


@dataclass(frozen=True, eq=False)
class Ranked:
    """Candidate families, most significant first; arrays have one entry per leader.

    Attributes:
        families: The columns reported as one finding each.
        direction: 1 if the leader is more frequent on the `up` side, else -1.
        p: The p-value of the leader.
        q: Its q-value: discoveries are families, tests are all features tested.
        raw_q: The unadjusted Benjamini-Hochberg q-value of every feature tested.
    """

    families: tuple[Family, ...]
    direction: CountPerFeature
    p: PerFeature
    q: PerFeature
    raw_q: PerTest

    @property
    def leaders(self) -> CandidateOrder:
        """The column that represents each family."""
        return leaders_of(self.families)

    @property
    def z(self) -> PerFeature:
        """The signed z-score that corresponds to the p-value and the direction."""
        return _signed_z(self.direction, self.p)


def prescreened(p: PerFeature) -> CandidateOrder:
    """The candidate features: those with small raw p-values, at most 4,000."""
    return _smallest(p, np.flatnonzero(p < _PRESCREEN_BELOW), _MOST_ADJUSTED)


def ranked_families(
    source: NamedStore,
    columns: TestedFeatures,
    *,
    raw: Tested,
    kept: CandidateOrder,
    adjusted: tuple[CandidateOrder, PerCandidate] | None,
    sides: Sides,
) -> Ranked:
    """Families of the candidate features, most significant first.

    Args:
        source: The texts.
        columns: The features tested.
        raw: The unadjusted test result of each feature.
        kept: The candidates, from `prescreened`.
        adjusted: The test results of `kept` after adjusting for length and covariates, if
            requested; its p-values must be no smaller than the raw ones.
        sides: The documents compared.
    """
    direction, p = (values.copy() for values in raw)
    raw_q = benjamini_hochberg(p)
    # Adjusted p-values are at least the raw ones, so prescreening by raw p loses nothing.
    if adjusted is not None:
        direction[kept], p[kept] = adjusted
        kept = kept[p[kept] < _PRESCREEN_BELOW]
    kept = _smallest(p, kept, _MOST_FOLDED)
    found = _folded(source, columns, sides, kept=kept, z=_signed_z(direction, p))
    leaders = leaders_of(found)
    return Ranked(
        families=tuple(found),
        direction=direction[leaders],
        p=p[leaders],
        # All features count as tests, but only families as discoveries: otherwise the members of
        # true families would inflate the number of rejections and admit false ones.
        q=benjamini_hochberg(p[leaders], n_tests=len(columns)),
        raw_q=raw_q,
    )


def positions_among(leaders: CandidateOrder, kept: Rows) -> CandidateOrder:
    """The position of each leader among the columns `kept`, which contain all of them."""
    # `kept` is sorted by p-value, and `searchsorted` needs column order.
    order = np.argsort(kept, kind="stable")
    found: CandidateOrder = order[np.searchsorted(kept[order], leaders)]
    return found


def leaders_of(found: Sequence[Family]) -> CandidateOrder:
    """The column that represents each family."""
    return np.array([family.leader for family in found], dtype=np.int64)


def _folded(
    source: NamedStore,
    columns: TestedFeatures,
    sides: Sides,
    *,
    kept: CandidateOrder,
    z: PerFeature,
) -> list[Family]:
    """Families of either direction, by decreasing |z|."""
    compared = np.flatnonzero(sides.rows)
    presence = columns.presence[compared]
    found: list[Family] = []
    for is_here, side in ((z[kept] > 0, sides.up), (z[kept] < 0, sides.down)):
        here = kept[is_here]
        names = [columns.name(int(column)) for column in here]
        of_side = families(
            presence[:, here],
            z[here],
            names=names,
            documents=side[compared],
            same_places=with_overlapping_peaks(source, names, compared[side[compared]]),
        )
        found += [family.renumbered(here) for family in of_side]
    return sorted(found, key=lambda family: -abs(z[family.leader]))


def _smallest(p: PerFeature, columns: CandidateOrder, n: int) -> CandidateOrder:
    """The `n` of `columns` with the smallest p-values."""
    return columns[np.argsort(p[columns], kind="stable")[:n]]


def _signed_z(direction: CountPerFeature, p: PerFeature) -> PerFeature:
    # A two-sided p-value as a z-score; clipped, since p may underflow to 0.
    z: PerFeature = direction * -ndtri(np.maximum(p, _SMALLEST_P) / 2)
    return z
