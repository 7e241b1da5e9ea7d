"""The findings of `trend`: features that rise or fall, their slopes, rates and steps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from corpuscope.analyses.comparison.own_length import adds_length, may_add_length
from corpuscope.analyses.comparison.selection import (
    REPLICATED_BELOW,
    Ranked,
    Sides,
    positions_among,
    prescreened,
    ranked_families,
)
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.results.feature_findings import members_of
from corpuscope.analyses.trend.finding import Step, TrendFinding
from corpuscope.analyses.trend.ordered_groups import OrderedGroups
from corpuscope.analyses.trend.slopes import (
    Rates,
    adjusted_trend,
    both,
    own_trend_p,
    rates_of,
    raw_slope,
    raw_trend,
)
from corpuscope.shapes import CountPerFeature, FeatureMask, PerFeature, PresenceMatrix
from corpuscope.statistics.slopes.key_slopes import TestedSlope


@dataclass(frozen=True, eq=False)
class Trends(Ranked):
    """Candidate families; direction 1 means that the leader rises.

    Attributes:
        adjusted: The slopes adjusted for length and covariates.
        adds_length: Whether it passes only through its rate per token (`own_length`), not after
            length adjustment.
    """

    adjusted: TestedSlope
    adds_length: FeatureMask


def find_trends(setup: Setup[OrderedGroups], *, adjust: bool, q: float) -> Trends:
    """Families of the features that rise or fall, with their p- and q-values.

    Args:
        setup: The comparison.
        adjust: Whether the trend must also hold after adjusting for length and covariates.
        q: The false discovery rate.
    """
    columns, groups = setup.columns, setup.groups
    raw = raw_trend(columns.presence, groups)
    kept = prescreened(raw[1])
    raw_of_kept = (raw[0][kept], raw[1][kept])
    adjusted = (
        adjusted_trend(columns.presence[:, kept], groups, setup.covariates) if adjust else None
    )
    own = own_trend_p(columns.presence[:, kept], groups, setup.covariates) if adjust else None
    found = ranked_families(
        setup.source, columns, raw=raw, kept=kept,
        adjusted=None if adjusted is None else both(
            raw_of_kept, adjusted, own=own, may_add=may_add_length(columns, kept)
        ),
        sides=Sides(groups.rows, up=groups.later, down=groups.earlier),
    )  # fmt: skip
    adds = np.zeros(len(found.leaders), dtype=bool)
    if adjusted is None:
        adjusted = adjusted_trend(columns.presence[:, found.leaders], groups, setup.covariates)
    else:
        at = positions_among(found.leaders, kept)
        adjusted, raw_of_leaders = adjusted.of(at), (raw_of_kept[0][at], raw_of_kept[1][at])
        # p-values by length adjustment alone; `adds` is still all False here.
        _, p_without = both(
            raw_of_leaders, adjusted, own=None if own is None else own[at], may_add=adds
        )
        adds = adds_length(found.q, p_without, n_tests=len(columns), q=q)
    return Trends(
        families=found.families,
        direction=found.direction,
        p=found.p,
        q=found.q,
        raw_q=found.raw_q,
        adjusted=adjusted,
        adds_length=adds,
    )


def trend_findings(setup: Setup[OrderedGroups], found: Trends) -> tuple[TrendFinding, ...]:
    """A finding for each family, most significant first; those that reverse come last."""
    presence = setup.columns.presence[:, found.leaders]
    halves = [raw_slope(presence, half).slope for half in setup.halves]
    slopes = _Slopes(raw_slope(presence, setup.groups), found.adjusted, halves[0], halves[1])
    replicated = trend_replicated(presence, found.direction, setup.halves)
    rates = rates_of(presence, setup.groups, found.direction)
    findings = [
        _finding(setup, found, slopes, rates, at, replicated=bool(replicated[at]))
        for at in range(len(found.families))
    ]
    return tuple(sorted(findings, key=lambda one: (one.turns, -abs(one.z), -abs(one.slope))))


@dataclass(frozen=True, eq=False)
class _Slopes:
    """The slopes of each leader: raw, adjusted, and raw in each half."""

    raw: TestedSlope
    adjusted: TestedSlope
    discovery: PerFeature
    holdout: PerFeature


def _finding(
    setup: Setup[OrderedGroups], found: Trends, slopes: _Slopes, rates: Rates, at: int, *,
    replicated: bool,
) -> TrendFinding:  # fmt: skip
    """The finding of the family number `at`."""
    leader, members = members_of(setup.source, setup.columns, found.families[at])
    direction, names = int(found.direction[at]), setup.groups.names
    rate = rates.rate[:, at].tolist()
    ends = zip(rates.lower[:, at].tolist(), rates.upper[:, at].tolist(), strict=True)
    steps = [
        Step(start, end, after - before)
        for (start, before), (end, after) in pairwise(zip(names, rate, strict=True))
    ]
    # Steps against the slope count 0, so that shares lie in (0, 1].
    ahead = [max(direction * step.change, 0.0) for step in steps]
    largest = int(np.argmax(ahead))
    reversals = tuple(step for step in steps if direction * step.change < 0)
    return TrendFinding(
        feature=leader.feature,
        kind=leader.kind,
        label=leader.label,
        label_score=math.nan,
        label_source=leader.label_source,
        members=members,
        p_value=float(found.p[at]),
        q_value=float(found.q[at]),
        replicated=replicated,
        z=float(found.z[at]),
        adds_length=bool(found.adds_length[at]),
        slope=float(slopes.raw.slope[at]),
        interval=_interval_at(slopes.raw, at),
        adjusted_slope=float(slopes.adjusted.slope[at]),
        adjusted_interval=_interval_at(slopes.adjusted, at),
        discovery_slope=float(slopes.discovery[at]),
        holdout_slope=float(slopes.holdout[at]),
        rates=dict(zip(names, rate, strict=True)),
        rate_intervals=dict(zip(names, ends, strict=True)),
        monotone=not reversals,
        reversals=reversals,
        turns=bool(rates.turns[at]),
        largest_step=steps[largest],
        largest_share=ahead[largest] / max(sum(ahead), 1e-12),
    )


def _interval_at(slope: TestedSlope, at: int) -> tuple[float, float]:
    return float(slope.lower[at]), float(slope.upper[at])


def trend_replicated(
    presence: PresenceMatrix, found: CountPerFeature, halves: Sequence[OrderedGroups]
) -> FeatureMask:
    """Whether both halves agree in direction, with p < .05 in the held-out half."""
    (first, _), (second, p) = (raw_trend(presence, half) for half in halves)
    replicated: FeatureMask = (first == found) & (second == found)
    return replicated & (p < REPLICATED_BELOW)
