"""A side counts only if every order names it."""

import itertools

import pytest

from corpuscope.claiming.judging.decisions import decided, seen_from_target

VERDICTS = ("target", "reference", "both", "neither")


def test_first_and_second_become_the_groups_they_were() -> None:
    assert seen_from_target("first", is_turned=False) == "target"
    assert seen_from_target("first", is_turned=True) == "reference"
    assert seen_from_target("second", is_turned=True) == "target"
    assert seen_from_target("both", is_turned=True) == "both"
    assert seen_from_target(None, is_turned=True) is None


def test_orders_that_agree_decide() -> None:
    assert decided(["target", "target"]).has == (True, False)
    assert decided(["reference", "reference"]).has == (False, True)
    assert decided(["both", "both"]).has == (True, True)
    assert decided(["neither", "neither"]).has == (False, False)
    assert decided(["yes"]).has == (True,)
    assert decided(["no"]).has == (False,)


def test_orders_that_disagree_leave_the_texts_equal() -> None:
    for one, other in itertools.permutations(VERDICTS, 2):
        found = decided([one, other])  # type: ignore[list-item]
        assert found.status == "decided"
        assert found.has[0] == found.has[1]
        assert not found.is_consistent


@pytest.mark.parametrize("other", [*VERDICTS, "unclear"])
def test_unclear_or_unread_in_either_order_takes_the_pair_out(other: str) -> None:
    for readings in ([other, "unclear"], ["unclear", other]):
        assert decided(readings).status == "unclear"  # type: ignore[arg-type]
    for readings in ([other, None], [None, other]):
        assert decided(readings).status == "unread"  # type: ignore[arg-type, list-item]


def test_what_was_never_asked_is_unread() -> None:
    assert decided([]).status == "unread"
