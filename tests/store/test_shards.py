"""What is put into the two files of a shard comes out again."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.document import Role
from corpuscope.errors import InputError, StoreDamaged
from corpuscope.store import shards
from corpuscope.store.shards import (
    DocumentRecord,
    documents_bytes,
    list_of,
    opened_parquet,
    strength_batches,
    strengths_bytes,
    vector_batches,
    vector_width,
)
from tests.store.worlds import random_records, record


def in_file(path: Path, content: memoryview) -> Path:
    path.write_bytes(content)
    return path


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6))
def test_lists_keep_their_elements(parts: list[list[int]]) -> None:
    found = list_of([np.array(part, dtype=np.int64) for part in parts], np.uint32)
    assert found.to_pylist() == parts
    assert found.type.value_type == pa.uint32()


@pytest.mark.parametrize("n", [0, 1, 7])
def test_strengths_come_back(tmp_path: Path, n: int) -> None:
    records = random_records(n)
    file = in_file(tmp_path / "s", strengths_bytes(records))
    batches = list(strength_batches(file))
    assert sum(len(one.counts) for one in batches) == n
    for batch in batches:
        ends = np.cumsum(batch.counts)
        for entry, end, count in zip(records, ends, batch.counts, strict=True):
            mine = slice(end - count, end)
            assert batch.features[mine].tolist() == entry.features.tolist()
            assert batch.strengths[mine].tolist() == entry.strengths.tolist()
            assert batch.peaks[mine].tolist() == entry.peaks.tolist()


def test_strengths_are_read_some_documents_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "_STRENGTHS_PER_GROUP", 3)
    records = random_records(7)
    file = in_file(tmp_path / "s", strengths_bytes(records))
    assert [len(one.counts) for one in strength_batches(file)] == [3, 3, 1]
    assert [len(one) for one in vector_batches(file)] == [3, 3, 1]
    vectors = np.concatenate(list(vector_batches(file)))
    assert vectors.dtype == np.float16
    assert (vectors == np.stack([entry.vector for entry in records])).all()


@pytest.mark.parametrize(
    ("lengths", "width"),
    [([3, 3], 3), ([3, None], 0), ([None, None], 0), ([3, 4], 0), ([], 0), ([1], 1)],
)
def test_vectors_have_a_width_where_all_have_it(lengths: list[int | None], width: int) -> None:
    records = [
        record(f"d{i}", vector=None if n is None else [1.0] * n) for i, n in enumerate(lengths)
    ]
    assert vector_width(records) == width
    names = pq.read_table(pa.BufferReader(strengths_bytes(records))).column_names
    assert ("vector" in names) == bool(width)


def test_documents_come_back_with_units_roles_and_metadata() -> None:
    roles = (Role(0, 3, "user"), Role(4, 7, "bot"))
    records = [
        record("a", "größe 雪 b", metadata={"year": 2020, "to": "x"}),
        record("b", "one two", roles=roles),
    ]
    one, other = pq.read_table(pa.BufferReader(documents_bytes(records))).to_pylist()
    assert (one["id"], one["text"], one["n_tokens"]) == ("a", "größe 雪 b", 3)
    assert list(zip(one["token_starts"], one["token_ends"], strict=True)) == [
        (0, 5),
        (6, 7),
        (8, 9),
    ]
    assert (one["sentence_starts"], one["sentence_ends"]) == ([0], [9])
    assert (one["metadata:int:year"], one["metadata:text:to"]) == (2020, "x")
    assert (other["metadata:int:year"], other["metadata:text:to"]) == (None, None)
    assert other["roles"] == [
        {"start": 0, "end": 3, "role": "user"}, {"start": 4, "end": 7, "role": "bot"}
    ]  # fmt: skip
    assert one["roles"] == []


def test_the_same_records_make_the_same_bytes_and_their_order_counts() -> None:
    records, again = random_records(5), random_records(5)
    for make in (documents_bytes, strengths_bytes):
        assert bytes(make(records)) == bytes(make(again))
        assert bytes(make(records)) != bytes(make(records[::-1]))


def test_bytes_carry_no_statistics_and_no_schema_of_arrows() -> None:
    for content in (documents_bytes(random_records(3)), strengths_bytes(random_records(3))):
        file = pq.ParquetFile(pa.BufferReader(content))
        group = file.metadata.row_group(0)
        assert not any(group.column(i).is_stats_set for i in range(group.num_columns))
        assert file.schema_arrow.metadata is None


@pytest.mark.parametrize(
    ("text", "metadata"), [("half \ud83d", {}), ("fine", {"x": "half \udc00 of it"})]
)
def test_half_a_character_is_refused(text: str, metadata: dict[str, Any]) -> None:
    fine = record("d")
    odd = DocumentRecord(
        **{name: getattr(fine, name) for name in DocumentRecord.__slots__ if name != "document"},
        document=record("d", "fine", metadata=metadata).document.__class__("d", text, metadata),
    )
    with pytest.raises(InputError, match="half"):
        documents_bytes([odd])


@pytest.mark.parametrize("content", [None, b"", b"PAR1 no more", b"\x00" * 100])
def test_a_file_that_is_missing_or_makes_no_sense_is_named(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "00000.parquet"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StoreDamaged, match="00000") as refused, opened_parquet(file):
        pass
    assert refused.value.__cause__ is not None


def test_a_file_that_breaks_off_while_it_is_read_is_named(tmp_path: Path) -> None:
    """The footer at the end is whole, so the file opens; what it tells of is zeros."""
    content = strengths_bytes(random_records(7))
    n_footer = int.from_bytes(content[-8:-4], "little") + 8
    spoilt = bytes(4) + bytes(len(content) - n_footer - 4) + bytes(content[-n_footer:])
    file = in_file(tmp_path / "00000.parquet", memoryview(spoilt))
    with pytest.raises(StoreDamaged, match="00000"):
        list(strength_batches(file))


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    for n in (3, 5, 4):
        path = in_file(tmp_path / "d.parquet", documents_bytes(random_records(n, seed=n)))
        with opened_parquet(path) as file:
            assert file.read(columns=["id"]).num_rows == n
