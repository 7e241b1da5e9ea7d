"""A document's vector is that of the store, or the mean of its sentences'; kept in the cache."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpuscope.embedding import documents
from corpuscope.embedding.documents import (
    DocumentVectors,
    are_at_hand,
    open_document_vectors,
    vectors_at_hand,
)
from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.end_to_end import joined
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, write


def directions(n: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, PHRASE_WIDTH))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rounded: np.ndarray = vectors.astype(np.float16)
    return rounded


def store_of(path: Path, vectors: np.ndarray) -> Store:
    return write(path, [Made([f"w{i}"], vector=vector) for i, vector in enumerate(vectors)])


class Fake:
    """An embedder of texts as if each were its length along the first axis, and 1 beside it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        found = np.zeros((len(texts), PHRASE_WIDTH), dtype=np.float32)
        found[:, 0] = [len(text) for text in texts]
        found[:, 1] = 1
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(documents, "load_phrase_embedder", lambda: fake)
    return fake


def test_steps_are_worth_their_scales() -> None:
    steps = np.array([[127, 0], [0, -100]], dtype=np.int8)
    found = DocumentVectors(steps, np.array([0.5, 2.0], np.float32), np.zeros(2, np.float32))
    assert found.similarity(np.array([1.0, 1.0])) == pytest.approx([63.5, -200.0], rel=1e-3)
    assert found.mean_of(np.array([0, 1])) == pytest.approx([31.75, -100.0])
    assert found.mean_of(np.array([1])) == pytest.approx([0.0, -200.0])
    turned = found.of(np.array([1, 0, 1]))
    assert turned.scales.tolist() == [2.0, 0.5, 2.0]
    assert turned.mean is found.mean
    assert turned.similarity(np.array([0.0, 1.0])) == pytest.approx([-200.0, 0.0, -200.0], rel=1e-3)


def test_vectors_of_the_store_are_kept_to_half_a_step(tmp_path: Path, embedder: Fake) -> None:
    truth = directions(7, seed=0)
    store = store_of(tmp_path / "a", truth)
    assert are_at_hand(store)
    found = open_document_vectors(store)
    back = found.steps * found.scales[:, None]
    assert back == pytest.approx(truth, abs=float(np.abs(truth).max()) / 254 + 1e-6)
    assert found.mean == pytest.approx(truth.astype(np.float64).mean(axis=0), abs=1e-6)
    assert np.abs(found.steps).max(axis=1).tolist() == [127] * 7
    assert found.similarity(truth[3].astype(np.float32)) == pytest.approx(
        (truth.astype(np.float64) @ truth[3].astype(np.float64)), abs=2e-3
    )
    assert embedder.asked == []


def test_vectors_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of(tmp_path / "a", directions(3, seed=0))
    first = open_document_vectors(store)
    monkeypatch.setattr(documents, "_build", None)
    assert open_document_vectors(store).steps.tolist() == first.steps.tolist()


def test_several_stores_lie_end_to_end_with_the_mean_of_all(tmp_path: Path) -> None:
    one, other = directions(5, seed=1), directions(2, seed=2)
    stores = [store_of(tmp_path / "a", one), store_of(tmp_path / "b", other)]
    found = open_document_vectors(joined(stores))
    parts = [open_document_vectors(store) for store in stores]
    assert found.steps.tolist() == np.concatenate([part.steps for part in parts]).tolist()
    assert found.scales.tolist() == np.concatenate([part.scales for part in parts]).tolist()
    every = np.concatenate([one, other]).astype(np.float64)
    assert found.mean == pytest.approx(every.mean(axis=0), abs=1e-6)


def test_an_empty_store_has_no_vectors_and_a_mean_of_zeros(tmp_path: Path, embedder: Fake) -> None:
    found = open_document_vectors(write(tmp_path / "a", []))
    assert found.steps.shape == (0, PHRASE_WIDTH)
    assert not found.mean.any()
    assert found.similarity(np.ones(PHRASE_WIDTH)).tolist() == []


def test_without_vectors_the_sentences_are_embedded(
    tmp_path: Path, embedder: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_ROWS_AT_ONCE", 2)
    made = [Made(["ab", "abc"], n_sentences=2), Made(["abcd"]), Made(["x", "yy"])]
    told: list[tuple[int, int]] = []
    store = write(tmp_path / "a", made)
    assert not are_at_hand(store)
    found = open_document_vectors(store, lambda *done: told.append(done))
    assert embedder.asked == ["ab", "abc", "abcd", "x yy"]
    assert told == [(2, 3), (3, 3)]
    both = np.array([2, 1]) / np.sqrt(5) + np.array([3, 1]) / np.sqrt(10)
    truth = [both / np.linalg.norm(both), [4 / np.sqrt(17), 1 / np.sqrt(17)],
             [4 / np.sqrt(17), 1 / np.sqrt(17)]]  # fmt: skip
    back = found.steps[:, :2] * found.scales[:, None]
    assert back == pytest.approx(np.array(truth), abs=1 / 254)
    assert not found.steps[:, 2:].any()


def test_of_a_long_text_some_sentences_are_embedded(tmp_path: Path, embedder: Fake) -> None:
    words = [f"{'w' * (i // 26 + 1)}{chr(97 + i % 26)}" for i in range(130)]
    open_document_vectors(write(tmp_path / "a", [Made(words, n_sentences=130)]))
    assert len(embedder.asked) == 64
    assert (embedder.asked[0], embedder.asked[-1]) == (words[0], words[-1])
    places = [words.index(text) for text in embedder.asked]
    assert set(np.diff(places)) == {2, 3}
    embedder.asked.clear()
    open_document_vectors(write(tmp_path / "b", [Made(words[:64], n_sentences=64)]))
    assert embedder.asked == words[:64]


def test_vectors_at_hand_are_of_length_one_and_of_the_rows_asked_for(tmp_path: Path) -> None:
    one, other = directions(3, seed=1), directions(2, seed=2)
    source = NamedStore([store_of(tmp_path / "a", one), store_of(tmp_path / "b", other)])
    found = vectors_at_hand(source, np.array([4, 0]))
    assert found is not None
    assert found == pytest.approx(np.stack([other[1], one[0]]).astype(np.float32), abs=2e-3)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)


def test_where_one_store_has_none_there_are_none_at_hand(tmp_path: Path, embedder: Fake) -> None:
    with_some = store_of(tmp_path / "a", directions(2, seed=1))
    narrow = store_of(tmp_path / "b", directions(2, seed=1)[:, :8])
    none = write(tmp_path / "c", [Made(["a"])])
    assert not are_at_hand(narrow)
    assert vectors_at_hand(NamedStore([with_some, none]), np.array([0])) is None
    assert vectors_at_hand(NamedStore([with_some, narrow]), np.array([0])) is None
    assert embedder.asked == []


def test_vectors_are_opened_once_for_each_store(tmp_path: Path) -> None:
    store = store_of(tmp_path / "s", directions(3, seed=0))
    assert open_document_vectors(store) is open_document_vectors(store)
    twice = joined([store, store_of(tmp_path / "t", directions(2, seed=1))])
    assert open_document_vectors(twice) is open_document_vectors(joined(twice.parts))
