"""Sentences of a kind of which there is more, or less, from group to group (`sentence_kinds`)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.sentences.kinds import LearnedKind, SentenceKind, learned_both_ways
from corpuscope.analyses.trend.ordered_groups import OrderedGroups
from corpuscope.analyses.trend.slopes import adjusted_trend, both, own_trend_p, raw_slope, raw_trend
from corpuscope.shapes import PresenceMatrix


@dataclass(frozen=True)
class KindTrend(SentenceKind):
    """Sentences of the kind that rises from group to group, or of that which falls.

    `side` is `later` for what rises and `earlier` for what falls.

    Attributes:
        rates: Share of the documents of each group with such a sentence, in [0, 1].
        slope: How much the rate rises from one group to the next.
        interval: Its 95 % interval.
        adjusted_slope: The slope at equal lengths and strata.
        adjusted_interval: Its 95 % interval.
    """

    rates: Mapping[str, float]
    slope: float
    interval: tuple[float, float]
    adjusted_slope: float
    adjusted_interval: tuple[float, float]


def kinds_over_groups(
    setup: Setup[OrderedGroups], *, adjust: bool, settings: ComparisonSettings, names: Names
) -> tuple[KindTrend, ...]:
    """The kind of sentence that rises and the one that falls; none where too little is there.

    Args:
        setup: What is compared; of the features those of the dictionary count.
        adjust: Whether it must hold at equal lengths and strata, too.
        settings: How the comparison is made.
        names: What features are called here.
    """
    groups, found = learned_both_ways(setup, settings)
    return tuple(
        _measured(groups, learned, sign, setup.covariates, adjust, names, settings.evidence)
        for sign, learned in zip((1, -1), found, strict=False)
    )


def _measured(
    groups: OrderedGroups, learned: LearnedKind, sign: int, covariates: Covariates, adjust: bool,
    names: Names,
    n_evidence: int,
) -> KindTrend:  # fmt: skip
    """Rates and slopes of one direction, and its p-value."""
    presence = learned.presence()
    direction, p = told = raw_trend(presence, groups)
    slope = raw_slope(presence, groups)
    adjusted = adjusted_trend(presence, groups, covariates) if adjust else slope
    if adjust:
        own = own_trend_p(presence, groups, covariates)
        direction, p = both(told, adjusted, own=own, may_add=np.ones(1, dtype=bool))
    of_raw, of_adjusted = (
        learned.wider(one.slope, one.lower, one.upper) for one in (slope, adjusted)
    )
    return KindTrend(
        side="later" if sign > 0 else "earlier",
        p_value=learned.sure(float(p[0])) if direction[0] == sign else 1.0,
        n_documents=len(learned.sentences.rows),
        learned=learned,
        names=names,
        n_evidence=n_evidence,
        rates=_rates(presence, groups),
        slope=of_raw[0],
        interval=of_raw[1],
        adjusted_slope=of_adjusted[0],
        adjusted_interval=of_adjusted[1],
    )


def _rates(presence: PresenceMatrix, groups: OrderedGroups) -> dict[str, float]:
    has = presence.toarray()[:, 0] != 0
    return {name: float(has[groups.positions == at].mean()) for at, name in enumerate(groups.names)}
