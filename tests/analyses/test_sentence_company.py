"""What other sentences of a text tell of a kind, where a feature is kept at its peak alone."""

import numpy as np
import scipy.sparse as sp

from corpuscope.analyses.sentence_clusters import SentenceClusters
from corpuscope.analyses.sentence_company import company_of_kind
from corpuscope.analyses.sentence_features import Sentences

N, N_FEATURES = 400, 40


def clusters(rng: np.random.Generator, topic: np.ndarray, has: np.ndarray) -> SentenceClusters:
    """Documents of two sentences of a topic; the first of some has a third, before them.

    What is kept of each feature is the sentence at which it is strongest. The third has features
    of both topics, and more of the second.
    """
    rate = np.where(np.arange(N_FEATURES) % 2 == topic[:, None], 0.3, 0.1)
    of_kind = np.where(np.arange(N_FEATURES) % 2 == 1, 0.5, 0.2)
    strength = np.zeros((N, 3, N_FEATURES))
    for number in range(3):
        there = rng.random((N, N_FEATURES)) < (rate if number else has[:, None] * of_kind)
        strength[:, number] = there * rng.lognormal(size=(N, N_FEATURES))
    strength *= strength == strength.max(axis=1, keepdims=True)
    strengths = sp.csr_array(strength.reshape(3 * N, N_FEATURES).astype(np.float32))
    sentences = Sentences(np.arange(N), strengths, np.arange(0, 3 * N + 1, 3))
    return SentenceClusters(
        sentences, np.arange(N_FEATURES), np.eye(N_FEATURES), np.zeros((3 * N, N_FEATURES)),
        (np.flatnonzero(has) * 3,),
    )  # fmt: skip


def mean_company(*, follows: float) -> float:
    """Over some worlds, with the kind in a quarter of texts: of one topic in so many cases."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        topic = rng.integers(0, 2, N)
        has = rng.random(N) < np.where(topic == 1, 0.25 + follows, 0.25 - follows)
        known = clusters(rng, topic, has)
        found.append(company_of_kind(known, 0, np.ones(N, dtype=bool)).auroc)
    return float(np.mean(found))


def test_what_a_kind_takes_from_the_rest_does_not_tell_of_it() -> None:
    assert abs(mean_company(follows=0) - 0.5) < 0.03


def test_what_goes_with_the_rest_is_told_by_it() -> None:
    assert mean_company(follows=0.2) > 0.65
