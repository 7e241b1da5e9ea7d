"""The table of documents has every document with all of its metadata."""

from pathlib import Path

from corpuscope.export.documents import document_columns, store_names
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.pieces import pieces
from tests.export.worlds import TEXT, odd_store


def test_documents_of_two_stores_are_numbered_over_both(tmp_path: Path) -> None:
    source = NamedStore([odd_store(tmp_path / "a.scope"), odd_store(tmp_path / "b.scope", "e")])
    columns = document_columns(source, texts=True)
    tables = [columns.table(piece) for piece in pieces(source.as_one, columns.sources)]
    rows = [row for table in tables for row in table.to_pylist()]
    assert all(table.schema == columns.schema for table in tables)
    assert [row["document"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [row["store"] for row in rows] == ["a.scope"] * 3 + ["b.scope"] * 3
    assert [row["id"] for row in rows] == ["d0", "d1", "d2", "e0", "e1", "e2"]
    assert rows[0]["text"] == TEXT
    assert [row["metadata_text"] for row in rows[:3]] == ["a, b", None, None]
    assert [row["year"] for row in rows[:3]] == [2020, None, 2**53 + 1]
    assert [row["mixed"] for row in rows[:3]] == ["1", "one", None]
    assert [row["share"] for row in rows[:3]] == [0.5, 2.0, None]
    assert [row["ok"] for row in rows[:3]] == [True, None, False]
    assert rows[2]["huge"] == str(10**30)


def test_one_store_has_no_column_for_stores(tmp_path: Path) -> None:
    source = NamedStore(odd_store(tmp_path / "a.scope"))
    columns = document_columns(source, texts=False, taken=("year",))
    assert "store" not in columns.schema.names
    assert "text" not in columns.schema.names
    assert "metadata_year" in columns.schema.names
    assert "the metadata column 'year' is called 'metadata_year'" in columns.notes


def test_stores_of_one_name_are_numbered(tmp_path: Path) -> None:
    stores = [odd_store(tmp_path / folder / "s.scope") for folder in ("x", "y")]
    assert store_names(NamedStore(stores)) == ("s.scope", "s.scope (2)")
