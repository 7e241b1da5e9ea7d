"""A store read shard by shard is the store."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.errors import StoreDamaged
from corpuscope.store.end_to_end import joined
from corpuscope.store.manifest import strengths_path
from corpuscope.store.pieces import document_tables, pieces
from tests.store.worlds import dense, random_records, record, write


def test_pieces_have_all_documents_in_order(tmp_path: Path) -> None:
    records = random_records(20)
    store = write(tmp_path / "s.scope", records)
    found = list(pieces(store, ["id", "metadata:int:n"], vectors=True))
    assert [piece.first_row for piece in found] == [0, 7, 14]
    assert [id for one in found for id in one.table["id"].to_pylist()] == list(store.ids)
    matrix = np.zeros((20, 40), dtype=np.float32)
    for piece in found:
        rows = piece.entry_rows + piece.first_row
        matrix[rows, piece.strengths.features] = piece.strengths.strengths
        assert piece.vectors is not None
        assert len(piece.vectors) == piece.n_documents
    np.testing.assert_array_equal(matrix, dense(records))


def test_pieces_of_joined_stores_say_whose_they_are(tmp_path: Path) -> None:
    one = write(tmp_path / "one.scope", random_records(8))
    other = write(tmp_path / "other.scope", random_records(3, seed=1))
    found = [(p.store, p.first_row, p.n_documents) for p in pieces(joined([one, other]), ["id"])]
    assert found == [(0, 0, 7), (0, 7, 1), (1, 8, 3)]
    tables = document_tables(joined([one, other]), ["id"])
    assert [id for table in tables for id in table["id"].to_pylist()] == [*one.ids, *other.ids]


def test_columns_that_a_shard_lacks_are_left_out(tmp_path: Path) -> None:
    records = [record("a", metadata={"year": 1999}), record("b", metadata={"month": "May"})]
    store = write(tmp_path / "s.scope", records, size=1)
    wanted = ["id", "metadata:int:year", "metadata:text:month"]
    names = [piece.table.column_names for piece in pieces(store, wanted)]
    assert names == [["id", "metadata:int:year"], ["id", "metadata:text:month"]]


def test_an_empty_store_has_no_pieces(tmp_path: Path) -> None:
    store = write(tmp_path / "s.scope", [])
    assert list(pieces(store, ["id"])) == []


def test_an_altered_shard_is_named(tmp_path: Path) -> None:
    store = write(tmp_path / "s.scope", random_records(9))
    path = strengths_path(store.path, 1)
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    with pytest.raises(StoreDamaged, match=path.name):
        list(pieces(store, ["id"]))
