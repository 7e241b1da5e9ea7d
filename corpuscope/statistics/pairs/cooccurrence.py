"""Pairs of features that co-occur in documents more often than expected by chance.

Among 65,536 features there are two billion pairs. Co-occurrences are counted without ever holding
all pairs in memory: features are processed from rare to frequent, each with the more frequent
features of its documents, and a pair is kept only if its count reaches what the minimum NPMI
requires. That count follows from the two rates, so no logarithm is computed per pair.
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

# Tolerance, so that rounding does not drop a pair that reaches the bound exactly.
_SLACK = 1 - 1e-12

# From this variance on, the tail from three moments is at least .99 of the exact one down to 1e-15.
# For smaller variances it can be far too small if counts are close to their maximum.
_LEAST_VARIANCE = 40.0

_PIECES_PER_THREAD = 16
_COLUMNS_OF_A_PRODUCT = 512

ColumnNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of columns with their co-occurrence counts; by left, then right column.

    Attributes:
        left: Column of the left matrix.
        right: Column of the right matrix.
        both: Number of documents in which both are present.
        n_possible: Number of pairs that could have reached the minimum NPMI, given their rates.
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

    Columns that are in no document or in all have no NPMI and are in no pair.

    Args:
        left: Documents x features; anything but zero is present.
        right: The same documents with other features, such as those of the answers to the
            prompts on the left; None pairs the features of `left` with each other, each pair
            once, the smaller column on the left.
        min_npmi: Minimum NPMI, in [0, 1).
        min_support: Minimum number of documents with both.
        compiled: Whether to use the compiled kernel; otherwise blocks of a sparse product, which
            give the same result more slowly.

    Source: Bouma 2009, NPMI. Solving its definition for the count c, NPMI >= t is equivalent to
    c >= n (p_i p_j)^(1/(1 + t)), which requires p_j <= p_i^t for p_i <= p_j.

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
    """Normalised pointwise mutual information, from -1 (never together) to 1 (always together).

    Args:
        both: Documents with both; -1 is returned if there are none.
        left: Documents with the first feature.
        right: Documents with the second feature.
        n_documents: All documents; 0 is returned for a pair that is in every one of them.

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
    """Confidence interval of the NPMI, by the delta method on the logarithms of the three rates.

    Half a document is added to each of the four cells, so that pairs that always co-occur have an
    interval too. Meant for pairs of five documents or more. `effect` is the design effect of each
    pair, if documents are not independent.

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
    # Derivatives of the NPMI with respect to the shares of "both", "only left" and "only right".
    by_both = (1 / together - 1 / first - 1 / second + value / together) / log
    by_left, by_right = -1 / (first * log), -1 / (second * log)
    slopes = np.stack([by_both, by_left, by_right])
    mean = (slopes * shares[:3]).sum(axis=0)
    # Multinomial variance of a linear function of the shares.
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
    """One-sided p-value of each co-occurrence count, if features are independent within strata.

    Given the number of documents of each stratum that have each feature, the number with both is a
    sum of hypergeometric counts. Each of these is a sum of independent trials with unequal
    probabilities; with as many trials of equal probability, large counts are likelier. So the
    binomial tail with the same mean is an upper bound of the p-value, and close to it if rates are
    small. For frequent features it is many times too large (at rates of one half, 5 times at .01
    and 4,000 times at 1e-8), so if the variance is large, the tail of a distribution matched to
    three moments is used.

    Args:
        both: Documents with both.
        left: Strata x pairs: documents with the first feature.
        right: Strata x pairs: documents with the second feature.
        size: Documents of each stratum.
        effect: Design effect of each pair, if documents are not independent.

    Source: hypergeometric counts as sums of independent trials, Vatutin and Mikhailov 1982; the
    bound, Hoeffding 1956, theorem 4, for counts at least one above the mean (otherwise 1 is
    returned); the three moments, Pearson 1895, type III.

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
    # The binomial tail P(X >= a), for real-valued counts: a design effect makes them fractional.
    p: NumberPerPair = np.where(is_tail, betainc(a, b, chance), 1.0)
    return np.where(is_tail, np.minimum(p, _tail_of_moments(met, left, right, size, worth)), p)


def _tail_of_moments(
    met: NumberPerPair,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    size: ColumnNumbers,
    worth: NumberPerPair,
) -> NumberPerPair:
    """Upper tail from mean, variance and skewness, with continuity correction; 1 if not applicable.

    Moments of hypergeometric counts add up over strata, and are divided by the design effect.
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
        columns: Their numbers in the original matrix.
        counts: Number of documents of each.
        matrix: Documents x these columns, binary.
    """

    columns: ColumnNumbers
    counts: ColumnNumbers
    matrix: sp.csr_array

    @classmethod
    def of(cls, presence: sp.csr_array) -> "_Sorted":
        ones = as_ones(presence)
        if ones.data.size and not ones.data.all():
            ones.eliminate_zeros()
        # Column counts from the indices alone; stored zeros have been dropped.
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
    """Minimum count of a pair as a product of two factors, and each left column's candidates."""

    left: npt.NDArray[np.float64]
    right: npt.NDArray[np.float64]
    begin: ColumnNumbers
    end: ColumnNumbers

    @classmethod
    def of(cls, one: _Sorted, other: _Sorted, min_npmi: float, *, is_same: bool) -> "_Bounds":
        n = one.matrix.shape[0]
        power = 1 / (1 + min_npmi)
        left_rate, right_rate = one.counts / n, other.counts / n
        # A partner of rate q >= p needs q <= p^t, and one of rate q < p needs q >= p^(1/t).
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
    """The same by blocks of a sparse product, as reference and fallback."""
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
    """Ranges of columns with about equally many documents."""
    marks = np.linspace(0, starts[-1], n_pieces + 1)
    cuts = np.unique([0, *np.searchsorted(starts, marks)[1:-1], len(starts) - 1])
    yield from zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)


def _n_cores() -> int:
    """Number of CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
