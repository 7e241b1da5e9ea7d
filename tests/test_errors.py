"""An error says what was found, what was expected, and what to do next."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpuscope import errors
from corpuscope.errors import CorpuscopeError, InputError

KINDS = sorted(
    (one for one in vars(errors).values() if isinstance(one, type)), key=lambda one: one.__name__
)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_says_three_things_in_order(kind: type[CorpuscopeError]) -> None:
    error = kind("three", expected="four", next_step="count again")
    assert (error.found, error.expected, error.next_step) == ("three", "four", "count again")
    told = str(error)
    assert told.index("three") < told.index("four") < told.index("count again")


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_catches_them_all(kind: type[CorpuscopeError]) -> None:
    assert issubclass(kind, CorpuscopeError)
    with pytest.raises(CorpuscopeError):
        raise kind("a", expected="b", next_step="c")


def test_the_tree_at_the_top_draws_every_error() -> None:
    drawn = errors.__doc__ or ""
    assert [kind.__name__ for kind in KINDS if f"{kind.__name__}" not in drawn] == []
    assert len(KINDS) == drawn.count("── ") + 1


def test_all_three_must_be_given() -> None:
    with pytest.raises(TypeError):
        InputError("three")  # type: ignore[call-arg]


@pytest.mark.parametrize("place", ["found", "expected", "next_step"])
def test_of_a_very_long_part_both_ends_are_told(place: str) -> None:
    parts = {"found": "a", "expected": "b", "next_step": "c", place: f"<{'x' * 5_000}>"}
    found = parts.pop("found")
    error = InputError(found, **parts)
    told = getattr(error, place)
    assert told[0] == "<"
    assert told[-1] == ">"
    assert "3,802" in told  # 5,002 characters, of which 600 are told at each end.
    assert len(str(error)) < 1_300


@example("é" * 1_200)
@given(st.text(max_size=40))
def test_what_is_not_so_long_is_told_to_the_letter(found: str) -> None:
    error = InputError(found, expected="b", next_step="c")
    assert error.found == found
    assert found in str(error)


@given(st.integers(1_201, 9_000))
def test_a_part_that_is_too_long_says_how_much_it_leaves_out(n: int) -> None:
    error = InputError("é" * n, expected="b", next_step="c")
    assert error.found.count("é") == 1_200
    assert f"{n - 1_200:,}" in error.found
