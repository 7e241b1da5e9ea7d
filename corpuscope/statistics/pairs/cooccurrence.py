"""Which features are in the same documents more often than chance would have it.

Among 65,536 features there are two thousand million pairs. Their documents are counted without
ever being held together: features are taken from rare to frequent, each with the more frequent
ones of its documents, and a pair is kept only if its number of documents reaches what the NPMI
asked for takes. That number follows from the two rates, so no logarithm is taken for a pair.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import betainc

from corpuscope.shapes import LeftPresence, NumberPerPair, PerPair, PresenceMatrix
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.rates.intervals import normal_quantile
from corpuscope.statistics.rates.tails import skewed_tail

# Rounding must not drop a pair that reaches the bound exactly.
_SLACK = 1 - 1e-12

# From this variance on the tail of three moments is at least .99 of the exact one down to 1e-15;
# below, it can be far too small where counts near their largest value.
_LEAST_VARIANCE = 40.0

_PIECES_PER_THREAD = 16
_COLUMNS_OF_A_PRODUCT = 512

ColumnNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of columns and how many documents each has; by left, then right column.

    Attributes:
        left: A column of the left matrix.
        right: A column of the right one.
        both: In how many documents both are present.
        n_possible: How many pairs could have reached the NPMI, by their rates alone.
    """

    left: PerPair
    right: PerPair
    both: PerPair
    n_possible: int

    def __len__(self) -> int:
        return len(self.both)


def frequent_pairs(
    left: LeftPresence,
    right: PresenceMatrix | None = None,
    *,
    min_npmi: float,
    min_support: int = 1,
    compiled: bool = True,
) -> Pairs:
    """All pairs with at least this NPMI and this many documents; exact.

    Args:
        left: Documents x features; anything but zero is present.
        right: The same documents with other features, such as those of the answers to the
            prompts on the left; None pairs the features of `left` with each other, each pair
            once, the smaller column on the left.
        min_npmi: In [0, 1).
        min_support: Documents that both must be in.
        compiled: Whether to use the compiled kernel; else blocks of a sparse product, which give
            the same answer, slower.

    Columns that are in no document or in all have no NPMI and are in no pair.

    Source: Bouma 2009, NPMI. That NPMI >= t is c >= n (p_i p_j)^(1/(1 + t)), and needs
    p_j <= p_i^t for p_i <= p_j, is its definition solved for c.

    Example:
        >>> presence = sp.csr_array(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]]))
        >>> frequent_pairs(presence, min_npmi=0.5).both
        array([2])
    """
    one = _Sorted.of(left)
    other = one if right is None else _Sorted.of(right)
    bounds = _Bounds.of(one, other, min_npmi, is_same=right is None)
    count = _by_kernel if compiled else _by_products
    lefts, rights, both = count(one, other, bounds, max(min_support, 1))
    lefts, rights = one.columns[lefts], other.columns[rights]
    if right is None:
        lefts, rights = np.minimum(lefts, rights), np.maximum(lefts, rights)
    order = np.lexsort((rights, lefts))
    n_possible = int(np.maximum(bounds.end - bounds.begin, 0).sum())
    return Pairs(lefts[order], rights[order], both[order].astype(np.int64), n_possible)


def npmi(both: PerPair, left: PerPair, right: PerPair, n_documents: int) -> NumberPerPair:
    """Normalised pointwise mutual information, from -1 (never together) to 1 (always).

    Args:
        both: Documents with both; -1 where there are none.
        left: Documents with the one.
        right: Documents with the other.
        n_documents: Documents in all; a pair in every one of them has 0.

    Source: Bouma 2009, Proc. GSCL, equation 7.

    Example:
        >>> npmi(np.array([2, 1, 0]), np.array([2, 2, 2]), np.array([2, 2, 1]), 4)
        array([ 1.,  0., -1.])
    """
    share = np.clip(both, 1, n_documents) / n_documents
    by_chance = np.maximum(left, 1) * np.maximum(right, 1) / n_documents**2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log(share / by_chance) / -np.log(share)
    found = np.where(both >= n_documents, 0.0, found)
    answer: NumberPerPair = np.where(both > 0, found, -1.0)
    return answer


