"""Warnings come after three signs in a row, each kind once, and name the numbers."""

from dataclasses import replace
from typing import Any

import pytest

from corpuscope.sae.config import Recipe, StepReport
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.training.warnings import Watch, left_out_warnings

RECIPE = Recipe(n_features=400, objective=BatchTopKObjective(2), n_steps=100)
FINE = StepReport(
    step=0, n_steps=100, loss=1.0, unexplained=0.4, l0=20.0, n_dead=10, learning_rate=1e-3
)
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "dead": ({"n_dead": 230}, "57% of the features are dead"),
    "silent": ({"l0": 0.251}, "only 0.25 features fire"),
    "dense": ({"l0": 160.4}, "160 of 400 features fire"),
    "useless": ({"unexplained": 1.3}, "130% of the variance is unexplained"),
}


def looked(watch: Watch, *changes: dict[str, Any], first: int = 20) -> list[str | None]:
    """What is said of reports with these numbers, one a step."""
    return [
        watch.look(replace(FINE, step=first + at, **change)) for at, change in enumerate(changes)
    ]


@pytest.mark.parametrize("kind", BAD)
def test_the_third_sign_in_a_row_is_told_with_its_step(kind: str) -> None:
    change, message = BAD[kind]
    watch = Watch(RECIPE)
    first, second, third, fourth = looked(watch, change, change, change, change)
    assert first is second is fourth is None
    assert third is not None
    assert third.startswith(f"step 22: {message}")
    assert watch.warnings == (third,)


@pytest.mark.parametrize("kind", BAD)
def test_a_better_report_starts_the_count_again(kind: str) -> None:
    change, _ = BAD[kind]
    watch = Watch(RECIPE)
    assert looked(watch, change, change, {}, change, change, {}) == [None] * 6
    assert looked(watch, change, change, change)[2] is not None


@pytest.mark.parametrize(
    ("change", "is_bad"),
    [
        ({"n_dead": 200}, False), ({"n_dead": 201}, True),
        ({"l0": 1.0}, False), ({"l0": 0.99}, True),
        ({"l0": 100.0}, False), ({"l0": 100.5}, True),
        ({"unexplained": 1.0}, False), ({"unexplained": 1.01}, True),
    ],
)  # fmt: skip
def test_signs_begin_beyond_their_bounds(change: dict[str, Any], is_bad: bool) -> None:
    watch = Watch(RECIPE)
    looked(watch, change, change, change)
    assert bool(watch.warnings) == is_bad


def test_several_kinds_are_kept_in_the_order_in_which_they_appeared() -> None:
    watch = Watch(RECIPE)
    dead, useless = BAD["dead"][0], BAD["useless"][0]
    looked(watch, useless, useless | dead, useless | dead, dead)
    first, second = watch.warnings
    assert first.startswith("step 22: 130%")
    assert second.startswith("step 23: 57%")


def test_two_kinds_at_one_step_are_both_kept() -> None:
    watch = Watch(RECIPE)
    both = BAD["dead"][0] | BAD["useless"][0]
    assert looked(watch, both, both, both)[2] in watch.warnings
    assert len(watch.warnings) == 2


@pytest.mark.parametrize("n_steps", [10, 100, 1000])
def test_the_first_tenth_of_a_run_is_not_looked_at(n_steps: int) -> None:
    watch = Watch(replace(RECIPE, n_steps=n_steps))
    change = BAD["dead"][0]
    assert looked(watch, *[change] * (n_steps // 10), first=0) == [None] * (n_steps // 10)
    # These did not count: three more are needed.
    found = looked(watch, change, change, change, first=n_steps // 10)
    assert [one is not None for one in found] == [False, False, True]


def test_a_small_dictionary_may_be_dense() -> None:
    for n_features, n_warnings in ((64, 0), (65, 1)):
        watch = Watch(replace(RECIPE, n_features=n_features))
        looked(watch, *[{"l0": 40.0, "n_dead": 0}] * 3)
        assert len(watch.warnings) == n_warnings


@pytest.mark.parametrize(
    ("refused", "empty", "expected"),
    [
        (0, 0, []),
        (1200, 0, ["1,200 documents were refused by the reader's chat template"]),
        (0, 1, ["1 rows had no text"]),
        (2, 3400, ["2 documents were refused by the reader's chat template",
                   "3,400 rows had no text"]),
    ],
)  # fmt: skip
def test_documents_left_out_are_counted_by_reason(
    refused: int, empty: int, expected: list[str]
) -> None:
    assert left_out_warnings(refused=refused, empty=empty) == expected


def test_nothing_left_out_is_the_default() -> None:
    assert left_out_warnings() == []
