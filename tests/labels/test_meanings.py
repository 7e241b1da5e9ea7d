from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import corpuscope.labels.meanings as room
from corpuscope.labels.contexts import strongest_sentences
from corpuscope.labels.meanings import (
    Meanings,
    context_vectors,
    embedded_names,
    is_name,
    load_shipped,
    meanings,
    ship,
)
from corpuscope.store.store import Store, open_store
from tests.analyses.worlds import Made
from tests.analyses.worlds import write as write_made
from tests.labels.worlds import store_of
from tests.store.worlds import feature_table, record, write


def named(path: Path, labels: dict[int, str]) -> Store:
    made = [Made(["a", "word"], {0, 1, 2}), Made(["more", "words"], {1})]
    return write_made(path, made, labels=labels, n_features=4)


def unit(*rows: Sequence[float]) -> npt.NDArray[np.float32]:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_likeness_is_the_mean_of_two_cosines() -> None:
    contexts = np.array([[0, 1], [0, 0]], dtype=np.float32)
    found = Meanings(unit([1, 0], [0, 1]), contexts, unit([1, 0, 0], [0, 1, 0]))
    assert found.similarity_to(unit([1, 1])) == pytest.approx(
        np.array([[np.sqrt(0.5), np.sqrt(0.5) / 2]])
    )
    assert found.is_known.tolist() == [True, True]
    alone = replace(found, names=np.zeros_like(found.names))
    assert alone.similarity_to(unit([1, 1])) == pytest.approx(np.array([[np.sqrt(0.5), 0]]))


def test_names_of_any_dictionary_have_vectors(tmp_path: Path) -> None:
    store = named(tmp_path / "a.scope", {0: "polite thanks", 1: '"law", "court"'})
    found = meanings(store)
    assert found.similarity(["gratitude"])[0].argmax() == 0
    assert found.similarity(["a judge decides"])[0].argmax() == 1
    assert found.is_known.tolist() == [True, True, False, False]
    # Vectors are centred by kind: feature 2 is the only one of its kind that is anywhere.
    assert np.any(found.contexts != 0, axis=1).tolist() == [True, True, False, False]
    assert not found.companions.any()


def test_vectors_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = meanings(named(tmp_path / "a.scope", {0: "polite thanks"}))
    monkeypatch.setattr(room, "embedded_names", lambda _: pytest.fail("embedded again"))
    again = meanings(open_store(tmp_path / "a.scope"))
    assert np.array_equal(first.names, again.names)


def test_new_names_have_new_vectors(tmp_path: Path) -> None:
    store = named(tmp_path / "a.scope", {0: "polite thanks"})
    old = meanings(store)
    path = tmp_path / "a.scope" / "features.parquet"
    table = pd.read_parquet(path)
    table.loc[0, "label"] = "rude words"
    store.__dict__["features"] = table
    assert not np.allclose(meanings(store).names[0], old.names[0])


def test_the_built_in_dictionary_ships_with_vectors(demo_store: Path) -> None:
    store = open_store(demo_store)
    found = meanings(store)
    assert load_shipped().dictionary == store.provenance["dictionary"]["digest"]
    assert found is load_shipped().meanings
    lengths = np.linalg.norm(found.names, axis=1)
    is_named = store.features["label"].notna().to_numpy()
    assert lengths[is_named] == pytest.approx(1, abs=1e-5)
    assert not lengths[~is_named].any()
    some = np.flatnonzero(is_named)[::2000]
    own = embedded_names(store.features["label"].iloc[some].tolist())
    assert (found.names[some] * own).sum(axis=1).min() > 0.999


def test_a_name_of_ones_own_replaces_the_shipped_vector(demo_store: Path) -> None:
    store = open_store(demo_store)
    table = store.features.copy()
    table.loc[7, "label"] = "parking permits of the town hall"
    store.__dict__["features"] = table
    found = meanings(store)
    assert found.similarity(["a permit to park"])[0, 7] > 0.2
    others = np.arange(len(table)) != 7
    assert np.array_equal(found.names[others], load_shipped().meanings.names[others])


@pytest.mark.parametrize("phrase", ["apologies", "polite thanks", "computer code", "poetry"])
def test_contexts_find_what_a_phrase_means(phrase: str) -> None:
    found = load_shipped()
    best = np.argsort(-found.meanings.similarity([phrase])[0])[:20]
    words = {
        "apologies": ["sorry", "apolog"],
        "polite thanks": ["thank"],
        "computer code": ["code", "def", "function", "return", "int", "string", "import"],
        "poetry": ["poem", "poet", "verse", "lines", "thou", "thy"],
    }[phrase]
    told = " ".join(str(found.labels[feature]).lower() for feature in best)
    assert any(word in told for word in words), told


def test_strongest_sentences_come_once_from_the_best_documents(tmp_path: Path) -> None:
    strengths = [(1.0, 0), (3.0, 0), (2.0, 0), (0.1, 0)]
    texts = ["One is here.", "Same text.", "Same text.", "Too weak."]
    records = [
        record(f"d{i}", text, strengths={0: own})
        for i, (text, own) in enumerate(zip(texts, strengths, strict=True))
    ]
    table = feature_table(2, n_sentence=2)
    store = write(tmp_path / "a.scope", records, n_features=2, features=table)
    store.__dict__["thresholds"] = np.full(2, 0.5, dtype=np.float32)
    assert [sorted(own) for own in strongest_sentences(store, n=2)] == [["Same text."], []]
    assert sorted(strongest_sentences(store, n=9)[0]) == ["One is here.", "Same text."]


def test_context_vectors_are_centred_by_kind(tmp_path: Path) -> None:
    store = store_of(tmp_path / "a.scope")

    def embed(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return unit(*([1.0, "however" in text, "sorry" in text.lower()] for text in texts))

    found = context_vectors(store, embed)
    assert found[0, 1] > 0.5
    assert found[3, 2] > 0
    assert found[:3].sum(axis=0) != pytest.approx(0)
    assert np.linalg.norm(found, axis=1)[[0, 2, 3, 4]] == pytest.approx(1)


def test_a_round_trip_in_eight_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(0).normal(size=(16384, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[5] = 0
    ship(Meanings(vectors, -vectors, vectors[:, :128]), dictionary="abc", folder=tmp_path)
    (tmp_path / "features.parquet").write_bytes((room.SHIPPED / "features.parquet").read_bytes())
    monkeypatch.setattr(room, "SHIPPED", tmp_path)
    found = load_shipped.__wrapped__()
    assert found.dictionary == "abc"
    cosines = (found.meanings.names * vectors).sum(axis=1)
    assert cosines[np.arange(16384) != 5].min() > 0.999
    assert not found.meanings.contexts[5].any()
    assert found.meanings.companions.shape == (16384, 128)
    assert replace(found, dictionary="x").dictionary == "x"


@pytest.mark.parametrize(
    ("label", "expected"),
    [("list sign", True), ("feature 12", False), ("", False), (None, False), (" ", False)],
)
def test_a_number_is_no_name(label: object, expected: bool) -> None:
    assert is_name(label) is expected
