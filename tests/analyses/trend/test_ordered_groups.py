"""Groups come in order, many values put together, and pairs where keys are shared."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.trend.ordered_groups import OrderedGroups, find_ordered_groups
from corpuscope.errors import (
    CorpuscopeError,
    GroupNotFound,
    InputError,
    NotEnoughData,
    PairingError,
)


def objects(values: list[Any]) -> np.ndarray:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def found(values: list[Any], **options: Any) -> OrderedGroups:
    usual: dict[str, Any] = {"by": "year", "order": None, "max_groups": 12}
    if "keys" in options:
        options |= {"keys": objects(options["keys"]), "pair": "prompt"}
    return find_ordered_groups(objects(values), **(usual | options))


def test_values_come_in_their_natural_order_and_missing_ones_are_left_out() -> None:
    groups = found([10, 9, None, 9, 100])
    assert groups.names == ("9", "10", "100")
    assert groups.positions.tolist() == groups.codes.tolist() == [1, 0, -1, 0, 2]
    assert groups.rows.tolist() == [True, True, False, True, True]
    assert groups.sizes.tolist() == [2, 1, 1]
    assert (groups.keys.tolist(), groups.blocks.tolist()) == ([-1] * 5, [0] * 5)
    assert not groups.is_paired
    assert [told[:2] for told in groups.warnings] == ["1 "]


def test_an_order_of_ones_own_leaves_other_groups_out_and_counts_them() -> None:
    groups = found(list("abcdab"), order=["c", "a", "b"])
    assert groups.names == ("c", "a", "b")
    assert groups.positions.tolist() == [1, 2, 0, -1, 1, 2]
    assert [told[:2] for told in groups.warnings] == ["1 "]
    assert found(list("abc"), order=list("cab")).warnings == ()
    assert found([1, 2, 3], order=[3, 1, 2]).names == ("3", "1", "2")


@pytest.mark.parametrize(
    ("values", "options", "error", "says"),
    [
        ("abc", {"order": ["a", "x", "b"]}, GroupNotFound, "'x'"),
        ("abc", {"order": ["a", "b", "a"]}, InputError, "'a'"),
        ([1, 2], {}, NotEnoughData, "2 groups"),
        ([1, 1], {}, NotEnoughData, "1 group"),
        ([None], {}, NotEnoughData, "0 groups"),
        ("abc", {"order": ["a", "b"]}, NotEnoughData, "2 groups"),
        ([1, 2, 3], {"keys": [1, 2, 3]}, PairingError, "'prompt'"),
        ([1, 2, 3], {"keys": [None, None, None]}, PairingError, "'prompt'"),
    ],
)
def test_what_has_no_three_groups_in_order_is_refused(
    values: Any, options: dict[str, Any], error: type[CorpuscopeError], says: str
) -> None:
    with pytest.raises(error) as refused:
        found(list(values), **options)
    assert says in refused.value.found


@settings(max_examples=12)
@given(st.lists(st.integers(0, 40), min_size=60, max_size=200), st.integers(3, 6))
def test_many_values_are_put_together_in_order_and_none_is_divided(
    values: list[int], max_groups: int
) -> None:
    if len(set(values)) <= max_groups:
        return
    try:
        groups = found(list(values), max_groups=max_groups)
    except NotEnoughData:  # One value fills most of it.
        assert max(map(values.count, set(values))) > len(values) / 3
        return
    assert 3 <= len(groups.names) <= max_groups
    assert groups.sizes.sum() == len(values)
    order = np.argsort(values, kind="stable")
    assert (np.diff(groups.positions[order]) >= 0).all()
    for value in set(values):
        assert len(set(groups.positions[np.array(values) == value].tolist())) == 1
    assert any(f"{len(set(values))} " in told for told in groups.warnings)


@pytest.mark.parametrize(("n", "n_groups"), [(59, 3), (80, 4), (100, 5), (119, 5), (400, 7)])
def test_a_part_holds_twenty_documents_or_there_are_three(n: int, n_groups: int) -> None:
    groups = found(list(range(n)), max_groups=7)
    assert len(groups.names) == n_groups
    assert groups.names[0].startswith("0 to ")
    assert groups.names[-1].endswith(f" to {n - 1}")
    assert np.ptp(groups.sizes) <= 1


def test_periods_are_as_many_as_there_are() -> None:
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in (1, 15)]
    groups = found(days, every="month", max_groups=3)
    assert len(groups.names) == 12
    assert groups.sizes.tolist() == [2] * 12
    assert groups.positions.tolist() == [n // 2 for n in range(24)]
    assert (
        found(["03/05/2024", "04/05/2024", "05/06/2024"], day_first=True).names[0] == "03/05/2024"
    )


def test_keys_count_that_two_groups_share() -> None:
    groups = found([1, 2, 3, 1, 2, 3, 1], keys=["p", "p", "p", "q", "q", "r", None])
    assert groups.is_paired
    assert groups.positions.tolist() == [0, 1, 2, 0, 1, -1, -1]
    assert groups.keys.tolist() == groups.blocks.tolist() == [0, 0, 0, 1, 1, -1, -1]
    assert [told[:2] for told in groups.warnings] == ["2 ", "1 "]
    assert groups.cluster_numbers is None
    assert groups.of_key(1).tolist() == [0, 1, 2]
    whole = found([3, 2, 1, 1, 2, 3], keys=list("ppprrr"))
    assert whole.warnings == ()
    assert whole.of_key(0).tolist() == [2, 1, 0]


def test_several_documents_of_one_key_and_group_are_clusters() -> None:
    """Twice in one group is no pair, for nothing changes within it."""
    groups = found([1, 2, 3, 3, 2, 2], keys=["p", "p", "p", "p", "q", "q"])
    assert groups.positions.tolist() == [0, 1, 2, 2, -1, -1]
    assert groups.cluster_numbers is groups.keys
    given = groups.counting(groups.rows, texts=np.arange(6), clusters=np.arange(6) // 2)
    assert given.cluster_numbers is given.clusters


@pytest.mark.parametrize(
    ("n", "earlier", "later"),
    [(3, [0], [2]), (4, [0, 1], [2, 3]), (5, [0, 1], [3, 4])],
)
def test_the_middle_group_is_in_neither_end(n: int, earlier: list[int], later: list[int]) -> None:
    groups = found([*range(n), None])
    assert np.flatnonzero(groups.earlier).tolist() == earlier
    assert np.flatnonzero(groups.later).tolist() == later
    assert [rows.tolist() for rows in groups.sides().values()] == [earlier, later]


def test_only_documents_that_count_are_left() -> None:
    groups = found([1, 2, 3, 1, 2, 3])
    some = np.array([1, 1, 0, 0, 1, 1], dtype=bool)
    for left in (groups.among(some), groups.counting(some, texts=np.arange(6), clusters=None)):
        assert left.positions.tolist() == [0, 1, -1, -1, 1, 2]
        assert left.rows.tolist() == some.tolist()
        assert left.sizes.tolist() == [1, 2, 1]
        assert left.names == groups.names
    assert [one.tolist() for one in groups.kept_together] == [[-1] * 6]
    both = groups.counting(some, texts=np.arange(6), clusters=np.arange(6) + 7)
    assert [one[0] for one in both.kept_together] == [0, -1, 7]


def test_a_regressor_is_the_position() -> None:
    groups = found([3, 1, None, 2])
    rows, values, strata = groups.regressor()
    assert rows.tolist() == [0, 1, 3]
    assert values.tolist() == [2.0, 0.0, 1.0]
    assert strata.tolist() == [0, 0, 0]
    assert groups.positions_of(np.array([3, 0])).tolist() == [1.0, 2.0]
    paired = found([3, 1, 2, 2], keys=["p", "p", "q", "p"])
    assert paired.regressor()[2].tolist() == [0, 0, 0]


def test_clusters_are_calibrated_and_what_is_left_is_not() -> None:
    rng = np.random.default_rng(0)
    presence = sp.csr_array(rng.random((90, 40)) < 0.3)
    groups = found([i % 3 for i in range(90)])
    assert groups.calibrated(presence) is groups
    every = np.ones(90, dtype=bool)
    clustered = groups.counting(every, texts=np.arange(90), clusters=np.arange(90) // 3)
    known = clustered.calibrated(presence)
    assert known.calibration is not None
    assert known.among(every).calibration is None


def test_groups_of_fewer_than_four_are_named() -> None:
    groups = found([1] * 4 + [2] * 4 + [3] * 4)
    groups.check_sizes(by="year", pair=None)
    with pytest.raises(NotEnoughData) as refused:
        groups.among(np.arange(12) != 5).check_sizes(by="year", pair=None)
    assert "'2'" in refused.value.found
    assert "3 " in refused.value.found


@pytest.mark.parametrize(
    ("first", "is_enough"),
    [([0, 1, 4, 5, 8, 9], True), ([0, 1, 4, 8, 9], False), ([0, 1, 4, 5, 8, 9, 10], False)],
)
def test_each_half_has_two_documents_of_each_group(first: list[int], is_enough: bool) -> None:
    groups, half = found([1] * 4 + [2] * 4 + [3] * 4), np.isin(np.arange(12), first)
    if is_enough:
        groups.check_halves(half, ~half)
        return
    with pytest.raises(NotEnoughData, match="holdout"):
        groups.check_halves(half, ~half)
