"""How much each document is of each pole of an axis.

A document is nearer to one phrase than to another if its features are. Those that speak for a
phrase are few in a short text; but others go with them. So a ridge regression learns from the
first division which features those are, documents are divided again by what it fits, and so on,
three times at most: the phrases say along what to divide, the documents say how it shows.

Where the phrases divide along the strongest direction of the documents' vectors, vectors say it
better than features, and the regression learns from both; along any other axis they would pull
towards the strongest. So they join in only if the division that they lead to explains most of
what k-means on the vectors would.
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

# Vectors that join in count so much beside features, and do so if the division then explains
# such a share of what k-means explains of them.
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
    """Documents x poles, in standard deviations.

    Args:
        presence: Documents x features, as 0 and 1.
        pull: Poles x features: how near each is to each phrase, 0 for those not of the axis.
        vectors: What each document means; None where that is not at hand.
        seed: Of the starts of k-means.
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
    """What a regression on the division fits, and on the division by that, and so on."""
    share = 0 if beside is None else _SHARE_OF_VECTORS
    penalty = _PENALTY * len(first) / (1 - share)
    scores, labels = first, first.argmax(axis=1)
    for _ in range(_ROUNDS):
        belongs = np.eye(first.shape[1])[labels]
        scores = _standard(
            ridge_fitted(presence, _standard(belongs), penalty=penalty, beside=beside)
        )
        # A pole that nothing is nearest to stays so: there is nothing to learn it from.
        scores[:, ~belongs.any(axis=0)] = scores.min() - 1
        before, labels = labels, scores.argmax(axis=1)
        if np.array_equal(before, labels):
            break
    return scores


def _is_main(vectors: DocumentDirections, labels: PerDocument, n: int, seed: int) -> bool:
    """Whether a division explains most of what k-means would of the same documents."""
    from sklearn.cluster import KMeans

    places = np.linspace(0, len(vectors) - 1, min(len(vectors), _MOST_LOOKED_AT)).astype(np.int64)
    some = vectors[np.unique(places)] - vectors.mean(axis=0)
    best = KMeans(min(n, len(some)), n_init=2, random_state=seed).fit_predict(some)
    return _explained(some, labels[np.unique(places)]) >= _MAINLY * _explained(some, best)


def _explained(centred: DocumentDirections, labels: PerDocument) -> float:
    """The share of the variance that lies between groups."""
    sizes = np.bincount(labels)
    member = np.eye(len(sizes))[labels]
    means = member.T @ centred / np.maximum(sizes, 1)[:, None]
    return float(sizes @ (means**2).sum(axis=1)) / max(float((centred**2).sum()), _LEAST)


def _weighed(vectors: DocumentDirections, presence: PresenceMatrix) -> DocumentDirections:
    """Centred, and scaled so that they count as much beside the features as they shall."""
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
