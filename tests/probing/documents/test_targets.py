"""A column's labels become classes or numbers, and what has no label is left out and counted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.errors import ColumnNotFound, GroupNotFound, InputError, NotEnoughData
from corpuscope.probing.documents.targets import Target, column_or_constant, find_target, sides_of
from tests.store.worlds import record, write


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["b", "a", None, "b"], Target("classes", ("a", "b"))),
        # Texts sort as texts do, not as numbers.
        ([10, 9, 10, 1], Target("classes", ("1", "10", "9"))),
        ([True, False, True], Target("classes", ("False", "True"))),
        (["größe", "雪", "größe"], Target("classes", ("größe", "雪"))),
        ([1, "1", "2"], Target("classes", ("1", "2"))),
        (list(range(20)), Target("classes", tuple(sorted(map(str, range(20)))))),
        (list(range(21)), Target("number")),
        ([0.5 * i for i in range(30)] + [None], Target("number")),
        (list(np.arange(40, dtype=np.int64)), Target("number")),
        # One text among the numbers, and all are names.
        ([*range(25), "x"], Target("classes", tuple(sorted([*map(str, range(25)), "x"])))),
    ],
)
def test_a_column_holds_classes_or_numbers(values: list[Any], expected: Target) -> None:
    assert find_target(values, label="y") == expected


@pytest.mark.parametrize(("target", "classes"), [("a", ("b", "a")), ("b", ("a", "b"))])
def test_the_target_is_the_second_of_two_classes(target: str, classes: tuple[str, str]) -> None:
    aim = find_target(["a", "b", None, "a"], label="y", target=target)
    assert aim.classes == classes
    assert aim.columns == (target,)


def test_a_target_makes_classes_of_many_numbers() -> None:
    with pytest.raises(GroupNotFound, match="one of two classes"):
        find_target(list(range(30)), label="y", target="3")


@pytest.mark.parametrize(
    ("values", "target", "error", "found"),
    [
        ([], None, NotEnoughData, "holds no value"),
        ([None, None], None, NotEnoughData, "holds no value"),
        (["a", None, "a"], None, NotEnoughData, "holds only 'a'"),
        ([f"v{i}" for i in range(51)], None, InputError, "holds 51 distinct values"),
        ([f"v{i}" for i in range(1200)], None, InputError, "holds 1,200 distinct values"),
        (["a", "b"], "c", GroupNotFound, r"the target 'c', but the classes ['a', 'b']"),
        (["a", "b", "c"], "c", GroupNotFound, r"the target 'c', but the classes ['a', 'b', 'c']"),
    ],
)
def test_columns_that_no_probe_can_predict_are_refused(
    values: list[Any], target: str | None, error: type[Exception], found: str
) -> None:
    with pytest.raises((NotEnoughData, InputError, GroupNotFound)) as caught:
        find_target(values, label="y", target=target)
    assert type(caught.value) is error
    assert found in caught.value.found
    assert "'y'" in caught.value.found
    assert caught.value.expected
    assert caught.value.next_step


def test_fifty_classes_are_not_too_many() -> None:
    names = sorted(f"v{i}" for i in range(50))
    aim = find_target(names, label="y")
    assert aim.classes == aim.columns == tuple(names)


def test_two_classes_have_one_column_and_several_one_each() -> None:
    values = ["a", None, "b", "a", "c"]
    for classes in (("a", "b"), ("b", "a"), ("a", "b", "c")):
        aim = Target("classes", classes)
        labels = aim.labels(values, where="s")
        assert labels.rows.tolist() == [i for i, v in enumerate(values) if v in classes]
        assert labels.targets.shape[1] == len(aim.columns)
        for row, target in zip(labels.rows.tolist(), labels.targets, strict=True):
            expected = [float(values[row] == name) for name in aim.columns]
            assert target.tolist() == expected


def test_what_is_left_out_is_counted_by_reason() -> None:
    values = ["a", None, "b", "odd", "strange", "strange", None, None]
    labels = Target("classes", ("a", "b")).labels(values, where="other.scope")
    assert labels.rows.tolist() == [0, 2]
    missing, unseen = labels.warnings
    assert missing == "3 of 8 documents of other.scope have no label; left out"
    assert unseen.startswith("3 documents of other.scope have labels unseen in training")
    # The most frequent first.
    assert "('strange', 'odd')" in unseen


def test_of_many_unseen_labels_five_are_named_and_all_are_counted() -> None:
    values = ["a", "b", *(f"x{i}" for i in range(7)), "x6"]
    (warning,) = Target("classes", ("a", "b")).labels(values, where="s").warnings
    assert warning.startswith("8 documents")
    assert warning.count("'x") == 5
    assert "'x6'" in warning


def test_nothing_is_told_where_nothing_is_left_out() -> None:
    assert Target("classes", ("a", "b")).labels(["a", "b"], where="s").warnings == ()
    assert Target("number").labels([1, 2.5], where="s").warnings == ()
    nothing = Target("classes", ("a", "b")).labels([], where="s")
    assert (len(nothing.rows), nothing.targets.shape, nothing.warnings) == (0, (0, 1), ())


def test_numbers_are_kept_and_those_that_are_not_finite_are_left_out() -> None:
    values = [1, None, 2.5, float("nan"), float("inf"), -3]
    labels = Target("number").labels(values, where="s")
    assert labels.rows.tolist() == [0, 2, 5]
    assert labels.targets.tolist() == [[1.0], [2.5], [-3.0]]
    assert labels.warnings == ("3 of 6 documents of s have no label; left out",)


def test_texts_among_numbers_are_refused_and_three_are_shown() -> None:
    with pytest.raises(InputError) as caught:
        Target("number").labels([1, "two", None, "three", "four", "five"], where="far.scope")
    assert caught.value.found == "the labels ['two', 'three', 'four'] in far.scope"
    assert "numbers" in caught.value.expected


def test_the_label_is_that_of_the_column_or_the_same_for_all(tmp_path: Path) -> None:
    kinds = ["a", None, "b", "b"]
    store = write(
        tmp_path / "s.scope",
        [record(f"d{i}", metadata={"y": kind}) for i, kind in enumerate(kinds)],
    )
    assert column_or_constant(store, "y", None) == kinds
    assert column_or_constant(store, "y", "always") == ["always"] * 4
    assert column_or_constant(store, None, "always") == ["always"] * 4
    with pytest.raises(ColumnNotFound, match="'z'"):
        column_or_constant(store, "z", None)


def test_sides_are_the_classes_of_labelled_documents() -> None:
    values = [2, None, 1, 3]
    aim = Target("classes", ("1", "2"))
    assert sides_of(values, aim.labels(values, where="s"), aim).tolist() == ["2", None, "1", None]
    number = Target("number")
    sides = sides_of(values, number.labels(values, where="s"), number)
    assert sides.tolist() == ["", None, "", ""]
