"""What other sentences of a text tell of a kind, where a feature is kept at its peak alone."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.audit.sentence_clusters import SentenceClusters
from corpuscope.analyses.audit.sentence_context import kind_predictability
from corpuscope.analyses.sentences.features import Sentences

N, N_FEATURES = 400, 40
IS_ODD = np.arange(N_FEATURES) % 2 == 1

Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""The topic of each document, how many other sentences it has, and how many of the kind."""


def clusters(
    rng: np.random.Generator, topic: np.ndarray, n: np.ndarray, n_kind: np.ndarray, digits: int
) -> SentenceClusters:
    """Documents of sentences of a topic, and of the kind before them.

    What is kept of each feature is the sentence at which it is strongest. The kind has features of
    both topics, and more of the second.
    """
    document = np.repeat(np.arange(N), n + n_kind)
    starts = np.concatenate([[0], np.cumsum(n + n_kind)])
    is_kind = np.arange(starts[-1]) - starts[document] < n_kind[document]
    of_topic = np.where(topic[:, None] == IS_ODD, 0.3, 0.1)[document]
    rate = np.where(is_kind[:, None], np.where(IS_ODD, 0.5, 0.2), of_topic)
    strong = (rng.random(rate.shape) < rate) * (0.5 + rng.lognormal(size=rate.shape)).round(digits)
    places = strong + rng.random(rate.shape) * 1e-6
    strong *= places == np.maximum.reduceat(places, starts[:-1])[document]
    sentences = Sentences(np.arange(N), sp.csr_array(strong.astype(np.float32)), starts)
    return SentenceClusters(
        sentences, np.arange(N_FEATURES), np.eye(N_FEATURES),
        np.zeros((len(strong), N_FEATURES)), (np.flatnonzero(is_kind),),
    )  # fmt: skip


def mean_company(draw: Draw, *, digits: int = 6, n_worlds: int = 30) -> float:
    found = []
    for seed in range(n_worlds):
        rng = np.random.default_rng(seed)
        known = clusters(rng, *draw(rng), digits=digits)
        found.append(kind_predictability(known, 0, np.ones(N, dtype=bool)).auroc)
    return float(np.mean(found))


def topics(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2, N)


def added(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return topics(rng), np.full(N, 2), (rng.random(N) < 0.25).astype(int)


def in_place_of_one(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    has = (rng.random(N) < 0.25).astype(int)
    return topics(rng), 4 - has, has


def in_longer_texts(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = rng.integers(1, 12, N)
    return topics(rng), n, (rng.random(N) < 0.04 * n).astype(int)


def several(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return topics(rng), np.full(N, 4), (rng.random(N) < 0.25) * rng.integers(1, 4, N)


@pytest.mark.parametrize("draw", [added, in_place_of_one, in_longer_texts, several])
def test_a_kind_by_chance_has_no_company(draw: Draw) -> None:
    assert abs(mean_company(draw) - 0.5) < 0.04


def test_equal_strengths_are_no_trouble() -> None:
    assert abs(mean_company(added, digits=0) - 0.5) < 0.04


@pytest.mark.parametrize("n", [2, 8])
def test_a_kind_of_a_topic_has_company(n: int) -> None:
    def of_a_topic(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        topic = topics(rng)
        return topic, np.full(N, n), (rng.random(N) < np.where(topic == 1, 0.45, 0.05)).astype(int)

    assert mean_company(of_a_topic, n_worlds=8) > 0.65


def test_of_many_documents_those_with_a_rare_kind_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("corpuscope.analyses.audit.sentence_context._MOST_DOCUMENTS", 100)
    rng = np.random.default_rng(0)
    rare = (np.arange(N) % 25 == 0).astype(int)
    known = clusters(rng, topics(rng), np.full(N, 2), rare, digits=6)
    found = kind_predictability(known, 0, np.ones(N, dtype=bool))
    assert found.error == pytest.approx(np.sqrt((1 / 16 + 1 / 84) / 12))


def test_of_too_few_nothing_is_told() -> None:
    rng = np.random.default_rng(0)
    known = clusters(rng, topics(rng), np.full(N, 2), (np.arange(N) < 7).astype(int), digits=6)
    assert np.isnan(kind_predictability(known, 0, np.ones(N, dtype=bool)).auroc)
