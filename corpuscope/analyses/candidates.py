"""Which features differ, told in families, how sure that is, and whether it is seen again.

Why it is done so is told in `diff` and in `docs/diff.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from corpuscope.analyses.columns import Columns
from corpuscope.analyses.effects import Alike, Measured, direction_and_p, measure
from corpuscope.analyses.families import Family, families
from corpuscope.analyses.groups import Groups
from corpuscope.analyses.places import in_the_same_places
from corpuscope.analyses.source import Source
from corpuscope.shapes import (
    CandidateOrder,
    CountPerFeature,
    DocumentMask,
    FeatureMask,
    PerFeature,
    PerTest,
)
from corpuscope.statistics import benjamini_hochberg

# What is weaker cannot become a finding unless a fifth of all features differ.
_WORTH_A_LOOK = 0.01

# Bounds on what is adjusted and folded, for groups that differ in almost everything.
_MOST_ADJUSTED = 4000
_MOST_FOLDED = 1000

_REPLICATED_BELOW = 0.05
_SMALLEST_P = 1e-300


@dataclass(frozen=True, eq=False)
class Candidates:
    """Families that may differ, strongest first; each array has an entry for each leader.

    Attributes:
        families: The columns that are told as one.
        direction: 1 where the target has the leader more often, -1 where less.
        measured: For each other group what it shows, on all documents.
        nearest: Which of these comes nearest to the target.
        p: The p-value.
        q: The q-value, counted in families among all features tested.
        raw_q: The q-value of every feature, as it stands; Benjamini and Hochberg's.
    """

    families: tuple[Family, ...]
    direction: CountPerFeature
    measured: tuple[Measured, ...]
    nearest: CountPerFeature
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


@dataclass(frozen=True, eq=False)
class SeenAgain:
    """The leaders on the two halves of the documents.

    Attributes:
        discovery_difference: The raw difference on the one half.
        holdout_difference: The raw difference on the half that was held out.
        replicated: Whether both have the direction found, and the held-out one p < .05.
    """

    discovery_difference: PerFeature
    holdout_difference: PerFeature
    replicated: FeatureMask


def find_candidates(
    source: Source, columns: Columns, groups: Groups, *, alike: Alike, adjust: bool
) -> Candidates:
    """Families of the features that differ, with their p- and q-values."""
    raw = [measure(columns.presence, contrast, alike=None) for contrast in groups.contrasts]
    direction, p = direction_and_p(raw, adjust=False)
    raw_q = benjamini_hochberg(p)
    # An adjusted p-value can only raise the raw one, so none is missed here.
    kept = _smallest(p, np.flatnonzero(p < _WORTH_A_LOOK), _MOST_ADJUSTED)
    if adjust:
        presence = columns.presence[:, kept]
        adjusted = [measure(presence, contrast, alike=alike) for contrast in groups.contrasts]
        direction[kept], p[kept] = direction_and_p(adjusted, adjust=True)
        kept = kept[p[kept] < _WORTH_A_LOOK]
    kept = _smallest(p, kept, _MOST_FOLDED)
    found = _folded(source, columns, groups, kept=kept, z=_signed_z(direction, p))
    leaders = leaders_of(found)
    presence = columns.presence[:, leaders]
    measured = tuple(measure(presence, contrast, alike=alike) for contrast in groups.contrasts)
    return Candidates(
        families=tuple(found),
        direction=direction[leaders],
        measured=measured,
        nearest=nearest_contrast(measured, direction[leaders]),
        p=p[leaders],
        q=q_of_families(p[leaders], n_tested=len(columns)),
        raw_q=raw_q,
    )


def look_again(
    columns: Columns,
    groups: Groups,
    candidates: Candidates,
    *,
    discovery: DocumentMask,
    holdout: DocumentMask,
) -> SeenAgain:
    """The leaders of the families, on each half of the documents alone."""
    presence = columns.presence[:, candidates.leaders]
    differences, p = [], np.ones(presence.shape[1])
    replicated = np.ones(presence.shape[1], dtype=bool)
    for half in (discovery, holdout):
        measured = [
            measure(presence, contrast.among(half), alike=None) for contrast in groups.contrasts
        ]
        direction, p = direction_and_p(measured, adjust=False)
        differences.append(_of_nearest(measured, candidates.direction))
        replicated &= direction == candidates.direction
    return SeenAgain(differences[0], differences[1], replicated & (p < _REPLICATED_BELOW))


def q_of_families(p: PerFeature, *, n_tested: int) -> PerFeature:
    """The q-values of families whose leaders have these p-values.

    Benjamini and Hochberg's, where every feature counts as a test but only families count as
    findings: many members of one true family make no room for false ones.

    Example:
        >>> q_of_families(np.array([0.001, 0.004]), n_tested=20)
        array([0.02, 0.04])
    """
    silent = np.ones(n_tested - len(p))
    q: PerFeature = benjamini_hochberg(np.concatenate([p, silent]))[: len(p)]
    return q


def leaders_of(found: Sequence[Family]) -> CandidateOrder:
    """The column that each family is told by."""
    return np.array([family.leader for family in found], dtype=np.int64)


def nearest_contrast(measured: Sequence[Measured], direction: CountPerFeature) -> CountPerFeature:
    """For each feature the number of the contrast whose group comes nearest to the target."""
    differences = np.array([one.raw.difference for one in measured])
    nearest: CountPerFeature = np.argmin(differences * np.where(direction < 0, -1, 1), axis=0)
    return nearest


def _of_nearest(measured: Sequence[Measured], direction: CountPerFeature) -> PerFeature:
    differences = np.array([one.raw.difference for one in measured])
    at = nearest_contrast(measured, direction)[None]
    difference: PerFeature = np.take_along_axis(differences, at, axis=0)[0]
    return difference


def _folded(
    source: Source, columns: Columns, groups: Groups, *, kept: CandidateOrder, z: PerFeature
) -> list[Family]:
    """Families of what the target has more often and of what it has less often, by strength."""
    is_target = np.zeros(len(groups.rows), dtype=bool)
    is_target[groups.contrasts[0].target_rows] = True
    taking_part = np.flatnonzero(groups.rows)
    presence = columns.presence[taking_part]
    found: list[Family] = []
    for has_more, side in ((z[kept] > 0, is_target), (z[kept] < 0, ~is_target)):
        here = kept[has_more]
        names = [columns.name(int(column)) for column in here]
        of_side = families(
            presence[:, here],
            z[here],
            names=names,
            documents=side[taking_part],
            same_places=in_the_same_places(source, names, taking_part[side[taking_part]]),
        )
        found += [family.renumbered(here) for family in of_side]
    return sorted(found, key=lambda family: -abs(z[family.leader]))


def _smallest(p: PerFeature, columns: CandidateOrder, n: int) -> CandidateOrder:
    """Those of `columns` with the `n` smallest p-values."""
    return columns[np.argsort(p[columns], kind="stable")[:n]]


def _signed_z(direction: CountPerFeature, p: PerFeature) -> PerFeature:
    z: PerFeature = direction * -ndtri(np.maximum(p, _SMALLEST_P) / 2)
    return z
