"""Kinds of sentences that documents are made of, found without looking at any label.

Sentences are grouped by their features, coarsely and finely. What is then asked of the groups, such
as whether one class has more of a kind, was not used to make them, so an ordinary test answers it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.audit.document_space import latent, weighted
from corpuscope.analyses.sentences.features import Sentences, sentences_of
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import (
    CandidateOrder,
    CountPerFeature,
    FeatureDirections,
    PerFeature,
    PresenceMatrix,
    UnitVectors,
)
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.similarity.directions import at_length_one

# Directions in which sentences vary most; so many sentences in the finest clusters on average, of
# which there are at most so many; and each coarser level has half as many.
_WIDTH, _SIZE, _MOST_CLUSTERS, _LEVELS = 50, 32, 512, 4

# Few clusters depend on where they begin; and so many sentences are enough to place them all.
_FEW, _STARTS, _MOST_FITTED = 64, 3, 20_000

# Vectors alike in so many digits are one to k-means.
_DIGITS = 4

# A feature that tells as much of the most telling says what a cluster is.
_TELLING = 0.25

SentenceNumbers = npt.NDArray[np.int64]
"""Places of sentences among those of all documents that are looked at."""


@dataclass(frozen=True, eq=False)
class SentenceClusters:
    """Clusters of the sentences of some documents, coarse and fine ones; they overlap.

    Attributes:
        sentences: The sentences, with the features that each document has at them.
        features: The numbers of these features.
        directions: Where each feature points among those in which sentences vary most.
        vectors: A vector of length 1 for each sentence; of length 0 for one without features.
        members: The sentences of each cluster, the most typical first.
    """

    sentences: Sentences
    features: CandidateOrder
    directions: FeatureDirections
    vectors: UnitVectors
    members: tuple[SentenceNumbers, ...]

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def document(self) -> SentenceNumbers:
        """For each sentence the place of its document in `sentences.rows`."""
        sizes = np.diff(self.sentences.starts)
        return np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def presence(self) -> PresenceMatrix:
        """Documents x clusters: which have a sentence of which."""
        cluster = np.repeat(np.arange(len(self)), [len(own) for own in self.members])
        document = self.document[np.concatenate([*self.members, np.empty(0, np.int64)])]
        pairs = np.unique(np.stack([document, cluster]), axis=1)
        shape = (len(self.sentences.rows), len(self))
        return sp.csr_array((np.ones(pairs.shape[1], dtype=bool), tuple(pairs)), shape=shape)

    def _shares(self, own: SentenceNumbers) -> tuple[PerFeature, PerFeature]:
        """The share of some sentences, and of all others, that have each feature."""
        inside = np.asarray(self.sentences.presence[own].sum(axis=0)).ravel()
        outside = self._counts - inside
        return inside / len(own), outside / max(len(self.document) - len(own), 1)

    @cached_property
    def _counts(self) -> CountPerFeature:
        return np.asarray(as_ones(self.sentences.presence).sum(axis=0)).ravel()

    def most_telling(self, cluster: int) -> list[int]:
        """Features that tell its sentences from all others, the most telling first.

        None that tells less than a quarter of the first.
        """
        own = self.members[cluster]
        share, elsewhere = self._shares(own)
        # How much knowing of it says that a sentence is of the cluster, over all its sentences.
        tells = share * np.log((share + 1 / len(own)) / (elsewhere + 1 / len(own)))
        order = np.argsort(-tells, kind="stable")
        kept = order[tells[order] > max(_TELLING * tells[order[0]], 0)]
        return [int(self.features[at]) for at in kept]


def sentence_clusters(
    source: NamedStore, rows: npt.NDArray[np.int64], features: CandidateOrder, *, seed: int
) -> SentenceClusters:
    """Clusters of the sentences of some documents.

    Args:
        source: The texts.
        rows: The documents, which must ascend.
        features: The dictionary features that count.
        seed: Of the starts.

    Cost: 1 s for 2,000 sentences, 13 s for 150,000.
    """
    sentences = sentences_of(source, rows, features, level=None)
    coordinates, directions = latent(weighted(sentences.presence), _WIDTH, seed)
    vectors = at_length_one(coordinates)
    members = tuple(_members(vectors, seed))
    return SentenceClusters(sentences, features, directions, vectors, members)


def _members(vectors: UnitVectors, seed: int) -> Iterator[SentenceNumbers]:
    from sklearn.cluster import KMeans

    there = np.flatnonzero(np.linalg.norm(vectors, axis=1) > 0.5)
    rng = np.random.default_rng(seed)
    fitted = there
    if len(there) > _MOST_FITTED:
        fitted = np.sort(rng.choice(there, _MOST_FITTED, replace=False))
    n_different = len(np.unique(vectors[fitted].round(_DIGITS), axis=0))
    finest = min(len(there) // _SIZE, n_different, _MOST_CLUSTERS)
    for n in sorted({finest >> level for level in range(_LEVELS)} - {0, 1}):
        means = KMeans(n, n_init=_STARTS if n <= _FEW else 1, random_state=seed).fit(
            vectors[fitted]
        )
        cluster = means.predict(vectors[there])
        near = np.einsum("ij,ij->i", vectors[there], means.cluster_centers_[cluster])
        order = np.lexsort((-near, cluster))
        ends = np.cumsum(np.bincount(cluster, minlength=n))
        yield from (own for own in np.split(there[order], ends[:-1]) if len(own))
