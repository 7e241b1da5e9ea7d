"""Documents as dense vectors, for nearest neighbours and for classifiers."""

import numpy as np
import scipy.sparse as sp

from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.embedding.documents import vectors_at_hand
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import (
    DocumentDirections,
    FeatureDirections,
    PerFeature,
    PresenceMatrix,
    Rows,
    UnitPresence,
)
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.similarity.directions import at_length_one

_WIDTH = 100


def directions_of(
    source: NamedStore, columns: TestedFeatures, rows: Rows, *, seed: int
) -> DocumentDirections:
    """A unit vector for each of some documents.

    The mean sentence embedding, where the stores contain it (embedding all sentences would take
    hours). Otherwise the first 100 components of latent semantic analysis of features and words.

    Source: Deerwester, Dumais, Furnas, Landauer and Harshman 1990, latent semantic analysis.
    """
    found = vectors_at_hand(source, rows)
    if found is not None:
        return found
    return at_length_one(latent(weighted(columns.presence[rows]), _WIDTH, seed)[0])


def weighted(presence: PresenceMatrix) -> sp.csr_array:
    """IDF-weighted presence of features in documents or sentences, with rows of unit norm."""
    found = as_ones(presence).astype(np.float64)
    weights = found @ sp.diags_array(rarity(presence))
    lengths = np.sqrt(np.asarray((weights * weights).sum(axis=1)).ravel())
    return sp.csr_array(sp.diags_array(1 / np.maximum(lengths, 1e-9)) @ weights)


def rarity(presence: UnitPresence) -> PerFeature:
    """Inverse document frequency of each feature: log(rows / rows with it)."""
    counts = np.asarray(as_ones(presence).sum(axis=0)).ravel()
    found: PerFeature = np.log(presence.shape[0] / np.maximum(counts, 1))
    return found


def latent(
    weights: sp.csr_array, width: int, seed: int
) -> tuple[DocumentDirections, FeatureDirections]:
    """Scores of the rows on the first `width` singular vectors, and these vectors.

    `width` is capped at the smaller side of the matrix, minus one.
    """
    from sklearn.utils.extmath import randomized_svd

    width = min(width, min(weights.shape) - 1)
    if width < 1:
        return np.ones((weights.shape[0], 1)), np.ones((weights.shape[1], 1))
    left, strengths, right = randomized_svd(weights, width, random_state=seed)
    return left * strengths, right.T
