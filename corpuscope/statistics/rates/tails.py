"""Tail probabilities of counts with fixed margins, which the tests are based on.

A p-value that has to survive correction for many features lies far out in the tail. There the
normal approximation is badly wrong if the groups differ in size: of 1,000 documents 100 are in
the target, and of 50 with the feature 16 are in the target where 5 are expected; it gives 5e-8,
but the exact p-value is 9e-6. Small counts are therefore summed exactly, and for larger ones a
distribution with the right skewness is used (9e-6 in the example). Down to 1e-7, the exact
p-value is between a quarter and twice this approximation, for expected counts of 5 to 80 and
target shares of .02 to .5.
"""

from typing import Literal

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln, ndtr

from corpuscope.shapes import ChancesPerFeature, CountPerFeature, PerFeature, PerOutcome

Alternative = Literal["two-sided", "greater", "less"]
"""Alternative hypothesis: any difference, target above reference, or target below it."""

SMALL_EXPECTED = 5.0
"""Expected cell count below which probabilities are summed exactly."""

# Probabilities within this factor are ties up to rounding (as in R and scipy).
_TIE = 1 + 1e-7


def opposite(alternative: Alternative) -> Alternative:
    """The alternative if the two groups are exchanged.

    Example:
        >>> opposite("greater")
        'less'
    """
    swapped: dict[Alternative, Alternative] = {"greater": "less", "less": "greater"}
    return swapped.get(alternative, alternative)


def skewed_tail(z: PerFeature, skewness: PerFeature, *, alternative: Alternative) -> PerFeature:
    """Probability of a standardised count at least as extreme as `z`, corrected for skewness.

    The tail of the Pearson type III (shifted gamma) distribution with mean 0, variance 1 and
    the given skewness; with skewness 0 the normal tail. Two-sided is twice the smaller tail.

    Source: Pearson 1895, Phil. Trans. R. Soc. A 186, type III, matched to three moments.

    Example:
        >>> z, skewness = np.array([1.96, 1.96]), np.array([0.0, 0.5])
        >>> skewed_tail(z, skewness, alternative="greater").round(4)
        array([0.025 , 0.0368])
    """
    if alternative == "greater":
        return _upper_tail(z, skewness)
    if alternative == "less":
        return _upper_tail(-z, -skewness)
    smaller = np.minimum(_upper_tail(z, skewness), _upper_tail(-z, -skewness))
    p: PerFeature = np.minimum(2 * smaller, 1.0)
    return p


def _upper_tail(z: PerFeature, skewness: PerFeature) -> PerFeature:
    # Below this skewness the gamma's shape exceeds 4e6, and the two tails agree to 1e-3.
    is_normal = np.abs(skewness) < 1e-3
    safe = np.where(is_normal, 1.0, skewness)
    shape = 4 / safe**2
    at = np.maximum(shape + 2 * z / safe, 0.0)
    # Negative skewness mirrors the gamma, so that its lower tail is needed.
    gamma = np.where(safe > 0, gammaincc(shape, at), gammainc(shape, at))
    return np.where(is_normal, ndtr(-z), gamma)


def hypergeometric_pmf(n_all: int, n_side: int, n_present: int) -> tuple[int, PerOutcome]:
    """Probabilities that 0, 1, ... of `n_present` marked documents are on a side of `n_side`.

    Returns the smallest possible number and the probabilities from there on.

    Example:
        >>> lowest, chances = hypergeometric_pmf(4, 2, 2)
        >>> lowest, chances.round(3)
        (0, array([0.167, 0.667, 0.167]))
    """
    lowest, highest = max(0, n_present - (n_all - n_side)), min(n_present, n_side)
    k = np.arange(lowest, highest + 1, dtype=np.float64)
    log = -(
        gammaln(k + 1)
        + gammaln(n_side - k + 1)
        + gammaln(n_present - k + 1)
        + gammaln(n_all - n_side - n_present + k + 1)
    )
    # Subtracting the maximum prevents underflow; the margins' constant factor cancels.
    chances = np.exp(log - log.max())
    return lowest, chances / chances.sum()


def tails_of(chances: PerOutcome, *, alternative: Alternative) -> PerOutcome:
    """For each outcome, the probability of one at least as extreme.

    Two-sided sums all outcomes that are no likelier than the observed one.

    Example:
        >>> tails_of(np.array([0.25, 0.5, 0.25]), alternative="two-sided")
        array([0.5, 1. , 0.5])
    """
    if alternative == "greater":
        tails = np.cumsum(chances[::-1])[::-1]
    elif alternative == "less":
        tails = np.cumsum(chances)
    else:
        ascending = np.sort(chances)
        up_to = np.searchsorted(ascending, chances * _TIE, side="right")
        tails = np.cumsum(ascending)[up_to - 1]
    capped: PerOutcome = np.minimum(tails, 1.0)
    return capped


def tails_at(
    chances: ChancesPerFeature, observed: CountPerFeature, *, alternative: Alternative
) -> PerFeature:
    """For each feature, the probability of an outcome at least as extreme as the observed one.

    Example:
        >>> tails_at(np.array([[0.25, 0.5, 0.25]]), np.array([2]), alternative="two-sided")
        array([0.5])
    """
    outcomes, at = np.arange(chances.shape[1]), observed[:, None]
    if alternative == "greater":
        counts = outcomes >= at
    elif alternative == "less":
        counts = outcomes <= at
    else:
        counts = chances <= np.take_along_axis(chances, at, axis=1) * _TIE
    p: PerFeature = np.minimum(np.where(counts, chances, 0.0).sum(axis=1), 1.0)
    return p
