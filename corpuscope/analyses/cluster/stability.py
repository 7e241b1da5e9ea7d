"""Number of clusters, clusterwise stability, and a permutation test of the structure.

Computed on a random subset of at most 2,000 documents, so that the cost does not grow with the
corpus; and on one document per text (or author), since dependence between documents is not
structure of the corpus.
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

# Among numbers of clusters within this tolerance of the best stability, the largest is chosen.
_AS_STABLE = 0.05

# A cluster split at random reaches .5; from .6 on it indicates a pattern (Hennig 2007).
_HOLDS = 0.6


@dataclass(frozen=True)
class Curve:
    """Criteria for one number of clusters.

    Attributes:
        n_clusters: The number of clusters.
        eigengap: Eigenvalue `n_clusters` minus the next one; NaN for partitions by poles.
        stability: Mean adjusted Rand index between the full and the subsampled partitions.
        least_stable: Smallest clusterwise stability (`Resampled.stability_of`); NaN if a cluster
            is empty.
    """

    n_clusters: int
    eigengap: float
    stability: float
    least_stable: float


@dataclass(frozen=True, eq=False)
class Resampled:
    """Partitions of some documents, and of 20 random subsamples of 80 % of them.

    Attributes:
        rows: The documents.
        base: Partitions of all of them.
        drawn: Subsamples, as positions in `rows`, with their partitions.
    """

    rows: Rows
    base: Divided
    drawn: tuple[tuple[Rows, Divided], ...]

    def curves(self) -> tuple[Curve, ...]:
        """Criteria for each number of clusters."""
        return tuple(
            Curve(n, self._eigengap(n), self._rand(n), float(np.min(self._found_again(labels, n))))
            for n, labels in self.base.labels.items()
        )

    def stability_of(self, labels: PerDocument, n: int) -> list[float]:
        """Clusterwise stability of a partition into `n` clusters, in [0, 1].

        Mean over the subsamples of the largest Jaccard index with any of their clusters.

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
    """Variance of the features explained by the clusters, with a permutation test.

    Attributes:
        explained: Share of feature variance between clusters, weighted mean over features.
        by_chance: The same for clusters of permuted data, each feature shuffled among documents
            of similar length; mean of 20 permutations.
        p_value: Permutation p-value, (1 + number as large) / 21.
    """

    explained: float
    by_chance: float
    p_value: float


def some_of(together: PerDocument, seed: int) -> Rows:
    """At most 2,000 random documents in ascending order, one per group of dependent documents.

    Args:
        together: Group number of each document.
        seed: Random seed.

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
    """Partitions of some documents and of 80 % subsamples, for each number of clusters."""
    generator = np.random.default_rng([seed, 2])
    n = max(2, round(_SHARE * len(rows)))
    drawn = []
    for _ in range(_N_RESAMPLES):
        places = np.sort(generator.permutation(len(rows))[:n])
        possible = [number for number in numbers if number <= n]
        drawn.append((places, partitioner.divided(rows[places], possible)))
    return Resampled(rows, partitioner.divided(rows, numbers), tuple(drawn))


def most_stable(curves: Sequence[Curve]) -> int:
    """The most stable number of clusters; among nearly equal ones, the largest.

    Restricted to numbers for which every cluster is stable, if there are any: a small cluster can
    be split at random with hardly any loss in the overall adjusted Rand index.
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
    """Variance explained by the clusters, against permuted features.

    Args:
        partitioner: The clustering method.
        presence: Presence of the documents, with the columns that the partitioner expects.
        lengths: Length of each document; features are permuted within similar lengths.
        n: Number of clusters.
        of_axis: Weight of each feature in the explained variance; 0 outside the axis.
        seed: Random seed.
    """
    strata = length_strata(lengths)
    generator = np.random.default_rng([seed, 3])

    def explained_in(world: PresenceMatrix) -> float:
        # Permutation may leave a document without features; it cannot be clustered.
        some = np.flatnonzero(np.diff(world.indptr)).astype(np.int64)
        labels = partitioner.over(world).divided(some, [n]).labels[n]
        return explained(world[some], labels, of_axis)

    real = explained_in(presence)
    chance = [explained_in(_permuted(presence, strata, generator)) for _ in range(_N_PERMUTED)]
    n_reaching = sum(value >= real for value in chance)
    return Structure(real, float(np.mean(chance)), (1 + n_reaching) / (1 + _N_PERMUTED))


def explained(presence: PresenceMatrix, labels: PerDocument, of_axis: PerFeature) -> float:
    """Weighted mean share of the features' variance that lies between clusters, in [0, 1].

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
    # Variance of a binary feature.
    variance = rate * (1 - rate)
    weights = np.where(variance > 0, of_axis, 0)
    share = between / np.where(variance > 0, variance, 1)
    return float((weights * share).sum() / max(weights.sum(), 1e-12))


def _permuted(
    presence: PresenceMatrix, strata: PerDocument, generator: np.random.Generator
) -> PresenceMatrix:
    """Presence with each feature permuted within strata, so that its rates there are kept."""
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
    """Largest Jaccard index of a set of documents with any cluster; NaN for the empty set."""
    if not members.any():
        return float("nan")
    sizes = np.bincount(labels)
    shared = np.bincount(labels[members], minlength=len(sizes))
    return float((shared / (sizes + members.sum() - shared)).max())


def _mean_known(values: Sequence[float]) -> float:
    """The mean without NaN; NaN if nothing is left."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
