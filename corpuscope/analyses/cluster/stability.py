"""How many groups there are, how stable each is, and whether chance would make as stable ones.

All of this is asked of at most 2,000 documents, drawn at random, so that it costs the same for
ten thousand documents as for a million; and of one document of each text or author, for what
documents have in common because they belong together is no structure of the corpus.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from corpuscope.analyses.cluster.partition import Divided, Partitioner
from corpuscope.shapes import PerDocument, PerFeature, PresenceMatrix, Rows
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.rates.lengths import length_strata

MOST_DOCUMENTS = 2000
MOST_GROUPS = 12
_SHARE = 0.8
_N_RESAMPLES = 20
_N_PERMUTED = 20

# Of numbers that are as stable as the most stable, but for this, the largest says most.
_AS_STABLE = 0.05

# Halves of a group that is cut by chance reach .5; from .6 on a group is a pattern (Hennig 2007).
_HOLDS = 0.6


@dataclass(frozen=True)
class Curve:
    """What speaks for one number of groups.

    Attributes:
        n_clusters: The number.
        eigengap: How far the eigenvalue of the last group lies above the one that follows; NaN
            where documents lie between poles.
        stability: Mean adjusted Rand index between the groups of all and those of eight in ten.
        least_stable: How well the group that is found again worst is found again, as
            `Resampled.stability_of` has it; NaN where a group is empty.
    """

    n_clusters: int
    eigengap: float
    stability: float
    least_stable: float


@dataclass(frozen=True, eq=False)
class Resampled:
    """Some documents in groups, and groups of eight in ten of them, drawn twenty times.

    Attributes:
        rows: The documents.
        base: These in groups.
        drawn: Places among `rows`, and how those were divided.
    """

    rows: Rows
    base: Divided
    drawn: tuple[tuple[Rows, Divided], ...]

    def curves(self) -> tuple[Curve, ...]:
        """What speaks for each number of groups."""
        return tuple(
            Curve(n, self._eigengap(n), self._rand(n), float(np.min(self._found_again(labels, n))))
            for n, labels in self.base.labels.items()
        )

    def stability_of(self, labels: PerDocument, n: int) -> list[float]:
        """How well each of `n` groups of all documents is found again in what was drawn.

        The mean over the draws of the largest Jaccard index with one of the draw's groups.

        Source: Hennig 2007, Computational Statistics and Data Analysis 52, clusterwise
        stability.
        """
        return self._found_again(labels[self.rows], n)

    def _eigengap(self, n: int) -> float:
        values = self.base.eigenvalues
        return float(values[n - 1] - values[n]) if len(values) > n else float("nan")

    def _rand(self, n: int) -> float:
        from sklearn.metrics import adjusted_rand_score

        labels = self.base.labels[n]
        found = [adjusted_rand_score(labels[rows], own.labels[n]) for rows, own in self.drawn]
        return float(np.mean(found))

    def _found_again(self, labels: PerDocument, n: int) -> list[float]:
        return [
            _mean_known(
                [_best_match(labels[rows] == group, own.labels[n]) for rows, own in self.drawn]
            )
            for group in range(n)
        ]


@dataclass(frozen=True)
class Structure:
    """Whether groups explain more of the features than groups of shuffled documents do.

    Attributes:
        explained: Mean over features of the share of their variance that lies between groups.
        by_chance: The same, where each feature is dealt out anew among documents of like
            length, and these are grouped; a mean of twenty times.
        p_value: The share of shuffled worlds that reach as much, in twenty-firsts.
    """

    explained: float
    by_chance: float
    p_value: float


def some_of(together: PerDocument, seed: int) -> Rows:
    """At most 2,000 documents, drawn at random, in order; of those that belong together one.

    Args:
        together: A number for each document, equal for those that belong together.
        seed: Of the draw.

    Example:
        >>> len(some_of(np.array([0, 0, 0, 1, 2, 2]), seed=0))
        3
    """
    drawn = np.random.default_rng([seed, 1]).permutation(len(together))
    first_of_each = np.sort(np.unique(together[drawn], return_index=True)[1])
    return np.sort(drawn[first_of_each[:MOST_DOCUMENTS]]).astype(np.int64)


def resampled(
    partitioner: Partitioner, rows: Rows, numbers: Sequence[int], *, seed: int
) -> Resampled:
    """Groups of some documents and of eight in ten of them, for these numbers of groups."""
    generator = np.random.default_rng([seed, 2])
    n = max(2, round(_SHARE * len(rows)))
    drawn = []
    for _ in range(_N_RESAMPLES):
        places = np.sort(generator.permutation(len(rows))[:n])
        possible = [number for number in numbers if number <= n]
        drawn.append((places, partitioner.divided(rows[places], possible)))
    return Resampled(rows, partitioner.divided(rows, numbers), tuple(drawn))


def most_stable(curves: Sequence[Curve]) -> int:
    """The number of groups that is found again best; of those as good, the largest.

    Only numbers count of which every group is found again, if there are such: a small group can
    be cut by chance at hardly any cost to the adjusted Rand index of all documents.
    """
    holding = [curve for curve in curves if curve.least_stable >= _HOLDS]
    if not holding:
        return max(curves, key=lambda curve: curve.stability).n_clusters
    best = max(curve.stability for curve in holding)
    return max(curve.n_clusters for curve in holding if curve.stability >= best - _AS_STABLE)


def structure_of(
    partitioner: Partitioner,
    presence: PresenceMatrix,
    lengths: PerDocument,
    *,
    n: int,
    of_axis: PerFeature,
    seed: int,
) -> Structure:
    """How much of the features the groups of these documents explain, and how much by chance.

    Args:
        partitioner: How to group.
        presence: Of the documents to ask of, as the grouping wants it.
        lengths: Of these documents: features are dealt out among those of like length.
        n: The number of groups.
        of_axis: How much each feature counts in what is explained; 0 for those outside the axis.
        seed: Of the dealing.
    """
    strata = length_strata(lengths)
    generator = np.random.default_rng([seed, 3])

    def explained_in(world: PresenceMatrix) -> float:
        # Dealing may leave a document without any feature, which can be in no group.
        some = np.flatnonzero(np.diff(world.indptr)).astype(np.int64)
        labels = partitioner.over(world).divided(some, [n]).labels[n]
        return explained(world[some], labels, of_axis)

    real = explained_in(presence)
    chance = [explained_in(_dealt(presence, strata, generator)) for _ in range(_N_PERMUTED)]
    n_reaching = sum(value >= real for value in chance)
    return Structure(real, float(np.mean(chance)), (1 + n_reaching) / (1 + _N_PERMUTED))


def explained(presence: PresenceMatrix, labels: PerDocument, of_axis: PerFeature) -> float:
    """The mean share of the features' variance that lies between groups, by their weights.

    Example:
        >>> presence = sp.csr_array(np.array([[1, 1], [1, 0], [0, 1], [0, 0]]))
        >>> explained(presence, np.array([0, 0, 1, 1]), np.ones(2))
        0.5
    """
    sizes = np.bincount(labels)
    member = sp.csr_array((np.ones(len(labels)), (labels, np.arange(len(labels)))))
    counts = (member @ as_ones(presence)).toarray()
    rates = counts / np.maximum(sizes, 1)[:, None]
    rate = counts.sum(axis=0) / max(len(labels), 1)
    between = (sizes[:, None] * (rates - rate) ** 2).sum(axis=0) / max(len(labels), 1)
    variance = rate * (1 - rate)
    weights = np.where(variance > 0, of_axis, 0)
    share = between / np.where(variance > 0, variance, 1)
    return float((weights * share).sum() / max(weights.sum(), 1e-12))


def _dealt(
    presence: PresenceMatrix, strata: PerDocument, generator: np.random.Generator
) -> PresenceMatrix:
    """Each feature in as many documents of each stratum, but in others."""
    columns = sp.csc_array(presence)
    indices = np.empty_like(columns.indices)
    members = [np.flatnonzero(strata == stratum) for stratum in range(int(strata.max()) + 1)]
    for column in range(presence.shape[1]):
        here = slice(columns.indptr[column], columns.indptr[column + 1])
        counts = np.bincount(strata[columns.indices[here]], minlength=len(members))
        drawn = [
            generator.permutation(rows)[:count]
            for rows, count in zip(members, counts, strict=True)
            if count
        ]
        indices[here] = np.sort(np.concatenate([*drawn, np.empty(0, np.int64)]))
    shuffled = sp.csc_array((columns.data, indices, columns.indptr), shape=presence.shape)
    return sp.csr_array(shuffled)


def _best_match(members: np.ndarray, labels: PerDocument) -> float:
    """The largest Jaccard index of some documents with a group; NaN where there are none."""
    if not members.any():
        return float("nan")
    sizes = np.bincount(labels)
    shared = np.bincount(labels[members], minlength=len(sizes))
    return float((shared / (sizes + members.sum() - shared)).max())


def _mean_known(values: Sequence[float]) -> float:
    """The mean of those that are not NaN; NaN where there is none."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
