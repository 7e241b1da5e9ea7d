"""Tests of whether two rates differ, unpaired and paired, for all features at once."""

import numpy as np
from scipy.special import bdtr

from corpuscope.shapes import CountPerFeature, FeatureMask, PerFeature, PerGroupAndFeature
from corpuscope.statistics.rates.tails import (
    SMALL_EXPECTED,
    Alternative,
    hypergeometric_pmf,
    skewed_tail,
    tails_of,
)


def two_rates_z(x1: CountPerFeature, n1: int, x2: CountPerFeature, n2: int) -> PerFeature:
    """Rate 1 minus rate 2 in standard errors; 0 if all documents have the feature, or none.

    Source: Pearson 1900; the signed root of the 2 x 2 chi-square without continuity correction.

    Example:
        >>> two_rates_z(np.array([30, 10]), 100, np.array([20, 10]), 100).round(3)
        array([1.633, 0.   ])
    """
    if n1 == 0 or n2 == 0:
        return np.zeros(len(x1))
    pooled = (x1 + x2) / (n1 + n2)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return _ratio(x1 / n1 - x2 / n2, error)


def two_rates_p(
    x1: CountPerFeature,
    n1: int,
    x2: CountPerFeature,
    n2: int,
    *,
    alternative: Alternative = "two-sided",
    exact_below: float = SMALL_EXPECTED,
) -> PerFeature:
    """p-value of the difference between x1/n1 and x2/n2, in [0, 1].

    Fisher's exact test if any expected cell count is below `exact_below`, else the score test with
    its tail corrected for skewness (`tails`). 1 if a group is empty.

    Source: Fisher 1935 (two-sided: all tables that are no likelier than the observed one).

    Example:
        >>> two_rates_p(np.array([30, 3]), 100, np.array([20, 0]), 100).round(4)
        array([0.1025, 0.2462])
    """
    p = np.ones(len(x1))
    if n1 == 0 or n2 == 0:
        return p
    present, n = x1 + x2, n1 + n2
    is_small = np.minimum(present, n - present) * min(n1, n2) < exact_below * n
    p[is_small] = fisher_p(x1[is_small], n1, x2[is_small], n2, alternative=alternative)
    z = two_rates_z(x1, n1, x2, n2)
    # Third central moment over variance of the hypergeometric distribution.
    third = (n - 2 * n1) * (n - 2 * present) / (n * max(n - 2, 1))
    spread = np.sqrt(present * (n - present) * (n1 / n) * (n2 / n) / max(n - 1, 1))
    skewness = _ratio(third, spread)
    return np.where(is_small, p, skewed_tail(z, skewness, alternative=alternative))


def fisher_p(
    x1: CountPerFeature,
    n1: int,
    x2: CountPerFeature,
    n2: int,
    *,
    alternative: Alternative = "two-sided",
) -> PerFeature:
    """Fisher's exact p-value for each feature; 1 if all documents have it, or none.

    Computed once for each number of documents with the feature, so that many features cost little
    more than few.

    Source: Fisher 1935; two-sided sums all tables that are no likelier than the observed one.

    Example:
        >>> fisher_p(np.array([8, 1]), 10, np.array([1, 1]), 10).round(4)
        array([0.0055, 1.    ])
    """
    p = np.ones(len(x1))
    present = x1 + x2
    order = np.argsort(present, kind="stable")
    sizes, starts = np.unique(present[order], return_index=True)
    ends = np.append(starts[1:], len(order))[: len(starts)]
    for n_present, start, end in zip(sizes, starts, ends, strict=True):
        features = order[start:end]
        lowest, chances = hypergeometric_pmf(n1 + n2, n1, int(n_present))
        p[features] = tails_of(chances, alternative=alternative)[x1[features] - lowest]
    return p


def mcnemar_z(only_target: CountPerFeature, only_reference: CountPerFeature) -> PerFeature:
    """The paired difference in standard errors; 0 if there are no discordant pairs.

    Source: McNemar 1947, Psychometrika 12, the signed root without continuity correction.

    Example:
        >>> mcnemar_z(np.array([9, 0]), np.array([0, 0]))
        array([3., 0.])
    """
    return _ratio(only_target - only_reference, np.sqrt(only_target + only_reference))


def mcnemar_p(
    only_target: CountPerFeature,
    only_reference: CountPerFeature,
    *,
    alternative: Alternative = "two-sided",
) -> PerFeature:
    """Exact p-value of the split of the discordant pairs, in [0, 1].

    Source: McNemar 1947, exact binomial form; two-sided is twice the smaller tail.

    Example:
        >>> mcnemar_p(np.array([5, 3]), np.array([0, 3]))
        array([0.0625, 1.    ])
    """
    n = only_target + only_reference
    # By symmetry, at least x targets of n is at most n - x references.
    at_least = bdtr(only_reference.astype(np.float64), n, 0.5)
    at_most = bdtr(only_target.astype(np.float64), n, 0.5)
    if alternative == "greater":
        p = at_least
    elif alternative == "less":
        p = at_most
    else:
        p = np.minimum(2 * np.minimum(at_least, at_most), 1.0)
    return np.asarray(p, dtype=np.float64)


def intersection_union_p(p: PerGroupAndFeature) -> PerFeature:
    """p-value of "the target exceeds each of the other groups": the largest of theirs.

    `p` must be one-sided. No further correction for the number of groups is needed.

    Source: Berger 1982, Technometrics 24.

    Example:
        >>> intersection_union_p(np.array([[0.01, 0.2], [0.03, 0.001]]))
        array([0.03, 0.2 ])
    """
    largest: PerFeature = p.max(axis=0)
    return largest


def _ratio(above: PerFeature | CountPerFeature, below: PerFeature) -> PerFeature:
    """The quotient, 0 if the denominator is 0."""
    quotient = np.zeros(len(below))
    is_known: FeatureMask = below > 0
    np.divide(above, below, out=quotient, where=is_known)
    return quotient
