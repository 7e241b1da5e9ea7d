"""Scores of the documents on the poles of an axis.

The initial score of a document is the mean similarity of its features to each phrase. Short texts
have few such features, but many correlated ones. So the scores are refined by self-training: a
ridge regression predicts the assignment from all features, documents are reassigned by its
fitted values, and so on, at most three times.

If the axis coincides with the main direction of variation of the document vectors, these are
better predictors than features, and the regression uses both; for any other axis they would pull
the assignment towards the main direction. They are used only if the resulting partition explains
most of the vector variance that k-means would.
"""

import numpy as np

from corpuscope.shapes import (
    Coordinates,
    DocumentDirections,
    PerDocument,
    PhraseByFeature,
    PresenceMatrix,
)
from corpuscope.statistics.scores.ridge import ridge_fitted

_PENALTY, _ROUNDS = 0.25, 3

# Share of the total variance given to the vectors; minimum variance explained by the partition,
# relative to k-means, for the vectors to be used.
_SHARE_OF_VECTORS, _MAINLY = 0.6, 0.75

_MOST_LOOKED_AT = 2_000
_LEAST = 1e-9


def pole_scores(
    presence: PresenceMatrix,
    pull: PhraseByFeature,
    vectors: DocumentDirections | None,
    *,
    seed: int,
) -> Coordinates:
    """Standardised scores, documents x poles.

    Args:
        presence: Binary presence, documents x features.
        pull: Poles x features: similarity z-scores, 0 for features not of the axis.
        vectors: Document vectors; None if not available.
        seed: Random seed for k-means.
    """
    profile: Coordinates = presence @ pull.T
    n_present = np.asarray(presence.sum(axis=1), dtype=np.float64)[:, None]
    first: Coordinates = profile / np.maximum(n_present, 1)
    first -= first.mean(axis=0)
    if vectors is not None:
        joined = _learned(first, presence, beside=_weighed(vectors, presence))
        if _is_main(vectors, joined.argmax(axis=1), len(pull), seed):
            return joined
    return _learned(first, presence)


def _learned(
    first: Coordinates, presence: PresenceMatrix, *, beside: DocumentDirections | None = None
) -> Coordinates:
    """Scores after iterated ridge regression on the current assignment (self-training)."""
    share = 0 if beside is None else _SHARE_OF_VECTORS
    penalty = _PENALTY * len(first) / (1 - share)
    scores, labels = first, first.argmax(axis=1)
    for _ in range(_ROUNDS):
        belongs = np.eye(first.shape[1])[labels]
        scores = _standard(
            ridge_fitted(presence, _standard(belongs), penalty=penalty, beside=beside)
        )
        # A pole without documents stays empty: there is nothing to fit it to.
        scores[:, ~belongs.any(axis=0)] = scores.min() - 1
        before, labels = labels, scores.argmax(axis=1)
        if np.array_equal(before, labels):
            break
    return scores


def _is_main(vectors: DocumentDirections, labels: PerDocument, n: int, seed: int) -> bool:
    """Whether a partition explains most of the vector variance that k-means would."""
    from sklearn.cluster import KMeans

    places = np.linspace(0, len(vectors) - 1, min(len(vectors), _MOST_LOOKED_AT)).astype(np.int64)
    some = vectors[np.unique(places)] - vectors.mean(axis=0)
    best = KMeans(min(n, len(some)), n_init=2, random_state=seed).fit_predict(some)
    return _explained(some, labels[np.unique(places)]) >= _MAINLY * _explained(some, best)


def _explained(centred: DocumentDirections, labels: PerDocument) -> float:
    """Share of the variance explained by the partition."""
    sizes = np.bincount(labels)
    member = np.eye(len(sizes))[labels]
    means = member.T @ centred / np.maximum(sizes, 1)[:, None]
    return float(sizes @ (means**2).sum(axis=1)) / max(float((centred**2).sum()), _LEAST)


def _weighed(vectors: DocumentDirections, presence: PresenceMatrix) -> DocumentDirections:
    """Vectors centred and scaled to their share of the total variance (features: p(1 - p))."""
    rates = np.asarray(presence.mean(axis=0), dtype=np.float64)
    centred = vectors - vectors.mean(axis=0)
    spread = max(float((centred**2).sum()) / max(len(vectors), 1), _LEAST)
    times = _SHARE_OF_VECTORS / (1 - _SHARE_OF_VECTORS)
    scaled: DocumentDirections = centred * np.sqrt(times * (rates * (1 - rates)).sum() / spread)
    return scaled


def _standard(values: Coordinates) -> Coordinates:
    spread = np.maximum(values.std(axis=0), _LEAST)
    scaled: Coordinates = (values - values.mean(axis=0)) / spread
    return scaled
