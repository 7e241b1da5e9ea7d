"""The features of a probe with the largest weights."""

import math

import numpy as np

from corpuscope.labels.named_store import NamedStore
from corpuscope.probing.documents.targets import Target
from corpuscope.probing.finding import ProbeFeature
from corpuscope.probing.learner import FittedProbe, Learner

N_LISTED = 16
"""Maximum number of features listed per probe."""


def listed_features(
    one: FittedProbe, aim: Target, learner: Learner, source: NamedStore
) -> tuple[ProbeFeature, ...]:
    """Features of largest absolute weight, with the dictionary's own labels."""
    size = np.abs(one.weights).max(axis=1, initial=0)
    order = np.argsort(-size, kind="stable")[:N_LISTED]
    rates = _rates(one.features[order], aim, learner)
    return tuple(
        ProbeFeature(
            feature=int(one.features[at]),
            label=source.label(int(one.features[at])),
            label_score=source.score(int(one.features[at])),
            label_source=source.label_source(int(one.features[at])),
            weight=float(one.weights[at, np.abs(one.weights[at]).argmax()]),
            towards=_towards(one.weights[at], aim),
            rates=of_class,
        )
        for at, of_class in zip(order, rates, strict=True)
    )


def _towards(weights: "np.ndarray[tuple[int], np.dtype[np.floating]]", aim: Target) -> str:
    if aim.kind == "number":
        return ""
    if len(aim.classes) == 2:
        return aim.classes[int(weights[0] > 0)]
    return aim.classes[int(np.abs(weights).argmax())]


def _rates(
    features: "np.ndarray[tuple[int], np.dtype[np.int64]]", aim: Target, learner: Learner
) -> list[dict[str, float]]:
    """For each feature, its rate of presence in each class's training documents."""
    store, targets = learner.matrices.store, learner.training_set.targets
    is_of = targets > 0.5
    if len(aim.classes) == 2:
        is_of = np.concatenate([~is_of, is_of], axis=1)
    found = []
    for feature in features.tolist():
        own = store.strengths().of_feature(feature)
        is_present = np.zeros(store.n_documents, dtype=bool)
        is_present[own.rows[own.strengths > store.thresholds[feature]]] = True
        present = is_present[learner.rows]
        found.append(
            {
                name: float(present[of].mean()) if of.any() else math.nan
                for name, of in zip(aim.classes, is_of.T, strict=False)
            }
        )
    return found
