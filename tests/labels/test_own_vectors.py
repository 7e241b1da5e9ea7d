from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import corpuscope.labels.own_vectors as module
from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.labels.own_vectors import centred_means, own_context_vectors, within_budget
from corpuscope.store.store import open_store
from tests.labels.worlds import store_of

SENTENCES = [["a", "b"], ["c", "b"], ["b"], []]


def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    return np.eye(3, dtype=np.float32)[["abc".index(text) for text in texts]]


def test_features_get_what_their_strongest_sentences_mean(tmp_path: Path) -> None:
    found = own_context_vectors(store_of(tmp_path / "a.scope"))
    apology = load_phrase_embedder().embed(["I am sorry", "a recipe for soup"])
    assert found[3] @ apology[0] > 0.3
    assert found[3] @ apology[0] > found[4] @ apology[0] + 0.3
    assert not found[1].any()
    assert np.linalg.norm(found[[0, 2, 3, 4]], axis=1) == pytest.approx(1, abs=1e-5)


def test_they_are_computed_once_and_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path / "a.scope", n=40)
    told: list[tuple[int, int]] = []
    first = own_context_vectors(store, lambda done, n: told.append((done, n)))
    assert told
    assert told[-1][0] == told[-1][1]
    monkeypatch.setattr(module, "strongest_sentences", lambda *_, **__: pytest.fail("again"))
    assert np.array_equal(own_context_vectors(open_store(store.path)), first)


def test_a_budget_keeps_the_sentences_that_serve_most_features() -> None:
    assert within_budget(SENTENCES, 1) == [["b"], ["b"], ["b"], []]
    assert within_budget(SENTENCES, 2) == [["a", "b"], ["b"], ["b"], []]
    assert within_budget(SENTENCES, 9) == SENTENCES
    assert within_budget([], 5) == []


def test_means_are_centred_within_a_kind_and_of_length_one() -> None:
    kinds = np.array(["token", "token", "sentence", "sentence"], dtype=object)
    found = centred_means(SENTENCES, kinds, embed)
    # The first two share "b", of which centring leaves nothing.
    assert found[0] == pytest.approx([np.sqrt(0.5), 0, -np.sqrt(0.5)])
    assert found[1] == pytest.approx(-found[0])
    assert not found[2:].any()
