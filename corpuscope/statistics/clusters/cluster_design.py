"""What documents are set against within strata, and what each of their clusters adds to it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.shapes import NumberPerDocument, PerCluster, PerDocument

# Clusters of one side at most so many times as large as those of the other may change places.
_LIKE_SIZES = 2.0

# A smaller share of the variance by whole clusters is none.
_LITTLE = 0.05

# A cluster nearer to the middle is on neither side.
_MIDDLE = 1e-9

# So many numbers, clusters x features, are held at a time.
_BLOCK = 16_000_000

SMALLEST = 1e-12
"""What is smaller is 0 up to rounding."""

ClusterMatrix = npt.NDArray[np.float32]
"""Clusters x features."""


class ClusterDesign:
    """What documents are set against, within strata, and which of them belong together.

    Args:
        regressor: What presence may go with, for each document.
        strata: Numbers of strata; only differences within them count.
        clusters: Numbers of clusters.

    Attributes:
        strata: Numbers of the strata, from 0.
        clusters: Numbers of the clusters, from 0.
        sizes: Documents of each cluster.
        away: How far each document lies from the middle of its stratum.
        total: The sum of this over each cluster.
        mean: Its mean in each cluster.
        within: What is left of it beside the mean of the document's cluster.
        spread: The sum of its squares.
    """

    def __init__(
        self, regressor: NumberPerDocument, strata: PerDocument, clusters: PerDocument
    ) -> None:
        self.strata = np.unique(strata, return_inverse=True)[1].reshape(-1)
        self.clusters = np.unique(clusters, return_inverse=True)[1].reshape(-1)
        self.sizes = np.bincount(self.clusters)
        size_of = np.bincount(self.strata)
        means = np.bincount(self.strata, weights=regressor) / np.maximum(size_of, 1)
        self.away = regressor - means[self.strata]
        self.total = np.bincount(self.clusters, weights=self.away)
        self.mean = self.total / self.sizes
        self.within = self.away - self.mean[self.clusters]
        self.spread = float((self.away**2).sum())
        self._stratum_sizes = size_of

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    @cached_property
    def sizes_are_like(self) -> bool:
        """Whether clusters of both sides are of like size, as a document meets them.

        Where next to all that is compared lies within clusters, sizes do not matter.
        """
        if float((self.total**2).sum()) <= _LITTLE * float(self.adds.sum()):
            return True
        sizes = [
            float((side**2).sum() / side.sum())
            for side in (self.sizes[self.mean > _MIDDLE], self.sizes[self.mean < -_MIDDLE])
            if len(side)
        ]
        return not sizes or max(sizes) <= _LIKE_SIZES * min(sizes)

    @cached_property
    def moulton(self) -> float:
        """What a likeness of 1 within clusters adds to the variance, in ordinary variances."""
        return float((self.total**2).sum()) / max(self.spread, SMALLEST) - 1

    @cached_property
    def adds(self) -> PerCluster:
        """What each cluster adds to the variance: by its mean, and by what differs within it."""
        within = np.bincount(self.clusters, weights=self.within**2)
        found: PerCluster = self.total**2 + within
        return found

    @cached_property
    def freedom(self) -> float:
        """Degrees of freedom of the error: effective clusters of both sides, as in Welch's test.

        As few as where documents of one cluster say one thing, which leaves what is compared
        within clusters as many as there are.
        """
        variance, terms = 0.0, 0.0
        for side in (self.mean > 0, self.mean <= 0):
            adds = self.adds[side]
            variance += float(adds.sum())
            terms += float(adds.sum()) ** 2 / max(effective(adds) - 1, 0.5)
        return variance**2 / max(terms, SMALLEST) if variance else float(self.n_clusters)

    @cached_property
    def membership(self) -> sp.csr_array:
        """Clusters x documents."""
        return self._grouped(np.ones(len(self.clusters)))

    @cached_property
    def weighted(self) -> sp.csr_array:
        """Clusters x documents, weighted by what is left of the regressor within clusters."""
        return self._grouped(self.within)

    @cached_property
    def of_strata(self) -> sp.csr_array:
        """Documents x strata."""
        n = len(self.strata)
        ones = np.ones(n, dtype=np.float32)
        return sp.csr_array((ones, (np.arange(n), self.strata)))

    @cached_property
    def stratum_spread(self) -> npt.NDArray[np.float64]:
        """What each stratum adds to the spread of the regressor, for an unbiased variance."""
        spread = np.bincount(self.strata, weights=self.away**2)
        found: npt.NDArray[np.float64] = (
            spread * self._stratum_sizes / np.maximum(self._stratum_sizes - 1, 1)
        )
        return found

    def scores(self, ones: sp.csc_array) -> "ClusterScores":
        """What each cluster adds to the relation of some features."""
        rates = (self.of_strata.T @ ones).toarray() / self._stratum_sizes[:, None]
        rates = rates.astype(np.float32)
        residual = self._without(self.membership, ones, rates)
        weighted = self._without(self.weighted, ones, rates)
        variance = rates * (1 - rates)
        return ClusterScores(
            residual=residual,
            weighted=weighted,
            pull=self.mean.astype(np.float32)[:, None] * residual + weighted,
            ordinary_variance=self.stratum_spread @ variance.astype(np.float64),
            within_strata=self._stratum_sizes @ variance.astype(np.float64),
        )

    def _without(
        self, weights: sp.csr_array, ones: sp.csc_array, rates: npt.NDArray[np.float32]
    ) -> ClusterMatrix:
        """Sums over clusters of presence less the rate of its stratum."""
        expected = sp.csr_array(weights @ self.of_strata) @ rates
        found: ClusterMatrix = (weights @ ones).toarray() - expected
        return found.astype(np.float32)

    def _grouped(self, weights: NumberPerDocument) -> sp.csr_array:
        n = len(self.clusters)
        return sp.csr_array(
            (weights.astype(np.float32), (self.clusters, np.arange(n))), shape=(self.n_clusters, n)
        )


@dataclass(frozen=True, eq=False)
class ClusterScores:
    """What each cluster adds, clusters x features.

    Attributes:
        residual: Presence less the rate of its stratum, summed over the cluster's documents.
        weighted: The same, weighted by the regressor within the cluster.
        pull: How far the cluster pulls the difference.
        ordinary_variance: For each feature the variance of the sum of pulls, were documents
            independent.
        within_strata: For each feature the sum of squared residuals.
    """

    residual: ClusterMatrix
    weighted: ClusterMatrix
    pull: ClusterMatrix
    ordinary_variance: npt.NDArray[np.float64]
    within_strata: npt.NDArray[np.float64]


def effective(weights: PerCluster) -> float:
    """How many equal ones these are worth (Kish)."""
    return float(weights.sum() ** 2 / max((weights**2).sum(), SMALLEST))


def blocks(design: ClusterDesign, n_features: int) -> list[slice]:
    """Some features at a time, so that clusters x features fit into memory."""
    width = max(_BLOCK // max(design.n_clusters, 1), 1)
    return [slice(start, start + width) for start in range(0, n_features, width)]
