"""Which features rise or fall, told as findings: slopes, rates, and the shape of the way."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from corpuscope.analyses.alike import Alike
from corpuscope.analyses.columns import Columns
from corpuscope.analyses.findings import told_by
from corpuscope.analyses.ordered_groups import OrderedGroups
from corpuscope.analyses.own_length import adds_length, may_add_length
from corpuscope.analyses.ranking import REPLICATED_BELOW, Ranked, Sides, Tested, ranked
from corpuscope.analyses.rises import (
    Rates,
    adjusted_trend,
    both,
    own_trend_p,
    rates_of,
    raw_slope,
    raw_trend,
)
from corpuscope.analyses.source import Source
from corpuscope.analyses.trend_result import Step, TrendFinding
from corpuscope.shapes import CandidateOrder, CountPerFeature, FeatureMask, PresenceMatrix
from corpuscope.statistics import TestedSlope


def find_trends(
    source: Source, columns: Columns, groups: OrderedGroups, *, alike: Alike | None
) -> Ranked:
    """Families of the features that rise or fall, with their p- and q-values."""
    direction, p = raw_trend(columns.presence, groups)

    def adjusted(alike: Alike, kept: CandidateOrder) -> Tested:
        presence = columns.presence[:, kept]
        return both(
            (direction[kept], p[kept]),
            adjusted_trend(presence, groups, alike),
            own=own_trend_p(presence, groups, alike),
            may_add=may_add_length(columns, kept),
        )

    return ranked(
        source,
        columns,
        raw=(direction, p),
        adjusted=None if alike is None else partial(adjusted, alike),
        sides=Sides(groups.rows, up=groups.later, down=groups.earlier),
    )


def trend_findings(
    source: Source,
    columns: Columns,
    groups: OrderedGroups,
    found: Ranked,
    *,
    alike: Alike,
    adjust: bool,
    halves: Sequence[OrderedGroups],
    q: float,
) -> tuple[TrendFinding, ...]:
    """A finding for each family, surest first, those that turn around last."""
    presence = columns.presence[:, found.leaders]
    slopes = {
        "": raw_slope(presence, groups),
        "adjusted_": adjusted_trend(presence, groups, alike),
        "discovery_": raw_slope(presence, halves[0]),
        "holdout_": raw_slope(presence, halves[1]),
    }
    replicated = seen_again(presence, found.direction, halves)
    rates = rates_of(presence, groups, found.direction)
    adds = np.zeros(len(found.leaders), dtype=bool)
    if adjust:
        told = raw_trend(presence, groups)
        own = own_trend_p(presence, groups, alike)
        _, p_without = both(told, slopes["adjusted_"], own=own, may_add=adds)
        adds = adds_length(found.q, p_without, n_tests=len(columns), q=q)
    findings = [
        TrendFinding(
            **told_by(source, columns, family),
            **_slopes_at(slopes, at),
            **_shape_at(groups.names, rates, at, direction=int(found.direction[at])),
            p_value=float(found.p[at]),
            q_value=float(found.q[at]),
            z=float(found.z[at]),
            replicated=bool(replicated[at]),
            adds_length=bool(adds[at]),
        )
        for at, family in enumerate(found.families)
    ]
    return tuple(sorted(findings, key=lambda one: (one.turns, -abs(one.z), -abs(one.slope))))


def seen_again(
    presence: PresenceMatrix, found: CountPerFeature, halves: Sequence[OrderedGroups]
) -> FeatureMask:
    """Whether both halves have the direction found, the held-out one with a small p-value."""
    (first, _), (second, p) = (raw_trend(presence, half) for half in halves)
    replicated: FeatureMask = (first == found) & (second == found)
    return replicated & (p < REPLICATED_BELOW)


def _slopes_at(slopes: Mapping[str, TestedSlope], at: int) -> dict[str, Any]:
    """The slopes of one leader under the names of a finding's fields."""
    fields: dict[str, Any] = {f"{name}slope": float(one.slope[at]) for name, one in slopes.items()}
    for name in ("", "adjusted_"):
        fields[f"{name}interval"] = (
            float(slopes[name].lower[at]),
            float(slopes[name].upper[at]),
        )
    return fields


def _shape_at(names: Sequence[str], rates: Rates, at: int, *, direction: int) -> dict[str, Any]:
    """Rates and steps of one leader under the names of a finding's fields."""
    rate = rates.rate[:, at].tolist()
    steps = [
        Step(start, end, after - before)
        for (start, before), (end, after) in pairwise(zip(names, rate, strict=True))
    ]
    ahead = [max(direction * step.change, 0.0) for step in steps]
    largest = int(np.argmax(ahead))
    reversals = tuple(step for step in steps if direction * step.change < 0)
    ends = zip(rates.lower[:, at].tolist(), rates.upper[:, at].tolist(), strict=True)
    return {
        "rates": dict(zip(names, rate, strict=True)),
        "rate_intervals": dict(zip(names, ends, strict=True)),
        "monotone": not reversals,
        "reversals": reversals,
        "turns": bool(rates.turns[at]),
        "largest_step": steps[largest],
        "largest_share": ahead[largest] / max(sum(ahead), 1e-12),
    }
