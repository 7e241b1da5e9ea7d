"""What is read again is what the shortest way finds: every unit encoded, then pooled."""

from pathlib import Path

import numpy as np
import pytest
import torch

from corpuscope.errors import DictionaryError, FeatureMismatch, ReaderError
from corpuscope.probing.matrices.pooled_cache import open_pooled
from corpuscope.probing.matrices.pooling import Pools
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.store.store import Store
from tests.probing.worlds import rows, store_of
from tests.reader.tiny import document, tiny_bert
from tests.sae.worlds import random_dictionary
from tests.store.worlds import record, write

N = 9


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    texts = rows(N)
    texts[2]["text"] = " ".join(one["text"] for one in rows(30))
    return store_of(tmp_path_factory.mktemp("pooled"), "s", texts)


def units_of(store: Store, unit: str, row: int) -> torch.Tensor:
    dictionary, reader = random_dictionary(), tiny_bert()
    plan = ReadingPlan((2,), (3, 4), dictionary.context, dictionary.max_tokens, MaskPolicy())
    (stretch,) = read_documents([document(store.texts([row])[0])], reader, plan)
    units, layers = (stretch.tokens, (2,)) if unit == "token" else (stretch.sentences, (3, 4))
    return units.joined(layers).float()


@pytest.mark.parametrize("unit", ["token", "sentence"])
def test_all_poolings_and_sides_are_those_of_the_units(store: Store, unit: str) -> None:
    pooled = open_pooled(
        store, positions=["position=1"], dictionary=random_dictionary(), reader=tiny_bert()
    )
    part = random_dictionary().parts[int(unit == "sentence")]
    for row in (0, 2, 8):
        states = units_of(store, unit, row)
        activations = part.sae.encode(states)
        decoded = part.sae.decode(activations)
        sides = {"states": states, "reconstruction": decoded, "error": states - decoded}
        at = {"last": len(states) - 1, "position=1": min(1, len(states) - 1)}
        for pooling in ("mean", "max", "last", "position=1"):
            found = {name: pooled.dense(unit, pooling, name)[row] for name in sides}
            features = pooled.features(unit, pooling)[[row]].toarray()[0]
            for name, given in {**sides, "features": activations}.items():
                expected = _pool(given, pooling, at)
                value = features if name == "features" else found[name]
                assert np.allclose(value, expected, atol=0.01), (row, pooling, name)


def _pool(given: torch.Tensor, pooling: str, at: dict[str, int]) -> np.ndarray:
    if pooling in at:
        return given[at[pooling]].numpy()
    return (given.mean(dim=0) if pooling == "mean" else given.amax(dim=0)).numpy()


def test_states_and_features_add_up(store: Store) -> None:
    pooled = open_pooled(store, dictionary=random_dictionary(), reader=tiny_bert())
    for pooling in ("mean", "last"):
        states, decoded, error = (
            pooled.dense("token", pooling, side).astype(np.float32)
            for side in ("states", "reconstruction", "error")
        )
        assert np.allclose(states, decoded + error, atol=0.02)


def test_tokens_are_kept_in_order_and_of_long_documents_both_ends(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpuscope.probing.matrices.rereading.MOST_TOKENS", 5)
    pooled = open_pooled(store, tokens=True, dictionary=random_dictionary(), reader=tiny_bert())
    states, counts = pooled.tokens()
    assert counts.tolist() == [min(n, 10) for n in store.n_tokens]
    start = int(counts[:2].sum())
    expected = units_of(store, "token", 2)
    kept = torch.cat([expected[:5], expected[-5:]]).numpy()
    assert np.allclose(states[start : start + 10], kept, atol=0.01)


def test_features_of_tokens_are_those_that_means_were_made_of(tmp_path: Path) -> None:
    store = store_of(tmp_path, "s", rows(N))
    models = {"dictionary": random_dictionary(), "reader": tiny_bert()}
    pooled = open_pooled(store, tokens=True, **models)
    means = pooled.features("token", "mean").toarray()
    wanted = np.array([5, 2, 20])
    counts = pooled.tokens()[1]
    found = pooled.token_features(wanted)
    assert found.shape == (counts.sum(), 3)
    for row, n in enumerate(counts):
        own = found[counts[:row].sum() + np.arange(n)].toarray()
        assert np.allclose(own.mean(axis=0), means[row, wanted], atol=0.01), row
    some = np.array([3, 0, 3])
    assert np.allclose(found[some].toarray(), found[np.arange(4)].toarray()[some])


def test_what_was_read_once_is_not_read_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"dictionary": random_dictionary(), "reader": tiny_bert()}
    first = open_pooled(store, **options)  # type: ignore[arg-type]

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("corpuscope.probing.matrices.rereading.read_again", refuse)
    assert open_pooled(store).folder == first.folder


def test_pieces_of_any_size_give_the_same() -> None:
    rng = np.random.default_rng(0)
    import scipy.sparse as sp

    documents = np.repeat([0, 1, 3], [4, 1, 5])
    sides = rng.standard_normal((10, 3, 2)).astype(np.float32)
    activations = sp.csr_array((rng.random((10, 6)) * (rng.random((10, 6)) < 0.4)).astype("f4"))
    found = []
    for size in (10, 3, 1):
        pools = Pools(
            np.array([4, 1, 0, 5]), width=2, n_features=6, poolings=["mean", "max", "position=-2"]
        )
        for at in range(0, 10, size):
            piece = slice(at, at + size)
            pools.add(documents[piece], sides[piece], activations[piece])
        found.append(pools.pooled())
    for other in found[1:]:
        for name, pooled in found[0].items():
            assert np.allclose(pooled.dense, other[name].dense, atol=1e-3)
            assert np.allclose(pooled.features.toarray(), other[name].features.toarray())
    assert np.allclose(found[0]["position=-2"].dense[3], sides[8], atol=1e-3)
    assert not found[0]["max"].dense[2].any()


def test_another_dictionary_than_the_stores_is_refused(store: Store) -> None:
    with pytest.raises(FeatureMismatch, match="was read with dictionary"):
        open_pooled(store, positions=["position=3"])


def test_a_store_that_does_not_say_how_it_was_read_is_refused(tmp_path: Path) -> None:
    from corpuscope.errors import StoreDamaged

    with pytest.raises(StoreDamaged, match="which dictionary"):
        open_pooled(write(tmp_path / "s.scope", [record("a")]))


def test_a_reader_that_cannot_be_loaded_is_told(store: Store) -> None:
    with pytest.raises(ReaderError) as every:
        open_pooled(store, positions=["position=4"], dictionary=random_dictionary())
    assert "tiny/bert" in every.value.found
    with pytest.raises(DictionaryError):
        open_pooled(store, positions=["position=4"], dictionary="no-such-folder")
