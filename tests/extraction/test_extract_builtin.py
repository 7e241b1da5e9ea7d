"""The built-in reader's numbers do not depend on the machine's load."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpuscope.corpus.read import read_corpus
from corpuscope.demo import demo_corpus
from corpuscope.errors import FeatureMismatch
from corpuscope.extraction.extract import extract
from corpuscope.reader.engines.choose import ENGINES
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.store.store import Store
from tests.extraction.test_extract import rows
from tests.sae.worlds import random_sae
from tests.store.worlds import files_of


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_the_built_in_reader_makes_the_same_bytes_with_one_thread_and_with_two(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (Part("token", (4,), random_sae(512, 384)), Part("sentence", (6,), random_sae(64, 384)))
    kinds = ["token"] * 512 + ["sentence"] * 64
    features = pa.table(
        {"feature": range(576), "kind": kinds, "threshold": pa.array([1.0] * 576, pa.float32())}
    )
    dictionary = Dictionary(
        BUILTIN_READER, "local", "sentence", 128, {"outlier_norm": 10.0}, parts, features
    )
    for n_threads in (1, 2):
        for module in ("threads", "engines.array_reader"):
            name = f"corpuscope.reader.{module}.free_cores"
            monkeypatch.setattr(name, lambda n=n_threads: n)
        corpus = read_corpus(rows(60))
        into = tmp_path / str(n_threads)
        extract(corpus, into=into, dictionary=dictionary, engine=engine)
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2")


@pytest.fixture(scope="module")
def by_engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Store]:
    """The same answers, read with each engine."""
    folder = tmp_path_factory.mktemp("engines")
    texts = [one.text for one in demo_corpus()][:6]
    return {name: extract(texts, into=folder / name, engine=name) for name in ENGINES}


@pytest.mark.slow
def test_engines_differ_by_rounding_alone(by_engine: dict[str, Store]) -> None:
    expected = by_engine["torch"].strengths()
    vectors = np.concatenate(list(by_engine["torch"].vector_batches())).astype(np.float32)
    for name in ("openvino", "numpy"):
        found = by_engine[name].strengths()
        both = {
            (document, feature): strength
            for one in (expected,)
            for document, feature, strength in entries(one)
        }
        own = {(document, feature): strength for document, feature, strength in entries(found)}
        # At a threshold rounding decides.
        assert len(set(both) ^ set(own)) <= 0.002 * len(both)
        shared = sorted(set(both) & set(own))
        differences = np.array([both[key] - own[key] for key in shared])
        assert np.abs(differences).max() < 0.01
        mine = np.concatenate(list(by_engine[name].vector_batches())).astype(np.float32)
        assert (mine * vectors).sum(axis=1) == pytest.approx(1, abs=2e-3)


@pytest.mark.slow
def test_a_store_is_not_resumed_with_another_engine(by_engine: dict[str, Store]) -> None:
    engines = {name: store.provenance["reader"]["engine"] for name, store in by_engine.items()}
    assert engines == {name: name for name in ENGINES}
    path = by_engine["numpy"].path
    texts = [one.text for one in demo_corpus()][:6]
    with pytest.raises(FeatureMismatch, match="engine"):
        extract(texts, into=path, engine="openvino")


def entries(matrix: Any) -> Iterator[tuple[int, int, float]]:
    """Document, feature and strength of each entry."""
    coordinates = matrix.to_csr().tocoo()
    yield from zip(
        coordinates.row.tolist(), coordinates.col.tolist(), coordinates.data.tolist(), strict=True
    )
