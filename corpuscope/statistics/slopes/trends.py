"""Tests of whether a rate rises or falls over ordered groups, for all designs.

The statistic is the sum of the positions of the documents with the feature, compared with its
distribution under permutation of documents within strata. With one stratum it is the
Cochran-Armitage test; with strata of similar documents, Mantel's extension of it; and with a
stratum for each prompt, answered by every group, a test within prompts, of which McNemar's is the
case of two groups.

For few documents the distribution is exact, for more its tail is approximated with the right
skewness. Measured with 3 to 12 groups, the last one of 1 to 50 % of 4,000 documents: for 41 and for
60 documents with the feature, exact p-values of 1e-3 to 1e-7 are .14 to 1.43 times the
approximation.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.shapes import (
    CountPerFeature,
    FeatureMask,
    PerDocument,
    PerFeature,
    PerOutcome,
    PresenceMatrix,
)
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.rates.tails import skewed_tail

# Largest number of documents for which the distribution is exact.
_MOST_EXACT = 40

_Signature = tuple[tuple[tuple[int, int], int], ...]


def trend_z(presence: PresenceMatrix, positions: PerDocument, *, strata: PerDocument) -> PerFeature:
    """Trend statistic of each feature in standard errors, within strata; positive if rates rise.

    0 if no stratum is informative. `positions` are counted from 0; `strata` number the strata from
    0, all 0 for none.

    Source: Cochran 1954, Biometrics 10; Armitage 1955, Biometrics 11; with strata Mantel 1963,
    JASA 58.

    Example:
        >>> presence = sp.csr_array(np.array([[0], [0], [1], [0], [1], [1]]))
        >>> trend_z(presence, np.array([0, 0, 1, 1, 2, 2]), strata=np.zeros(6, dtype=int))
        array([1.82574186])
    """
    return _Null(presence, positions, strata).z(_totals(presence, positions))


def trend_p(
    presence: PresenceMatrix,
    positions: PerDocument,
    *,
    strata: PerDocument,
    most_exact: int = _MOST_EXACT,
) -> PerFeature:
    """Permutation p-value of a rise or fall within strata, in [0, 1].

    Twice the smaller tail. Exact if at most `most_exact` documents have (or lack) the feature in
    informative strata, else from three moments.

    Source: as `trend_z`; exact: the permutation distribution, Agresti, Mehta and Patel 1990,
    JASA 85.

    Example:
        >>> presence = sp.csr_array(np.array([[0], [0], [1], [0], [1], [1]]))
        >>> trend_p(presence, np.array([0, 0, 1, 1, 2, 2]), strata=np.zeros(6, dtype=int))
        array([0.2])
    """
    null = _Null(presence, positions, strata, most_exact)
    return null.p(_totals(presence, positions))


def least_trend_p(
    presence: PresenceMatrix, positions: PerDocument, *, strata: PerDocument
) -> PerFeature:
    """Smallest p-value that each feature could have, if all its documents were at one end.

    The number of documents of each stratum with the feature is kept.

    Example:
        >>> presence = sp.csr_array(np.array([[0], [0], [1], [0], [1], [1]]))
        >>> least_trend_p(presence, np.array([0, 0, 1, 1, 2, 2]), strata=np.zeros(6, dtype=int))
        array([0.2])
    """
    null = _Null(presence, positions, strata)
    least: PerFeature = np.minimum(*(null.p(null.at_end(first=end)) for end in (True, False)))
    return least


def _totals(presence: PresenceMatrix, positions: PerDocument) -> CountPerFeature:
    """Sum of the positions of each feature's documents."""
    totals: CountPerFeature = as_ones(presence).T @ positions.astype(np.int64)
    return totals


