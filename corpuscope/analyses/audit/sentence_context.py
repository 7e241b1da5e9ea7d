"""How well the other sentences of a text predict whether it has a sentence of a cluster.

Two artefacts would predict any cluster and are corrected for. First, a store keeps each feature
of a text only at its strongest sentence, so the other sentences lack the features of the
cluster's sentence: these are imputed from how often other texts have them where they are weaker.
Second, longer texts have more features and more often a sentence of any cluster: features are
therefore centred on their expectation given the number of sentences.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.audit.context_predictability import (
    LEAST,
    UNKNOWN,
    ContextPredictability,
    context_predictability,
)
from corpuscope.analyses.audit.document_space import rarity
from corpuscope.analyses.audit.sentence_clusters import SentenceClusters, SentenceNumbers
from corpuscope.shapes import DocumentMask, PerFeature
from corpuscope.statistics.scores.left_out import left_out_ridge

# Maximum number of documents, and of those with the cluster. Single sentences are noisy and high-
# dimensional: with a penalty this strong, the ridge is close to a nearest-mean classifier.
_MOST_DOCUMENTS, _MOST_WITH, _RIDGE = 2_000, 1_000, 30.0

_STEPS, _ALMOST_ONE, _SMALLEST = 8, 1 - 1e-6, 1e-12


def kind_predictability(
    known: SentenceClusters, cluster: int, among: DocumentMask
) -> ContextPredictability:
    """How well a document's other sentences predict whether it has one of a cluster.

    Leave-one-out ridge regression on the centred features, projected on the LSA components and
    divided by the square root of the number of sentences, as their standard deviation grows.

    Args:
        known: The clusters.
        cluster: Number of the cluster.
        among: Mask of the documents to use, such as those of a class.
    """
    own = known.members[cluster]
    has = np.zeros(len(among), dtype=bool)
    has[known.document[own]] = True
    strengths = known.sentences.strengths
    is_left = np.diff(strengths.indptr) > 0
    is_left[own] = False
    n_left = np.bincount(known.document, weights=is_left, minlength=len(has))
    counts = _looked_at(among & (n_left > 0), has)
    n_left, has = n_left[counts], has[counts]
    if min(has.sum(), (~has).sum()) < LEAST:
        return UNKNOWN
    rest = _of_documents(known, counts, np.flatnonzero(is_left))
    taken = _of_documents(known, counts, own)
    expected = _Expected(rest, n_left, ~has)
    weaker = _with(taken, _share_where_weaker(taken, rest, ~has) * expected.at(taken))
    there = _with(rest, np.ones(rest.nnz)) + weaker
    directions = known.directions * rarity(known.sentences.presence)[:, None]
    more = there @ directions - expected.of_all(directions)
    more /= np.sqrt(n_left)[:, None]
    size = np.sqrt(np.mean((more**2).sum(axis=1)))
    return context_predictability(left_out_ridge(more / max(size, 1e-9), has, ridge=_RIDGE), has)


class _Expected:
    """Expected presence of each feature in a document, given its number of sentences.

    Assumes a constant probability p per sentence, so that n sentences have the feature with
    probability 1 - (1 - p)^n. p is fitted by Newton's method to the observed share of documents.
    """

    def __init__(
        self, rest: sp.csr_array, n_left: npt.NDArray[np.float64], others: DocumentMask
    ) -> None:
        self._n, self._of_n = np.unique(n_left, return_inverse=True)
        share = np.bincount(self._of_n[others], minlength=len(self._n)) / others.sum()
        is_theirs = np.repeat(others, np.diff(rest.indptr))
        counts = np.bincount(rest.indices[is_theirs], minlength=rest.shape[1])
        rate = np.minimum(counts / others.sum(), _ALMOST_ONE)
        # log(1 - p), the log-probability that a sentence lacks the feature.
        lacks: PerFeature = np.log1p(-rate) / (share @ self._n)
        for _ in range(_STEPS):
            among_n = np.exp(np.outer(self._n, lacks))
            away = 1 - share @ among_n - rate
            slope = (share * self._n) @ among_n
            lacks = np.minimum(lacks + away / np.maximum(slope, _SMALLEST), 0)
        self._chance = 1 - np.exp(np.outer(self._n, lacks))

    def at(self, entries: sp.csr_array) -> npt.NDArray[np.float64]:
        """Probability at each stored entry of a matrix, documents x features."""
        document = np.repeat(np.arange(entries.shape[0]), np.diff(entries.indptr))
        found: npt.NDArray[np.float64] = self._chance[self._of_n[document], entries.indices]
        return found

    def of_all(self, directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Expected projection of each document on the given directions."""
        found: npt.NDArray[np.float64] = (self._chance @ directions)[self._of_n]
        return found


def _share_where_weaker(
    taken: sp.csr_array, rest: sp.csr_array, others: DocumentMask
) -> npt.NDArray[np.float64]:
    """Correction factor for features that peak in the cluster's own sentences.

    P(present | weaker than the cluster's sentence) / P(present) over the other documents. Under
    independence this gives the rest of a document the same expected presence as other documents.

    Args:
        taken: Strengths in the sentences of the cluster, documents x features.
        rest: Strengths in the other sentences.
        others: Mask of the documents without the cluster.
    """
    is_theirs = np.repeat(others, np.diff(rest.indptr))
    # Feature number plus scaled strength in one sorted key, for one search over all features.
    above_all = 1 + float(max(rest.data.max(initial=0), taken.data.max(initial=0)))
    place = np.sort(rest.indices[is_theirs] + rest.data[is_theirs] / above_all)
    first, last = (np.searchsorted(place, taken.indices + one) for one in (0, 1))
    own = taken.indices + taken.data / above_all
    # Ties count one half.
    below = (np.searchsorted(place, own) + np.searchsorted(place, own, side="right")) / 2
    n_weaker, n_all = below - first, last - first
    share = n_weaker / np.maximum(others.sum() - (n_all - n_weaker), 1)
    found: npt.NDArray[np.float64] = share * others.sum() / np.maximum(n_all, 1)
    return found


def _of_documents(
    known: SentenceClusters, documents: DocumentMask, sentences: SentenceNumbers
) -> sp.csr_array:
    """Strengths in some sentences of some documents, summed per document: documents x features."""
    kept = sentences[documents[known.document[sentences]]]
    place = (np.cumsum(documents) - 1)[known.document[kept]]
    shape = (int(documents.sum()), len(known.document))
    of = sp.csr_array((np.ones(len(kept), dtype=np.float32), (place, kept)), shape=shape)
    return sp.csr_array(of @ known.sentences.strengths)


def _with(entries: sp.csr_array, values: npt.NDArray[np.float64]) -> sp.csr_array:
    """The same sparsity pattern with other values."""
    return sp.csr_array((values, entries.indices, entries.indptr), shape=entries.shape)


def _looked_at(among: DocumentMask, has: DocumentMask) -> DocumentMask:
    """Mask of at most 2,000 documents, evenly spread; all those with a rare cluster."""
    found = np.zeros(len(among), dtype=bool)
    with_it, without = np.flatnonzero(among & has), np.flatnonzero(among & ~has)
    n_with = min(len(with_it), max(_MOST_WITH, _MOST_DOCUMENTS - len(without)))
    for rows, n in ((with_it, n_with), (without, _MOST_DOCUMENTS - n_with)):
        chosen = np.linspace(0, len(rows) - 1, min(len(rows), n)).round()
        found[rows[chosen.astype(np.int64)]] = True
    return found
