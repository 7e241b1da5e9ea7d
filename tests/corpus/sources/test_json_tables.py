"""The rows of tables that programs write as one JSON object."""

import json
from typing import Literal

import pandas as pd
import pytest

from corpuscope.corpus.sources.json_tables import OF_A_DOCUMENT, table_in

Object = dict[str, object]
Orient = Literal["columns", "index", "split", "table"]

ROWS: list[Object] = [{"note": "x", "n": 1}, {"note": "y", "n": 2}, {"note": "z", "n": 3}]


def rows(value: Object) -> list[Object]:
    return [dict(row) for row in table_in(value)]


def test_a_list_of_objects_is_a_table_with_the_facts_that_hold_for_all() -> None:
    value: Object = {"version": "1.1", "data": ROWS, "more": {"a": 1}, "tags": ["p", "q"]}
    assert rows(value) == [{"version": "1.1", **row} for row in ROWS]


def test_what_a_row_says_itself_stays() -> None:
    assert rows({"n": 7, "data": ROWS[:1]}) == [{"n": 1, "note": "x"}]


@pytest.mark.parametrize("name", OF_A_DOCUMENT)
def test_an_object_with_a_text_or_with_messages_is_a_document_whatever_it_holds(name: str) -> None:
    with_text: Object = {name: "Why?", "data": ROWS}
    assert rows(with_text) == [with_text]
    with_messages: Object = {name: [{"role": "user", "content": "Why?"}], "data": ROWS}
    assert rows(with_messages) == [with_messages]


def test_a_list_for_each_column_is_a_table() -> None:
    assert rows({"note": ["x", "y", "z"], "n": [1, 2, 3]}) == ROWS
    assert rows({"text": ["x", "y"]}) == [{"text": "x"}, {"text": "y"}]
    assert rows({"note": [], "n": []}) == []


def test_lists_of_different_lengths_or_beside_facts_are_no_columns() -> None:
    for value in ({"note": ["x"], "n": [1, 2]}, {"note": ["x"], "n": [1], "version": 2}):
        assert rows(dict(value)) == [value]


@pytest.mark.parametrize("orient", ["columns", "index", "split", "table"])
def test_what_pandas_writes_is_read(orient: Orient) -> None:
    expected: list[Object] = [{"text": "x", "n": 1}, {"text": "y", "n": 2}]
    found = rows(json.loads(pd.DataFrame(expected).to_json(orient=orient)))
    assert [{"text": row["text"], "n": row["n"]} for row in found] == expected


def test_an_object_for_each_row_gives_its_name_as_the_id_where_rows_hold_documents() -> None:
    value: Object = {"a": {"text": "x"}, "b": {"text": "y", "id": "own"}}
    assert rows(value) == [{"id": "a", "text": "x"}, {"id": "own", "text": "y"}]


def test_an_object_for_each_column_may_leave_cells_out() -> None:
    value: Object = {"note": {"0": "x", "1": "y"}, "n": {"1": 2, "2": 3}}
    assert rows(value) == [
        {"note": "x", "n": None},
        {"note": "y", "n": 2},
        {"note": None, "n": 3},
    ]


def test_columns_and_data_that_are_no_rows_are_columns_themselves() -> None:
    assert rows({"columns": ["a", 5], "data": [["x", 1], ["y"]]}) == [
        {"a": "x", "5": 1},
        {"a": "y"},
    ]
    assert rows({"columns": ["a", "b"], "data": ["x", "y"]}) == [
        {"columns": "a", "data": "x"},
        {"columns": "b", "data": "y"},
    ]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"n": 1, "note": None},
        {"first": ROWS, "second": ROWS, "version": 1},
        {"a": {"role": "user", "content": "Why?"}},
        {"a": {}, "b": {"x": 1}},
        {"data": [], "version": 1},
        {"data": [{"x": 1}, "y"], "version": 1},
    ],
)
def test_any_other_object_is_a_row_itself(value: Object) -> None:
    assert rows(value) == [value]
