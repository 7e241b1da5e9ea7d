"""Confidence intervals of a rate and of the difference of two rates, unpaired and paired.

All are based on Wilson's score interval, lie within [-1, 1], have a width above zero if a feature
is in all documents or in none, and contain the estimate.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, ndtri

from corpuscope.shapes import CountPerFeature, PerFeature


class Interval(NamedTuple):
    """Lower and upper ends of a confidence interval, for each feature."""

    lower: PerFeature
    upper: PerFeature


def wilson_interval(
    x: CountPerFeature | PerFeature, n: int | float, *, level: float = 0.95
) -> Interval:
    """Interval of the rate estimated by `x` of `n` documents; (0, 1) if there are no documents.

    Source: Wilson 1927, JASA 22; Newcombe 1998, Stat. Med. 17:857, method 3.

    Example:
        >>> lower, upper = wilson_interval(np.array([0, 5]), 10)
        >>> lower.round(3), upper.round(3)
        (array([0.   , 0.237]), array([0.278, 0.763]))
    """
    if n == 0:
        return Interval(np.zeros(len(x)), np.ones(len(x)))
    z2 = normal_quantile(level) ** 2
    rate = x / n
    # Shrunk towards 1/2, as if z^2 documents had been added, half of them with the feature.
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return Interval(np.clip(centre - half, 0.0, rate), np.clip(centre + half, rate, 1.0))


def exact_interval(x: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of a rate that covers it at least so often; (0, 1) if there are no documents.

    Source: Clopper and Pearson 1934, Biometrika 26:404.

    Example:
        >>> [round(end, 3) for end in exact_interval(8, 10)]
        [0.444, 0.975]
    """
    if n == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    lower = float(betaincinv(x, n - x + 1, tail)) if x else 0.0
    upper = float(betaincinv(x + 1, n - x, 1 - tail)) if x < n else 1.0
    return lower, upper


def newcombe_interval(
    x1: CountPerFeature, n1: int, x2: CountPerFeature, n2: int, *, level: float = 0.95
) -> Interval:
    """Interval of rate 1 minus rate 2 for independent groups; (-1, 1) if one is empty.

    Source: Newcombe 1998, Stat. Med. 17:873, method 10 (hybrid score, no continuity correction).

    Example:
        >>> lower, upper = newcombe_interval(np.array([56]), 70, np.array([48]), 80)
        >>> lower.round(4), upper.round(4)
        (array([0.0524]), array([0.3339]))
    """
    if n1 == 0 or n2 == 0:
        return Interval(-np.ones(len(x1)), np.ones(len(x1)))
    return hybrid_interval(
        x1 / n1,
        x2 / n2,
        around_1=wilson_interval(x1, n1, level=level),
        around_2=wilson_interval(x2, n2, level=level),
        correlation=np.zeros(len(x1)),
    )


def paired_newcombe_interval(
    only_target: CountPerFeature,
    only_reference: CountPerFeature,
    both: CountPerFeature,
    *,
    neither: CountPerFeature,
    level: float = 0.95,
) -> Interval:
    """Interval of target rate minus reference rate for pairs; (-1, 1) if there are none.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10 (phi with continuity correction).

    Example:
        >>> counts = [np.array([count]) for count in (12, 2, 36)]
        >>> lower, upper = paired_newcombe_interval(*counts, neither=np.array([0]))
        >>> lower.round(4), upper.round(4)
        (array([0.0569]), array([0.3404]))
    """
    n = int((only_target + only_reference + both + neither).max(initial=0))
    if n == 0:
        return Interval(-np.ones(len(both)), np.ones(len(both)))
    present_1, present_2 = both + only_target, both + only_reference
    return hybrid_interval(
        present_1 / n,
        present_2 / n,
        around_1=wilson_interval(present_1, n, level=level),
        around_2=wilson_interval(present_2, n, level=level),
        correlation=_corrected_phi(only_target, only_reference, both, neither),
    )


def hybrid_interval(
    rate_1: PerFeature,
    rate_2: PerFeature,
    *,
    around_1: Interval,
    around_2: Interval,
    correlation: PerFeature,
) -> Interval:
    """Interval of a difference, from the intervals of its two rates and their correlation.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10: squared distances are added, minus twice
    their product times the correlation.

    Example:
        >>> one, none = np.array([1.0]), np.array([0.0])
        >>> around_1, around_2 = Interval(np.array([0.8]), one), Interval(none, np.array([0.2]))
        >>> ends = hybrid_interval(
        ...     one, none, around_1=around_1, around_2=around_2, correlation=none)
        >>> ends.lower.round(3), ends.upper.round(3)
        (array([0.717]), array([1.]))
    """
    down_1, up_1 = rate_1 - around_1.lower, around_1.upper - rate_1
    down_2, up_2 = rate_2 - around_2.lower, around_2.upper - rate_2
    # The lower end combines rate 1 at its lower end with rate 2 at its upper end.
    below = down_1**2 - 2 * correlation * down_1 * up_2 + up_2**2
    above = up_1**2 - 2 * correlation * up_1 * down_2 + down_2**2
    difference = rate_1 - rate_2
    lower = difference - np.sqrt(np.maximum(below, 0.0))
    upper = difference + np.sqrt(np.maximum(above, 0.0))
    return Interval(np.maximum(lower, -1.0), np.minimum(upper, 1.0))


def normal_quantile(level: float) -> float:
    """Half-width of a two-sided normal interval of this level, in standard errors.

    Example:
        >>> round(normal_quantile(0.95), 2)
        1.96
    """
    return float(ndtri(0.5 + level / 2))


def _corrected_phi(
    only_target: CountPerFeature,
    only_reference: CountPerFeature,
    both: CountPerFeature,
    neither: CountPerFeature,
) -> PerFeature:
    """Phi, with its numerator reduced by n/2 if positive; 0 if a margin is empty."""
    a, b, c, d = (
        count.astype(np.float64) for count in (both, only_target, only_reference, neither)
    )
    product = (a + b) * (c + d) * (a + c) * (b + d)
    excess = a * d - b * c
    corrected = np.where(excess > 0, np.maximum(excess - (a + b + c + d) / 2, 0.0), excess)
    phi = np.zeros(len(a))
    return np.divide(corrected, np.sqrt(product), out=phi, where=product > 0)
