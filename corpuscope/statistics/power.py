"""What a comparison could have found: the other half of "no difference found"."""

import numpy as np
from scipy.special import ndtri

from corpuscope.shapes import PerFeature


def smallest_detectable_difference(
    rate: PerFeature, n1: int | float, n2: int | float, *, alpha: float, power: float = 0.8
) -> PerFeature:
    """How far above `rate` the other group's rate must lie to be found with chance `power`.

    Two-sided test at level `alpha`: with a correction over many features, hand in the p-value
    that the weakest finding had to reach, not .05. NaN where even a rate of 1 would not do.

    Source: Cohen 1988, Statistical Power Analysis, section 6.2 (arcsine approximation).

    Example:
        >>> smallest_detectable_difference(np.array([0.1]), 1000, 1000, alpha=1e-4).round(3)
        array([0.072])
    """
    if n1 == 0 or n2 == 0:
        return np.full(len(rate), np.nan)
    step = (ndtri(1 - alpha / 2) + ndtri(power)) * np.sqrt(1 / n1 + 1 / n2)
    angle = np.arcsin(np.sqrt(rate)) + step / 2
    return np.where(angle <= np.pi / 2, np.sin(angle) ** 2 - rate, np.nan)