class _Null:
    """Permutation distribution of the sum of positions, for documents permuted within strata.

    Everything is a sum over the strata in which a feature is present, so matrices stay sparse
    for any number of strata.
    """

    def __init__(
        self,
        presence: PresenceMatrix,
        positions: PerDocument,
        strata: PerDocument,
        most_exact: int = _MOST_EXACT,
    ) -> None:
        self._strata = _Strata(positions.astype(np.int64), strata)
        self._most_exact = most_exact
        n, n_strata = len(strata), len(self._strata.size)
        ones = np.ones(n, dtype=np.int32)
        membership = sp.csr_array((ones, (strata, np.arange(n))), shape=(n_strata, n))
        counts = (membership @ as_ones(presence)).tocoo()
        self._n_features = presence.shape[1]
        self._stratum, self._feature = (each.astype(np.int64) for each in counts.coords)
        self._present = counts.data.astype(np.int64)

    def z(self, totals: CountPerFeature) -> PerFeature:
        moments = self._moments
        is_known: FeatureMask = moments.variance > 1e-12
        error = np.sqrt(np.where(is_known, moments.variance, 1.0))
        return np.where(is_known, (totals - moments.mean) / error, 0.0)

    def p(self, totals: CountPerFeature) -> PerFeature:
        moments = self._moments
        is_known = moments.variance > 1e-12
        skewness = np.where(is_known, moments.third, 0.0)
        skewness /= np.where(is_known, moments.variance, 1.0) ** 1.5
        p = skewed_tail(self.z(totals), skewness, alternative="two-sided")
        for feature, outcomes, at in self._exact(totals):
            # Both tails include the observed outcome.
            tails = outcomes[: at + 1].sum(), outcomes[at:].sum()
            p[feature] = min(2 * min(tails), 1.0)
        return np.where(is_known, p, 1.0)

    def at_end(self, *, first: bool) -> CountPerFeature:
        """The sums of positions, if each stratum's documents with the feature were at one end."""
        ends = self._strata.sums_from(first=first)
        # Each stratum has one sum more than documents: the one of no document.
        at = self._strata.starts[self._stratum] + self._stratum + self._present
        return self._summed(ends[at]).round().astype(np.int64)

    @cached_property
    def _moments(self) -> "_Moments":
        """Sums over strata of the moments of sampling without replacement."""
        strata, m = self._strata, self._present.astype(np.float64)
        n = strata.size[self._stratum].astype(np.float64)
        spread = m * (n - m) / np.maximum(n - 1, 1)
        third = spread * (n - 2 * m) / np.maximum(n - 2, 1)
        mean, variance, skew = (each[self._stratum] for each in strata.central)
        return _Moments(
            self._summed(m * mean), self._summed(spread * variance), self._summed(third * skew)
        )

    def _exact(self, totals: CountPerFeature) -> "Iterator[tuple[int, PerOutcome, int]]":
        """For features of few documents: the distribution of the sum, and the observed sum."""
        can_tell, counted, n_counted = self._rarer
        is_small = (n_counted > 0) & (n_counted <= self._most_exact)
        entries = np.flatnonzero(can_tell & is_small[self._feature])
        entries = entries[np.argsort(self._feature[entries], kind="stable")]
        cuts = np.flatnonzero(np.diff(self._feature[entries])) + 1
        types, met = self._strata.type_of[self._stratum], self._met(totals)
        sums = _Sums(self._strata.types, self._most_exact)
        for own in np.split(entries, cuts) if len(entries) else ():
            feature = int(self._feature[own[0]])
            drawn = Counter(zip(types[own].tolist(), counted[own].tolist(), strict=True))
            yield feature, sums.of(drawn), int(met[feature])

    @cached_property
    def _rarer(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64], PerFeature]:
        """Mask of the informative entries, what is counted in each, and its sum for each feature.

        Counted are the documents with the feature, or those without it if they are fewer.
        """
        size = self._strata.size[self._stratum]
        can_tell = (self._strata.central[1][self._stratum] > 0) & (self._present < size)
        n_with = self._summed(self._present * can_tell)
        n_without = self._summed((size - self._present) * can_tell)
        is_with = n_with <= n_without
        counted = np.where(is_with[self._feature], self._present, size - self._present)
        return can_tell, counted, np.minimum(n_with, n_without)

    def _met(self, totals: CountPerFeature) -> CountPerFeature:
        """Sum of the positions of the documents counted, in informative strata."""
        can_tell, counted, _ = self._rarer
        mean = self._strata.central[0][self._stratum]
        away = totals - self._moments.mean
        is_with = self._summed((counted != self._present) * can_tell) == 0
        signed = np.where(is_with, away, -away)
        met: CountPerFeature = (
            (self._summed(counted * mean * can_tell) + signed).round().astype(int)
        )
        return met

    def _summed(self, values: npt.NDArray[np.generic]) -> PerFeature:
        """Sum over the strata of each feature."""
        sums = np.bincount(self._feature, weights=values, minlength=self._n_features)
        # For empty input bincount returns integers, even with weights.
        return sums.astype(np.float64)


