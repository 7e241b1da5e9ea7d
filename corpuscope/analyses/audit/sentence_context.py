"""How well the other sentences of a text tell whether it has one of a kind.

Two things would tell of any kind, and say nothing of what it goes with. A store keeps each feature
of a text at the one sentence where it is strongest, so that the other sentences lack what the
sentence of the kind has. And the more sentences there are, the more features they have, and the
more often one of them is of any kind. So what counts is how much more a text has than others lead
to expect of as many sentences; and of what the kind's sentence took, what others have of it where
it is weaker.
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

# So many documents are looked at, of which so many may have the kind. One other sentence says
# little, in many directions: with a ridge this strong it is little more than which of two means a
# text is nearer to.
_MOST_DOCUMENTS, _MOST_WITH, _RIDGE = 2_000, 1_000, 30.0

_STEPS, _ALMOST_ONE, _SMALLEST = 8, 1 - 1e-6, 1e-12


def kind_predictability(
    known: SentenceClusters, cluster: int, among: DocumentMask
) -> ContextPredictability:
    """How well a document's other sentences tell whether it has one of a cluster.

    A ridge regression on all other documents tells it of each, by where the features point that
    its sentences have more than was to be expected, over the root of how many sentences there are:
    as the luck in it grows.

    Args:
        known: The clusters.
        cluster: Its number.
        among: The documents that count, such as those of a class.
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
    """The chance that documents with as many sentences have each feature.

    As if each sentence had it with one chance, so that n have it with 1 - (1 - chance)^n: the
    chance with which some documents have it as often as they do, found by Newton's method.
    """

    def __init__(
        self, rest: sp.csr_array, n_left: npt.NDArray[np.float64], others: DocumentMask
    ) -> None:
        self._n, self._of_n = np.unique(n_left, return_inverse=True)
        share = np.bincount(self._of_n[others], minlength=len(self._n)) / others.sum()
        is_theirs = np.repeat(others, np.diff(rest.indptr))
        counts = np.bincount(rest.indices[is_theirs], minlength=rest.shape[1])
        rate = np.minimum(counts / others.sum(), _ALMOST_ONE)
        # The logarithm of the chance that a sentence lacks it.
        lacks: PerFeature = np.log1p(-rate) / (share @ self._n)
        for _ in range(_STEPS):
            among_n = np.exp(np.outer(self._n, lacks))
            away = 1 - share @ among_n - rate
            slope = (share * self._n) @ among_n
            lacks = np.minimum(lacks + away / np.maximum(slope, _SMALLEST), 0)
        self._chance = 1 - np.exp(np.outer(self._n, lacks))

    def at(self, entries: sp.csr_array) -> npt.NDArray[np.float64]:
        """Of the entries of a matrix, documents x features."""
        document = np.repeat(np.arange(entries.shape[0]), np.diff(entries.indptr))
        found: npt.NDArray[np.float64] = self._chance[self._of_n[document], entries.indices]
        return found

    def of_all(self, directions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Where all features point together, for each document."""
        found: npt.NDArray[np.float64] = (self._chance @ directions)[self._of_n]
        return found


def _share_where_weaker(
    taken: sp.csr_array, rest: sp.csr_array, others: DocumentMask
) -> npt.NDArray[np.float64]:
    """For what the kind's sentences took: how often other documents have it, as one of all.

    Of those in which it is weaker or absent, over how often all of them have it. With it a
    document has of each feature what the others have, whatever its sentence of the kind has of
    it, if the one has nothing to do with the other.

    Args:
        taken: How strong each feature is at the sentences of the kind, documents x features.
        rest: How strong it is at the others.
        others: Documents without the kind.
    """
    is_theirs = np.repeat(others, np.diff(rest.indptr))
    above_all = 1 + float(max(rest.data.max(initial=0), taken.data.max(initial=0)))
    place = np.sort(rest.indices[is_theirs] + rest.data[is_theirs] / above_all)
    first, last = (np.searchsorted(place, taken.indices + one) for one in (0, 1))
    own = taken.indices + taken.data / above_all
    # Of equally strong ones half are weaker.
    below = (np.searchsorted(place, own) + np.searchsorted(place, own, side="right")) / 2
    n_weaker, n_all = below - first, last - first
    share = n_weaker / np.maximum(others.sum() - (n_all - n_weaker), 1)
    found: npt.NDArray[np.float64] = share * others.sum() / np.maximum(n_all, 1)
    return found


def _of_documents(
    known: SentenceClusters, documents: DocumentMask, sentences: SentenceNumbers
) -> sp.csr_array:
    """How strong each feature is at some sentences of some documents, documents x features."""
    kept = sentences[documents[known.document[sentences]]]
    place = (np.cumsum(documents) - 1)[known.document[kept]]
    shape = (int(documents.sum()), len(known.document))
    of = sp.csr_array((np.ones(len(kept), dtype=np.float32), (place, kept)), shape=shape)
    return sp.csr_array(of @ known.sentences.strengths)


def _with(entries: sp.csr_array, values: npt.NDArray[np.float64]) -> sp.csr_array:
    """Other values at the same places."""
    return sp.csr_array((values, entries.indices, entries.indptr), shape=entries.shape)


def _looked_at(among: DocumentMask, has: DocumentMask) -> DocumentMask:
    """Of many documents some, evenly spread; those with a rare kind all."""
    found = np.zeros(len(among), dtype=bool)
    with_it, without = np.flatnonzero(among & has), np.flatnonzero(among & ~has)
    n_with = min(len(with_it), max(_MOST_WITH, _MOST_DOCUMENTS - len(without)))
    for rows, n in ((with_it, n_with), (without, _MOST_DOCUMENTS - n_with)):
        chosen = np.linspace(0, len(rows) - 1, min(len(rows), n)).round()
        found[rows[chosen.astype(np.int64)]] = True
    return found
