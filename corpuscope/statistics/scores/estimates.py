"""A figure of one sample with its interval, and the interval of a difference of two of them.

Figures near the end of their range (an AUROC of .995) have skewed distributions, and samples in
which nothing goes wrong; a normal interval or one of bootstrap draws is then too narrow, or of
no width. Here the standard error is a function of the figure, and the interval is where the
figure that was found is within 1.96 standard errors (a score interval). How large that function
is at all is estimated from the groups of documents, as far as these tell.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from corpuscope.shapes import NumberPerDocument, NumberPerGroup, PerDocument

_PRIOR = 2.0
"""How many groups that vary as the model of the figure says count beside those that are there."""

_RELATED = 0.5
"""The correlation within groups that is expected where the documents do not show it."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure and what is known of its error.

    Attributes:
        value: The figure, NaN where there is none.
        interval: Its 95 % interval.
        influence: What each group adds to its error; their squares sum to its variance.
    """

    value: float
    interval: tuple[float, float]
    influence: NumberPerGroup

    @cached_property
    def n_effective(self) -> float:
        """How many groups make up the variance; 0 where nothing goes wrong in any."""
        return effective_number(self.influence)


def difference_interval(left: Estimate, right: Estimate, *, paired: bool) -> tuple[float, float]:
    """The 95 % interval of `left.value - right.value`; NaN where one is.

    Of the same documents (`paired`) both must have been estimated with the same groups.

    Source: Zou 2007 (from the intervals of both); the correlation of the errors is
    that of the groups' influences (Obuchowski 1997), brought nearer to 0 where few tell it.
    """
    difference = left.value - right.value
    correlation = _correlation_of_errors(left, right) if paired else 0.0
    down, up = left.value - left.interval[0], left.interval[1] - left.value
    other_down, other_up = right.value - right.interval[0], right.interval[1] - right.value
    below = down**2 + other_up**2 - 2 * correlation * down * other_up
    above = up**2 + other_down**2 - 2 * correlation * up * other_down
    return difference - max(below, 0.0) ** 0.5, difference + max(above, 0.0) ** 0.5


def effective_number(influence: NumberPerGroup) -> float:
    """The number of equal influences whose squares would vary as much: 0 if all are 0."""
    fourth = float((influence**4).sum())
    return float((influence**2).sum()) ** 2 / fourth if fourth else 0.0


def sums_by_group(values: NumberPerDocument, groups: PerDocument) -> NumberPerGroup:
    """The sum over the documents of each group, made larger for the mean that was taken off.

    Groups are those from 0 to the largest; those without a document have 0.
    """
    n_present = len(np.unique(groups))
    factor = np.sqrt(n_present / max(n_present - 1, 1))
    sums: NumberPerGroup = np.bincount(groups, weights=values) * factor
    return sums


def expected_inflation(groups: PerDocument) -> float:
    """How much larger the variance of a mean is for documents that come in groups.

    Source: Kish 1965, section 5.4 (design effect), at a correlation of one half.
    """
    sizes = np.unique(groups, return_counts=True)[1].astype(np.float64)
    return float(1 + _RELATED * ((sizes**2).sum() / sizes.sum() - 1))


def inflation(observed: float, *, expected: float, n_effective: float) -> float:
    """By how much the variance exceeds that of the model.

    A mean of what the groups show and of what is expected of groups of their sizes: near the
    end of the range hardly any group shows anything.

    Args:
        observed: Variance of the groups' influences, in units of the model's.
        expected: What it would be by the sizes of the groups.
        n_effective: How many groups the former rests on.
    """
    return (n_effective * observed + _PRIOR * expected) / (n_effective + _PRIOR)


def _correlation_of_errors(left: Estimate, right: Estimate) -> float:
    size = float(np.sqrt((left.influence**2).sum() * (right.influence**2).sum()))
    if not size > 0:
        return 0.0
    n = min(left.n_effective, right.n_effective)
    # Of one group the correlation is always 1, and of none unknown.
    return float(left.influence @ right.influence) / size * n**2 / (n**2 + 1)
