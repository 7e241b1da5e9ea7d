"""Slopes and trend tests of each feature over ordered groups, raw and length-adjusted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.comparison.covariates import Covariates, crossed
from corpuscope.analyses.comparison.own_length import either_p, own_length_p
from corpuscope.analyses.comparison.selection import Tested
from corpuscope.analyses.trend.ordered_groups import OrderedGroups
from corpuscope.shapes import (
    CountPerFeature,
    CountPerGroupAndFeature,
    FeatureMask,
    PerDocument,
    PerFeature,
    PerGroupAndFeature,
    PresenceMatrix,
)
from corpuscope.statistics.clusters.clustered import clustered_p, design_effect
from corpuscope.statistics.rates.counts import present_counts
from corpuscope.statistics.rates.intervals import wilson_interval
from corpuscope.statistics.rates.rate_tests import two_rates_p
from corpuscope.statistics.slopes.key_slopes import TestedSlope, slope_within_keys
from corpuscope.statistics.slopes.slopes import Slope, slope_of_rates, stratified_slope
from corpuscope.statistics.slopes.trends import least_trend_p, trend_p, trend_z

# Family-wise level of a reversal, over all pairs of groups.
_REVERSAL_LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Rates:
    """The rates of each feature in each group.

    Attributes:
        rate: Groups x features, in [0, 1].
        lower: Lower ends of their 95 % confidence intervals.
        upper: Upper ends.
        turns: Whether the rate significantly reverses: a later group has a feature of direction 1
            less often than an earlier one, or a feature of direction -1 more often.
    """

    rate: PerGroupAndFeature
    lower: PerGroupAndFeature
    upper: PerGroupAndFeature
    turns: FeatureMask


def raw_trend(presence: PresenceMatrix, groups: OrderedGroups) -> Tested:
    """The unadjusted direction and p-value of each feature."""
    rows = np.flatnonzero(groups.rows)
    positions, strata = groups.positions[rows], _raw_strata(groups, rows)
    here = presence[rows]
    z = trend_z(here, positions, strata=strata)
    p = np.maximum(trend_p(here, positions, strata=strata), _clusters_p(here, groups, rows, strata))
    return np.sign(z).astype(np.int64), np.where(z == 0, 1.0, p)


def _clusters_p(
    here: PresenceMatrix, groups: OrderedGroups, rows: npt.NDArray[np.int64], strata: PerDocument
) -> PerFeature:
    """The cluster-robust p-value; 0 (no constraint) if documents are independent."""
    if groups.cluster_numbers is None:
        return np.zeros(here.shape[1])
    return clustered_p(
        here, groups.positions[rows].astype(np.float64), strata=strata,
        clusters=groups.cluster_numbers[rows], calibration=groups.calibration,
    )  # fmt: skip


def _wider(
    slope: Slope | TestedSlope, here: PresenceMatrix, groups: OrderedGroups,
    rows: npt.NDArray[np.int64], strata: PerDocument,
) -> Slope:  # fmt: skip
    """The slope with a cluster-robust interval; unchanged without clusters."""
    if groups.cluster_numbers is None:
        return Slope(slope.slope, slope.lower, slope.upper)
    effect = design_effect(
        here, groups.positions[rows].astype(np.float64), strata=strata,
        clusters=groups.cluster_numbers[rows], calibration=groups.calibration,
    )  # fmt: skip
    # The design effect inflates the variance; its square root inflates the standard error.
    wider = np.sqrt(effect)
    below, above = slope.slope - slope.lower, slope.upper - slope.slope
    return Slope(
        slope.slope,
        np.maximum(slope.slope - below * wider, -1.0),
        np.minimum(slope.slope + above * wider, 1.0),
    )


def raw_slope(presence: PresenceMatrix, groups: OrderedGroups) -> TestedSlope:
    """The unadjusted slope; within keys if there are any."""
    rows = np.flatnonzero(groups.rows)
    positions, here = groups.positions[rows], presence[rows]
    if groups.is_paired:
        return slope_within_keys(
            here, positions, keys=groups.keys[rows], clusters=_clusters_of(groups, rows)
        )
    counts = _counts(here, positions, len(groups.names))
    sizes = np.bincount(positions, minlength=len(groups.names))
    slope = _wider(slope_of_rates(counts, sizes), here, groups, rows, _raw_strata(groups, rows))
    # The p-value of the raw trend comes from `raw_trend`, which needs no slope.
    return TestedSlope(*slope, np.full(presence.shape[1], np.nan))


def _clusters_of(groups: OrderedGroups, rows: npt.NDArray[np.int64]) -> PerDocument | None:
    return None if groups.clusters is None else groups.clusters[rows]


def adjusted_trend(
    presence: PresenceMatrix, groups: OrderedGroups, covariates: Covariates
) -> TestedSlope:
    """The slope and p-value adjusted for length and covariates."""
    rows = np.flatnonzero(groups.rows)
    positions, here = groups.positions[rows], presence[rows]
    if groups.is_paired:
        # Within a key, only documents of one stratum are compared.
        keys = crossed(groups.keys[rows], covariates.strata[rows])
        return slope_within_keys(
            here,
            positions,
            keys=keys,
            clusters=_clusters_of(groups, rows),
            lengths=covariates.lengths[rows],
        )
    found = [_within_strata(here, groups, rows, strata) for strata in covariates.within(rows)]
    # Of strata by tokens and by sentences, the less significant result.
    weakest = np.argmax([one.p_value for one in found], axis=0)
    parts = (np.stack(part) for part in zip(*found, strict=True))
    return TestedSlope(*(np.take_along_axis(part, weakest[None], axis=0)[0] for part in parts))


def _within_strata(
    here: PresenceMatrix, groups: OrderedGroups, rows: npt.NDArray[np.int64], strata: PerDocument
) -> TestedSlope:
    positions = groups.positions[rows]
    slope = _wider(stratified_slope(here, positions, strata=strata), here, groups, rows, strata)
    p = trend_p(here, positions, strata=strata)
    return TestedSlope(*slope, np.maximum(p, _clusters_p(here, groups, rows, strata)))


def own_trend_p(
    presence: PresenceMatrix, groups: OrderedGroups, covariates: Covariates
) -> PerFeature | None:
    """The p-value of the rate per token (`own_length`); None for paired data."""
    if groups.is_paired:
        return None
    rows = np.flatnonzero(groups.rows)
    clusters = None if groups.cluster_numbers is None else groups.cluster_numbers[rows]
    positions = groups.positions[rows].astype(np.float64)
    return own_length_p(
        presence[rows], positions, rows=rows, covariates=covariates, clusters=clusters
    )


def length_adjusted_p(direction: CountPerFeature, adjusted: TestedSlope) -> PerFeature:
    """The length-adjusted p-value; 1 if adjusting reverses the direction."""
    sign = np.sign(np.nan_to_num(adjusted.slope)).astype(np.int64)
    return np.where(sign == direction, adjusted.p_value, 1.0)


def both(
    raw: Tested, adjusted: TestedSlope, *, own: PerFeature | None, may_add: FeatureMask
) -> Tested:
    """The larger p-value of the raw test and of the adjusted one (or the rate per token)."""
    adjusted_p = either_p(length_adjusted_p(raw[0], adjusted), own, may_add)
    direction = np.where(adjusted_p < 1, raw[0], 0)
    return direction, np.where(direction == 0, 1.0, np.maximum(raw[1], adjusted_p))


def least_slope_p(presence: PresenceMatrix, groups: OrderedGroups) -> PerFeature:
    """The smallest p-value that each feature could attain, given its number of documents."""
    rows = np.flatnonzero(groups.rows)
    strata = _raw_strata(groups, rows)
    return least_trend_p(presence[rows], groups.positions[rows], strata=strata)


def share_overlapping(groups: OrderedGroups, covariates: Covariates) -> float:
    """The share of documents with a comparable one in another group (of the key, if paired)."""
    rows = np.flatnonzero(groups.rows)
    within = covariates.within(rows)
    if groups.is_paired:
        within = iter([crossed(groups.keys[rows], covariates.strata[rows])])
    return min(_share_comparable(blocks, groups.positions[rows]) for blocks in within)


def _share_comparable(blocks: PerDocument, positions: PerDocument) -> float:
    # Number of distinct groups in each block.
    n_groups = np.bincount(np.unique(np.stack([blocks, positions]), axis=1)[0])
    return float((n_groups[blocks] > 1).mean())


def rates_of(presence: PresenceMatrix, groups: OrderedGroups, direction: CountPerFeature) -> Rates:
    """The rates of each feature, and whether they significantly reverse."""
    rows = np.flatnonzero(groups.rows)
    sizes = groups.sizes
    counts = _counts(presence[rows], groups.positions[rows], len(sizes))
    ends = [wilson_interval(own, int(n)) for own, n in zip(counts, sizes, strict=True)]
    return Rates(
        counts / sizes[:, None],
        np.array([end.lower for end in ends]).reshape(counts.shape),
        np.array([end.upper for end in ends]).reshape(counts.shape),
        _turns(counts, sizes, direction),
    )


def _raw_strata(groups: OrderedGroups, rows: npt.NDArray[np.int64]) -> PerDocument:
    if not groups.is_paired:
        return np.zeros(len(rows), dtype=np.int64)
    numbers: PerDocument = np.unique(groups.keys[rows], return_inverse=True)[1].astype(np.int64)
    return numbers


def _counts(
    presence: PresenceMatrix, positions: PerDocument, n_groups: int
) -> CountPerGroupAndFeature:
    """Documents with each feature in each group."""
    rows = [present_counts(presence, positions == group) for group in range(n_groups)]
    return np.array(rows, dtype=np.int64).reshape(n_groups, presence.shape[1])


def _turns(
    counts: CountPerGroupAndFeature, sizes: PerDocument, direction: CountPerFeature
) -> FeatureMask:
    """Whether any group reverses against an earlier one; Bonferroni over all pairs of groups.

    Groups are tested as independent samples, also in paired data.
    """
    n_groups, n_features = counts.shape
    turns = np.zeros(n_features, dtype=bool)
    n_pairs = n_groups * (n_groups - 1) / 2
    for late in range(n_groups):
        for early in range(late):
            n1, n2 = int(sizes[late]), int(sizes[early])
            goes_back = (counts[late] / n1 - counts[early] / n2) * direction < 0
            p = two_rates_p(counts[late], n1, counts[early], n2)
            turns |= goes_back & (p * n_pairs < _REVERSAL_LEVEL)
    return turns
