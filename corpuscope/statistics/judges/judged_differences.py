"""How much more often one side of pairs has a property, from the verdicts of a judge that errs.

Each pair is judged in both orders; it counts for a side if both orders name that side, and for
neither if they disagree. In planted pairs, where the side with the property is known, the judge
names the right side with probability `h` and the wrong one with `f`; where neither side has it, it
names each equally often. Then the verdicts differ by D (h - f), D being the true difference.
"""

from dataclasses import dataclass

import numpy as np

from corpuscope.statistics.judges.judged_rates import Corrected
from corpuscope.statistics.rates.intervals import normal_quantile

__all__ = ["PlantedPairs", "Verdicts", "judged_difference", "pairs_needed"]

_LEAST_FITNESS = 0.3


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on pairs.

    Attributes:
        for_target: Pairs of which both orders name the target.
        for_reference: Pairs of which both orders name the reference.
        n: Pairs that were decided, those for neither side included.
    """

    for_target: int
    for_reference: int
    n: int

    @property
    def difference(self) -> float:
        """The share for the target minus the share for the reference; NaN without pairs."""
        return (self.for_target - self.for_reference) / self.n if self.n else float("nan")


@dataclass(frozen=True, slots=True)
class PlantedPairs:
    """Verdicts on pairs of which one side, known to us, has the property.

    Attributes:
        right: Pairs of which the right side was named.
        wrong: Pairs of which the wrong side was named.
        n: All planted pairs.
    """

    right: int
    wrong: int
    n: int

    @property
    def fitness(self) -> float:
        """The share named rightly minus the share named wrongly: 1 at best, 0 for a coin."""
        return (self.right - self.wrong) / self.n if self.n else float("nan")

    def is_fit(self, *, level: float = 0.95) -> bool:
        """Whether the lower end of the fitness is at least .3; below that no verdict is given."""
        if not self.n:
            return False
        lower, _ = _difference_interval(self.right, self.wrong, self.n, level=level)
        return lower >= _LEAST_FITNESS


def judged_difference(
    verdicts: Verdicts, planted: PlantedPairs | None, *, level: float = 0.95
) -> Corrected:
    """The true difference between target and reference, in [-1, 1], with its interval.

    Args:
        verdicts: Verdicts on the pairs.
        planted: Verdicts on planted pairs; None for a judge that never errs.
        level: Level of the interval.

    Source: delta method for a ratio of independent estimates; half a pair is added to each cell
    (Agresti and Min 2005, Stat. Med. 24:729), so that no variance is 0.

    Example:
        >>> found = judged_difference(Verdicts(60, 20, 200), PlantedPairs(42, 4, 60))
        >>> round(found.value, 3), [round(end, 3) for end in found.interval]
        (0.316, [0.165, 0.481])
    """
    nothing = Corrected(float("nan"), (-1.0, 1.0))
    if not verdicts.n or (planted is not None and (not planted.n or planted.fitness <= 0)):
        return nothing
    z = normal_quantile(level)
    difference, variance = _difference(verdicts.for_target, verdicts.for_reference, verdicts.n)
    fitness, of_fitness = (1.0, 0.0) if planted is None else _difference(
        planted.right, planted.wrong, planted.n
    )  # fmt: skip
    if fitness <= 0:
        return nothing
    ratio = difference / fitness
    error = float(np.sqrt(variance + ratio**2 * of_fitness)) / fitness
    value = verdicts.difference / (1.0 if planted is None else planted.fitness)
    value = float(np.clip(value, -1, 1))
    lower, upper = (float(np.clip(ratio + sign * z * error, -1, 1)) for sign in (-1, 1))
    return Corrected(value, (min(lower, value), max(upper, value)))


def pairs_needed(
    half_width: float, *, discordant: float, difference: float = 0.0, level: float = 0.95
) -> int:
    """How many pairs give an interval of the difference of this half width, by a perfect judge.

    Args:
        half_width: Half the width of the interval.
        discordant: Share of pairs of which one side alone has the property.
        difference: The expected difference.
        level: Level of the interval.

    Example:
        >>> pairs_needed(0.1, discordant=0.5, difference=0.2)
        177
    """
    z = normal_quantile(level)
    return int(np.ceil(z**2 * (discordant - difference**2) / half_width**2))


def _difference(one: int, other: int, n: int) -> tuple[float, float]:
    """The difference of two shares of the same pairs, shrunk towards 0, and its variance."""
    n_all = n + 2
    difference = (one - other) / n_all
    discordant = (one + other + 1) / n_all
    return difference, (discordant - difference**2) / n_all


def _difference_interval(one: int, other: int, n: int, *, level: float) -> tuple[float, float]:
    difference, variance = _difference(one, other, n)
    half = normal_quantile(level) * float(np.sqrt(variance))
    return difference - half, difference + half