@dataclass(frozen=True, eq=False)
class _Moments:
    """Mean, variance and third central moment of the sum of positions, for each feature."""

    mean: PerFeature
    variance: PerFeature
    third: PerFeature


class _Strata:
    """Sizes and positions of the strata."""

    def __init__(self, positions: PerDocument, strata: PerDocument) -> None:
        n_groups = int(positions.max(initial=0)) + 1
        n_strata = int(strata.max(initial=0)) + 1
        self.groups = np.zeros((n_strata, n_groups), dtype=np.int64)
        np.add.at(self.groups, (strata, positions), 1)
        self.size = self.groups.sum(axis=1)
        self.starts = np.concatenate([[0], np.cumsum(self.size)[:-1]])
        self.types, type_of = np.unique(self.groups, axis=0, return_inverse=True)
        self.type_of = type_of.reshape(-1)
        self._ordered = positions[np.lexsort((positions, strata))]

    @cached_property
    def central(self) -> tuple[PerFeature, PerFeature, PerFeature]:
        """Mean, variance and third central moment of the positions in each stratum."""
        places, n = np.arange(self.groups.shape[1]), np.maximum(self.size, 1)
        mean = self.groups @ places / n
        away = places[None] - mean[:, None]
        return mean, (self.groups * away**2).sum(axis=1) / n, (self.groups * away**3).sum(1) / n

    def sums_from(self, *, first: bool) -> PerFeature:
        """Sums of the 0, 1, 2, ... first (or last) positions of each stratum, concatenated."""
        sums = []
        for start, size in zip(self.starts.tolist(), self.size.tolist(), strict=True):
            own = self._ordered[start : start + size]
            sums.append(np.concatenate([[0], np.cumsum(own if first else own[::-1])]))
        return np.concatenate(sums).astype(np.float64)


class _Sums:
    """Distributions of sums of positions of documents drawn from strata, each computed once."""

    def __init__(self, types: npt.NDArray[np.int64], most: int) -> None:
        self._types, self._most = types, most
        self._of_type: dict[int, npt.NDArray[np.float64]] = {}
        self._known: dict[_Signature, PerOutcome] = {}

    def of(self, drawn: "Counter[tuple[int, int]]") -> PerOutcome:
        """Distribution of the sum, given how many strata of each type have each number of draws."""
        signature = tuple(sorted(drawn.items()))
        if signature not in self._known:
            chances: PerOutcome = np.ones(1)
            for (of_type, n_drawn), times in signature:
                for _ in range(times):
                    chances = np.convolve(chances, self._one(of_type)[n_drawn])
            self._known[signature] = chances
        return self._known[signature]

    def _one(self, of_type: int) -> npt.NDArray[np.float64]:
        if of_type not in self._of_type:
            self._of_type[of_type] = _sums_of_positions(self._types[of_type], self._most)
        return self._of_type[of_type]


def _sums_of_positions(groups: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.float64]:
    """Row `k`: probabilities of the sums of positions of `k` documents drawn without replacement.

    Example:
        >>> _sums_of_positions(np.array([1, 1, 1]), 2).round(2)
        array([[1.  , 0.  , 0.  , 0.  ],
               [0.33, 0.33, 0.33, 0.  ],
               [0.  , 0.33, 0.33, 0.33]])
    """
    n, n_groups = int(groups.sum()), len(groups)
    most = min(most, n)
    ways = np.zeros((most + 1, most * (n_groups - 1) + 1))
    ways[0, 0] = 1.0
    for position, size in enumerate(groups.tolist()):
        before, ways, choices = ways, np.zeros_like(ways), 1.0
        for k in range(min(size, most) + 1):
            shift = k * position
            kept = ways.shape[1] - shift
            ways[k:, shift:] += choices * before[: most + 1 - k, :kept]
            # Binomial coefficient for one more, over n to keep numbers small; normalised below.
            choices *= (size - k) / (k + 1) / n
    last = int(np.flatnonzero(ways.any(axis=0)).max()) + 1
    chances: npt.NDArray[np.float64] = ways[:, :last] / ways.sum(axis=1, keepdims=True)
    return chances