def npmi_interval(
    both: PerPair,
    left: PerPair,
    right: PerPair,
    n_documents: int,
    *,
    level: float = 0.95,
    effect: NumberPerPair | None = None,
) -> tuple[NumberPerPair, NumberPerPair]:
    """An interval of the NPMI, by the delta method on the logarithms of the three rates.

    With half a document added to each of the four cells, so that a pair that is always
    together has one too. Meant for pairs of five documents or more. `effect` says for each pair
    how many documents are worth one, where they are not independent.

    Example:
        >>> low, high = npmi_interval(np.array([50]), np.array([80]), np.array([90]), 1000)
        >>> round(float(low[0]), 2), round(float(high[0]), 2)
        (0.57, 0.72)
    """
    cells = np.stack([both, left - both, right - both, n_documents - left - right + both])
    n_worth = n_documents / (np.ones(len(both)) if effect is None else effect)
    shares = (cells * (n_worth / n_documents) + 0.5) / (n_worth + 2)
    together, first, second = shares[0], shares[0] + shares[1], shares[0] + shares[2]
    log = -np.log(together)
    value = np.log(together / (first * second)) / log
    # The derivatives by the shares of the cells "both", "only left" and "only right".
    by_both = (1 / together - 1 / first - 1 / second + value / together) / log
    by_left, by_right = -1 / (first * log), -1 / (second * log)
    slopes = np.stack([by_both, by_left, by_right])
    mean = (slopes * shares[:3]).sum(axis=0)
    variance = (slopes**2 * shares[:3]).sum(axis=0) - mean**2
    half = normal_quantile(level) * np.sqrt(np.maximum(variance, 0) / n_worth)
    return np.maximum(value - half, -1.0), np.minimum(value + half, 1.0)


def cooccurrence_p(
    both: PerPair,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    size: ColumnNumbers,
    *,
    effect: NumberPerPair | None = None,
) -> NumberPerPair:
    """The chance that so many documents or more have both, if they fall at random in strata.

    Given how many documents of each stratum have each of the two, the number with both is a sum
    of hypergeometric counts. Each is a sum of independent trials with different chances, and
    with as many trials of one equal chance a large number is likelier: the p-value is the
    binomial tail with the same mean, an upper bound that is close where rates are small. Of
    frequent features it is many times too large (at rates of one half 5 times at .01 and 4,000
    times at 1e-8), so that where the variance is large the tail of three moments is used.

    Args:
        both: Documents with both.
        left: Strata x pairs: documents with the one.
        right: Strata x pairs: documents with the other.
        size: Documents of each stratum.
        effect: For each pair how many documents are worth one, where they are not independent.

    Source: that hypergeometric counts are such sums, Vatutin and Mikhailov 1982; the bound,
    Hoeffding 1956, theorem 4, for counts at least one above the mean; else the answer is 1. The
    three moments, Pearson 1895, type III.

    Example:
        >>> p = cooccurrence_p(np.array([5]), np.array([[5]]), np.array([[5]]), np.array([100]))
        >>> bool(p[0] < 1e-4)
        True
    """
    n_trials = np.minimum(left, right).sum(axis=0)
    expected = (left * right / size[:, None]).sum(axis=0)
    chance = np.clip(expected / np.maximum(n_trials, 1), 0.0, 1.0)
    worth = np.ones(len(both)) if effect is None else effect
    met, n_trials, expected = both / worth, n_trials / worth, expected / worth
    is_tail = (met >= expected + 1) & (met <= n_trials)
    a = np.where(is_tail, met, 1)
    b = np.where(is_tail, n_trials - met + 1, 1)
    p: NumberPerPair = np.where(is_tail, betainc(a, b, chance), 1.0)
    return np.where(is_tail, np.minimum(p, _tail_of_moments(met, left, right, size, worth)), p)


def _tail_of_moments(
    met: NumberPerPair,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    size: ColumnNumbers,
    worth: NumberPerPair,
) -> NumberPerPair:
    """The tail by mean, variance and skewness, half a document nearer to the mean; else 1.

    Moments of hypergeometric counts add up over strata, and shrink with what documents are worth.
    """
    a, b, n = left.astype(np.float64), right.astype(np.float64), size[:, None].astype(np.float64)
    variances = a * b * (n - a) * (n - b) / (n**2 * np.maximum(n - 1, 1))
    thirds = variances * (n - 2 * a) * (n - 2 * b) / (n * np.maximum(n - 2, 1))
    variance = variances.sum(axis=0) / worth
    is_large = variance >= _LEAST_VARIANCE
    deviation = np.sqrt(np.where(is_large, variance, 1.0))
    z = (met - 0.5 - (a * b / n).sum(axis=0) / worth) / deviation
    p = skewed_tail(z, thirds.sum(axis=0) / worth / deviation**3, alternative="greater")
    return np.where(is_large, p, 1.0)


