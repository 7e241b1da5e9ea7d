"""The folder has a split for each store, and a card that names its files."""

import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from corpuscope.export import datasets
from corpuscope.export.datasets import export_datasets
from tests.export.worlds import N_FEATURES, matrix_of, odd_store
from tests.store.worlds import random_records, write


def paths_in(card: str) -> dict[str, str]:
    """The pattern of each split's files."""
    return dict(re.findall(r'- split: "(\w+)"\n    path: "([^"]+)"', card))


def test_one_store_is_the_split_train(tmp_path: Path) -> None:
    store = odd_store(tmp_path / "a.scope")
    found = export_datasets(store, tmp_path / "out")
    assert found.counts == {"documents": 3, "features": N_FEATURES, "strengths": 7}
    table = pq.read_table(tmp_path / "out" / "documents" / "train-00000.parquet")
    rows = table.to_pylist()
    matrix = np.zeros((3, N_FEATURES), dtype=np.float32)
    for number, row in enumerate(rows):
        matrix[number, row["feature_ids"]] = row["strengths"]
    np.testing.assert_array_equal(matrix, matrix_of(store))
    last = rows[2]
    quoted = [last["text"][a:b] for a, b in zip(last["starts"], last["ends"], strict=True)]
    assert quoted == ["good", "morning", "all", "good morning all"]
    assert "document" not in table.column_names


def test_every_split_of_the_card_has_its_files(tmp_path: Path) -> None:
    stores = [
        odd_store(tmp_path / "x" / "year 2024.scope"),
        odd_store(tmp_path / "y" / "year 2024.scope", "e"),
        odd_store(tmp_path / "雪.scope", "f"),
    ]
    found = export_datasets(stores, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    splits = paths_in(card)
    assert splits == {
        "year_2024": "documents/year_2024-*.parquet",
        "year_2024_scope_2": "documents/year_2024_scope_2-*.parquet",
        "corpus": "documents/corpus-*.parquet",
        "train": "features/*.parquet",
    }
    del splits["train"]
    for pattern in splits.values():
        (file,) = (tmp_path / "out").glob(pattern)
        assert pq.read_table(file).num_rows == 3
    assert pq.read_table(tmp_path / "out" / "features" / "features.parquet").num_rows == N_FEATURES
    assert sorted(found.files)[0] == "README.md"


def test_a_store_without_documents_is_an_empty_split(tmp_path: Path) -> None:
    stores = [
        write(tmp_path / "full.scope", random_records(3)),
        write(tmp_path / "empty.scope", []),
    ]
    export_datasets(stores, tmp_path / "out")
    empty = pq.read_table(tmp_path / "out" / "documents" / "empty-00000.parquet")
    full = pq.read_table(tmp_path / "out" / "documents" / "full-00000.parquet")
    assert empty.num_rows == 0
    assert empty.schema == full.schema


def test_large_corpora_are_divided_into_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "_MOST_ROWS", 10)
    export_datasets(write(tmp_path / "s.scope", random_records(30)), tmp_path / "out")
    files = sorted((tmp_path / "out" / "documents").iterdir())
    assert [file.name for file in files] == [f"train-{number:05d}.parquet" for number in range(3)]
    ids = [id for file in files for id in pq.read_table(file)["id"].to_pylist()]
    assert ids == [f"d0-{number}" for number in range(30)]


def test_the_library_loads_both_configurations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = pytest.importorskip("datasets", reason="the library datasets is not installed")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    store = write(tmp_path / "s.scope", random_records(9))
    export_datasets(store, tmp_path / "out")
    cache = str(tmp_path / "cache")
    documents = library.load_dataset(str(tmp_path / "out"), "documents", cache_dir=cache)["train"]
    features = library.load_dataset(str(tmp_path / "out"), "features", cache_dir=cache)["train"]
    assert documents["id"][:] == list(store.ids)
    assert len(features) == 40
    row = store.strengths().to_csr()[[4]]
    assert documents[4]["feature_ids"] == row.indices.tolist()
    assert documents[4]["strengths"] == row.data.tolist()
