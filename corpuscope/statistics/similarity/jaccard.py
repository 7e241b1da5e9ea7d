"""How alike documents are by the features they share: the weighted Jaccard index."""

import numpy as np
import numpy.typing as npt

from corpuscope.shapes import Affinity, PerFeature, PresenceMatrix
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.similarity.jaccard_kernel import affinity_of_all


def weighted_jaccard(presence: PresenceMatrix, weights: PerFeature | None = None) -> Affinity:
    """The weight of the features that each two documents share, of those that either has.

    Weights must not be negative; without them each feature counts as one. The diagonal is 1;
    two documents without features share nothing. Costs 4 bytes for each pair of documents, and
    time in proportion to the sum over features of the square of their documents.

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
    """Presence as the compiled loops want it.

    Args:
        presence: Documents x features; anything but zero is present.
        weights: Of each feature, not negative; None counts each as one.
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
