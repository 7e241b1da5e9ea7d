"""Who is held against whom: the target, the references, and the pairs of a key."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.comparison.groups import (
    Contrast,
    Groups,
    as_names,
    check_roles_of_columns,
    find_groups,
    left_out,
    listed,
)
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


def found(values: list[Any], **options: Any) -> Groups:
    """Groups named by letters; a list of keys is taken as an array."""
    usual: dict[str, Any] = {"by": "side", "target": None, "reference": None}
    if "keys" in options:
        options |= {"keys": objects(options["keys"]), "pair": "prompt"}
    return find_groups(objects(values), **(usual | options))


def rows_of(contrast: Contrast) -> tuple[list[int], list[int]]:
    return contrast.target_rows.tolist(), contrast.reference_rows.tolist()


def test_values_are_called_as_they_are_written_and_none_of_them_where_they_are_missing() -> None:
    values = objects([2020, None, "new", np.nan, 1.5, True, ""])
    assert as_names(values).tolist() == ["2020", None, "new", None, "1.5", "True", ""]
    assert as_names(np.array([1, 2])).tolist() == ["1", "2"]


def test_groups_are_listed_with_their_sizes_in_order() -> None:
    assert listed(Counter("bab")) == "{'a': 1, 'b': 2}"
    assert listed(Counter()) == "{}"


def test_documents_without_a_group_are_counted() -> None:
    assert left_out(objects(["a", None, None]), "side")[0].startswith("2 ")
    assert left_out(objects(["a", "b"]), "side") == []


def test_of_two_groups_the_second_is_the_target_and_that_is_said() -> None:
    groups = found(["b", "a", None, "b"])
    assert (groups.target, groups.references) == ("b", ("a",))
    assert rows_of(groups.contrasts[0]) == ([0, 3], [1])
    assert groups.codes.tolist() == [1, 0, -1, 1]
    assert groups.keys.tolist() == [-1] * 4
    assert groups.rows.tolist() == [True, True, False, True]
    assert "1 " in groups.warnings[0]
    assert "'b'" in groups.warnings[1]


@pytest.mark.parametrize(
    ("options", "target", "references"),
    [
        ({"target": "a"}, "a", ("b", "c")),
        ({"target": "b"}, "b", ("a", "c")),
        ({"target": "a", "reference": "c"}, "a", ("c",)),
        ({"target": "a", "reference": ["c", "b"]}, "a", ("c", "b")),
        ({"reference": ["a", "b"]}, "c", ("a", "b")),
        ({"reference": ["c", "b"]}, "a", ("c", "b")),
    ],
)
def test_target_and_references_can_be_named(
    options: dict[str, Any], target: str, references: tuple[str, ...]
) -> None:
    groups = found(list("abcabc"), **options)
    assert (groups.target, groups.references) == (target, references)
    assert len(groups.warnings) == ("target" not in options)
    n_rows = 2 * (1 + len(references))
    assert groups.rows.sum() == n_rows
    assert {name: len(rows) for name, rows in groups.sides().items()} == dict.fromkeys(
        (target, *references), 2
    )


@pytest.mark.parametrize(
    ("values", "options", "error", "says"),
    [
        ("abc", {}, GroupNotFound, "3 groups"),
        ("abc", {"reference": "a"}, GroupNotFound, "3 groups"),
        ("ab", {"target": "x"}, GroupNotFound, "'x'"),
        ("ab", {"reference": ["a", "x"]}, GroupNotFound, "'x'"),
        ("ab", {"target": "a", "reference": ["b", "a"]}, GroupNotFound, "'a'"),
        ("ab", {"reference": ["a", "b"]}, GroupNotFound, "2 groups"),
        ("aa", {}, NotEnoughData, "'a': 2"),
        ("", {}, NotEnoughData, "{}"),
    ],
)
def test_what_names_no_two_groups_is_refused(
    values: str, options: dict[str, Any], error: type[CorpuscopeError], says: str
) -> None:
    with pytest.raises(error) as refused:
        found(list(values), **options)
    assert says in refused.value.found
    assert "side" in str(refused.value) or "target" in str(refused.value)


def test_pairs_stand_side_by_side_and_others_are_left_out_and_counted() -> None:
    groups = found([*"bababa"], target="b", keys=[7, 7, 3, 3, 5, None])
    (contrast,) = groups.contrasts
    assert contrast.is_paired
    keys = groups.keys
    assert keys[contrast.target_rows].tolist() == keys[contrast.reference_rows].tolist()
    assert sorted(zip(*rows_of(contrast), strict=True)) == [(0, 1), (2, 3)]
    assert keys.tolist() == [0, 0, 1, 1, 2, -1]
    assert [told[:2] for told in groups.warnings] == ["1 ", "1 "]
    assert all("'prompt'" in told for told in groups.warnings)


def test_several_documents_of_one_key_and_group_are_no_pairs_and_that_is_said() -> None:
    groups = found(list("aabbb"), target="b", keys=[1, 1, 1, 1, 2])
    (contrast,) = groups.contrasts
    assert not contrast.is_paired
    assert rows_of(contrast) == ([2, 3], [0, 1])
    assert contrast.cluster_numbers is not None
    assert contrast.cluster_numbers.tolist() == contrast.blocks.tolist() == [0, 0, 0, 0]
    assert len(groups.warnings) == 2


def contrast(**options: Any) -> Contrast:
    """Three documents against three, pairs by keys 4, 5, 6 of row and row + 3."""
    usual: dict[str, Any] = {
        "target_rows": np.arange(3), "reference_rows": np.arange(3, 6), "is_paired": False
    }  # fmt: skip
    return Contrast("a", **(usual | options))


def test_a_contrast_has_the_target_s_documents_first() -> None:
    one = contrast(reference_rows=np.array([5, 4]))
    assert one.n_documents == 5
    assert one.rows.tolist() == [0, 1, 2, 5, 4]
    assert one.is_target.tolist() == [1, 1, 1, 0, 0]
    assert one.blocks.tolist() == [0] * 5
    assert one.cluster_numbers is None
    keyed = contrast(keys=np.array([4, 5, 6, 4, 5, 6]), reference_rows=np.array([5, 4]))
    assert keyed.blocks.tolist() == [4, 5, 6, 6, 5]


def test_clusters_are_those_given_or_keys_of_several_documents() -> None:
    keys, clusters = np.array([4, 5, 6, 4, 5, 6]), np.arange(6)[::-1]
    assert contrast(keys=keys, is_paired=True).cluster_numbers is None
    assert contrast(keys=keys).cluster_numbers is not None
    both = contrast(keys=keys, clusters=clusters).cluster_numbers
    assert both is not None
    assert both.tolist() == [5, 4, 3, 2, 1, 0]


def test_pairs_lose_both_when_one_is_lost() -> None:
    keys = np.array([4, 5, 6, 4, 5, 6])
    some = np.array([1, 1, 0, 1, 0, 1], dtype=bool)
    assert rows_of(contrast(keys=keys, is_paired=True).among(some)) == ([0], [3])
    assert rows_of(contrast().among(some)) == ([0, 1], [3, 5])
    within_keys = contrast(keys=keys).among(some)
    assert rows_of(within_keys) == ([0], [3])
    assert within_keys.is_paired


def test_what_is_left_of_a_contrast_keeps_its_clusters_but_no_calibration() -> None:
    rng = np.random.default_rng(0)
    presence = sp.csr_array(rng.random((60, 40)) < 0.3)
    one = contrast(
        target_rows=np.arange(30), reference_rows=np.arange(30, 60), clusters=np.arange(60) // 3
    )
    known = one.calibrated(presence)
    assert known.calibration is not None
    assert one.calibration is None
    left = known.among(np.arange(60) % 2 == 0)
    assert left.calibration is None
    assert left.clusters is one.clusters
    assert contrast().calibrated(presence[:6]).calibration is None


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 4)), min_size=2, max_size=14))
def test_documents_are_paired_where_their_key_is_in_both_groups(
    documents: list[tuple[str, int]],
) -> None:
    sides, keys = [list(one) for one in zip(*documents, strict=True)]
    if len(set(sides)) < 2:
        return
    (pairs,) = found(sides, target="b", keys=keys).contrasts
    keys_of = {s: {k for side, k in documents if side == s} for s in "ab"}
    shared = keys_of["a"] & keys_of["b"]
    for side, rows in (("b", pairs.target_rows), ("a", pairs.reference_rows)):
        expected = [i for i, one in enumerate(documents) if one[0] == side and one[1] in shared]
        assert sorted(rows.tolist()) == expected
    n_of = [documents.count(one) for one in set(documents) if one[1] in shared]
    assert pairs.is_paired == all(n == 1 for n in n_of)


def test_what_a_split_must_not_divide_is_what_is_known() -> None:
    groups = found(list("abab"), target="a")
    assert [one.tolist() for one in groups.kept_together] == [[-1] * 4]
    numbers = np.array([0, 1, 2, 1])
    every = np.ones(4, dtype=bool)
    both = groups.counting(every, texts=numbers, clusters=numbers + 7)
    assert [one.tolist() for one in both.kept_together] == [[0, 1, 2, 1], [-1] * 4, [7, 8, 9, 8]]
    assert both.cluster_numbers is both.clusters
    assert both.contrasts[0].clusters is not None
    assert groups.cluster_numbers is None


def test_only_documents_that_count_are_held_against_each_other() -> None:
    groups = found(list("abcabc"), target="a")
    some = np.array([1, 1, 1, 0, 1, 0], dtype=bool)
    for left in (groups.among(some), groups.counting(some, texts=np.arange(6), clusters=None)):
        assert [rows_of(one) for one in left.contrasts] == [([0], [1, 4]), ([0], [2])]
        assert left.rows.tolist() == some.tolist()


def test_a_regressor_is_of_the_largest_contrast() -> None:
    groups = found(list("abbcbca"), target="a")
    rows, is_target, blocks = groups.regressor()
    assert rows.tolist() == [0, 6, 1, 2, 4]
    assert is_target.tolist() == [1, 1, 0, 0, 0]
    assert blocks.tolist() == [0] * 5
    assert groups.positions_of(np.array([6, 3, 0, 1])).tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(("n_a", "n_b", "is_enough"), [(4, 4, True), (3, 9, False), (9, 3, False)])
def test_groups_of_fewer_than_four_documents_are_too_small(
    n_a: int, n_b: int, is_enough: bool
) -> None:
    groups = found(["a"] * n_a + ["b"] * n_b, target="b")
    if is_enough:
        groups.check_sizes(by="side", pair=None)
        return
    with pytest.raises(NotEnoughData) as refused:
        groups.check_sizes(by="side", pair=None)
    assert f"{n_a}" in refused.value.found
    assert f"{n_b}" in refused.value.found


def test_keys_that_no_two_groups_share_are_another_error() -> None:
    groups = found(list("abab"), target="a", keys=[1, 2, 3, 4])
    with pytest.raises(PairingError, match="'prompt'"):
        groups.check_sizes(by="side", pair="prompt")


@pytest.mark.parametrize(
    ("half", "is_enough"),
    [
        ([1, 1, 1, 1, 0, 0, 0, 0], True),
        ([1, 1, 1, 1, 0, 0, 1, 0], False),
        ([1, 0, 1, 1, 0, 0, 0, 0], False),
        ([0, 1, 0, 0, 1, 1, 1, 1], False),
    ],
)
def test_each_half_has_two_documents_of_each_group(half: list[int], is_enough: bool) -> None:
    groups, first = found(list("abababab"), target="b"), np.array(half, dtype=bool)
    if is_enough:
        groups.check_halves(first, ~first)
        return
    with pytest.raises(NotEnoughData, match="holdout"):
        groups.check_halves(first, ~first)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"pair": "side"}, PairingError),
        ({"group": "side"}, InputError),
        ({"strata": ["shelf", "side"]}, InputError),
        ({"pair": "prompt", "group": "author", "strata": ["shelf"]}, None),
        ({}, None),
    ],
)
def test_a_column_has_one_role(options: dict[str, Any], error: type[Exception] | None) -> None:
    usual: dict[str, Any] = {"by": "side", "pair": None, "group": None, "strata": []}
    if error is None:
        check_roles_of_columns(**(usual | options))
        return
    with pytest.raises(error, match="'side'"):
        check_roles_of_columns(**(usual | options))
