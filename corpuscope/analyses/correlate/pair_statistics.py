"""Statistics of pairs of features: co-occurrence against its expectation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from corpuscope.analyses.correlate.views import View
from corpuscope.shapes import (
    DocumentMask,
    NumberPerPair,
    PerDocument,
    PerPair,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.pairs.cooccurrence import Pairs, cooccurrence_p, npmi, npmi_interval
from corpuscope.statistics.pairs.pairs_by_chance import StratifiedCounts
from corpuscope.statistics.rates.counts import as_ones

_PAIRS_AT_ONCE = 20_000

# Pseudo-counts, spread over all parts in proportion to their size.
_SPREAD_OVER_ALL = 5.0


@dataclass(frozen=True, eq=False)
class PairStatistics:
    """Statistics of pairs; each array has an entry per pair.

    Attributes:
        left: Column of the left view.
        right: Column of the right view.
        both: Number of documents with both.
        n_left: Number of documents with the left feature.
        n_right: Number of documents with the right feature.
        npmi: Raw NPMI.
        lower: Lower end of its 95 % interval.
        upper: Upper end.
        adjusted: NPMI relative to the expectation within strata.
        p: One-sided p-value, conditional on strata.
        support: Number of clusters with both; of documents if these are independent.
    """

    left: PerPair
    right: PerPair
    both: PerPair
    n_left: PerPair
    n_right: PerPair
    npmi: NumberPerPair
    lower: NumberPerPair
    upper: NumberPerPair
    adjusted: NumberPerPair
    p: NumberPerPair
    support: PerPair

    def __len__(self) -> int:
        return len(self.both)

    @property
    def confidence(self) -> NumberPerPair:
        """Lower confidence bound of NPMI, reduced by what lengths and strata explain."""
        moved: NumberPerPair = self.lower - np.maximum(self.npmi - self.adjusted, 0.0)
        return moved

    def confidence_apart(self, apart: NumberPerPair, *, n: int) -> NumberPerPair:
        """The same bound, counting only documents with the two in different sentences.

        Args:
            apart: Share of these among the documents with both.
            n: Number of all documents.
        """
        both = np.round(self.both * apart).astype(np.int64)
        lower, _ = npmi_interval(both, self.n_left, self.n_right, n)
        moved: NumberPerPair = lower - np.maximum(self.npmi - self.adjusted, 0.0)
        return moved

    def as_tuples(self) -> list[tuple[int, int]]:
        """The two columns of each pair."""
        return list(zip(self.left.tolist(), self.right.tolist(), strict=True))

    def among(self, chosen: PerPair) -> "PairStatistics":
        """Some of the pairs, in the order given."""
        return PairStatistics(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def pair_statistics(
    left: View,
    right: View,
    pairs: Pairs,
    *,
    strata: PerDocument,
    clusters: PerDocument | None = None,
    among: DocumentMask | None = None,
) -> PairStatistics:
    """Statistics of some pairs, on all documents or a subset.

    With `clusters`, counts are divided by a design effect per pair, the number of documents with
    both over the effective number of their clusters: ten by one author count as one.

    Source: Kish 1965, "Survey Sampling", for the effective number of clusters; Rao and Scott
    1992, Biometrics 48:577, for the design effect.
    """
    one, two = as_ones(left.presence), as_ones(right.presence)
    both = pairs.both
    if among is not None:
        one, two, strata = one[among], two[among], strata[among]
        both = joint_counts(one, two, pairs)
    counted = [_by_stratum(matrix, strata) for matrix in (one, two)]
    size = np.bincount(strata, minlength=len(counted[0])).astype(np.int64)
    is_used = size > 0
    lefts, rights, size = counted[0][is_used], counted[1][is_used], size[is_used]
    n = int(size.sum())
    n_left, n_right = lefts.sum(axis=0)[pairs.left], rights.sum(axis=0)[pairs.right]
    p, by_chance = np.ones(len(pairs)), np.zeros(len(pairs))
    effect, support = np.ones(len(pairs)), both
    if clusters is not None:
        effect, support = _effect_of_clusters(one, two, pairs, clusters)
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = slice(first, first + _PAIRS_AT_ONCE)
        a = lefts[:, pairs.left[some]].astype(np.int64)
        b = rights[:, pairs.right[some]].astype(np.int64)
        p[some] = cooccurrence_p(both[some], a, b, size, effect=effect[some])
        by_chance[some] = (a * b / size[:, None]).sum(axis=0)
    # NPMI = log(p_ab / expected) / -log(p_ab), with the expectation summed over strata.
    share = np.clip(both, 1, max(n - 1, 1)) / max(n, 1)
    adjusted = np.log(share * n / np.maximum(by_chance, 1e-12)) / -np.log(share)
    lower, upper = npmi_interval(both, n_left, n_right, n, effect=effect)
    return PairStatistics(
        left=pairs.left,
        right=pairs.right,
        both=both,
        n_left=n_left,
        n_right=n_right,
        npmi=npmi(both, n_left, n_right, n),
        lower=lower,
        upper=upper,
        adjusted=np.where(both > 0, np.clip(adjusted, -1.0, 1.0), -1.0),
        p=p,
        support=support,
    )


def strictest(every: Sequence[PairStatistics]) -> PairStatistics:
    """The smallest adjusted NPMI and the largest p-value of each pair over several strata.

    Args:
        every: Statistics of the same pairs, such as within lengths and within parts.
    """
    return replace(
        every[0],
        adjusted=np.min([one.adjusted for one in every], axis=0),
        p=np.max([one.p for one in every], axis=0),
    )


def lifts(left: View, right: View, pairs: PairStatistics, strata: PerDocument) -> NumberPerPair:
    """Lift of each pair: observed over expected co-occurrence within strata."""
    counts = division_of(left, right, strata)
    by_chance = (
        counts.left[:, pairs.left] * counts.right[:, pairs.right] / counts.size[:, None]
    ).sum(axis=0)
    lift: NumberPerPair = pairs.both / np.maximum(by_chance, 1e-12)
    return lift


def left_in_parts(
    left: View, right: View, pairs: PairStatistics, parts: PerDocument
) -> NumberPerPair:
    """NPMI relative to the expectation within parts, estimated without the joint documents.

    Ten outliers necessarily lie in some part, and would by themselves make both features typical
    of it. So the distribution of a feature over parts is estimated from the documents without the
    other feature, smoothed by pseudo-counts in proportion to the sizes of the parts.
    """
    counts = division_of(left, right, parts)
    size = counts.size[:, None]
    n = int(size.sum())
    answer = np.empty(len(pairs))
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs.among(np.arange(first, min(first + _PAIRS_AT_ONCE, len(pairs))))
        both = _both_by_part(left, right, some, parts)
        only = (counts.left[:, some.left] - both, counts.right[:, some.right] - both)
        typical = [
            (one + _SPREAD_OVER_ALL * size / n) / (one.sum(axis=0) + _SPREAD_OVER_ALL)
            for one in only
        ]
        by_chance = (some.n_left * typical[0] * some.n_right * typical[1] / size).sum(axis=0)
        share = np.clip(some.both, 1, max(n - 1, 1)) / n
        value = np.log(share * n / np.maximum(by_chance, 1e-12)) / -np.log(share)
        answer[first : first + len(some)] = np.clip(value, -1.0, 1.0)
    return answer


def _both_by_part(left: View, right: View, pairs: PairStatistics, parts: PerDocument) -> np.ndarray:
    joint = joint_documents(left.presence, right.presence, pairs.left, pairs.right)
    counts: np.ndarray = _by_stratum(sp.csr_array(joint), parts).astype(np.int64)
    return counts


def division_of(left: View, right: View, strata: PerDocument) -> StratifiedCounts:
    """Number of documents with each feature, per stratum."""
    counted = [
        _by_stratum(as_ones(view.presence), strata).astype(np.int64) for view in (left, right)
    ]
    size = np.bincount(strata, minlength=len(counted[0])).astype(np.int64)
    is_used = size > 0
    return StratifiedCounts(counted[0][is_used], counted[1][is_used], size[is_used])


def _effect_of_clusters(
    left: PresenceMatrix, right: PresenceMatrix, pairs: Pairs, clusters: PerDocument
) -> tuple[NumberPerPair, PerPair]:
    """Design effect of each pair, and number of clusters with it."""
    effect, support = np.ones(len(pairs)), np.zeros(len(pairs), dtype=np.int64)
    n = len(clusters)
    member = sp.csr_array((np.ones(n), (clusters, np.arange(n))), shape=(clusters.max() + 1, n))
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = slice(first, first + _PAIRS_AT_ONCE)
        joint = joint_documents(left, right, pairs.left[some], pairs.right[some])
        counts = sp.csc_array(member @ joint)
        # Effective number of clusters (Kish): n^2 / sum n_c^2, so the effect is sum n_c^2 / n.
        squares = np.asarray(counts.multiply(counts).sum(axis=0))
        effect[some] = np.maximum(squares / np.maximum(pairs.both[some], 1), 1.0)
        support[some] = np.diff(counts.indptr)
    return effect, support


def joint_counts(left: PresenceMatrix, right: PresenceMatrix, pairs: Pairs) -> PerPair:
    """Number of documents with both features of each pair."""
    counts: PerPair = np.asarray(
        joint_documents(left, right, pairs.left, pairs.right).sum(axis=0), dtype=np.int64
    )
    return counts


def joint_documents(
    left: PresenceMatrix, right: PresenceMatrix, lefts: PerPair, rights: PerPair
) -> sp.csc_array:
    """Documents x pairs: 1 where both features are present."""
    one, two = as_ones(left).tocsc(), as_ones(right).tocsc()
    return sp.csc_array(one[:, lefts].multiply(two[:, rights]))


def as_pairs(together: PairStatistics, n_possible: int = 0) -> Pairs:
    """The same pairs without their statistics."""
    return Pairs(together.left, together.right, together.both, n_possible)


def _by_stratum(ones: PresenceMatrix, strata: PerDocument) -> np.ndarray:
    n_strata = int(strata.max(initial=-1)) + 1
    member = sp.csr_array(
        (np.ones(len(strata), np.int32), (strata, np.arange(len(strata)))),
        shape=(n_strata, len(strata)),
    )
    counts: np.ndarray = (member @ ones).toarray()
    return counts


def rows_with_both(left: View, right: View, pair: tuple[int, int]) -> Rows:
    """Positions of the included documents with both features of a pair."""
    found = joint_documents(left.presence, right.presence, np.array([pair[0]]), np.array([pair[1]]))
    rows: Rows = np.sort(found.indices).astype(np.int64)
    return rows
