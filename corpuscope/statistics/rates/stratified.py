"""Differences between groups within strata of similar documents, pooled over strata.

`lengths` forms strata; the estimates and tests here combine them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from corpuscope.shapes import (
    ChancesPerFeature,
    CountPerFeature,
    CountPerStratum,
    CountPerStratumAndFeature,
    FeatureMask,
    PerFeature,
    PerStratum,
    PerSummand,
)
from corpuscope.statistics.rates.counts import StratumCounts
from corpuscope.statistics.rates.intervals import Interval, hybrid_interval, normal_quantile
from corpuscope.statistics.rates.intervals import wilson_interval as wilson
from corpuscope.statistics.rates.tails import (
    SMALL_EXPECTED,
    Alternative,
    hypergeometric_pmf,
    opposite,
    skewed_tail,
    tails_at,
)

# Largest count in the exact null distribution; if fewer than five documents are expected, the
# probability of larger counts is below 1e-20.
_MOST_COUNTED = 40

# Terms of smaller probability are skipped in convolutions.
_NEGLIGIBLE = 1e-25

_MOST_PARTS = 8


@dataclass(frozen=True)
class StratifiedDifference:
    """A rate difference within strata, for each feature.

    Attributes:
        difference: Target rate minus reference rate, in [-1, 1]; NaN without usable strata.
        lower: Lower end of its confidence interval.
        upper: Upper end of its confidence interval.
        overlap: Share of the documents that are in strata with both groups, in [0, 1].
        n_strata: Number of strata with both groups; the others are uninformative and dropped.
    """

    difference: PerFeature
    lower: PerFeature
    upper: PerFeature
    overlap: float
    n_strata: int


def mantel_haenszel_difference(
    counts: StratumCounts, *, level: float = 0.95, exact_below: float = SMALL_EXPECTED
) -> StratifiedDifference:
    """Mantel-Haenszel difference: target rate minus reference rate, within strata.

    The weight of a stratum is n1 n0 / (n1 + n0). The interval is valid for few large and for many
    small strata. If an expected cell count is below `exact_below`, it is Newcombe's hybrid interval
    of the two standardised rates instead, whose width is above zero even if nothing was observed.

    Source: Greenland and Robins 1985, Biometrics 41:55 (estimate); Sato 1989, Biometrics
    45:1323 (variance); Yan and Su 2010, Stat. Biopharm. Res. 2:329 (hybrid).

    Example:
        >>> columns = [[8], [9]], [[4], [1]], [10, 9], [10, 0]
        >>> counts = StratumCounts(*(np.array(column) for column in columns))
        >>> found = mantel_haenszel_difference(counts)
        >>> found.difference.round(3), found.n_strata, round(found.overlap, 3)
        (array([0.4]), 1, 0.69)
    """
    usable = _usable(counts)
    overlap = _share(usable, counts)
    n_features = counts.present_target.shape[1]
    if len(usable.n_target) == 0:
        ones = np.ones(n_features)
        return StratifiedDifference(ones * np.nan, -ones, ones, overlap, 0)
    n1, n0 = usable.n_target.astype(np.float64), usable.n_reference.astype(np.float64)
    weight = n1 * n0 / (n1 + n0)
    rate_1 = (weight / n1) @ usable.present_target / weight.sum()
    rate_0 = (weight / n0) @ usable.present_reference / weight.sum()
    difference = rate_1 - rate_0
    half = normal_quantile(level) * np.sqrt(_sato_variance(usable, difference))
    hybrid = hybrid_interval(
        rate_1,
        rate_0,
        around_1=_wilson_of_standardised(rate_1, weight, n1, level=level),
        around_2=_wilson_of_standardised(rate_0, weight, n0, level=level),
        correlation=np.zeros(n_features),
    )
    is_small = _null_moments(usable).smallest_expected < exact_below
    return StratifiedDifference(
        difference,
        np.where(is_small, hybrid.lower, np.maximum(difference - half, -1.0)),
        np.where(is_small, hybrid.upper, np.minimum(difference + half, 1.0)),
        overlap,
        len(n1),
    )


def cochran_mantel_haenszel_z(counts: StratumCounts) -> PerFeature:
    """Excess of the target's count over its expectation within strata, in standard errors.

    0 if no stratum is informative. Its square is the Cochran-Mantel-Haenszel chi-square.

    Source: Mantel and Haenszel 1959, J. Natl. Cancer Inst. 22.

    Example:
        >>> counts = StratumCounts(*(np.array(c) for c in ([[8]], [[4]], [10], [10])))
        >>> cochran_mantel_haenszel_z(counts).round(3)
        array([1.78])
    """
    return _null_moments(_usable(counts)).z


def cochran_mantel_haenszel_p(
    counts: StratumCounts,
    *,
    alternative: Alternative = "two-sided",
    exact_below: float = SMALL_EXPECTED,
) -> PerFeature:
    """p-value of the difference within strata, in [0, 1].

    If an expected cell count, summed over strata, is below `exact_below`, the exact conditional
    test, else the chi-square with its tail corrected for skewness (`tails`); if the two groups have
    equal sizes in every stratum, that is the textbook p-value. With a single stratum the exact test
    is Fisher's.

    Source: Mantel and Haenszel 1959; exact: Birch 1964, J. R. Stat. Soc. B 26.

    Example:
        >>> counts = StratumCounts(*(np.array(c) for c in ([[5, 50]], [[0, 30]], [99], [99])))
        >>> cochran_mantel_haenszel_p(counts).round(4)
        array([0.0594, 0.0039])
    """
    usable = _usable(counts)
    moments = _null_moments(usable)
    p = skewed_tail(moments.z, moments.skewness, alternative=alternative)
    is_small = moments.smallest_expected < exact_below
    for cell in range(4):
        chosen = np.flatnonzero(is_small & (moments.smallest_cell == cell))
        # In batches of similar frequency, as cost grows with the most frequent feature of a batch.
        for part in np.array_split(_rarest_first(usable, chosen), _MOST_PARTS):
            if len(part):
                p[part] = _exact_p(usable, part, cell=cell, alternative=alternative)
    return p


@dataclass(frozen=True)
class _NullMoments:
    """Null distribution of the target's count, given the margins of the strata."""

    z: PerFeature
    skewness: PerFeature
    smallest_expected: PerFeature
    smallest_cell: CountPerFeature


