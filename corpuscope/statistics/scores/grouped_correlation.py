"""Confidence interval of Pearson's correlation for documents in groups."""

import numpy as np

from corpuscope.shapes import NumberPerDocument, PerDocument
from corpuscope.statistics.rates.intervals import normal_quantile
from corpuscope.statistics.scores.estimates import (
    Estimate,
    effective_number,
    expected_inflation,
    inflation,
    sums_by_group,
)


def correlation_estimate(
    left: NumberPerDocument, right: NumberPerDocument, groups: PerDocument
) -> Estimate:
    """The correlation and its 95 % interval, on the scale of Fisher's z.

    Its variance is that for normal data, 1 / (n - 3), times an inflation factor estimated from the
    groups. NaN if one side is constant or there are fewer than four documents; of zero width only
    if the correlation is exactly 1 or -1.

    Source: Fisher 1921 for the scale; Devlin, Gnanadesikan and Kettenring 1975
    for a document's influence.

    Example:
        >>> left, right = np.arange(8.0), np.array([0.0, 2, 1, 3, 5, 4, 7, 6])
        >>> found = correlation_estimate(left, right, np.arange(8))
        >>> round(found.value, 3), [round(end, 2) for end in found.interval]
        (0.929, [0.75, 0.98])
    """
    n = len(left)
    if n < 4 or not np.ptp(left) > 0 or not np.ptp(right) > 0:
        return Estimate(float("nan"), (float("nan"), float("nan")), np.zeros(0))
    x, y = (left - left.mean()) / left.std(), (right - right.mean()) / right.std()
    value = float(np.clip((x * y).mean(), -1, 1))
    groups = np.unique(groups, return_inverse=True)[1]
    influence = sums_by_group((x * y - value * (x**2 + y**2) / 2) / n, groups)
    scale = 1 - value**2
    # The model's variance of r is (1 - r^2)^2 / (n - 3).
    factor = inflation(
        float((influence**2).sum()) * (n - 3) / scale**2 if scale else 1.0,
        expected=expected_inflation(groups), n_effective=effective_number(influence),
    )  # fmt: skip
    half = normal_quantile(0.95) * float(np.sqrt(factor / (n - 3)))
    with np.errstate(divide="ignore"):
        z = np.arctanh(value)
    return Estimate(value, (float(np.tanh(z - half)), float(np.tanh(z + half))), influence)
