"""An estimate from one sample with its interval, and the interval of a difference of two.

Estimates near the end of their range (an AUROC of .995) have skewed distributions, and samples
without any error; normal and bootstrap intervals are then too narrow or of zero width. Here the
standard error is a function of the true value, and the interval contains the values from which the
estimate is within 1.96 standard errors (a score interval). The scale of that function is estimated
from the groups of documents, as far as these are informative.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from corpuscope.shapes import NumberPerDocument, NumberPerGroup, PerDocument

_PRIOR = 2.0
"""Prior weight of the model's variance, as a number of groups."""

_RELATED = 0.5
"""Correlation within groups that is assumed if the documents do not show it."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """An estimate and its uncertainty.

    Attributes:
        value: The estimate, NaN if there is none.
        interval: Its 95 % interval.
        influence: Contribution of each group to its error; their squares sum to its variance.
    """

    value: float
    interval: tuple[float, float]
    influence: NumberPerGroup

    @cached_property
    def n_effective(self) -> float:
        """Effective number of groups behind the variance; 0 if none has an error."""
        return effective_number(self.influence)


def difference_interval(left: Estimate, right: Estimate, *, paired: bool) -> tuple[float, float]:
    """The 95 % interval of `left.value - right.value`; NaN if either is NaN.

    For the same documents (`paired`), both must have been estimated with the same groups.

    Source: Zou 2007 (from the intervals of both); the correlation of the errors is that of the
    groups' influences (Obuchowski 1997), shrunk towards 0 if few groups contribute.
    """
    difference = left.value - right.value
    correlation = _correlation_of_errors(left, right) if paired else 0.0
    down, up = left.value - left.interval[0], left.interval[1] - left.value
    other_down, other_up = right.value - right.interval[0], right.interval[1] - right.value
    # Square-and-add (MOVER): distances to the ends of both intervals, minus their covariance.
    below = down**2 + other_up**2 - 2 * correlation * down * other_up
    above = up**2 + other_down**2 - 2 * correlation * up * other_down
    return difference - max(below, 0.0) ** 0.5, difference + max(above, 0.0) ** 0.5


def effective_number(influence: NumberPerGroup) -> float:
    """Kish's effective number of groups, weighted by squared influence; 0 if all are 0."""
    fourth = float((influence**4).sum())
    return float((influence**2).sum()) ** 2 / fourth if fourth else 0.0


def sums_by_group(values: NumberPerDocument, groups: PerDocument) -> NumberPerGroup:
    """Sum over the documents of each group, times sqrt(n / (n - 1)) for n groups.

    The factor corrects for the mean that was subtracted. Groups are numbered from 0 to the largest;
    those without a document have 0.
    """
    n_present = len(np.unique(groups))
    factor = np.sqrt(n_present / max(n_present - 1, 1))
    sums: NumberPerGroup = np.bincount(groups, weights=values) * factor
    return sums


def expected_inflation(groups: PerDocument) -> float:
    """Expected design effect of a mean: how much larger its variance is for documents in groups.

    Source: Kish 1965, section 5.4, at an intraclass correlation of one half.
    """
    sizes = np.unique(groups, return_counts=True)[1].astype(np.float64)
    return float(1 + _RELATED * ((sizes**2).sum() / sizes.sum() - 1))


def inflation(observed: float, *, expected: float, n_effective: float) -> float:
    """Factor by which the variance exceeds that of the model.

    A weighted mean of the observed factor and the one expected from the sizes of the groups: near
    the end of the range hardly any group has errors to observe.

    Args:
        observed: Variance of the groups' influences, relative to that of the model.
        expected: The factor expected from the sizes of the groups.
        n_effective: Effective number of groups that `observed` is based on.
    """
    return (n_effective * observed + _PRIOR * expected) / (n_effective + _PRIOR)


def _correlation_of_errors(left: Estimate, right: Estimate) -> float:
    size = float(np.sqrt((left.influence**2).sum() * (right.influence**2).sum()))
    if not size > 0:
        return 0.0
    n = min(left.n_effective, right.n_effective)
    # Shrunk, since with one group the correlation is always 1, and without any it is unknown.
    return float(left.influence @ right.influence) / size * n**2 / (n**2 + 1)
