"""The regressor within strata, and the contributions of clusters of dependent documents."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.shapes import NumberPerDocument, PerCluster, PerDocument

# Clusters may be exchanged if those of one side are at most this many times as large on average.
_LIKE_SIZES = 2.0

# A smaller share of the variance between clusters is negligible.
_LITTLE = 0.05

# Clusters closer to the mean belong to neither side.
_MIDDLE = 1e-9

# Maximum number of elements of a clusters x features array.
_BLOCK = 16_000_000

SMALLEST = 1e-12
"""Smaller values are 0 up to rounding."""

ClusterMatrix = npt.NDArray[np.float32]
"""Clusters x features."""


class ClusterDesign:
    """The regressor within strata, and which documents belong to one cluster.

    Args:
        regressor: What presence may be associated with, for each document.
        strata: Numbers of strata; only differences within them count.
        clusters: Numbers of clusters.

    Attributes:
        strata: Numbers of the strata, from 0.
        clusters: Numbers of the clusters, from 0.
        sizes: Documents of each cluster.
        away: Regressor minus the mean of its stratum, for each document.
        total: Sum of `away` in each cluster.
        mean: Mean of `away` in each cluster.
        within: `away` minus the mean of the document's cluster.
        spread: Sum of squares of `away`.
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
        """Number of clusters."""
        return len(self.sizes)

    @cached_property
    def sizes_are_like(self) -> bool:
        """Whether the clusters of both sides have similar sizes, averaged over documents.

        If nearly all of the comparison is within clusters, sizes do not matter.
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
        """Relative increase of the variance at an intraclass correlation of 1 (Moulton)."""
        return float((self.total**2).sum()) / max(self.spread, SMALLEST) - 1

    @cached_property
    def adds(self) -> PerCluster:
        """Contribution of each cluster to the variance, by its mean and within it."""
        within = np.bincount(self.clusters, weights=self.within**2)
        found: PerCluster = self.total**2 + within
        return found

    @cached_property
    def freedom(self) -> float:
        """Degrees of freedom, from the effective clusters of both sides as in Welch's test.

        As few as if the documents of a cluster were identical; for comparisons within clusters that
        leaves as many as there are clusters.
        """
        variance, terms = 0.0, 0.0
        for side in (self.mean > 0, self.mean <= 0):
            adds = self.adds[side]
            # Welch-Satterthwaite; the bound is for sides of a single effective cluster.
            variance += float(adds.sum())
            terms += float(adds.sum()) ** 2 / max(effective(adds) - 1, 0.5)
        return variance**2 / max(terms, SMALLEST) if variance else float(self.n_clusters)

    @cached_property
    def membership(self) -> sp.csr_array:
        """Membership of documents, clusters x documents."""
        return self._grouped(np.ones(len(self.clusters)))

    @cached_property
    def weighted(self) -> sp.csr_array:
        """Clusters x documents, weighted by the regressor within clusters."""
        return self._grouped(self.within)

    @cached_property
    def of_strata(self) -> sp.csr_array:
        """Membership of documents, documents x strata."""
        n = len(self.strata)
        ones = np.ones(n, dtype=np.float32)
        return sp.csr_array((ones, (np.arange(n), self.strata)))

    @cached_property
    def stratum_spread(self) -> npt.NDArray[np.float64]:
        """Regressor's sum of squares in each stratum, scaled for an unbiased variance."""
        spread = np.bincount(self.strata, weights=self.away**2)
        found: npt.NDArray[np.float64] = (
            # n / (n - 1) corrects rate (1 - rate), which is the biased variance within a stratum.
            spread * self._stratum_sizes / np.maximum(self._stratum_sizes - 1, 1)
        )
        return found

    def scores(self, ones: sp.csc_array) -> "ClusterScores":
        """Contribution of each cluster to the association of some features with the regressor."""
        rates = (self.of_strata.T @ ones).toarray() / self._stratum_sizes[:, None]
        rates = rates.astype(np.float32)
        residual = self._without(self.membership, ones, rates)
        weighted = self._without(self.weighted, ones, rates)
        variance = rates * (1 - rates)
        return ClusterScores(
            residual=residual,
            weighted=weighted,
            # sum(away * residual) in a cluster, with `away` divided into its mean and `within`.
            pull=self.mean.astype(np.float32)[:, None] * residual + weighted,
            ordinary_variance=self.stratum_spread @ variance.astype(np.float64),
            within_strata=self._stratum_sizes @ variance.astype(np.float64),
        )

    def _without(
        self, weights: sp.csr_array, ones: sp.csc_array, rates: npt.NDArray[np.float32]
    ) -> ClusterMatrix:
        """Sums over clusters of presence minus the rate of its stratum."""
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
    """Contributions of the clusters, clusters x features.

    Attributes:
        residual: Presence minus the rate of its stratum, summed over the cluster's documents.
        weighted: The same, weighted by the regressor within the cluster.
        pull: Contribution of the cluster to the score.
        ordinary_variance: For each feature the variance of the score (the sum of `pull`), if
            documents were independent.
        within_strata: For each feature the sum of squared residuals of documents.
    """

    residual: ClusterMatrix
    weighted: ClusterMatrix
    pull: ClusterMatrix
    ordinary_variance: npt.NDArray[np.float64]
    within_strata: npt.NDArray[np.float64]


def effective(weights: PerCluster) -> float:
    """Kish's effective number: how many equal weights these are worth."""
    return float(weights.sum() ** 2 / max((weights**2).sum(), SMALLEST))


def blocks(design: ClusterDesign, n_features: int) -> list[slice]:
    """Slices of features such that clusters x features fit into memory."""
    width = max(_BLOCK // max(design.n_clusters, 1), 1)
    return [slice(start, start + width) for start in range(0, n_features, width)]
