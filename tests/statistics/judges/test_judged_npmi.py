"""NPMI from judged documents of each cell: right on average, with intervals that hold the truth."""

import math

import numpy as np
import pytest

from corpuscope.statistics.judges.judged_npmi import judged_npmi
from corpuscope.statistics.judges.judged_rates import KnownAnswers

SIZES = np.array([80, 100, 120, 700])
COUNTS = np.array([[40, 10, 5, 5], [2, 40, 1, 17], [1, 2, 35, 22], [0, 1, 1, 58]])
PERFECT = KnownAnswers(100_000, 100_000, 0, 100_000)


def test_cells_weigh_as_much_as_they_have_documents() -> None:
    sizes, counts = np.array([10, 10, 20, 60]), np.zeros((4, 4), dtype=np.int64)
    counts[0, 0], counts[1, 1], counts[2, 2], counts[3, 3] = 5, 2, 4, 6
    found = judged_npmi(sizes, counts)
    assert (found.rate_a, found.rate_b, found.rate_both) == pytest.approx((0.2, 0.3, 0.1))
    assert found.value == pytest.approx(math.log(0.1 / 0.06) / -math.log(0.1))


def test_both_ends_lie_around_the_estimate_and_chance_makes_one_wider() -> None:
    found = judged_npmi(SIZES, COUNTS)
    for lower, upper in (found.interval, found.interval_of_all):
        assert -1 <= lower < found.value < upper <= 1
    assert np.ptp(found.interval) > np.ptp(found.interval_of_all)


def test_where_all_were_judged_nothing_is_left_but_chance() -> None:
    found = judged_npmi(COUNTS.sum(axis=1), COUNTS)
    assert found.interval_of_all == pytest.approx((found.value, found.value))
    assert np.ptp(found.interval) > 0.05


def test_the_order_of_the_properties_does_not_matter() -> None:
    turn = [0, 2, 1, 3]
    one, other = judged_npmi(SIZES, COUNTS), judged_npmi(SIZES[turn], COUNTS[turn][:, turn])
    assert one.value == pytest.approx(other.value)
    assert one.interval == pytest.approx(other.interval, abs=0.01)


def test_a_large_cell_without_the_properties_is_not_taken_to_have_none() -> None:
    counts = np.array([[50, 5, 5, 0], [0, 55, 0, 5], [0, 0, 55, 5], [0, 0, 0, 60]])
    small = judged_npmi(np.array([60, 60, 60, 60]), counts)
    large = judged_npmi(np.array([60, 60, 60, 9_000]), counts)
    assert np.ptp(small.interval_of_all) == pytest.approx(0)
    assert large.interval_of_all[0] < large.value - 0.1


@pytest.mark.parametrize("of_none", [0, 1, 2, 3])
def test_a_cell_of_which_nothing_was_judged_leaves_nothing_to_say(of_none: int) -> None:
    counts = COUNTS.copy()
    counts[of_none] = 0
    found = judged_npmi(SIZES, counts)
    assert math.isnan(found.value)
    assert found.interval == (-1.0, 1.0)
    sizes = SIZES.copy()
    sizes[of_none] = 0
    without = judged_npmi(sizes, counts)
    sizes[of_none] = 2
    # Two documents of which nothing is known hardly matter.
    assert judged_npmi(sizes, counts).value == pytest.approx(without.value, abs=0.03)


def test_never_together_is_minus_one_and_always_both_is_nothing() -> None:
    never, always = np.zeros((2, 4, 4), dtype=np.int64)
    never[0, 1] = never[0, 2] = 30
    always[0, 0] = 60
    sizes = np.array([60, 0, 0, 0])
    assert judged_npmi(sizes, never).value == -1
    assert judged_npmi(sizes, always).value == 0


def test_a_perfect_judge_needs_no_correction() -> None:
    plain, known = judged_npmi(SIZES, COUNTS), judged_npmi(SIZES, COUNTS, known=(PERFECT, PERFECT))
    assert known.value == pytest.approx(plain.value)
    assert known.interval == pytest.approx(plain.interval, abs=0.02)


def test_known_errors_are_taken_back() -> None:
    truth = np.array([0.1, 0.1, 0.2, 0.6])
    turns = np.array([[0.8, 0.1], [0.2, 0.9]])
    judged = (turns @ truth.reshape(2, 2) @ turns.T).reshape(-1)
    counts = np.zeros((4, 4), dtype=np.int64)
    counts[3] = np.round(judged * 100_000)
    sizes = np.array([0, 0, 0, 100_000])
    known = KnownAnswers(8_000, 10_000, 1_000, 10_000)
    found = judged_npmi(sizes, counts, known=(known, known))
    assert (found.rate_a, found.rate_b, found.rate_both) == pytest.approx((0.2, 0.3, 0.1), abs=1e-3)
    assert np.ptp(found.interval) > np.ptp(judged_npmi(sizes, counts).interval)


def test_a_judge_no_better_than_a_coin_says_nothing() -> None:
    coin = KnownAnswers(30, 60, 30, 60)
    assert math.isnan(judged_npmi(SIZES, COUNTS, known=(PERFECT, coin)).value)


@pytest.mark.parametrize("is_together", [False, True])
def test_intervals_hold_what_judging_all_would_say(is_together: bool) -> None:
    rng = np.random.default_rng(int(is_together))
    n_held = n_held_of_all = 0
    p = [0.06, 0.06, 0.06, 0.82] if is_together else [0.03, 0.12, 0.17, 0.68]
    true = math.log(p[0] / ((p[0] + p[1]) * (p[0] + p[2]))) / -math.log(p[0])
    for seed in range(200):
        outcomes = rng.choice(4, 3_000, p=p)
        cells = np.where(rng.random(3_000) < 0.85, outcomes, rng.integers(0, 4, 3_000))
        sizes, counts = np.bincount(cells, minlength=4), np.zeros((4, 4), dtype=np.int64)
        for cell in range(4):
            drawn = rng.permutation(outcomes[cells == cell])[:60]
            counts[cell] = np.bincount(drawn, minlength=4)
        all_of_it = np.zeros((4, 4), dtype=np.int64)
        all_of_it[3] = np.bincount(outcomes, minlength=4)
        known = judged_npmi(np.array([0, 0, 0, 3_000]), all_of_it).value
        found = judged_npmi(sizes, counts, seed=seed)
        n_held_of_all += found.interval_of_all[0] <= known <= found.interval_of_all[1]
        n_held += found.interval[0] <= true <= found.interval[1]
    assert n_held >= 182
    assert n_held_of_all >= 182
