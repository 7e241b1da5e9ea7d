"""Clusters of sentences, found without the labels.

Sentences are clustered by their features at several granularities. Since the labels play no part
in the clustering, an ordinary test of a cluster against the labels is valid.
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

# Number of LSA components; mean size and maximum number of the finest clusters; number of
# levels, each with half as many clusters as the one before.
_WIDTH, _SIZE, _MOST_CLUSTERS, _LEVELS = 50, 32, 512, 4

# k-means with few clusters depends on its initialisation, so it gets several; centroids are
# fitted on at most this many sentences.
_FEW, _STARTS, _MOST_FITTED = 64, 3, 20_000

# Vectors that agree to this many digits count as identical.
_DIGITS = 4

# Minimum informativeness of a feature that describes a cluster, relative to the best one.
_TELLING = 0.25

SentenceNumbers = npt.NDArray[np.int64]
"""Positions of sentences among those of all documents read."""


@dataclass(frozen=True, eq=False)
class SentenceClusters:
    """Clusters of the sentences of some documents at several granularities; they overlap.

    Attributes:
        sentences: The sentences, with the features that peak in each.
        features: The numbers of these features.
        directions: Features x components: right singular vectors.
        vectors: Unit vector of each sentence; zeros for one without features.
        members: The sentences of each cluster, most typical first.
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
        """Position in `sentences.rows` of the document of each sentence."""
        sizes = np.diff(self.sentences.starts)
        return np.repeat(np.arange(len(sizes)), sizes)

    @cached_property
    def presence(self) -> PresenceMatrix:
        """Documents x clusters: whether a document has a sentence of a cluster."""
        cluster = np.repeat(np.arange(len(self)), [len(own) for own in self.members])
        document = self.document[np.concatenate([*self.members, np.empty(0, np.int64)])]
        pairs = np.unique(np.stack([document, cluster]), axis=1)
        shape = (len(self.sentences.rows), len(self))
        return sp.csr_array((np.ones(pairs.shape[1], dtype=bool), tuple(pairs)), shape=shape)

    def _shares(self, own: SentenceNumbers) -> tuple[PerFeature, PerFeature]:
        """The share with each feature among some sentences, and among all others."""
        inside = np.asarray(self.sentences.presence[own].sum(axis=0)).ravel()
        outside = self._counts - inside
        return inside / len(own), outside / max(len(self.document) - len(own), 1)

    @cached_property
    def _counts(self) -> CountPerFeature:
        return np.asarray(as_ones(self.sentences.presence).sum(axis=0)).ravel()

    def most_telling(self, cluster: int) -> list[int]:
        """The features that best distinguish a cluster, most informative first.

        Features with less than a quarter of the first one's informativeness are dropped.
        """
        own = self.members[cluster]
        share, elsewhere = self._shares(own)
        # Pointwise contribution to the KL divergence, share * log(share / elsewhere), smoothed.
        gain = share * np.log((share + 1 / len(own)) / (elsewhere + 1 / len(own)))
        order = np.argsort(-gain, kind="stable")
        kept = order[gain[order] > max(_TELLING * gain[order[0]], 0)]
        return [int(self.features[at]) for at in kept]


def sentence_clusters(
    source: NamedStore, rows: npt.NDArray[np.int64], features: CandidateOrder, *, seed: int
) -> SentenceClusters:
    """Clusters of the sentences of some documents.

    Args:
        source: The texts.
        rows: The documents, in ascending order.
        features: The dictionary features to use.
        seed: Random seed for k-means.

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
        # Most typical first: by inner product with the centroid.
        near = np.einsum("ij,ij->i", vectors[there], means.cluster_centers_[cluster])
        order = np.lexsort((-near, cluster))
        ends = np.cumsum(np.bincount(cluster, minlength=n))
        yield from (own for own in np.split(there[order], ends[:-1]) if len(own))
