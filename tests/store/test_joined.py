"""Several stores are read as one: every question has the answer of one store of all documents."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import corpuscope as cs
from corpuscope.analyses.search.bm25_index import open_word_index
from corpuscope.embedding.documents import open_document_vectors
from corpuscope.store.end_to_end import joined
from corpuscope.store.manifest import documents_path, manifest_path, strengths_path
from corpuscope.store.store import Store
from tests.probing.worlds import asked, rows, store_of

PROBES = ("length", "words", "dense token mean", "sae token max k=2", "sae token attention all",
          "dense token attention")  # fmt: skip

QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "diff": lambda store: cs.diff(
        store, by="label", settings=cs.ComparisonSettings(min_support=5, rename=False)
    ),
    "trend": lambda store: cs.trend(
        store, by="round", settings=cs.TrendSettings(min_support=5, rename=False)
    ),
    "correlate": lambda store: cs.correlate(
        store,
        settings=cs.CorrelateSettings(words=True, min_support=5, rename=False),
        min_npmi=0.05,
        q=0.9,
    ),
    "cluster": lambda store: cs.cluster(
        store, n_clusters=2, settings=cs.ClusterSettings(rename=False)
    ),
    "search": lambda store: cs.search(store, "fry an onion", n=10),
    "audit": lambda store: cs.audit(
        store,
        label="label",
        settings=cs.AuditSettings(rename=False),
        checks=("shortcuts", "suspect_labels", "templates", "oddities", "small_groups"),
    ),
    "probe": lambda store: asked(store, probes=PROBES),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A hundred and twenty documents in three shards."""
    texts = rows(120)
    for at, row in enumerate(texts):
        row["round"] = at // 2 % 2 + 2 * (row["label"] == "yes")
    return store_of(tmp_path_factory.mktemp("whole"), "whole", texts, shard_documents=40)


@pytest.fixture(scope="module")
def parts(whole: Store, tmp_path_factory: pytest.TempPathFactory) -> list[Store]:
    """The first shard as one store, the other two as another."""
    folder = tmp_path_factory.mktemp("parts")
    return [part_of(whole, folder / "a.scope", [0]), part_of(whole, folder / "b.scope", [1, 2])]


def part_of(store: Store, into: Path, shards: list[int]) -> Store:
    """Some shards of a store as a store of its own."""
    manifest = json.loads(manifest_path(store.path).read_text())
    del manifest["blake2b"]
    manifest["shards"] = [manifest["shards"][n] | {"shard": at} for at, n in enumerate(shards)]
    for folder in ("documents", "strengths"):
        (into / folder).mkdir(parents=True)
    for at, n in enumerate(shards):
        for path_of in (documents_path, strengths_path):
            shutil.copy(path_of(store.path, n), path_of(into, at))
    shutil.copy(store.path / "features.parquet", into)
    manifest_path(into).write_text(json.dumps(manifest))
    return cs.open_store(into)


def answer(result: Any) -> Any:
    """What a result says, without where it is from and what takes no part in the answer."""
    found = result.to_json()
    return {key: value for key, value in found.items() if key not in ("store", "digest")}


@pytest.mark.parametrize("question", QUESTIONS)
def test_two_stores_answer_as_one_of_all_documents(
    whole: Store, parts: list[Store], question: str
) -> None:
    right, found = (answer(QUESTIONS[question](given)) for given in (whole, parts))
    assert len(json.dumps(right)) > 400
    assert close(right, found)


def close(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same but for rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=1e-5, atol=1e-7, equal_nan=True))
    return bool(one == other)


def test_what_a_joined_store_holds_is_what_the_whole_one_holds(
    whole: Store, parts: list[Store]
) -> None:
    both = joined(parts)
    assert both.n_documents == whole.n_documents
    assert both.ids.tolist() == whole.ids.tolist()
    assert both.texts([119, 3, 41]) == whole.texts([119, 3, 41])
    assert both.column("g").tolist() == whole.column("g").tolist()
    assert both.columns == whole.columns
    np.testing.assert_array_equal(
        both.strengths().to_csr().toarray(), whole.strengths().to_csr().toarray()
    )
    np.testing.assert_array_equal(both.peak_span([50], whole_feature(whole, 50)),
                                  whole.peak_span([50], whole_feature(whole, 50)))  # fmt: skip
    one, two = open_word_index(whole), open_word_index(both)
    assert one.scores.tolist() == two.scores.tolist()
    assert one.rows.tolist() == two.rows.tolist()
    one_vectors, two_vectors = open_document_vectors(whole), open_document_vectors(both)
    assert one_vectors.steps.tolist() == two_vectors.steps.tolist()
    np.testing.assert_allclose(one_vectors.mean, two_vectors.mean, atol=1e-6)
    both.verify()


def whole_feature(store: Store, row: int) -> int:
    """A feature that a document has."""
    strengths = store.strengths()
    return int(strengths.features[strengths.document_starts[row]])


def test_stores_joined_again_are_equal_and_in_another_order_are_not(parts: list[Store]) -> None:
    assert joined(parts) == joined(parts)
    assert hash(joined(parts)) == hash(joined(parts))
    assert joined(parts) != joined(parts[::-1])
    assert joined(parts[:1]) is parts[0]


def test_a_part_that_is_damaged_is_named(parts: list[Store], tmp_path: Path) -> None:
    other = tmp_path / "b.scope"
    shutil.copytree(parts[1].path, other)
    file = strengths_path(other, 1)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    both = joined([parts[0], cs.open_store(other)])
    with pytest.raises(cs.CorpuscopeError, match=r"b\.scope.*00001\.parquet"):
        both.verify()
