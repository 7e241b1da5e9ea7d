"""Rows know their places, and a source its columns."""

from dataclasses import replace

import pytest

from corpuscope.corpus.sources.rows import (
    N_ROWS_PEEKED,
    Broken,
    Labelled,
    Place,
    Row,
    SourcePart,
    columns_found,
)
from tests.corpus.parts import Listed


def test_a_place_reads_as_people_say_it() -> None:
    assert str(Place("a.csv", "line", 3)) == "a.csv, line 3"
    assert str(Place("a.txt")) == "a.txt"


def test_a_source_is_known_by_what_it_can_do() -> None:
    assert isinstance(Listed(()), SourcePart)
    assert isinstance(Labelled(Listed(()), "file", "a"), SourcePart)
    assert not isinstance([{"text": "x"}], SourcePart)


def test_declared_columns_are_believed_and_else_rows_tell_in_order() -> None:
    rows = ({"b": 1}, "torn", {"a": 2, "b": 3})
    assert columns_found(Listed(rows)) == ("b", "a")
    assert columns_found(Listed(rows, declared=("x",))) == ("x",)
    assert columns_found(Listed(rows, declared=())) == ()
    assert columns_found(Listed(())) == ()


def test_only_the_first_rows_are_looked_at() -> None:
    rows = ({"a": 1}, {"a": 1}, {"late": 1})
    assert columns_found(Listed(rows), 2) == ("a",)
    assert columns_found(Listed(rows), 3) == ("a", "late")
    many = ({"a": 1},) * (N_ROWS_PEEKED - 1)
    assert columns_found(Listed((*many, {"last": 1}, {"late": 1}))) == ("a", "last")


def test_a_label_is_a_column_of_each_row_and_leaves_what_rows_say_themselves() -> None:
    labelled = Labelled(Listed(({"text": "x"}, {"file": "own"}, "torn")), "file", "a")
    first, second, third = labelled.rows()
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert isinstance(third, Broken)
    assert first == Row({"file": "a", "text": "x"}, Place("listed", "row", 1))
    assert second.values == {"file": "own"}
    assert third.reason == "torn"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [(("text",), ("text", "file")), (("file", "text"), ("file", "text")), (None, None), ((), ())],
)
def test_a_label_is_declared_once_where_columns_are(
    declared: tuple[str, ...] | None, expected: tuple[str, ...] | None
) -> None:
    assert Labelled(Listed((), declared=declared), "file", "a").columns() == expected


def test_all_else_about_a_labelled_source_is_that_of_the_source() -> None:
    part = Listed((), name="a.csv", kind="csv", n=4, seen=("the delimiter is a tab",))
    labelled = Labelled(part, "file", "a")
    assert (labelled.name, labelled.kind, labelled.n_rows()) == ("a.csv", "csv", 4)
    assert labelled.notes() == part.notes()
    assert Labelled(replace(part, n=None), "file", "a").n_rows() is None


def test_labels_can_be_stacked() -> None:
    inner = Labelled(Listed(({"text": "x"},), declared=("text",)), "year", "2020")
    outer = Labelled(inner, "split", "test")
    (found,) = outer.rows()
    assert isinstance(found, Row)
    assert found.values == {"split": "test", "year": "2020", "text": "x"}
    assert outer.columns() == ("text", "year", "split")
