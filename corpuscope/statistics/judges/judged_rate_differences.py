"""The difference of two rates, each counted by one judge that errs.

If the judge errs alike in both groups, the counted rates differ by the true difference times
(sensitivity + specificity - 1).
"""

import numpy as np

from corpuscope.statistics.judges.judged_rates import Corrected, KnownAnswers
from corpuscope.statistics.rates.intervals import normal_quantile

__all__ = ["judged_rate_difference"]


def judged_rate_difference(
    counts: tuple[int, int], sizes: tuple[int, int], known: KnownAnswers, *, level: float = 0.95
) -> Corrected:
    """The true difference of the rates of two groups, in [-1, 1], with its interval.

    Args:
        counts: Texts of each group in which the judge found the property.
        sizes: Texts of each group that it decided.
        known: What it said of items whose answer is known.
        level: Level of the interval.

    Source: Rogan and Gladen 1978, Am. J. Epidemiol. 107:71, for each rate; delta method for the
    ratio, with one observation added to each cell so that no variance is 0.

    Example:
        >>> found = judged_rate_difference((90, 40), (200, 200), KnownAnswers(54, 60, 6, 60))
        >>> round(found.value, 3), [round(end, 3) for end in found.interval]
        (0.312, [0.197, 0.443])
    """
    nothing = Corrected(float("nan"), (-1.0, 1.0))
    if not all(sizes) or not known.n_positive or not known.n_negative or known.youden <= 0:
        return nothing
    z = normal_quantile(level)
    shares = [(count + 1) / (n + 2) for count, n in zip(counts, sizes, strict=True)]
    variance = sum(share * (1 - share) / (n + 2) for share, n in zip(shares, sizes, strict=True))
    n_positive, n_negative = known.n_positive + 2, known.n_negative + 2
    sensitivity = (known.hits + 1) / n_positive
    alarms = (known.false_alarms + 1) / n_negative
    youden = sensitivity - alarms
    if youden <= 0:
        return nothing
    of_youden = sensitivity * (1 - sensitivity) / n_positive + alarms * (1 - alarms) / n_negative
    ratio = (shares[0] - shares[1]) / youden
    error = float(np.sqrt(variance + ratio**2 * of_youden)) / youden
    value = float(np.clip((counts[0] / sizes[0] - counts[1] / sizes[1]) / known.youden, -1, 1))
    lower, upper = (float(np.clip(ratio + sign * z * error, -1, 1)) for sign in (-1, 1))
    return Corrected(value, (min(lower, value), max(upper, value)))