def _null_moments(usable: StratumCounts) -> _NullMoments:
    """Hypergeometric mean, variance and third central moment, summed over strata."""
    n_features = usable.present_target.shape[1]
    excess, variance, third = (np.zeros(n_features) for _ in range(3))
    expected = np.zeros((4, n_features))
    # One stratum at a time, to save memory: several strata x features arrays would be needed.
    for x1, x0, n1, n0 in _strata(usable):
        n, present = n1 + n0, x1.astype(np.float64) + x0
        mean = present * (n1 / n)
        spread = mean * (n - present) * (n0 / (n * max(n - 1, 1)))
        excess += x1 - mean
        variance += spread
        third += spread * (n - 2 * present) * ((n - 2 * n1) / (n * max(n - 2, 1)))
        expected += [mean, present - mean, n1 - mean, n0 - present + mean]
    is_known: FeatureMask = variance > 0
    safe = np.where(is_known, variance, 1.0)
    return _NullMoments(
        z=np.where(is_known, excess / np.sqrt(safe), 0.0),
        skewness=np.where(is_known, third / safe**1.5, 0.0),
        smallest_expected=expected.min(axis=0),
        smallest_cell=expected.argmin(axis=0),
    )


def _rarest_first(usable: StratumCounts, chosen: CountPerFeature) -> CountPerFeature:
    present = usable.present_target[:, chosen].sum(axis=0)
    present = present + usable.present_reference[:, chosen].sum(axis=0)
    ordered: CountPerFeature = chosen[np.argsort(present, kind="stable")]
    return ordered


