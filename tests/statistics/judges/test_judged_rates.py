"""Corrected rates are right on average, and their intervals carry the judge's own error."""

import numpy as np
import pytest

from corpuscope.statistics.judges.judged_rates import (
    KnownAnswers,
    judged_rate,
    known_answers_needed,
)


def test_a_perfect_judge_changes_nothing() -> None:
    found = judged_rate(30, 100, KnownAnswers(1000, 1000, 0, 1000))
    assert found.value == pytest.approx(0.3)
    assert found.interval[0] < 0.3 < found.interval[1]


def test_the_estimate_is_that_of_rogan_and_gladen() -> None:
    known = KnownAnswers(51, 60, 6, 60)
    assert (known.sensitivity, known.specificity) == (pytest.approx(0.85), pytest.approx(0.9))
    assert known.youden == pytest.approx(0.75)
    assert judged_rate(60, 200, known).value == pytest.approx((0.3 + 0.9 - 1) / 0.75)


@pytest.mark.parametrize(
    "known",
    [KnownAnswers(30, 60, 30, 60), KnownAnswers(0, 0, 3, 60), KnownAnswers(50, 60, 0, 0),
     KnownAnswers(10, 60, 55, 60)],
)  # fmt: skip
def test_a_judge_no_better_than_a_coin_says_nothing(known: KnownAnswers) -> None:
    found = judged_rate(60, 200, known)
    assert np.isnan(found.value)
    assert found.interval == (0.0, 1.0)


def test_no_texts_say_nothing() -> None:
    assert judged_rate(0, 0, KnownAnswers(50, 60, 5, 60)).interval == (0.0, 1.0)


@pytest.mark.parametrize("n_yes", [0, 3, 197, 200])
def test_the_ends_of_the_range_have_intervals_with_a_width(n_yes: int) -> None:
    found = judged_rate(n_yes, 200, KnownAnswers(54, 60, 3, 60))
    lower, upper = found.interval
    assert 0 <= lower <= found.value <= upper <= 1
    assert upper - lower > 0.001


@pytest.mark.parametrize(
    ("rate", "sensitivity", "specificity"),
    [(0.3, 0.85, 0.9), (0.1, 0.85, 0.9), (0.05, 0.9, 0.95), (0.5, 0.8, 0.95)],
)
def test_the_interval_has_the_true_rate_as_often_as_it_says(
    rate: float, sensitivity: float, specificity: float
) -> None:
    rng = np.random.default_rng(0)
    corrected = uncorrected = 0
    for _ in range(1_000):
        n_yes = rng.binomial(200, rate * sensitivity + (1 - rate) * (1 - specificity))
        known = KnownAnswers(
            rng.binomial(60, sensitivity), 60, rng.binomial(60, 1 - specificity), 60
        )
        lower, upper = judged_rate(n_yes, 200, known).interval
        corrected += lower <= rate <= upper
        lower, upper = judged_rate(n_yes, 200, KnownAnswers(10**6, 10**6, 0, 10**6)).interval
        uncorrected += lower <= rate <= upper
    assert 0.93 <= corrected / 1_000 <= 0.99
    assert uncorrected < corrected - 50


def test_known_items_go_where_errors_weigh_more() -> None:
    def variance(n_positive: int) -> float:
        n_negative = 120 - n_positive
        return 0.3**2 * 0.85 * 0.15 / n_positive + 0.7**2 * 0.9 * 0.1 / n_negative

    found, rest = known_answers_needed(120, rate=0.3, sensitivity=0.85, specificity=0.9)
    assert found + rest == 120
    assert found == min(range(1, 120), key=variance)
    assert known_answers_needed(10, rate=0.0, sensitivity=0.9, specificity=0.9) == (1, 9)
    assert known_answers_needed(10, rate=1.0, sensitivity=0.9, specificity=0.9) == (9, 1)
