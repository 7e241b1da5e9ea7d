"""Communities of a nearest-neighbour graph, merged to a given number."""

import numpy as np
import scipy.sparse as sp

from corpuscope.shapes import NeighbourAffinity, Neighbours, PerDocument

_FIRST_RESOLUTION = 1.0
_TRIALS = 6

# Isolated documents are singleton communities: beyond this number they are lumped together.
_MOST = 1000


def communities(
    near: Neighbours, affinity: NeighbourAffinity, n: int, *, seed: int = 0
) -> PerDocument:
    """The community of each document, from 0 to `n` - 1.

    The resolution of the Leiden algorithm is doubled until there are at least `n` communities;
    then pairs are merged greedily by modularity until `n` are left. If the graph has more than
    `n` connected components, small ones end up in the community merged last.

    Source: Traag, Waltman and van Eck 2019 (Leiden); Clauset, Newman and Moore 2004 (merging).
    """
    from sknetwork.clustering import Leiden

    graph = _graph(near, affinity)
    labels = np.zeros(len(near), dtype=np.int64)
    resolution = _FIRST_RESOLUTION
    for _ in range(_TRIALS):
        found = Leiden(resolution=resolution, random_state=seed).fit_predict(graph)
        labels = _largest_first(found)
        if labels.max() + 1 >= n:
            break
        resolution *= 2
    return _joined(graph, labels, n)


def _largest_first(found: np.ndarray) -> PerDocument:
    """Communities renumbered by size, largest first; the smallest of very many as one."""
    _, labels, sizes = np.unique(found, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    numbered: PerDocument = np.minimum(rank, _MOST - 1)[labels.reshape(-1)]
    return numbered


def _graph(near: Neighbours, affinity: NeighbourAffinity) -> sp.csr_matrix:
    """Symmetric affinity graph: an edge exists if either document lists the other."""
    n, width = near.shape
    is_there = (near >= 0).reshape(-1)
    rows = np.repeat(np.arange(n, dtype=np.int32), width)[is_there]
    columns = near.reshape(-1)[is_there].astype(np.int32)
    weights = affinity.reshape(-1)[is_there].astype(np.float32)
    one_way = sp.csr_matrix((weights, (rows, columns)), shape=(n, n))
    return one_way.maximum(one_way.T).tocsr()


def _joined(graph: sp.csr_matrix, labels: PerDocument, n: int) -> PerDocument:
    n_found = int(labels.max()) + 1
    members = sp.csr_matrix(
        (np.ones(len(labels), np.float32), (labels, np.arange(len(labels)))),
        shape=(n_found, len(labels)),
    )
    between = np.asarray((members @ graph @ members.T).toarray(), dtype=np.float64)
    total = between.sum()
    group_of = np.arange(n_found)
    left = list(range(n_found))
    while len(left) > n:
        volume = between.sum(axis=1)
        here = np.ix_(left, left)
        # Half the change of modularity when two communities are merged.
        gain = between[here] / total - np.outer(volume[left], volume[left]) / total**2
        np.fill_diagonal(gain, -np.inf)
        first, second = (left[int(at)] for at in np.unravel_index(gain.argmax(), gain.shape))
        between[first] += between[second]
        between[:, first] += between[:, second]
        between[second] = between[:, second] = 0
        group_of[group_of == second] = first
        left.remove(second)
    joined: PerDocument = np.unique(group_of, return_inverse=True)[1].reshape(-1)[labels]
    return joined
