"""A two-dimensional map of the documents, in the manner of UMAP.

Clusters are initialised by classical multidimensional scaling of their affinities, documents at
random around them; then neighbours attract and random others repel each other.
"""

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.cluster.layout_kernel import settle
from corpuscope.shapes import NeighbourAffinity, Neighbours, PerDocument

_WIDE = 10.0
_AROUND = 1.0
_PASSES, _FEWEST_PASSES = 200, 20
_MOVES = 3_000_000
_LEAST = 1e-9


def document_layout(
    labels: PerDocument, near: Neighbours, affinity: NeighbourAffinity, *, seed: int = 0
) -> npt.NDArray[np.float32]:
    """Coordinates, documents x 2, centred on their median; deterministic for a given seed.

    Source: McInnes, Healy and Melville 2018 (UMAP), section 3.2, for the forces, with
    min_dist = 0.1; Torgerson 1952 for the initialisation.
    """
    if not len(labels):
        return np.zeros((0, 2), dtype=np.float32)
    generator = np.random.default_rng([seed, 4])
    places = _anchors(labels, near, affinity)[labels]
    places += _AROUND * generator.standard_normal(places.shape)
    passes = int(np.clip(_MOVES // max(near.size, 1), _FEWEST_PASSES, _PASSES))
    weights = affinity / np.maximum(affinity.max(axis=1, keepdims=True, initial=_LEAST), _LEAST)
    found: npt.NDArray[np.float32] = settle(
        places.astype(np.float32), near.astype(np.int64), weights.astype(np.float32), passes, seed
    )
    centred: npt.NDArray[np.float32] = found - np.median(found, axis=0).astype(np.float32)
    return centred


def _anchors(
    labels: PerDocument, near: Neighbours, affinity: NeighbourAffinity
) -> npt.NDArray[np.float64]:
    """Initial position of each cluster, by classical scaling of affinities between clusters."""
    n = int(labels.max()) + 1
    between = np.zeros((n, n))
    is_there = near >= 0
    own = np.repeat(labels, is_there.sum(axis=1))
    np.add.at(between, (own, labels[near[is_there]]), affinity[is_there])
    between = (between + between.T) / 2
    scale = np.sqrt(np.maximum(np.diag(between), _LEAST))
    distances = 1 - np.clip(between / np.outer(scale, scale), 0, 1)
    np.fill_diagonal(distances, 0)
    # Double centring of the squared distances (Torgerson).
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-centre @ distances**2 @ centre / 2)
    largest = np.argsort(-values, kind="stable")[:2]
    places = np.zeros((n, 2))
    found = vectors[:, largest] * np.sqrt(np.maximum(values[largest], 0))
    # Eigenvectors have arbitrary signs: the entry of largest magnitude is made positive.
    signs = np.where(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])] < 0, -1, 1)
    places[:, : found.shape[1]] = _WIDE * found * signs
    return places
