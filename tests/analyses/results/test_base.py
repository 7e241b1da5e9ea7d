"""Answers begin alike, and say nothing that JSON cannot."""

import json
import math
from importlib.metadata import version
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.results.base import Answer, heading, in_order, plain


def test_values_come_in_the_order_of_their_names_the_last_one_given() -> None:
    found = in_order(("c", "a", "b"), {"a": 1, "b": 2}, {"c": 3, "a": 4, "more": 5})
    assert list(found.items()) == [("c", 3), ("a", 4), ("b", 2)]
    assert in_order(()) == {}
    with pytest.raises(KeyError, match="d"):
        in_order(("a", "d"), {"a": 1})


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
    ),
    max_leaves=8,
)


@settings(max_examples=30)
@given(values)
def test_what_is_plain_is_json_and_stays_so(value: Any) -> None:
    found = plain(value)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert plain(found) == found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (0.0, 0.0),
        (True, True),
        ((1, (2.5, "a")), [1, [2.5, "a"]]),
        ({"a": (math.nan,), "b": {"c": None}}, {"a": [None], "b": {"c": None}}),
    ],
)
def test_numbers_that_are_none_become_nothing(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)


def test_a_heading_says_what_was_asked_of_which_documents() -> None:
    answer = Answer(
        store="a.scope", digest="abc", n_documents=7, warnings=("careful",),
        parameters={"by": "model", "q": 0.05},
    )  # fmt: skip
    found = heading("diff", answer)
    assert list(found) == [
        "analysis", "version", "store", "parameters", "n_documents", "warnings"
    ]  # fmt: skip
    assert found == {
        "analysis": "diff",
        "version": version("corpuscope"),
        "store": {"path": "a.scope", "digest": "abc"},
        "parameters": {"by": "model", "q": 0.05},
        "n_documents": 7,
        "warnings": ["careful"],
    }
    found["parameters"]["q"] = 1.0
    assert answer.parameters["q"] == 0.05
    assert json.loads(json.dumps(found, allow_nan=False)) == found
