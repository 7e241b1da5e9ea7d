"""Differences from the verdicts of a judge that errs, and the pairs that they take."""

import numpy as np
import pytest

from corpuscope.statistics.judges.judged_differences import (
    PlantedPairs,
    Verdicts,
    judged_difference,
    pairs_needed,
)


def test_a_judge_that_never_errs_is_believed() -> None:
    found = judged_difference(Verdicts(60, 20, 200), None)
    assert found.value == pytest.approx(0.2)
    assert found.interval[0] < 0.2 < found.interval[1]


def test_the_size_is_divided_by_the_judges_fitness() -> None:
    planted = PlantedPairs(42, 4, 60)
    assert planted.fitness == pytest.approx(38 / 60)
    assert judged_difference(Verdicts(60, 20, 200), planted).value == pytest.approx(0.2 / (38 / 60))


def test_sides_exchanged_change_the_sign_alone() -> None:
    planted = PlantedPairs(42, 4, 60)
    one = judged_difference(Verdicts(60, 20, 200), planted)
    other = judged_difference(Verdicts(20, 60, 200), planted)
    assert other.value == -one.value
    assert other.interval == pytest.approx((-one.interval[1], -one.interval[0]))


@pytest.mark.parametrize(
    ("verdicts", "planted"),
    [
        (Verdicts(0, 0, 0), None), (Verdicts(60, 20, 200), PlantedPairs(5, 30, 60)),
        (Verdicts(60, 20, 200), PlantedPairs(0, 0, 0)),
        (Verdicts(60, 20, 200), PlantedPairs(10, 10, 60)),
    ],
)  # fmt: skip
def test_nothing_is_said_without_pairs_or_by_a_coin(
    verdicts: Verdicts, planted: PlantedPairs | None
) -> None:
    found = judged_difference(verdicts, planted)
    assert np.isnan(found.value)
    assert found.interval == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("planted", "is_fit"),
    [(PlantedPairs(50, 2, 60), True), (PlantedPairs(28, 6, 60), False),
     (PlantedPairs(8, 0, 10), True), (PlantedPairs(5, 0, 10), False),
     (PlantedPairs(0, 0, 0), False)],
)  # fmt: skip
def test_a_judge_is_fit_where_even_the_lower_end_is(planted: PlantedPairs, is_fit: bool) -> None:
    assert planted.is_fit() is is_fit


@pytest.mark.parametrize("n", [0, 1, 30])
def test_no_verdicts_for_either_side_have_an_interval_with_a_width(n: int) -> None:
    lower, upper = judged_difference(Verdicts(0, 0, n), PlantedPairs(40, 2, 60)).interval
    assert lower < 0 < upper


@pytest.mark.parametrize(
    ("difference", "discordant", "right", "wrong"),
    [(0.0, 0.3, 0.85, 0.05), (0.2, 0.4, 0.85, 0.05), (0.4, 0.5, 0.6, 0.1), (0.1, 0.2, 0.6, 0.1)],
)
def test_the_interval_has_the_true_difference_as_often_as_it_says(
    difference: float, discordant: float, right: float, wrong: float
) -> None:
    rng, given = np.random.default_rng(0), 0.03
    corrected = uncorrected = 0
    for _ in range(1_000):
        share = (discordant + difference) / 2, (discordant - difference) / 2
        target, reference, neither = rng.multinomial(76, [*share, 1 - discordant])
        of_target = rng.multinomial(target, [right, wrong, 1 - right - wrong])
        of_reference = rng.multinomial(reference, [wrong, right, 1 - right - wrong])
        of_neither = rng.multinomial(neither, [given, given, 1 - 2 * given])
        named = of_target + of_reference + of_neither
        verdicts = Verdicts(int(named[0]), int(named[1]), 76)
        planted = rng.multinomial(30, [right, wrong, 1 - right - wrong])
        found = judged_difference(verdicts, PlantedPairs(int(planted[0]), int(planted[1]), 30))
        corrected += found.interval[0] <= difference <= found.interval[1]
        raw = judged_difference(verdicts, None).interval
        uncorrected += raw[0] <= difference <= raw[1]
    assert 0.93 <= corrected / 1_000 <= 0.99
    # Where nothing differs, the verdicts need no correction.
    assert uncorrected / 1_000 > 0.92 if difference == 0 else uncorrected < corrected


@pytest.mark.parametrize(
    ("half_width", "discordant", "difference", "n"),
    [(0.15, 0.5, 0.2, 79), (0.10, 0.5, 0.2, 177), (0.075, 0.5, 0.2, 314), (0.05, 0.5, 0.2, 707),
     (0.10, 0.3, 0.15, 107)],
)  # fmt: skip
def test_pairs_needed_for_an_interval(
    half_width: float, discordant: float, difference: float, n: int
) -> None:
    found = pairs_needed(half_width, discordant=discordant, difference=difference)
    assert found == pytest.approx(n, abs=1)
