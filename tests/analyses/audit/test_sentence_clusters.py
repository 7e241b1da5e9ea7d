"""Sentences are put together by their features, at several sizes, and clusters are described."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.audit.sentence_clusters import SentenceClusters, sentence_clusters
from corpuscope.analyses.sentences.features import Sentences
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write


def by_hand() -> SentenceClusters:
    """Three documents of 2, 1 and 3 sentences; the first feature is of the first cluster."""
    has = sp.csr_array(np.array(
        [[5.0, 1, 0, 0], [5, 0, 0, 1], [0, 1, 1, 0], [5, 1, 0, 0], [0, 1, 1, 1], [0, 1, 1, 0]]
    ))  # fmt: skip
    return SentenceClusters(
        Sentences(np.array([10, 20, 30]), has, np.array([0, 2, 3, 6])),
        features=np.array([7, 8, 9, 3]),
        directions=np.ones((4, 1)),
        vectors=np.ones((6, 1)),
        members=(np.array([3, 0, 1]), np.array([2, 4, 5]), np.array([4, 5])),
    )


def test_a_document_has_a_cluster_if_one_of_its_sentences_does() -> None:
    found = by_hand()
    assert len(found) == 3
    assert found.document.tolist() == [0, 0, 1, 2, 2, 2]
    expected = [[1, 0, 0], [0, 1, 0], [1, 1, 1]]
    assert found.presence.toarray().astype(int).tolist() == expected


def test_a_cluster_is_told_by_what_is_in_it_and_nowhere_else() -> None:
    found = by_hand()
    # Of cluster 0: feature 7 in 3 of 3 and 0 of 3, feature 8 in 2 of 3 and 3 of 3, feature 3 in 1
    # of 3 and 1 of 3, which is no gain.
    assert found.most_telling(0) == [7]
    # Of cluster 1: gains of log 4 for feature 9, and of log(4 / 3) for 8, below a quarter of it.
    assert found.most_telling(1) == [9]
    # Of cluster 2, with 2 of 2 and 1 of 4: log(1.5 / .75) = .69; feature 8 has log(1.5 / 1.25),
    # .18, which is just above a quarter; feature 3 .5 log(1 / .75), .14, below it.
    assert found.most_telling(2) == [9, 8]


def test_without_clusters_no_document_has_any() -> None:
    found = by_hand()
    empty = SentenceClusters(
        found.sentences, found.features, found.directions, found.vectors, members=()
    )
    assert len(empty) == 0
    assert empty.presence.shape == (3, 0)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """70 documents of two sentences: the first has three of features 0-4, the second of 5-9.

    A third sentence has no feature at all.
    """
    rng = np.random.default_rng(0)
    made = []
    for _ in range(70):
        peaks = {int(f): 0 for f in rng.permutation(5)[:3]}
        peaks |= {int(f): 2 for f in 5 + rng.permutation(5)[:3]}
        made.append(Made(["word"] * 6, set(peaks), peaks=peaks, n_sentences=3))
    return NamedStore(write(tmp_path_factory.mktemp("clusters") / "s", made))


@pytest.fixture(scope="module")
def found(source: NamedStore) -> SentenceClusters:
    return sentence_clusters(source, np.arange(70), np.arange(10), seed=0)


def test_planted_kinds_are_found_at_every_size(found: SentenceClusters) -> None:
    # 140 sentences have features: 4 clusters of some 32, then half as many, and no single one.
    assert len(found) == 4 + 2
    number = np.arange(210) % 3
    for own in found.members:
        assert len(set(number[own].tolist())) == 1
    counts = np.bincount(np.concatenate(found.members), minlength=210)
    assert set(counts[number == 2].tolist()) == {0}
    assert set(counts[number < 2].tolist()) == {2}
    lengths = np.linalg.norm(found.vectors, axis=1)
    np.testing.assert_allclose(lengths, number < 2, atol=0.01)


def test_the_most_typical_sentence_comes_first(found: SentenceClusters) -> None:
    for own in found.members:
        centre = found.vectors[own].mean(axis=0)
        near = found.vectors[own] @ centre
        assert near[0] == pytest.approx(near.max())
        assert np.all(np.diff(near) <= 1e-9)


def test_only_the_documents_and_features_asked_for_are_read(source: NamedStore) -> None:
    found = sentence_clusters(source, np.arange(5, 70), np.array([9, 5, 7, 2]), seed=0)
    assert found.sentences.rows.tolist() == list(range(5, 70))
    assert found.features.tolist() == [9, 5, 7, 2]
    assert found.sentences.presence.shape == (195, 4)
    assert found.presence.shape[0] == 65
    told = {feature for cluster in range(len(found)) for feature in found.most_telling(cluster)}
    assert told <= {9, 5, 7, 2}


def test_few_sentences_make_no_cluster(tmp_path: Path) -> None:
    made = [Made(["word"] * 2, {i % 4, 4 + i % 3}) for i in range(50)]
    source = NamedStore(write(tmp_path / "s", made))
    assert len(sentence_clusters(source, np.arange(50), np.arange(10), seed=0)) == 0


def test_sentences_that_are_all_the_same_make_no_cluster(tmp_path: Path) -> None:
    made = [Made(["word"] * 2, {1, 2} if i else {3}) for i in range(70)]
    source = NamedStore(write(tmp_path / "s", made))
    found = sentence_clusters(source, np.arange(1, 70), np.array([1, 2, 3]), seed=0)
    assert len(found) == 0
