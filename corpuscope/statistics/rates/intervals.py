"""Intervals for a rate, and for the difference of two rates, unpaired and paired.

All are built from Wilson's score interval, stay inside [-1, 1], keep a width above zero
where a feature is in all or in no documents, and contain the estimate.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from corpuscope.shapes import CountPerFeature, PerFeature


class Interval(NamedTuple):
    """The two ends of an interval, for each feature."""

    lower: PerFeature
    upper: PerFeature


def wilson_interval(
    x: CountPerFeature | PerFeature, n: int | float, *, level: float = 0.95
) -> Interval:
    """Where the rate behind `x` of `n` documents lies; (0, 1) where there are no documents.

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
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return Interval(np.clip(centre - half, 0.0, rate), np.clip(centre + half, rate, 1.0))


def newcombe_interval(
    x1: CountPerFeature, n1: int, x2: CountPerFeature, n2: int, *, level: float = 0.95
) -> Interval:
    """Where rate 1 minus rate 2 lies, for two separate groups; (-1, 1) where one is empty.

    Source: Newcombe 1998, Stat. Med. 17:873, method 10 (hybrid score, no correction).

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
    """Where target rate minus reference rate lies, for pairs; (-1, 1) where there are none.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10 (correlation with correction).

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
    """The interval of a difference from the intervals of its two rates.

    Source: Newcombe 1998, Stat. Med. 17:2635, method 10: squared distances added, less twice
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
    below = down_1**2 - 2 * correlation * down_1 * up_2 + up_2**2
    above = up_1**2 - 2 * correlation * up_1 * down_2 + down_2**2
    difference = rate_1 - rate_2
    lower = difference - np.sqrt(np.maximum(below, 0.0))
    upper = difference + np.sqrt(np.maximum(above, 0.0))
    return Interval(np.maximum(lower, -1.0), np.minimum(upper, 1.0))


def normal_quantile(level: float) -> float:
    """How many standard errors a two-sided interval of this level reaches.

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
    """Phi, its numerator brought n/2 closer to 0 where positive; 0 where a margin is empty."""
    a, b, c, d = (
        count.astype(np.float64) for count in (both, only_target, only_reference, neither)
    )
    product = (a + b) * (c + d) * (a + c) * (b + d)
    excess = a * d - b * c
    corrected = np.where(excess > 0, np.maximum(excess - (a + b + c + d) / 2, 0.0), excess)
    phi = np.zeros(len(a))
    return np.divide(corrected, np.sqrt(product), out=phi, where=product > 0)
