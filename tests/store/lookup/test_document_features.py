from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpuscope.errors import StoreDamaged
from corpuscope.store.joined import JoinedStore
from corpuscope.store.lookup.document_features import document_features
from corpuscope.store.store import Store
from tests.store.worlds import feature_table, random_records, record, write


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return write(tmp_path_factory.mktemp("s") / "s", random_records(60))


def test_a_hand_example(tmp_path: Path) -> None:
    strengths = {2: (1.5, 1), 3: (0.25, 0), 9: (2.0, 0)}
    table = feature_table(10, n_sentence=1)
    store = write(tmp_path / "s", [record("a"), record("b", strengths=strengths)], features=table)
    found = document_features(store, 1)
    assert found.features.tolist() == [2, 3, 9]
    assert found.strengths.tolist() == [1.5, 0.25, 2.0]
    assert found.over_threshold.tolist() == [3.0, 0.5, 4.0]
    assert found.is_present.tolist() == [True, False, True]
    # Feature 9 is of sentences: its peak is the whole text.
    assert found.spans.tolist() == [[4, 7], [0, 3], [0, 13]]
    assert len(document_features(store, 0).features) == 0


def test_it_says_what_single_calls_say(store: Store) -> None:
    matrix, presence = store.strengths().to_csr().toarray(), store.presence().toarray()
    for row in range(store.n_documents):
        found = document_features(store, row)
        assert found.features.tolist() == np.flatnonzero(matrix[row]).tolist()
        assert found.strengths.tolist() == matrix[row, found.features].tolist()
        assert found.is_present.tolist() == presence[row, found.features].astype(bool).tolist()
        for feature, span in zip(found.features.tolist(), found.spans, strict=True):
            assert span.tolist() == store.peak_span([row], feature)[0].tolist()


def test_joined_stores_are_read_alike(store: Store) -> None:
    twice = JoinedStore([store, store]).as_one
    for row in (0, 59):
        first, second = document_features(store, row), document_features(twice, row + 60)
        assert first.features.tolist() == second.features.tolist()
        assert first.spans.tolist() == second.spans.tolist()


def test_a_threshold_of_zero_makes_all_strengths_present(tmp_path: Path) -> None:
    table = feature_table(4, threshold=0.0)
    store = write(tmp_path / "s", [record("a", strengths={1: (0.5, 0)})], features=table)
    found = document_features(store, 0)
    assert found.is_present.tolist() == [True]
    assert np.isinf(found.over_threshold).all()


def test_a_strength_of_exactly_its_threshold_is_not_present(tmp_path: Path) -> None:
    store = write(tmp_path / "s", [record("a", strengths={1: (0.5, 0), 2: (0.50049, 0)})])
    assert document_features(store, 0).is_present.tolist() == [False, True]


def test_a_peak_that_no_unit_has_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = write(tmp_path / "s", [record("a", "one two", strengths={1: (1.0, 1)})])
    beyond = replace(store.strengths(), peaks_by_feature=np.array([5], dtype=np.uint32))
    monkeypatch.setattr(store, "strengths", lambda: beyond)
    with pytest.raises(StoreDamaged, match="peak"):
        document_features(store, 0)
