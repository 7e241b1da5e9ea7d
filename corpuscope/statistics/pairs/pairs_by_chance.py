"""How many pairs of features are expected to have each p-value by chance.

Co-occurrence counts are discrete: of two features in six documents each, a count of five may have
a p-value of 1e-9 and one of four a p-value of 1e-7, with nothing in between. So the probability of
a p-value of at most t is far below t for most pairs, and 0 for the many that cannot reach it even
with the largest possible count. Counting every pair as a full test would be several times too
strict.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.shapes import NumberPerDraw, NumberPerPair, PerPair, PerTest
from corpuscope.statistics.pairs.cooccurrence import cooccurrence_p

# Larger sets of pairs are sampled; the expected number is then accurate to about 2 %.
_MOST_DRAWN = 200_000

# Smaller p-values are not enumerated.
_LEAST_P = 1e-15

# Counts are enumerated one by one, large ones in steps of a tenth of their square root.
_STEPS_TO_A_ROOT = 10

CountsByNumber = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StratifiedCounts:
    """Number of documents of each stratum with each feature.

    Attributes:
        left: Strata x features of the left side.
        right: Strata x features of the right side.
        size: Documents of each stratum.
    """

    left: CountsByNumber
    right: CountsByNumber
    size: CountsByNumber


@dataclass(frozen=True, eq=False)
class NullPairs:
    """Expected p-values of pairs, if features are independent within strata.

    Attributes:
        steps: p-values that pairs can have, ascending.
        expected: Expected number of pairs with p-values at most as large, for each step.
    """

    steps: NumberPerDraw
    expected: NumberPerDraw

    def at(self, p: PerTest) -> PerTest:
        """Expected number of pairs with at most each of these p-values.

        Below 1e-14 the value at 1e-14 is returned, which is correct or too large.
        """
        place = np.searchsorted(self.steps, np.maximum(p, 10 * _LEAST_P), side="right")
        found: PerTest = np.concatenate([[0.0], self.expected])[place]
        return found


def null_pairs(
    divisions: Sequence[StratifiedCounts],
    *,
    is_same: bool,
    min_npmi: float,
    min_support: int,
    seed: int = 0,
) -> NullPairs:
    """Null distribution of the p-values of pairs with enough co-occurrences to be considered.

    Given the number of documents of each stratum with each feature, which documents these are is
    random. With several stratifications a pair's p-value is the largest of theirs, which is valid
    if any one of them describes the null distribution.

    Args:
        divisions: One or more stratifications of the same documents.
        is_same: Whether left and right are the same features, each pair once.
        min_npmi: Minimum NPMI of the pairs considered.
        min_support: Minimum number of documents with both.
        seed: Random seed for sampling pairs, if there are very many.

    Source: Heyse 2011, "A false discovery rate procedure for categorical data"; for p much smaller
    than 1, as here, it is the step-up rule of Doehler, Durand and Roquain 2018, Electron. J. Stat.
    12, theorem 1.
    """
    first = divisions[0]
    n_left, n_right = first.left.shape[1], first.right.shape[1]
    lefts, rights, n_pairs = _some_pairs(n_left, n_right, is_same=is_same, seed=seed)
    least = _least_both(first, lefts, rights, min_npmi=min_npmi, min_support=min_support)
    most = np.min([_most_both(one, lefts, rights) for one in divisions], axis=0, initial=2**31)
    able = np.flatnonzero(least <= most)
    steps, gains = _steps(divisions, lefts[able], rights[able], least=least[able], most=most[able])
    order = np.argsort(steps, kind="stable")
    expected = np.cumsum(gains[order]) * (n_pairs / max(len(lefts), 1))
    return NullPairs(steps[order], expected)


def _some_pairs(
    n_left: int, n_right: int, *, is_same: bool, seed: int
) -> tuple[PerPair, PerPair, int]:
    """All pairs of columns, or a random sample of them, and the number of all pairs."""
    n_pairs = n_left * (n_left - 1) // 2 if is_same else n_left * n_right
    if n_left * n_right <= _MOST_DRAWN:
        lefts, rights = (grid.ravel() for grid in np.indices((n_left, n_right)))
    else:
        generator = np.random.default_rng(seed)
        lefts = generator.integers(0, n_left, _MOST_DRAWN)
        rights = generator.integers(0, n_right, _MOST_DRAWN)
    if is_same:
        # A sample has both orders of a pair; only pairs of a column with itself are dropped.
        kept = lefts < rights if n_left * n_right <= _MOST_DRAWN else lefts != rights
        lefts, rights = lefts[kept], rights[kept]
    return lefts.astype(np.int64), rights.astype(np.int64), n_pairs


def _least_both(
    one: StratifiedCounts, lefts: PerPair, rights: PerPair, *, min_npmi: float, min_support: int
) -> PerPair:
    """Minimum count at which a pair is considered; derived in `frequent_pairs`."""
    n = int(one.size.sum())
    product = (one.left.sum(axis=0)[lefts] / n) * (one.right.sum(axis=0)[rights] / n)
    least = np.ceil(n * product ** (1 / (1 + min_npmi)) - 1e-9)
    found: PerPair = np.maximum(least, max(min_support, 1)).astype(np.int64)
    return found


def _most_both(one: StratifiedCounts, lefts: PerPair, rights: PerPair) -> PerPair:
    most: PerPair = np.minimum(one.left[:, lefts], one.right[:, rights]).sum(axis=0)
    return most


def _steps(
    divisions: Sequence[StratifiedCounts],
    lefts: PerPair,
    rights: PerPair,
    *,
    least: PerPair,
    most: PerPair,
) -> tuple[NumberPerDraw, NumberPerDraw]:
    """p-values that each pair can have, and the probability of each."""
    steps, gains = [np.empty(0)], [np.empty(0)]
    met, here = least, _largest_p(divisions, lefts, rights, least)
    chance = here
    while len(met):
        added = np.maximum(np.sqrt(met) // _STEPS_TO_A_ROOT, 1).astype(np.int64)
        smaller = _largest_p(divisions, lefts, rights, met + added)
        smaller = np.where(met + added <= most, np.minimum(smaller, here), 0.0)
        # The probability of skipped counts goes to the smaller p-value, which is conservative.
        following = np.where((added > 1) & (smaller > 0), here, smaller)
        steps.append(here)
        gains.append(chance - following)
        kept = smaller > _LEAST_P
        lefts, rights, most = lefts[kept], rights[kept], most[kept]
        met, here, chance = (met + added)[kept], smaller[kept], following[kept]
    return np.concatenate(steps), np.concatenate(gains)


def _largest_p(
    divisions: Sequence[StratifiedCounts], lefts: PerPair, rights: PerPair, both: PerPair
) -> NumberPerPair:
    p: NumberPerPair = np.max(
        [
            cooccurrence_p(both, one.left[:, lefts], one.right[:, rights], one.size)
            for one in divisions
        ],
        axis=0,
    )
    return p
