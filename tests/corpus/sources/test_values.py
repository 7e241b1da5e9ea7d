"""Cells become plain values, and metadata becomes scalars."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.document import Scalar
from corpuscope.corpus.sources.rows import Place
from corpuscope.corpus.sources.values import is_whole_unicode, metadata_value, plain_value
from corpuscope.errors import InputError

PLACE = Place("a.jsonl", "line", 3)


def kept(value: object) -> Scalar:
    return metadata_value(value, column="note", place=PLACE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(1.5), 1.5),
        (np.int8(3), 3),
        (np.bool_(True), True),
        (np.array([1, 2]), [1, 2]),
        (np.str_("a"), "a"),
        ("", ""),
        (0, 0),
        (False, False),
        ([None], [None]),
        (float("inf"), float("inf")),
    ],
)
def test_values_lose_what_numpy_puts_around_them_and_nothing_else(
    value: object, expected: object
) -> None:
    found = plain_value(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT])
def test_all_that_stands_for_no_value_is_none(value: object) -> None:
    assert plain_value(value) is None
    assert kept(value) is None


@pytest.mark.parametrize("value", ["", "text", True, False, 0, -7, 2.5, 2**63 - 1, -(2**63)])
def test_scalars_are_kept_as_they_are(value: Scalar) -> None:
    found = kept(value)
    assert found == value
    assert type(found) is type(value)


def test_integers_that_no_column_can_hold_become_text() -> None:
    assert kept(2**63) == "9223372036854775808"
    assert kept(-(2**63) - 1) == "-9223372036854775809"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2020, 2, 29), "2020-02-29"),
        (datetime(2020, 2, 29, 12, 30, tzinfo=UTC), "2020-02-29T12:30:00+00:00"),
        (time(23, 5), "23:05:00"),
        (timedelta(days=1, seconds=1), "1 day, 0:00:01"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        ({"a": [1, {"b": None}]}, '{"a":[1,{"b":null}]}'),
        (("é", True), '["é",true]'),
        (np.array([[1], [2]]), "[[1],[2]]"),
        ([date(2020, 2, 29), np.int64(4), pd.NA], '["2020-02-29",4,null]'),
    ],
)
def test_what_is_no_scalar_becomes_text(value: object, expected: str) -> None:
    assert kept(value) == expected


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
lists = st.lists(scalars | st.lists(scalars, max_size=2), max_size=3)


@settings(max_examples=25)
@given(lists | st.dictionaries(st.text(max_size=3), lists, max_size=3))
def test_nested_values_come_back_from_their_text(value: object) -> None:
    found = kept(value)
    assert isinstance(found, str)
    assert json.loads(found) == value


@pytest.mark.parametrize("value", [object(), b"bytes", [object()], {"image": b"bytes"}])
def test_what_holds_no_scalars_is_refused_with_its_column(value: object) -> None:
    with pytest.raises(InputError) as caught:
        kept(value)
    kind = type(value).__name__
    assert caught.value.found.startswith(f"a.jsonl, line 3, has a {kind} in the column 'note' (a ")
    assert "lists and objects of these" in caught.value.expected
    assert "metadata=[...]" in caught.value.next_step


@settings(max_examples=50)
@given(st.text(st.characters(), max_size=6))
def test_a_text_is_whole_if_none_of_its_signs_is_half_a_pair(text: str) -> None:
    assert is_whole_unicode(text) == all(not 0xD800 <= ord(sign) <= 0xDFFF for sign in text)


def test_halves_of_pairs_are_seen_among_other_signs() -> None:
    assert is_whole_unicode("plain 👋🏽 שלום")
    assert not is_whole_unicode("cut \ud83d")
    assert not is_whole_unicode("caf\udce9")
