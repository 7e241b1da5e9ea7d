"""How well the other sentences of a text tell whether it has one of a kind.

A store keeps each feature of a text at the one sentence where it is strongest. So the others lack
what the sentence of the kind has: not that it was not there, but that it was weaker there. What
other texts have of it where it is weaker than that takes its place; else what the kind takes from
the rest would tell of it.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.company import LEAST, UNKNOWN, Company, company
from corpuscope.analyses.directions import rarity
from corpuscope.analyses.sentence_clusters import SentenceClusters, SentenceNumbers
from corpuscope.shapes import DocumentMask
from corpuscope.statistics import left_out_ridge

# So many documents are looked at. One other sentence says little, in many directions: with a ridge
# this strong it is little more than which of two means a text is nearer to.
_MOST_DOCUMENTS, _RIDGE = 2_000, 30.0


def company_of_kind(known: SentenceClusters, cluster: int, among: DocumentMask) -> Company:
    """How well a document's other sentences tell whether it has one of a cluster.

    A ridge regression on the means of all other documents' sentences tells it of each. Means say
    nothing of how many sentences there are, as sums would, nor of what was taken, as sentences
    made to one length would.

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
    counts = _spread(among) & (n_left > 0)
    has = has[counts]
    if min(has.sum(), (~has).sum()) < LEAST:
        return UNKNOWN
    rest = _of_documents(known, counts, np.flatnonzero(is_left))
    # A feature is at one sentence of a document, so this is its mean over the sentences left.
    means = _with(rest, np.repeat(1 / n_left[counts], np.diff(rest.indptr)))
    taken = _of_documents(known, counts, own)
    means = means + _weaker(taken, rest, means, ~has)
    directions = means @ (known.directions * rarity(known.sentences.presence)[:, None])
    size = np.sqrt(np.mean((directions**2).sum(axis=1)))
    return company(left_out_ridge(directions / max(size, 1e-9), has, ridge=_RIDGE), has)


def _of_documents(
    known: SentenceClusters, documents: DocumentMask, sentences: SentenceNumbers
) -> sp.csr_array:
    """How strong each feature is at some sentences of some documents, documents x features."""
    kept = sentences[documents[known.document[sentences]]]
    place = (np.cumsum(documents) - 1)[known.document[kept]]
    shape = (int(documents.sum()), len(known.document))
    of = sp.csr_array((np.ones(len(kept), dtype=np.float32), (place, kept)), shape=shape)
    return sp.csr_array(of @ known.sentences.strengths)


def _weaker(
    taken: sp.csr_array, rest: sp.csr_array, means: sp.csr_array, others: DocumentMask
) -> sp.csr_array:
    """For what the kind's sentences took, its mean in other documents where it is weaker or absent.

    With it a document has of each feature what the others have, whatever its sentence of the kind
    has of it, if the one has nothing to do with the other.

    Args:
        taken: How strong each feature is at the sentences of the kind, documents x features.
        rest: How strong it is at the others.
        means: What it counts there; entries as of `rest`.
        others: Documents without the kind.
    """
    theirs = np.repeat(others, np.diff(rest.indptr))
    above_all = 1 + float(max(rest.data.max(initial=0), taken.data.max(initial=0)))
    place = rest.indices[theirs] + rest.data[theirs] / above_all
    order = np.argsort(place)
    place, sums = place[order], np.concatenate([[0], np.cumsum(means.data[theirs][order])])
    first, last = (np.searchsorted(place, taken.indices + one) for one in (0, 1))
    as_strong = np.searchsorted(place, taken.indices + taken.data / above_all)
    n_weaker = others.sum() - (last - as_strong)
    return _with(taken, (sums[as_strong] - sums[first]) / np.maximum(n_weaker, 1))


def _with(entries: sp.csr_array, values: npt.NDArray[np.float64]) -> sp.csr_array:
    """Other values at the same places."""
    return sp.csr_array((values, entries.indices, entries.indptr), shape=entries.shape)


def _spread(among: DocumentMask) -> DocumentMask:
    """Of many documents some, evenly spread."""
    rows = np.flatnonzero(among)
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), _MOST_DOCUMENTS)).round()
    found = np.zeros(len(among), dtype=bool)
    found[rows[chosen.astype(np.int64)]] = True
    return found
