"""Similarity of documents by the features they share: the weighted Jaccard index."""

import numpy as np
import numpy.typing as npt

from corpuscope.shapes import Affinity, PerFeature, PresenceMatrix
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.similarity.jaccard_kernel import affinity_of_all


def weighted_jaccard(presence: PresenceMatrix, weights: PerFeature | None = None) -> Affinity:
    """Weight of the features that each two documents share, relative to those of either.

    Weights must not be negative; without weights all features count equally. The diagonal is 1; the
    index of two documents without features is 0. Costs 4 bytes per pair of documents, and time
    proportional to the sum over features of the square of their document counts.

    Source: Jaccard 1901; with weights, Ioffe 2010, ICDM, equation 1.

    Example:
        >>> presence = sp.csr_array(np.array([[1, 1, 0], [1, 0, 1], [0, 0, 0]]))
        >>> weighted_jaccard(presence, np.array([2.0, 1.0, 1.0])).tolist()
        [[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rows = WeightedPresence(presence, weights)
    by_column = rows.matrix.tocsc()
    answer: Affinity = affinity_of_all(
        rows.matrix.indptr,
        rows.matrix.indices,
        by_column.indptr,
        by_column.indices,
        rows.weights,
        rows.totals,
    )
    return answer


class WeightedPresence:
    """Presence in the form that the compiled loops need.

    Args:
        presence: Documents x features; anything but zero is present.
        weights: Weight of each feature, not negative; None for equal weights.
    """

    def __init__(self, presence: PresenceMatrix, weights: PerFeature | None = None) -> None:
        self.matrix = as_ones(presence).copy()
        self.matrix.eliminate_zeros()
        self.matrix.sort_indices()
        n_features = presence.shape[1]
        self.weights: npt.NDArray[np.float32] = (
            np.ones(n_features, np.float32) if weights is None else weights.astype(np.float32)
        )
        self.totals: npt.NDArray[np.float32] = np.asarray(
            self.matrix @ self.weights, dtype=np.float32
        )
