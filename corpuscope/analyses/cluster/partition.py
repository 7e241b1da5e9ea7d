"""Two ways to cluster documents: by shared features, and by the poles of an axis.

By shared features: affinity is the weighted Jaccard index. Up to 20,000 documents are clustered
spectrally (k-means on the leading eigenvectors); more by communities of the nearest-neighbour
graph (`communities`).

By poles: each document is assigned to the phrase with the largest score (`pole_scores`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.cluster.axis import Axis
from corpuscope.analyses.cluster.communities import communities
from corpuscope.analyses.cluster.pole_scores import pole_scores
from corpuscope.shapes import (
    Affinity,
    Coordinates,
    DocumentDirections,
    NeighbourAffinity,
    Neighbours,
    NumberPerDocument,
    PerComponent,
    PerDocument,
    PerFeature,
    PhraseByFeature,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.similarity.jaccard import weighted_jaccard
from corpuscope.statistics.similarity.neighbours import nearest_documents
from corpuscope.statistics.similarity.spectral import spectral_coordinates

MOST_COMPARED = 20_000
"""With more documents, not all pairwise affinities are computed."""

N_NEIGHBOURS = 15

# Much stronger regularisation hides a cluster of a tenth of the documents.
_REGULARISATION = 0.01
_STARTS = 10
_LEAST = 1e-9
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Partition:
    """A partition of all documents.

    Attributes:
        labels: Cluster of each document.
        fit: Silhouette of each document, in [-1, 1].
        centrality: How typical a document is of its cluster; comparable within one result only.
        near: Nearest neighbours of each document.
        affinity: Affinity to these, in [0, 1].
        is_by_pole: Whether cluster `i` consists of the documents nearest to pole `i`.
    """

    labels: PerDocument
    fit: NumberPerDocument
    centrality: NumberPerDocument
    near: Neighbours
    affinity: NeighbourAffinity
    is_by_pole: bool = False


@dataclass(frozen=True, eq=False)
class Divided:
    """Partitions of some documents into several numbers of clusters.

    Attributes:
        labels: Cluster of each document, by number of clusters.
        eigenvalues: In descending order; empty for partitions by poles.
    """

    labels: Mapping[int, PerDocument]
    eigenvalues: PerComponent


@dataclass(frozen=True, eq=False)
class BySharedFeatures:
    """Partitioner by shared features.

    Attributes:
        presence: Documents x features of the axis.
        weights: Weight of each feature.
        seed: Random seed for k-means and the eigensolver.
    """

    presence: PresenceMatrix
    weights: PerFeature
    seed: int

    def over(self, presence: PresenceMatrix) -> "BySharedFeatures":
        """The same partitioner for other documents."""
        return BySharedFeatures(presence, self.weights, self.seed)

    def divided(self, rows: Rows, numbers: Sequence[int]) -> Divided:
        """Partitions of a subset of the documents, for each number of clusters."""
        affinity = weighted_jaccard(self.presence[rows], self.weights)
        values, vectors = self._coordinates(affinity, min(max(numbers) + 1, len(rows)))
        labels = {n: k_means(vectors[:, :n], n, self.seed, starts=1) for n in numbers}
        return Divided(labels, values)

    def whole(self, n: int) -> Partition:
        """A partition of all documents into `n` clusters."""
        if self.presence.shape[0] > MOST_COMPARED:
            return self._of_many(n)
        affinity = weighted_jaccard(self.presence, self.weights)
        _, vectors = self._coordinates(affinity, n)
        labels = k_means(vectors, n, self.seed, starts=_STARTS)
        near, near_affinity = _nearest_of_all(affinity)
        to_each = affinity @ _mean_of_each(labels, n)
        return Partition(labels, *_own_and_next(to_each, labels), near, near_affinity)

    def _coordinates(self, affinity: Affinity, n: int) -> tuple[PerComponent, Coordinates]:
        return spectral_coordinates(affinity, n, regularisation=_REGULARISATION, seed=self.seed)

    def _of_many(self, n: int) -> Partition:
        near, affinity = nearest_documents(
            self.presence, self.weights, n=N_NEIGHBOURS, seed=self.seed
        )
        labels = communities(near, affinity, n, seed=self.seed)
        to_each = np.zeros((len(labels), n), dtype=np.float32)
        for column in range(near.shape[1]):
            is_there = np.flatnonzero(near[:, column] >= 0)
            own = labels[near[is_there, column]]
            to_each[is_there, own] += affinity[is_there, column]
        return Partition(labels, *_own_and_next(to_each, labels), near, affinity)


@dataclass(frozen=True, eq=False)
class ByPoles:
    """Partitioner by the poles of an axis.

    Attributes:
        presence: Documents x features with enough support.
        pull: Poles x features: similarity z-scores, 0 for features not of the axis.
        vectors: Document vectors; None if not available.
        seed: Random seed for k-means.
    """

    presence: PresenceMatrix
    pull: PhraseByFeature
    vectors: DocumentDirections | None
    seed: int

    def over(self, presence: PresenceMatrix) -> "ByPoles":
        """The same partitioner for other documents, without vectors."""
        return ByPoles(presence, self.pull, None, self.seed)

    def divided(self, rows: Rows, numbers: Sequence[int]) -> Divided:
        """Partitions of a subset of the documents, for each number of clusters."""
        # Refitted on the subset, so that stability includes the variance of the regression.
        vectors = None if self.vectors is None else self.vectors[rows]
        scores = pole_scores(self.presence[rows], self.pull, vectors, seed=self.seed)
        labels = {n: self._labels(scores, n, starts=1) for n in numbers}
        return Divided(labels, np.empty(0))

    def whole(self, n: int) -> Partition:
        """A partition of all documents into `n` clusters."""
        scores = pole_scores(self.presence, self.pull, self.vectors, seed=self.seed)
        labels = self._labels(scores, n, starts=_STARTS)
        centres = _mean_of_each(labels, n).T @ scores
        distances = np.linalg.norm(scores[:, None, :] - centres[None], axis=2)
        nearness = 1 / (1 + distances)
        near, affinity = _nearest_points(scores)
        fit, _ = _own_and_next(nearness, labels)
        own = scores[np.arange(len(labels)), labels] if n == len(self.pull) else -distances.min(1)
        return Partition(labels, fit, own, near, affinity, is_by_pole=n == len(self.pull))

    def _labels(self, scores: Coordinates, n: int, *, starts: int) -> PerDocument:
        if n == len(self.pull):
            return np.asarray(scores.argmax(axis=1), dtype=np.int64)
        return k_means(scores, n, self.seed, starts=starts)


Partitioner = BySharedFeatures | ByPoles
"""A clustering method: subsets into several numbers of clusters, or all documents into one."""


def partitioner_of(
    axis: Axis, presence: PresenceMatrix, vectors: DocumentDirections | None, *, seed: int
) -> Partitioner:
    """The partitioner for an axis: by poles if it has several, otherwise by shared features.

    `presence` is the binary presence of all features with enough support, and `vectors` the
    document vectors, if available.
    """
    if not axis.has_poles:
        return BySharedFeatures(presence[:, axis.columns], axis.weights, seed)
    pull = np.zeros((len(axis.phrases), presence.shape[1]))
    pull[:, axis.columns] = axis.pull
    return ByPoles(presence, pull, vectors, seed)


def k_means(coordinates: Coordinates, n: int, seed: int, *, starts: int) -> PerDocument:
    """k-means labels of points; the best of `starts` initialisations."""
    from sklearn.cluster import KMeans

    # k-means warns if there are fewer distinct points than clusters.
    n_different = len(np.unique(np.round(coordinates, 9), axis=0))
    found = KMeans(min(n, n_different), n_init=starts, random_state=seed).fit_predict(coordinates)
    labels: PerDocument = found.astype(np.int64)
    return labels


def _mean_of_each(labels: PerDocument, n: int) -> Coordinates:
    """Documents x clusters averaging matrix: affinity @ it is the mean affinity to each cluster."""
    sizes = np.maximum(np.bincount(labels, minlength=n), 1)
    ones = np.zeros((len(labels), n), dtype=np.float32)
    ones[np.arange(len(labels)), labels] = 1 / sizes[labels]
    return ones


def _own_and_next(
    to_each: Coordinates, labels: PerDocument
) -> tuple[NumberPerDocument, NumberPerDocument]:
    """Silhouette of each document, and its mean affinity to its own cluster.

    (own - next) / max(own, next), with affinities in place of distances.

    Source: Rousseeuw 1987.
    """
    rows = np.arange(len(labels))
    own = to_each[rows, labels].astype(np.float64)
    others = to_each.astype(np.float64).copy()
    others[rows, labels] = -np.inf
    following = others.max(axis=1, initial=0.0)
    fit = (own - following) / np.maximum(np.maximum(own, following), _LEAST)
    return fit, own


def _nearest_of_all(affinity: Affinity) -> tuple[Neighbours, NeighbourAffinity]:
    n = min(N_NEIGHBOURS, len(affinity) - 1)
    near = np.empty((len(affinity), n), dtype=np.int64)
    found = np.empty((len(affinity), n), dtype=np.float32)
    for first in range(0, len(affinity), _ROWS_AT_ONCE):
        block = affinity[first : first + _ROWS_AT_ONCE].copy()
        rows = np.arange(len(block))
        block[rows, first + rows] = -1
        chosen = np.argpartition(-block, n - 1, axis=1)[:, :n]
        values = np.take_along_axis(block, chosen, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        near[first : first + len(block)] = np.take_along_axis(chosen, order, axis=1)
        found[first : first + len(block)] = np.take_along_axis(values, order, axis=1)
    return np.where(found > 0, near, -1), np.maximum(found, 0)


def _nearest_points(points: Coordinates) -> tuple[Neighbours, NeighbourAffinity]:
    from sklearn.neighbors import NearestNeighbors

    n = min(N_NEIGHBOURS, len(points) - 1)
    search = NearestNeighbors(n_neighbors=n + 1).fit(points)
    distances, found = search.kneighbors(points)
    # Among coincident points, the first neighbour found need not be the point itself.
    is_self = found == np.arange(len(points))[:, None]
    is_self[~is_self.any(axis=1), -1] = True
    near = found[~is_self].reshape(len(points), n)
    affinity = 1 / (1 + distances[~is_self].reshape(len(points), n))
    return near.astype(np.int64), affinity.astype(np.float32)
