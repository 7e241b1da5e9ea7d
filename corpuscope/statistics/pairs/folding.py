"""Families of features that are present in nearly the same documents."""

import numpy as np

from corpuscope.shapes import CandidateMask, CandidateOrder, PresenceMatrix, SamePairs
from corpuscope.statistics.rates.counts import as_ones

# Number of leaders compared at a time: 256 x 5,000 counts take 5 MB.
_BLOCK = 256


def fold(
    presence: PresenceMatrix,
    order: CandidateOrder,
    *,
    min_jaccard: float = 0.6,
    min_containment: float | None = None,
    same: SamePairs | None = None,
) -> CandidateOrder:
    """The leader of each column of `presence`; leaders lead themselves.

    In the given order, strongest first, a candidate joins the first leader with which it shares
    enough documents, or else becomes a leader. Costs one sparse product of the leaders with all
    candidates; meant for up to 5,000.

    Args:
        presence: Documents x candidates; anything but zero is present.
        order: Every column once, strongest first.
        min_jaccard: Minimum Jaccard index of the documents of leader and candidate.
        min_containment: Join also if at least this share of the candidate's documents have the
            leader, corrected for chance: (share - leader's rate) / (1 - leader's rate). Without
            this correction a leader that is present almost everywhere would absorb all.
        same: Candidates x candidates, nonzero for pairs that are known to be redundant for another
            reason, such as similar decoder vectors.

    Example:
        >>> import scipy.sparse as sp
        >>> presence = sp.csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 1, 1], [0, 1, 1]]))
        >>> fold(presence, np.array([1, 0, 2]))
        array([1, 1, 2])
    """
    matrix = as_ones(presence).tocsc()
    sizes = np.asarray(matrix.sum(axis=0), dtype=np.int64)
    leader = np.full(len(order), -1, dtype=np.int64)
    waiting = order
    while len(waiting):
        block = waiting[:_BLOCK]
        shared = (matrix[:, block].T @ matrix[:, waiting]).toarray()
        for position, candidate in enumerate(block):
            if leader[candidate] >= 0:
                continue
            joins = _shares_enough(
                shared[position],
                sizes[candidate],
                sizes[waiting],
                n_documents=matrix.shape[0],
                min_jaccard=min_jaccard,
                min_containment=min_containment,
            )
            if same is not None:
                joins |= same[[candidate], :].toarray()[0, waiting] != 0
            leader[waiting[joins & (leader[waiting] < 0)]] = candidate
            leader[candidate] = candidate
        waiting = waiting[leader[waiting] < 0]
    return leader


def _shares_enough(
    shared: CandidateOrder,
    leader_size: np.int64,
    sizes: CandidateOrder,
    *,
    n_documents: int,
    min_jaccard: float,
    min_containment: float | None,
) -> CandidateMask:
    """Mask of the candidates that share enough documents with the leader to join it."""
    union = leader_size + sizes - shared
    joins: CandidateMask = (shared > 0) & (shared >= min_jaccard * union)
    if min_containment is not None and leader_size < n_documents:
        by_chance = leader_size / n_documents
        share = shared / np.maximum(sizes, 1)
        joins |= (shared > 0) & (share - by_chance >= min_containment * (1 - by_chance))
    return joins
