"""Differences between groups among documents that are alike in something else.

`lengths` says which documents are alike; here their strata are put together again.
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

# The exact null distribution is kept up to here; beyond it the chance is below 1e-20 when
# fewer than five documents are expected.
_MOST_COUNTED = 40

_NEGLIGIBLE = 1e-25

_MOST_PARTS = 8


@dataclass(frozen=True)
class StratifiedDifference:
    """A rate difference within strata, for each feature.

    Attributes:
        difference: Target rate minus reference rate, in [-1, 1]; NaN without usable strata.
        lower: Lower end of its interval.
        upper: Upper end of its interval.
        overlap: Share of the documents that lie in strata with both groups, in [0, 1].
        n_strata: How many strata hold both groups; the others tell nothing and are dropped.
    """

    difference: PerFeature
    lower: PerFeature
    upper: PerFeature
    overlap: float
    n_strata: int


def mantel_haenszel_difference(
    counts: StratumCounts, *, level: float = 0.95, exact_below: float = SMALL_EXPECTED
) -> StratifiedDifference:
    """How much more often each feature is present in the target, within strata.

    Strata weigh n1 n0 / (n1 + n0). The interval is right for few large and for many small
    strata. Where a cell expects fewer than `exact_below` documents it is Newcombe's hybrid
    of the two standardised rates instead, which keeps a width where nothing was seen.

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
    """How many standard errors the target lies above its expectation within strata.

    0 where no stratum can tell. Its square is the Cochran-Mantel-Haenszel chi-square.

    Source: Mantel and Haenszel 1959, J. Natl. Cancer Inst. 22; METHODS 12.1.

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
    """Chance of such a difference within strata if there were none, in [0, 1].

    Where a cell expects fewer than `exact_below` documents over all strata, the exact
    conditional test, else the chi-square with its tail corrected for skewness (`tails`);
    with two groups of one size in every stratum that is the textbook p-value. With a single
    stratum the exact test is Fisher's.

    Source: Mantel and Haenszel 1959; exact: Birch 1964, J. R. Stat. Soc. B 26; METHODS 12.1.

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
        # In parts of like size, so that rare features do not pay for frequent ones.
        for part in np.array_split(_rarest_first(usable, chosen), _MOST_PARTS):
            if len(part):
                p[part] = _exact_p(usable, part, cell=cell, alternative=alternative)
    return p


@dataclass(frozen=True)
class _NullMoments:
    """What the strata's margins say about the target's count when there is no difference."""

    z: PerFeature
    skewness: PerFeature
    smallest_expected: PerFeature
    smallest_cell: CountPerFeature


def _null_moments(usable: StratumCounts) -> _NullMoments:
    """Sums over strata of the hypergeometric mean, variance and third central moment."""
    n_features = usable.present_target.shape[1]
    excess, variance, third = (np.zeros(n_features) for _ in range(3))
    expected = np.zeros((4, n_features))
    # One stratum at a time: all at once would hold many strata x features arrays.
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

    Counts the documents in the cell that expects the fewest: 0 target with the feature,
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
    """Chances of 0, 1, ... documents on the side, over all strata."""
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
    """The chances of a sum of two counts; the last outcome stands for "so many or more"."""
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
    """The strata that hold documents of both groups."""
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
    """Each stratum's two rows of counts and its two group sizes."""
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
    """Wilson's interval at the number of documents that the weights leave effective."""
    n_effective = float(weight.sum() ** 2 / (weight**2 / n).sum())
    return wilson(rate * n_effective, n_effective, level=level)