def _exact_p(
    usable: StratumCounts, chosen: CountPerFeature, *, cell: int, alternative: Alternative
) -> PerFeature:
    """Exact conditional p-values of the `chosen` features.

    Counts the documents in the cell with the smallest expected count: 0 target with the feature,
    1 reference with it, 2 target without it, 3 reference without it.
    """
    side, other = usable.n_target, usable.n_reference
    counted, rest = usable.present_target[:, chosen], usable.present_reference[:, chosen]
    if cell in (2, 3):
        counted, rest = side[:, None] - counted, other[:, None] - rest
    if cell in (1, 3):
        counted, rest, side, other = rest, counted, other, side
    chances = _sum_of_hypergeometrics(counted + rest, side, side + other)
    observed = np.minimum(counted.sum(axis=0), chances.shape[1] - 1)
    seen_from_cell = opposite(alternative) if cell in (1, 2) else alternative
    return tails_at(chances, observed, alternative=seen_from_cell)


def _sum_of_hypergeometrics(
    margin: CountPerStratumAndFeature, side: CountPerStratum, size: CountPerStratum
) -> ChancesPerFeature:
    """Null distribution of the number of marked documents on the side, over all strata."""
    most = int(np.minimum(margin, side[:, None]).sum(axis=0).max())
    last = min(most, _MOST_COUNTED)
    chances = np.zeros((margin.shape[1], last + 1))
    chances[:, 0] = 1.0
    for stratum, present in enumerate(margin):
        for n_present in np.unique(present[present > 0]):
            rows = np.flatnonzero(present == n_present)
            lowest, added = hypergeometric_pmf(
                int(size[stratum]), int(side[stratum]), int(n_present)
            )
            chances[rows] = _add_counts(chances[rows], lowest, added)
    return chances


def _add_counts(chances: ChancesPerFeature, lowest: int, added: PerSummand) -> ChancesPerFeature:
    """Distribution of the sum of two counts; the last outcome is `last` or more."""
    last = chances.shape[1] - 1
    total = np.zeros_like(chances)
    for k, chance in enumerate(added, start=lowest):
        if chance < _NEGLIGIBLE:
            continue
        stays = max(last + 1 - k, 0)
        total[:, last + 1 - stays :] += chance * chances[:, :stays]
        total[:, last] += chance * chances[:, stays:].sum(axis=1)
    return total


def _usable(counts: StratumCounts) -> StratumCounts:
    """The strata that contain documents of both groups."""
    rows = (counts.n_target > 0) & (counts.n_reference > 0)
    return StratumCounts(
        counts.present_target[rows],
        counts.present_reference[rows],
        counts.n_target[rows],
        counts.n_reference[rows],
    )


def _share(usable: StratumCounts, counts: StratumCounts) -> float:
    n = int(counts.n_target.sum() + counts.n_reference.sum())
    return float(usable.n_target.sum() + usable.n_reference.sum()) / n if n else 0.0


def _strata(
    counts: StratumCounts,
) -> Iterator[tuple[CountPerFeature, CountPerFeature, float, float]]:
    """Counts and group sizes of each stratum."""
    for x1, x0, n1, n0 in zip(
        counts.present_target,
        counts.present_reference,
        counts.n_target,
        counts.n_reference,
        strict=True,
    ):
        yield x1, x0, float(n1), float(n0)


def _sato_variance(usable: StratumCounts, difference: PerFeature) -> PerFeature:
    """Variance of the Mantel-Haenszel difference, consistent in both sparse and large strata."""
    slope, base = np.zeros(len(difference)), np.zeros(len(difference))
    total_weight = 0.0
    for x1, x0, n1, n0 in _strata(usable):
        n = n1 + n0
        slope += (n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2) / n**2
        base += (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n)
        total_weight += n1 * n0 / n
    return np.maximum(difference * slope + base, 0.0) / total_weight**2


def _wilson_of_standardised(
    rate: PerFeature, weight: PerStratum, n: PerStratum, *, level: float
) -> Interval:
    """Wilson interval of a standardised rate, at its effective number of documents."""
    # Such that rate * (1 - rate) / n_effective is the variance of the weighted mean over strata.
    n_effective = float(weight.sum() ** 2 / (weight**2 / n).sum())
    return wilson(rate * n_effective, n_effective, level=level)
