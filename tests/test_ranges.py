"""Arguments in their ranges pass; one step outside they are refused by name."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.errors import ColumnNotFound, InputError
from corpuscope.ranges import (
    CHECKS,
    METHODS,
    OBJECTIVES,
    UNITS,
    check_among,
    check_at_least,
    check_numbers,
    check_pair_ranges,
    check_q,
    check_query,
    check_share,
    check_training,
    no_such_column,
)

NUMBERS = {"q": 0.05, "evidence": 5, "min_support": 10, "holdout": 0.5}
PAIRS = {"min_npmi": 0.3, "unexpected_below": 0.8}
QUERY: dict[str, Any] = {"phrase": None, "like": (), "unlike": (), "n_weights": 0}
TRAINING: dict[str, Any] = {"objective": "top-k", "unit": "token", "layers": None}


def is_refused(check: Callable[..., None], *given: object, **options: object) -> str | None:
    """What the check says was found; None where it lets all pass."""
    try:
        check(*given, **options)
    except InputError as error:
        return error.found if error.expected and error.next_step else "half a message"
    return None


@given(st.floats(allow_nan=True))
def test_a_false_discovery_rate_lies_between_0_and_1(q: float) -> None:
    assert (is_refused(check_q, q) is None) == (0 < q < 1)


@pytest.mark.parametrize(
    ("name", "valid", "invalid"),
    [
        ("q", [0.001, 0.999], [0.0, 1.0, -0.1, float("nan")]),
        ("holdout", [0.001, 0.999], [0.0, 1.0, 1.5, float("nan")]),
        ("evidence", [0, 1, 100], [-1]),
        ("min_support", [5, 6], [4, 0, -5]),
    ],
)
def test_each_number_of_a_comparison_has_its_range(
    name: str, valid: list[float], invalid: list[float]
) -> None:
    for number in valid:
        assert is_refused(check_numbers, **(NUMBERS | {name: number})) is None
    for number in invalid:
        said = is_refused(check_numbers, **(NUMBERS | {name: number}))
        assert said is not None
        assert name in said
        assert f"{number}" in said


def test_without_a_holdout_half_is_held_out() -> None:
    check_numbers(q=0.05, evidence=0, min_support=5)


@pytest.mark.parametrize(
    ("name", "valid", "invalid"),
    [
        ("min_npmi", [0, 0.99], [-0.01, 1.0, float("nan")]),
        ("unexpected_below", [0.0, 1.0], [-0.01, 1.01, float("nan")]),
    ],
)
def test_pairs_have_ranges_of_which_some_ends_belong(
    name: str, valid: list[float], invalid: list[float]
) -> None:
    for number in valid:
        assert is_refused(check_pair_ranges, **(PAIRS | {name: float(number)})) is None
    for number in invalid:
        assert name in (is_refused(check_pair_ranges, **(PAIRS | {name: number})) or "")


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_the_least_itself_is_enough(least: int, number: int) -> None:
    assert (is_refused(check_at_least, least, n=number) is None) == (number >= least)


def test_what_was_not_given_is_at_least_anything() -> None:
    check_at_least(3, n=None, k=3)
    assert "k is 2" in (is_refused(check_at_least, 3, n=None, k=2) or "")
    with pytest.raises(InputError) as refused:
        check_at_least(2.5, "take more", n=1)
    assert (refused.value.expected[:3], refused.value.next_step) == ("2.5", "take more")


@given(st.floats(allow_nan=True))
def test_a_share_is_neither_all_nor_nothing(share: float) -> None:
    said = is_refused(check_share, good=0.5, bad=share)
    assert (said is None) == (0 < share < 1)
    assert said is None or "bad" in said


@pytest.mark.parametrize("names", ["dense", ["dense", "words"], (), None])
def test_names_that_are_known_pass(names: Any) -> None:
    check_among(METHODS, method=names)


@pytest.mark.parametrize("names", ["dens", ["dense", "dens"], ["dens", "dense"], "d"])
def test_a_name_that_is_unknown_is_told_with_those_that_are_known(names: Any) -> None:
    with pytest.raises(InputError) as refused:
        check_among(METHODS, method=names)
    assert repr(names if isinstance(names, str) else "dens") in refused.value.found
    assert all(name in refused.value.expected for name in METHODS)


def test_a_word_is_one_name_and_not_its_letters() -> None:
    check_among(("day",), every="day")
    assert "'day'" in (is_refused(check_among, ("d", "a", "y"), every="day") or "")


@pytest.mark.parametrize("names", [CHECKS, METHODS, UNITS, OBJECTIVES])
def test_each_name_is_there_once(names: tuple[str, ...]) -> None:
    assert len(set(names)) == len(names) > 2


@pytest.mark.parametrize(
    "asked", [{"phrase": "hedges"}, {"like": ["a"]}, {"n_weights": 1}, {"phrase": "a", "like": "b"}]
)
def test_there_are_three_things_to_search_for(asked: dict[str, Any]) -> None:
    check_query(**(QUERY | asked))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "nothing"),
        ({"unlike": ["a"]}, "nothing"),
        ({"phrase": ""}, "empty"),
        ({"phrase": " \n\t", "like": ["a"]}, "empty"),
        ({"like": ["a", "c", "b"], "unlike": ["c", "b"]}, "'b'"),
    ],
)
def test_a_search_for_nothing_or_for_both_is_refused(asked: dict[str, Any], says: str) -> None:
    assert says in (is_refused(check_query, **(QUERY | asked)) or "")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"layers": []},
        {"layers": [0, 6], "n_layers": 6},
        {"layers": [99]},
        {"k": 8, "n_features": 8},
        {"k": 0.5, "objective": "batch-top-k"},
        {"learning_rate": 1},
        *({"objective": objective} for objective in OBJECTIVES),
        {"unit": "sentence"},
    ],
)
def test_training_that_can_be_done_is_let_pass(asked: dict[str, Any]) -> None:
    check_training(**(TRAINING | asked))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"objective": "bottom-k"}, "bottom-k"),
        ({"unit": "word"}, "word"),
        ({"layers": [3, -1]}, "layer is -1"),
        ({"layers": [6, 7], "n_layers": 6}, "layer is 7"),
        ({"k": 0}, "k is 0"),
        ({"k": 0.4}, "k is 0.4"),
        ({"k": 2.5, "n_features": 8}, "k is 2.5"),
        ({"k": 9, "n_features": 8}, "k is 9 of 8"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": 1.01}, "learning_rate"),
    ],
)
def test_training_that_cannot_be_done_is_refused_before_anything_is_read(
    asked: dict[str, Any], says: str
) -> None:
    assert says in (is_refused(check_training, **(TRAINING | asked)) or "")


def test_how_many_layers_there_are_is_told_where_it_is_known() -> None:
    with pytest.raises(InputError) as known:
        check_training(**(TRAINING | {"layers": [7], "n_layers": 6}))
    with pytest.raises(InputError) as unknown:
        check_training(**(TRAINING | {"layers": [-7]}))
    assert "6" in known.value.expected
    assert "6" not in unknown.value.expected


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    error = no_such_column("a.scope", "modell", ["model", "year"])
    assert isinstance(error, ColumnNotFound)
    assert "a.scope" in error.found
    assert "'modell'" in error.found
    assert "'model'" in error.expected
    assert "'year'" in error.expected
