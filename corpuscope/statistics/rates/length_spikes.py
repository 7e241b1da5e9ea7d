"""Lengths that many more texts have than the lengths around them: where texts were cut."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Lengths this much shorter or longer are neighbours; in shorter texts they are too few.
_RATIO, _SHORTEST = 1.1, 50

# So many times as many as any of the next lengths that occur, so many on either side, are a
# spike. Texts that are alike in build, as sentences from one template, have few lengths in all.
_TIMES, _NEXT, _LEAST_LENGTHS = 3, 5, 30


@dataclass(frozen=True)
class LengthSpike:
    """A length of many texts.

    Attributes:
        length: In the unit that was given.
        n_texts: How many have it.
        expected: How many would, if it were like its neighbours.
        p_value: The chance of so many or more at any of the lengths, at most 1.
    """

    length: int
    n_texts: int
    expected: float
    p_value: float


def length_spikes(
    lengths: npt.NDArray[np.int64], *, min_support: int, alpha: float
) -> list[LengthSpike]:
    """Lengths of 50 or more that stand out from the lengths up to a tenth shorter and longer.

    If a length were like its neighbours, how many of all these texts have it would be binomial,
    with one over the number of lengths; Bonferroni's correction is for the different lengths
    there are. And it must have three times as many as any of the next ones that occur.
    Of fewer than 30 lengths nothing is said.

    Args:
        lengths: Of each text; copies should count once.
        min_support: Texts that must have a length.
        alpha: The largest p-value.

    Returns:
        The surest first.

    Example:
        >>> lengths = np.array([*range(100, 200), *([150] * 20)])
        >>> [(spike.length, spike.n_texts) for spike in length_spikes(
        ...     lengths, min_support=10, alpha=0.05)]
        [(150, 21)]
    """
    from scipy.stats import binom

    found, counts = np.unique(lengths, return_counts=True)
    ends = np.concatenate([[0], np.cumsum(counts)])
    n_tests = int((found >= _SHORTEST).sum())
    if n_tests < _LEAST_LENGTHS:
        return []
    spikes = []
    for at in np.flatnonzero((counts >= min_support) & (found >= _SHORTEST)).tolist():
        length, n = int(found[at]), int(counts[at])
        first, last = int(np.ceil(length / _RATIO)), int(length * _RATIO)
        low, high = np.searchsorted(found, [first, last + 1])
        around, n_lengths = int(ends[high] - ends[low]), last - first + 1
        beside = np.r_[counts[max(at - _NEXT, 0) : at], counts[at + 1 : at + 1 + _NEXT]]
        if n < _TIMES * beside.max():
            continue
        p = min(float(binom.sf(n - 1, around, 1 / n_lengths)) * n_tests, 1.0)
        expected = (around - n) / (n_lengths - 1)
        if p <= alpha:
            spikes.append(LengthSpike(length, n, expected, p))
    return sorted(spikes, key=lambda spike: (spike.p_value, spike.length))
