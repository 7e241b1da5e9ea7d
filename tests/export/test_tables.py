"""Tables are written shard by shard, whole or not at all, and opened by whoever reads them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corpuscope.errors import InputError, StoreDamaged
from corpuscope.export.csv import export_csv
from corpuscope.export.parquet import export_parquet
from corpuscope.store.manifest import documents_path
from tests.export.worlds import N_FEATURES, TEXT, matrix_of, odd_store
from tests.store.worlds import random_records, write


def test_parquet_and_csv_have_the_same_tables(tmp_path: Path) -> None:
    stores = [odd_store(tmp_path / "a.scope"), odd_store(tmp_path / "b.scope", "e")]
    export_parquet(stores, tmp_path / "parquet")
    found = export_csv(stores, tmp_path / "csv")
    assert found.counts == {"documents": 6, "features": N_FEATURES, "strengths": 14}
    for name in ("documents", "strengths", "features"):
        left = pd.read_parquet(tmp_path / "parquet" / f"{name}.parquet")
        # A text such as "NA" is a text; only an empty cell is a missing value.
        right = pd.read_csv(tmp_path / "csv" / f"{name}.csv", keep_default_na=False, na_values=[""])
        assert list(left) == list(right)
        for column in left:
            if left[column].dtype.kind in "iufb":
                expected = left[column].astype(float)
                np.testing.assert_allclose(right[column].astype(float), expected, rtol=1e-6)


def test_strengths_add_up_to_the_matrix(tmp_path: Path) -> None:
    store = write(tmp_path / "s.scope", random_records(30))
    export_parquet(store, tmp_path / "out")
    table = pd.read_parquet(tmp_path / "out" / "strengths.parquet")
    matrix = np.zeros((30, 40), dtype=np.float32)
    matrix[table["document"], table["feature"]] = table["strength"]
    np.testing.assert_array_equal(matrix, matrix_of(store))
    kept = table[table["is_present"]]
    np.testing.assert_array_equal(
        np.bincount(kept["feature"], minlength=40), np.asarray(store.presence().sum(axis=0))
    )


def test_texts_come_back_as_they_were_from_csv(tmp_path: Path) -> None:
    export_csv(odd_store(tmp_path / "a.scope"), tmp_path / "csv")
    table = pd.read_csv(tmp_path / "csv" / "documents.csv", keep_default_na=False)
    assert table["text"].tolist() == [TEXT.replace("\0", "␀"), "", "good morning all"]
    assert table["huge"].tolist() == ["", "", str(10**30)]


def test_an_empty_store_has_empty_tables(tmp_path: Path) -> None:
    store = write(tmp_path / "s.scope", [])
    export_parquet(store, tmp_path / "parquet")
    assert len(pd.read_parquet(tmp_path / "parquet" / "documents.parquet")) == 0
    assert pd.read_parquet(tmp_path / "parquet" / "features.parquet")["rate"].tolist() == [0.0] * 40


def test_the_same_store_makes_the_same_bytes(tmp_path: Path) -> None:
    store = odd_store(tmp_path / "a.scope")
    for name in ("one", "two"):
        export_parquet(store, tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_nothing_is_overwritten_and_a_damaged_store_leaves_nothing(tmp_path: Path) -> None:
    store = odd_store(tmp_path / "a.scope")
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="already exists"):
        export_csv(store, tmp_path / "there")
    path = documents_path(store.path, 1)
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(StoreDamaged):
        export_csv(store.path, tmp_path / "new")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.scope", "there"]


def test_an_unfinished_store_is_exported_with_a_warning(tmp_path: Path) -> None:
    store = write(tmp_path / "s.scope", random_records(9), finish=False)
    found = export_parquet(store, tmp_path / "out")
    assert "not complete" in found.warnings[0]
