"""Parquet and Arrow files become rows, with names for the numbers of classes."""

import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.feather import write_feather

from corpuscope.corpus.sources.arrow_files import ArrowFile, classes_in, named_classes
from corpuscope.corpus.sources.rows import Broken, Row
from corpuscope.errors import InputError

TABLE = pa.table({"text": ["é", None, "z"], "n": [1, 2, None], "tags": [["a"], [], None]})
WRITTEN = pytest.mark.parametrize("written", ["parquet", "arrow", "stream", "feather"])


def file(folder: Path, table: pa.Table, written: str) -> ArrowFile:
    kind = "parquet" if written == "parquet" else "arrow"
    path = folder / f"a.{kind}"
    if written == "parquet":
        pq.write_table(table, path)
    elif written == "feather":
        write_feather(table, str(path), compression="zstd")
    else:
        maker = pa.ipc.new_stream if written == "stream" else pa.ipc.new_file
        with maker(str(path), table.schema) as writer:
            writer.write_table(table)
    return ArrowFile(path, kind)


def values(part: ArrowFile) -> list[object]:
    return [row.values if isinstance(row, Row) else row.reason for row in part.rows()]


def about(features: object) -> dict[bytes, bytes]:
    return {b"huggingface": json.dumps({"info": {"features": features}}).encode()}


LABELS = {"kind": {"names": ["no", "yes"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}


@WRITTEN
def test_each_record_is_a_row_with_its_number(tmp_path: Path, written: str) -> None:
    part = file(tmp_path, TABLE, written)
    assert values(part) == TABLE.to_pylist()
    assert values(part) == TABLE.to_pylist()
    assert part.columns() == ("text", "n", "tags")
    assert [str(row.place) for row in part.rows()] == [f"{part.name}, row {n}" for n in (1, 2, 3)]
    assert part.n_rows() == (3 if written == "parquet" else None)
    assert part.notes() == ()


@WRITTEN
def test_a_table_without_rows_still_has_columns(tmp_path: Path, written: str) -> None:
    part = file(tmp_path, TABLE.slice(0, 0), written)
    assert (values(part), part.columns()) == ([], ("text", "n", "tags"))


@WRITTEN
def test_rows_are_numbered_through_all_batches(tmp_path: Path, written: str) -> None:
    part = file(tmp_path, pa.table({"n": range(1_100)}), written)
    found = list(part.rows())
    assert [row.place.number for row in found] == list(range(1, 1_101))
    assert values(part) == [{"n": n} for n in range(1_100)]


@WRITTEN
def test_numbers_of_classes_become_their_names(tmp_path: Path, written: str) -> None:
    table = pa.table({"text": ["a", "b", "c", "d", "e"], "kind": [1, 0, -1, None, 2]})
    part = file(tmp_path, table.replace_schema_metadata(about(LABELS)), written)
    found = [row.values["kind"] for row in part.rows() if isinstance(row, Row)]
    assert found == ["yes", "no", None, None, None]


@pytest.mark.parametrize("written", ["parquet", "arrow"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, written: str) -> None:
    table = pa.Table.from_arrays([pa.array([1])] * 3, names=["b", "a", "b"])
    part = file(tmp_path, table, written)
    with pytest.raises(InputError) as caught:
        part.columns()
    assert caught.value.found == f"{part.name} has more than one column named 'b'"
    assert caught.value.expected == "different column names"
    assert "rename or drop" in caught.value.next_step


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize("data", [b"", b"PAR1 not really", b"ARROW1\x00\x00 not really"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, kind: str, data: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    for ask in (ArrowFile(path, kind).columns, lambda: list(ArrowFile(path, kind).rows())):
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.found.startswith(f"{path} cannot be read as {kind.capitalize()} (")
        assert caught.value.expected.startswith(f"an intact {kind.capitalize()} file")
        assert caught.value.next_step == "save or download the file again"


@WRITTEN
def test_a_time_beyond_all_years_is_a_broken_row_among_good_ones(
    tmp_path: Path, written: str
) -> None:
    table = pa.table({"t": pa.array([0, 10**18, 60_000_000], pa.timestamp("us"))})
    part = file(tmp_path, table, written)
    first, broken, last = part.rows()
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert (first.values["t"], last.values["t"]) == (
        datetime(1970, 1, 1),
        datetime(1970, 1, 1, 0, 1),
    )
    assert isinstance(broken, Broken)
    assert broken.reason == "a value that cannot be decoded"
    assert broken.error.found.startswith(
        f"{part.name}, row 2, has a value that cannot be decoded ("
    )
    assert "years 1 to 9999" in broken.error.expected
    assert broken.place.number == 2


def test_classes_are_only_what_is_declared_as_such() -> None:
    assert classes_in(about(LABELS)) == {"kind": ["no", "yes"]}
    assert classes_in(about({"kind": {"_type": "ClassLabel"}})) == {}
    assert classes_in(about({"kind": ["ClassLabel"]})) == {}


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {b"pandas": b"{}"},
        {b"huggingface": b"{"},
        {b"huggingface": b"\xff"},
        {b"huggingface": b"{}"},
        {b"huggingface": b"[]"},
        {b"huggingface": b'{"info": null}'},
        about([]),
    ],
)
def test_metadata_that_declare_no_classes_are_no_error(metadata: dict[bytes, bytes]) -> None:
    assert classes_in(metadata) == {}


def test_only_whole_numbers_within_the_names_are_named() -> None:
    classes = {"kind": ["no", "yes"]}
    for value, expected in [(0, "no"), (1, "yes"), (2, None), (-1, None), (True, True), ("1", "1")]:
        assert named_classes({"a": 5, "kind": value}, classes) == {"a": 5, "kind": expected}
    untouched = {"a": 5}
    assert named_classes(untouched, classes) is untouched
    assert list(named_classes({"kind": 1, "a": 5}, classes)) == ["kind", "a"]
