"""The smallest of several differences, corrected for selection bias.

If a target differs equally from nine groups, the group that appears closest was selected for its
error, and its difference is underestimated. The quantity of interest is the smallest true
difference.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from corpuscope.shapes import PerContrastAndFeature, PerFeature
from corpuscope.statistics.rates.intervals import Interval

# Differences more than this many standard errors above the smallest are not candidates. A larger
# value would correct nine equal ones fully, and too much if one is smaller than eight others.
_IN_THE_RUNNING = 1.5


class SmallestDifference(NamedTuple):
    """An estimate with its confidence interval, for each feature."""

    estimate: PerFeature
    interval: Interval


def smallest_difference(
    difference: PerContrastAndFeature,
    error: PerContrastAndFeature,
    own_error: PerContrastAndFeature,
    *,
    level: float = 0.95,
) -> SmallestDifference:
    """The smallest of the true differences, with its confidence interval, for each feature.

    Median-unbiased if several differences are equally small, slightly too large if some are hardly
    larger than the smallest; a single difference is returned with its normal interval.

    Args:
        difference: Contrasts x features, with signs such that larger is farther from the target.
        error: Their standard errors.
        own_error: The component of the standard errors that contrasts do not share.
        level: Confidence level.

    Measured with nine groups of 200 documents, all .10 below the target: the plain minimum is .057
    on average, and its interval covers .10 in 87 of 100 runs (`benchmarks/nearest_group.py`).

    Source: Chernozhukov, Lee and Rosen 2013, Econometrica 81:667 (half-median-unbiased bounds).

    Example:
        >>> apart = np.array([[0.10], [0.11], [0.50]])
        >>> errors = np.full((3, 1), 0.02)
        >>> smallest_difference(apart, errors, errors).estimate.round(3)
        array([0.111])
    """
    smallest = difference.min(axis=0)
    at = difference.argmin(axis=0)[None]
    shared = np.sqrt(np.maximum(error**2 - own_error**2, 0.0))
    of_smallest = np.take_along_axis(own_error, at, axis=0)[0]
    is_near = difference - smallest <= _IN_THE_RUNNING * np.hypot(own_error, of_smallest)
    n_near = is_near.sum(axis=0)
    chance = 0.5 + level / 2
    # Quantiles of the largest of `n_near` independent standard normal errors.
    middle, farthest = (ndtri(at_most ** (1 / n_near)) for at_most in (0.5, chance))
    estimate = _smallest_near(difference + middle * own_error, is_near)
    below = estimate - _smallest_near(difference - ndtri(chance) * own_error, is_near)
    above = _smallest_near(difference + farthest * own_error, is_near) - estimate
    # The error that contrasts share, that of the target, shifts all of them equally.
    common = ndtri(chance) * np.take_along_axis(shared, at, axis=0)[0]
    ends = estimate - np.hypot(below, common), estimate + np.hypot(above, common)
    return SmallestDifference(estimate, Interval(*ends))


def _smallest_near(values: PerContrastAndFeature, is_near: npt.NDArray[np.bool_]) -> PerFeature:
    found: PerFeature = np.where(is_near, values, np.inf).min(axis=0)
    return found
