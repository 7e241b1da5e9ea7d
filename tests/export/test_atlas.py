"""Embedding Atlas gets names that are unique, by document, with the rule beside them."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuscope.errors import InputError
from corpuscope.export.atlas import export_atlas
from corpuscope.export.atlas_rule import AtlasSettings
from tests.export.worlds import odd_store

ALL = AtlasSettings(quantile=0, most_rate=1)


def test_documents_list_names_with_numbers_the_most_outstanding_first(tmp_path: Path) -> None:
    store = odd_store(tmp_path / "a.scope")
    found = export_atlas(store, tmp_path / "out", settings=ALL)
    table = pq.read_table(tmp_path / "out" / "documents.parquet")
    assert table.schema.field("features").type == pa.list_(pa.string())
    assert table["features"].to_pylist() == [
        ["greeting [1]", 'the "all" [4]'],
        [],
        ["greeting [1]", "feature 2", "feature 3", "number [5]"],
    ]
    np.testing.assert_allclose(table["vector"].to_pylist()[2], [0.6, 0.8], atol=1e-3)
    assert found.counts == {"documents": 3, "features": 5, "listed": 6}


def test_the_features_of_the_second_table_are_those_that_are_listed(tmp_path: Path) -> None:
    export_atlas(
        odd_store(tmp_path / "a.scope"), tmp_path / "out", topics={1: ["tone"]}, settings=ALL
    )
    table = pq.read_table(tmp_path / "out" / "features.parquet")
    documents = pq.read_table(tmp_path / "out" / "documents.parquet")
    listed = {name for names in documents["features"].to_pylist() for name in names}
    assert set(table["feature"].to_pylist()) == listed
    rows = table.to_pylist()
    assert rows[0] == {
        "feature": "greeting [1]",
        "description": "token feature 1, label from llm: m, present in 66.67% of documents",
        "number": 1, "kind": "token", "label": "greeting", "label_source": "llm: m",
        "score": None, "n_documents": 2, "rate": 2 / 3, "topics": ["tone"],
    }  # fmt: skip
    assert rows[1]["description"] == "token feature 2, no label, present in 33.33% of documents"
    assert rows[1]["topics"] == []


def test_the_rule_is_in_both_files(tmp_path: Path) -> None:
    export_atlas(odd_store(tmp_path / "a.scope"), tmp_path / "out")
    for name in ("documents", "features"):
        metadata = pq.read_schema(tmp_path / "out" / f"{name}.parquet").metadata
        value = json.loads(metadata[b"corpuscope"])
        assert value["rule"] == AtlasSettings().sentence
        assert value["stores"][0]["name"] == "a.scope"
    table = pq.read_table(tmp_path / "out" / "features.parquet")
    assert "topics" not in table.column_names


def test_by_role_each_feature_has_the_role_in_which_it_is_strongest(tmp_path: Path) -> None:
    stores = [odd_store(tmp_path / "a.scope"), odd_store(tmp_path / "b.scope", "e")]
    settings = AtlasSettings(quantile=0, most_rate=1, by_role=True)
    found = export_atlas(stores, tmp_path / "out", settings=settings)
    table = pq.read_table(tmp_path / "out" / "documents.parquet")
    features = table["features"].to_pylist()
    assert features[0][0] == {"feature": "greeting [1]", "source": None, "index": None}
    assert [(one["feature"], one["source"], one["index"]) for one in features[5]] == [
        ("greeting [1]", "user", 0),
        ("feature 2", "assistant", 1),
        ("feature 3", None, None),
        ("number [5]", "user", 0),
    ]
    assert "list_transform(features, s -> s.feature)" in found.notes[-1]


def test_topics_of_unknown_features_are_refused(tmp_path: Path) -> None:
    store = odd_store(tmp_path / "a.scope")
    with pytest.raises(InputError, match="topics of feature 6"):
        export_atlas(store, tmp_path / "out", topics={6: ["x"]})
    assert not (tmp_path / "out").exists()


def test_the_loader_of_embedding_atlas_opens_both_files(tmp_path: Path) -> None:
    utils = pytest.importorskip(
        "embedding_atlas.utils", reason="the package embedding-atlas is not installed"
    )
    export_atlas(odd_store(tmp_path / "a.scope"), tmp_path / "out", settings=ALL)
    documents = utils.load_pandas_data(str(tmp_path / "out" / "documents.parquet"))
    features = utils.load_pandas_data(str(tmp_path / "out" / "features.parquet"))
    assert list(documents["features"][0]) == ["greeting [1]", 'the "all" [4]']
    assert features["feature"].is_unique
