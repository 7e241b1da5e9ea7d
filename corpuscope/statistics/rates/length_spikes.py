"""Text lengths that are far more frequent than their neighbours, a sign of truncation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Maximum ratio of neighbouring lengths, and minimum length: below it, neighbours are too few.
_RATIO, _SHORTEST = 1.1, 50

# A spike is this many times as frequent as any of the next lengths, this many on either side. Texts
# of similar structure, such as sentences from one template, have too few lengths to judge by.
_TIMES, _NEXT, _LEAST_LENGTHS = 3, 5, 30


@dataclass(frozen=True)
class LengthSpike:
    """A length that many texts have.

    Attributes:
        length: In the unit of the input.
        n_texts: Number of texts of this length.
        expected: Expected number, if the length were as frequent as its neighbours.
        p_value: Probability of at least as many at any of the lengths, at most 1.
    """

    length: int
    n_texts: int
    expected: float
    p_value: float


def length_spikes(
    lengths: npt.NDArray[np.int64], *, min_support: int, alpha: float
) -> list[LengthSpike]:
    """Lengths of 50 or more that stand out from the lengths up to a tenth shorter and longer.

    If all lengths of this range were equally likely, the number of its texts that have one of
    them would be binomial. p-values are Bonferroni-corrected for the number of distinct lengths.
    A spike must also be at least three times as frequent as each of the next lengths that occur.
    If there are fewer than 30 distinct lengths, nothing is reported.

    Args:
        lengths: Length of each text; copies should count once.
        min_support: Minimum number of texts of a length.
        alpha: Maximum p-value.

    Returns:
        The spikes, most significant first.

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
