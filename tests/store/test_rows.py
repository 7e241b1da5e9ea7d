"""Rows and columns come in the order asked for, over shards and row groups."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.store import shards
from corpuscope.store.files import StoreFiles
from corpuscope.store.integrity import CheckedFiles
from corpuscope.store.manifest import read_manifest
from corpuscope.store.rows import (
    column_of_shards,
    list_elements,
    rows_of_shards,
    stored_documents,
    text_batches,
)
from tests.store.worlds import random_records, record, write

N = 13
RECORDS = random_records(N)


def files_of(path: Path) -> StoreFiles:
    return StoreFiles(path, read_manifest(path), CheckedFiles(path, path / "log"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> StoreFiles:
    """Of three shards, the last of one document, with two documents in a row group."""
    folder = tmp_path_factory.mktemp("rows")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shards, "DOCUMENTS_PER_GROUP", 2)
        return files_of(write(folder / "a", RECORDS, size=6).path)


@settings(max_examples=15)
@given(rows=st.lists(st.integers(0, N - 1), max_size=9))
def test_rows_come_in_the_order_asked_for_with_repeats(files: StoreFiles, rows: list[int]) -> None:
    found = rows_of_shards(files, rows=rows, columns=("text", "id", "n_tokens"))
    assert found.column_names == ["text", "id", "n_tokens"]
    assert found.to_pylist() == [
        {"text": r.document.text, "id": r.document.id, "n_tokens": 5}
        for r in (RECORDS[row] for row in rows)
    ]


@pytest.mark.parametrize("rows", [[N], [-1], [0, N], [3, -2]])
def test_a_row_that_is_not_there_is_an_index_error(files: StoreFiles, rows: list[int]) -> None:
    with pytest.raises(IndexError, match=f"{N}"):
        rows_of_shards(files, rows=rows, columns=["id"])


def test_an_empty_store_has_no_rows(tmp_path: Path) -> None:
    files = files_of(write(tmp_path / "a", []).path)
    assert rows_of_shards(files, rows=[], columns=["id"]).num_rows == 0
    assert list(text_batches(files)) == []
    with pytest.raises(IndexError):
        rows_of_shards(files, rows=[0], columns=["id"])


def test_documents_come_with_their_units(tmp_path: Path) -> None:
    records = [record("a", "one größe"), record("b", "雪"), record("c", "x y z")]
    files = files_of(write(tmp_path / "a", records, size=2).path)
    last, first, again = stored_documents(files, rows=[2, 0, 2])
    assert (first.id, first.text) == ("a", "one größe")
    assert first.token_spans.tolist() == [[0, 3], [4, 9]]
    assert first.sentence_spans.tolist() == [[0, 9]]
    assert last.token_spans.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert again.id == "c"
    assert [last.text[start:end] for start, end in last.token_spans] == ["x", "y", "z"]


def test_texts_are_streamed_in_order_a_row_group_at_a_time(files: StoreFiles) -> None:
    batches = list(text_batches(files))
    assert [len(batch) for batch in batches] == [2, 2, 2, 2, 2, 2, 1]
    assert [text for batch in batches for text in batch] == [r.document.text for r in RECORDS]


def test_columns_come_shard_by_shard_where_the_shard_has_them(tmp_path: Path) -> None:
    records = [record("a", metadata={"x": 1}), record("b", metadata={"x": "1", "y": 2})]
    files = files_of(write(tmp_path / "a", records, size=1).path)
    asked = ["metadata:text:x", "id", "metadata:int:x", "no such"]
    one, other = column_of_shards(files, asked)
    assert one.to_pylist() == [{"id": "a", "metadata:int:x": 1}]
    assert other.to_pylist() == [{"metadata:text:x": "1", "id": "b"}]
    assert one.column_names == ["id", "metadata:int:x"]


@given(st.lists(st.tuples(st.lists(st.integers(0, 9), min_size=1), st.randoms()), max_size=6))
@settings(max_examples=30)
def test_of_each_list_one_element_is_taken(lists: list[tuple[list[int], object]]) -> None:
    places = [len(values) // 2 for values, _ in lists]
    column = pa.chunked_array([pa.array([values for values, _ in lists], pa.list_(pa.int64()))])
    found = list_elements(column, np.array(places, dtype=np.int64))
    assert found.tolist() == [v[at] for (v, _), at in zip(lists, places, strict=True)]


def test_elements_are_counted_within_each_list_and_over_chunks() -> None:
    column = pa.chunked_array([[[10, 11, 12]], [[20], [30, 31]]])
    assert list_elements(column, np.array([2, 0, 1])).tolist() == [12, 20, 31]
    assert list_elements(column, np.array([], dtype=np.int64)).tolist() == []
