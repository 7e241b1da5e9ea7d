"""Kinds of sentences that become more or less frequent along the groups (`sentence_kinds`)."""

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
    """The kind of sentence that rises along the groups, or the kind that falls.

    `side` is `later` for the kind that rises and `earlier` for the kind that falls.

    Attributes:
        rates: Share of the documents of each group with such a sentence, in [0, 1].
        slope: The change in rate from one group to the next.
        interval: Its 95 % confidence interval.
        adjusted_slope: The slope adjusted for length and covariates.
        adjusted_interval: Its 95 % confidence interval.
    """

    rates: Mapping[str, float]
    slope: float
    interval: tuple[float, float]
    adjusted_slope: float
    adjusted_interval: tuple[float, float]


def kinds_over_groups(
    setup: Setup[OrderedGroups], *, adjust: bool, settings: ComparisonSettings, names: Names
) -> tuple[KindTrend, ...]:
    """The kinds of sentences that rise and that fall; empty with too little data.

    Args:
        setup: The comparison; only features of the dictionary are used.
        adjust: Whether p-values are also adjusted for length and covariates.
        settings: The settings of the comparison.
        names: The labels of features in these documents.
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
    """The rates, slopes and p-value of one direction."""
    presence = learned.presence()
    direction, p = raw = raw_trend(presence, groups)
    slope = raw_slope(presence, groups)
    adjusted = adjusted_trend(presence, groups, covariates) if adjust else slope
    if adjust:
        own = own_trend_p(presence, groups, covariates)
        direction, p = both(raw, adjusted, own=own, may_add=np.ones(1, dtype=bool))
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
