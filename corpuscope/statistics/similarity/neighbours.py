"""Nearest documents by the weighted Jaccard index, without comparing all pairs.

Documents are sorted by several random draws of one of their features (weighted minwise hashing),
so that similar ones are often adjacent, and each is compared with those around it; then with the
neighbours of its neighbours, until little changes. All similarities returned are exact; which
neighbours are found is approximate. Memory: 8 bytes per neighbour, and four numbers per document.
"""

import numpy as np

from corpuscope.shapes import NeighbourAffinity, Neighbours, PerFeature, PresenceMatrix
from corpuscope.statistics.similarity.jaccard import WeightedPresence
from corpuscope.statistics.similarity.jaccard_kernel import (
    compare_along,
    compare_beyond,
    signatures,
)

# Number of sorted orders, draws per order, and following documents compared with.
_ROUNDS = 12
_HASHES = 3
_REACH = 10
_MOST_PASSES = 2
# Number of nearest neighbours whose own neighbours are compared.
_ASKED = 8
# Passes end if they find fewer new neighbours than this share of all.
_LITTLE = 0.01
# Prevents division by zero for features of weight 0.
_SMALLEST = 1e-30


def nearest_documents(
    presence: PresenceMatrix, weights: PerFeature, *, n: int = 15, seed: int = 0
) -> tuple[Neighbours, NeighbourAffinity]:
    """Up to `n` most similar documents of each document, most similar first.

    If fewer share any feature, entries are -1 with an affinity of 0.

    Source: Ioffe 2010, ICDM (random draws); Dong, Charikar and Li 2011 (neighbours of neighbours).

    Example:
        >>> presence = sp.csr_array(np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1]]))
        >>> nearest_documents(presence, np.ones(3), n=1)[0].tolist()
        [[1], [0], [1]]
    """
    rows = WeightedPresence(presence, weights)
    n_documents = presence.shape[0]
    near = np.full((n_documents, n), -1, dtype=np.int32)
    affinity = np.zeros((n_documents, n), dtype=np.float32)
    told = rows.matrix.indptr, rows.matrix.indices, rows.weights, rows.totals
    generator = np.random.default_rng(seed)
    for _ in range(_ROUNDS):
        order = _order_by_draws(rows, generator)
        compare_along(*told, order, _REACH, near, affinity)
    for _ in range(_MOST_PASSES):
        n_found = compare_beyond(*told, near[:, -_ASKED:].copy(), near, affinity)
        if n_found <= _LITTLE * near.size:
            break
    nearest_first = slice(None, None, -1)
    return near[:, nearest_first].astype(np.int64), affinity[:, nearest_first].copy()


def _order_by_draws(rows: WeightedPresence, generator: np.random.Generator) -> np.ndarray:
    """Documents sorted by features drawn from each; those that agree in random order."""
    n_documents, n_features = rows.matrix.shape
    keys: list[np.ndarray] = [generator.random(n_documents, dtype=np.float32)]
    for _ in range(_HASHES):
        draws = generator.exponential(size=n_features) / np.maximum(rows.weights, _SMALLEST)
        keys.append(signatures(rows.matrix.indptr, rows.matrix.indices, draws, n_documents))
    # The last key has priority, so the first one, which is random, only breaks ties.
    return np.lexsort(keys)