@dataclass(frozen=True, eq=False)
class _Sorted:
    """The columns that can be in a pair, from rare to frequent.

    Attributes:
        columns: Which they are.
        counts: In how many documents each is.
        matrix: Documents x these columns, of ones.
    """

    columns: ColumnNumbers
    counts: ColumnNumbers
    matrix: sp.csr_array

    @classmethod
    def of(cls, presence: sp.csr_array) -> "_Sorted":
        ones = as_ones(presence)
        if ones.data.size and not ones.data.all():
            ones.eliminate_zeros()
        counts = np.bincount(ones.indices, minlength=ones.shape[1])
        order = np.argsort(counts, kind="stable")
        usable = order[(counts[order] > 0) & (counts[order] < ones.shape[0])]
        place = np.full(ones.shape[1], -1, dtype=np.int32)
        place[usable] = np.arange(len(usable), dtype=np.int32)
        moved = place[ones.indices]
        is_kept = moved >= 0
        kept_before = np.concatenate([[0], np.cumsum(is_kept)])
        matrix = sp.csr_array(
            (np.ones(int(is_kept.sum()), np.int8), moved[is_kept], kept_before[ones.indptr]),
            shape=(ones.shape[0], len(usable)),
        )
        matrix.sort_indices()
        return cls(usable, counts[usable], matrix)


@dataclass(frozen=True, eq=False)
class _Bounds:
    """What a pair must reach, as a product, and which right columns each left one can reach."""

    left: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]
    begin: ColumnNumbers
    end: ColumnNumbers

    @classmethod
    def of(cls, one: _Sorted, other: _Sorted, min_npmi: float, *, is_same: bool) -> "_Bounds":
        n = one.matrix.shape[0]
        power = 1 / (1 + min_npmi)
        left_rate, right_rate = one.counts / n, other.counts / n
        end = np.searchsorted(right_rate, left_rate**min_npmi / _SLACK, side="right")
        if is_same:
            begin = np.arange(1, len(left_rate) + 1)
        elif min_npmi > 0:
            begin = np.searchsorted(right_rate, left_rate ** (1 / min_npmi) * _SLACK)
        else:
            begin = np.zeros(len(left_rate), dtype=np.int64)
        return cls(n * left_rate**power * _SLACK, right_rate**power, begin, end)


_Counted = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


def _by_kernel(one: _Sorted, other: _Sorted, bounds: _Bounds, least: int) -> _Counted:
    from corpuscope.statistics.pairs.cooccurrence_kernel import pairs_of

    by_column = one.matrix.tocsc()
    rows = other.matrix

    def work(piece: tuple[int, int]) -> _Counted:
        found: _Counted = pairs_of(
            *piece,
            by_column.indptr, by_column.indices,
            rows.indptr, rows.indices,
            bounds.left, bounds.right,
            bounds.begin, bounds.end,
            least,
        )  # fmt: skip
        return found

    n_threads = _n_cores()
    pieces = _equal_pieces(by_column.indptr, n_threads * _PIECES_PER_THREAD)
    with ThreadPoolExecutor(n_threads, "pairs") as pool:
        return _joined(list(pool.map(work, pieces)))


def _by_products(one: _Sorted, other: _Sorted, bounds: _Bounds, least: int) -> _Counted:
    """The same in blocks of a sparse product: reference and fallback."""
    by_column = one.matrix.tocsc().astype(np.int32)
    rows = other.matrix.astype(np.int32)
    found = []
    for first in range(0, by_column.shape[1], _COLUMNS_OF_A_PRODUCT):
        block = by_column[:, first : first + _COLUMNS_OF_A_PRODUCT]
        product = (block.T.tocsr() @ rows).tocoo()
        left, right = product.coords[0] + first, product.coords[1]
        kept = (right >= bounds.begin[left]) & (right < bounds.end[left])
        kept &= product.data >= np.maximum(bounds.left[left] * bounds.right[right], least)
        found.append((left[kept], right[kept], product.data[kept]))
    return _joined(found)


def _joined(found: list[_Counted]) -> _Counted:
    none = np.empty(0, dtype=np.int64)
    lefts, rights, both = zip(*found, strict=True) if found else ((none,),) * 3
    return np.concatenate(lefts), np.concatenate(rights), np.concatenate(both)


def _equal_pieces(starts: npt.NDArray[Any], n_pieces: int) -> Iterator[tuple[int, int]]:
    """Stretches of columns with about equally many documents."""
    marks = np.linspace(0, starts[-1], n_pieces + 1)
    cuts = np.unique([0, *np.searchsorted(starts, marks)[1:-1], len(starts) - 1])
    yield from zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)


def _n_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
