"""Metadata columns get one type and a name of their own."""

import pyarrow as pa
import pytest

from corpuscope.export.metadata_columns import MetadataColumn, metadata_columns, unified


def names(kinds: dict[str, list[str]], taken: tuple[str, ...] = ("id", "text")) -> list[str]:
    return [column.written for column in metadata_columns(kinds, taken)]


def test_names_that_are_taken_get_a_prefix() -> None:
    assert names({"year": ["int"], "text": ["text"]}) == ["year", "metadata_text"]
    assert names({"": ["int"]}) == ["metadata_"]


def test_no_two_columns_get_one_name() -> None:
    kinds = {"text": ["text"], "metadata_text": ["int"], "id": [], "metadata_text_": ["int"]}
    found = names(kinds)
    assert len(set(found)) == 4
    assert {"metadata_text", "metadata_text_"} <= set(found)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), pa.string()),
        (("int",), pa.int64()),
        (("bigint",), pa.string()),
        (("int", "float"), pa.float64()),
        (("int", "bigint"), pa.string()),
        (("text", "bool"), pa.string()),
    ],
)
def test_the_type_holds_all_kinds(kinds: tuple[str, ...], expected: object) -> None:
    assert MetadataColumn("a", "a", kinds).type == expected


def test_values_of_all_kinds_come_together() -> None:
    column = MetadataColumn("a", "a", ("text", "int", "bool"))
    table = pa.table(
        {
            "metadata:text:a": pa.array(["x", None, None, None]),
            "metadata:int:a": pa.array([None, 7, None, None], pa.int64()),
            "metadata:bool:a": pa.array([None, None, True, None]),
        }
    )
    assert unified(column, table).to_pylist() == ["x", "7", "True", None]
    assert column.notes == ["'a' has text and int and bool values, written as text"]


def test_numbers_come_together_as_numbers() -> None:
    column = MetadataColumn("a", "b", ("int", "float"))
    table = pa.table(
        {
            "metadata:int:a": pa.array([2**53 + 1, None], pa.int64()),
            "metadata:float:a": pa.array([None, 0.5]),
        }
    )
    assert unified(column, table).to_pylist() == [float(2**53), 0.5]
    assert column.notes == [
        "the metadata column 'a' is called 'b'",
        "'b' has int and float values, written as numbers",
    ]


def test_a_shard_without_the_column_has_nulls() -> None:
    column = MetadataColumn("a", "a", ("int",))
    found = unified(column, pa.table({"id": ["x", "y"]}))
    assert found.type == pa.int64()
    assert found.to_pylist() == [None, None]
