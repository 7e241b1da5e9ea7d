"""A rate counted by a judge that errs, corrected, with an interval that carries its error.

A judge that finds a property in `p` of the texts, with sensitivity `se` and specificity `sp`,
implies a true rate of (p + sp - 1) / (se + sp - 1). Sensitivity and specificity are themselves
estimates, from items whose answer is known: an interval that takes them as exact is too narrow, and
one without a correction is in the wrong place.
"""

from dataclasses import dataclass

import numpy as np

from corpuscope.statistics.rates.intervals import normal_quantile, wilson_interval

__all__ = ["Corrected", "KnownAnswers", "judged_rate", "known_answers_needed"]


@dataclass(frozen=True, slots=True)
class KnownAnswers:
    """What a judge said of items whose answer is known.

    Attributes:
        hits: Items with the property that it found.
        n_positive: Items with the property.
        false_alarms: Items without the property in which it found it.
        n_negative: Items without the property.
    """

    hits: int
    n_positive: int
    false_alarms: int
    n_negative: int

    @property
    def sensitivity(self) -> float:
        """The share of items with the property that it finds; NaN without such items."""
        return self.hits / self.n_positive if self.n_positive else float("nan")

    @property
    def specificity(self) -> float:
        """The share of the others in which it finds none; NaN without such items."""
        return 1 - self.false_alarms / self.n_negative if self.n_negative else float("nan")

    @property
    def youden(self) -> float:
        """Sensitivity plus specificity minus 1: 1 for a perfect judge, 0 for a coin.

        Source: Youden 1950, Cancer 3:32.
        """
        return self.sensitivity + self.specificity - 1


@dataclass(frozen=True, slots=True)
class Corrected:
    """An estimate corrected for a judge's error.

    Attributes:
        value: The corrected estimate; NaN if the judge is no better than chance.
        interval: Its confidence interval.
    """

    value: float
    interval: tuple[float, float]


def judged_rate(n_yes: int, n: int, known: KnownAnswers, *, level: float = 0.95) -> Corrected:
    """The true rate of a property that a judge found in `n_yes` of `n` texts.

    The estimate lies in [0, 1]; the interval is all of that where the judge is no better than
    chance. Texts that the judge could not decide belong in neither count.

    Source: Rogan and Gladen 1978, Am. J. Epidemiol. 107:71, for the estimate; Lang and Reiczigel
    2014, Prev. Vet. Med. 113:13, for the interval.

    Example:
        >>> found = judged_rate(60, 200, KnownAnswers(51, 60, 6, 60))
        >>> round(found.value, 3), [round(end, 3) for end in found.interval]
        (0.267, [0.135, 0.381])
    """
    nothing = Corrected(float("nan"), (0.0, 1.0))
    if not n or not known.n_positive or not known.n_negative or known.youden <= 0:
        return nothing
    value = (n_yes / n + known.specificity - 1) / known.youden
    z = normal_quantile(level)
    # Counts are shrunk towards one half, so that no variance is 0.
    share, n_all = (n_yes + z**2 / 2) / (n + z**2), n + z**2
    n_positive, n_negative = known.n_positive + 2, known.n_negative + 2
    sensitivity = (known.hits + 1) / n_positive
    specificity = (known.n_negative - known.false_alarms + 1) / n_negative
    youden = sensitivity + specificity - 1
    if youden <= 0:
        return nothing
    rate = (share + specificity - 1) / youden
    of_positive = sensitivity * (1 - sensitivity) / n_positive
    of_negative = specificity * (1 - specificity) / n_negative
    # A ratio of estimates is biased; the shift is its second-order correction.
    shift = 2 * z**2 * (rate * of_positive - (1 - rate) * of_negative)
    error = (
        np.sqrt(share * (1 - share) / n_all + (1 - rate) ** 2 * of_negative + rate**2 * of_positive)
        / youden
    )
    lower, upper = (float(np.clip(rate + shift + sign * z * error, 0, 1)) for sign in (-1, 1))
    if upper <= 0 or lower >= 1:
        # Far fewer were found than false alarms alone would make (or missed, at the other end): the
        # known items overstate the error. Without that error the interval is Wilson's.
        plain = wilson_interval(np.array([n_yes]), n, level=level)
        if upper <= 0:
            upper = min(1.0, float(plain.upper[0]) / sensitivity)
        else:
            lower = max(0.0, 1 - (1 - float(plain.lower[0])) / specificity)
    value = float(np.clip(value, 0, 1))
    return Corrected(value, (min(lower, value), max(upper, value)))


def known_answers_needed(
    n_known: int, *, rate: float, sensitivity: float, specificity: float
) -> tuple[int, int]:
    """How many of `n_known` known items should have the property, and how many not.

    The division that makes the interval of `judged_rate` shortest: errors on the side where more
    of the texts are weigh more.

    Source: Lee et al. 2025, arXiv 2511.21140, on the allocation of calibration items.

    Example:
        >>> known_answers_needed(120, rate=0.1, sensitivity=0.85, specificity=0.9)
        (14, 106)
    """
    of_positive = sensitivity * (1 - sensitivity)
    of_negative = max(specificity * (1 - specificity), 1e-9)
    # Minimises rate^2 v1 / m1 + (1 - rate)^2 v0 / m0 for m1 + m0 fixed.
    weights = rate * np.sqrt(of_positive), (1 - rate) * np.sqrt(of_negative)
    n_positive = round(n_known * float(weights[0] / (weights[0] + weights[1])))
    n_positive = min(max(n_positive, 1), n_known - 1)
    return n_positive, n_known - n_positive
