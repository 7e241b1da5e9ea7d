from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtri

from corpuscope.statistics.scores.discrimination import auroc
from corpuscope.statistics.scores.estimates import Estimate, difference_interval
from corpuscope.statistics.scores.grouped_auroc import auroc_estimate
from corpuscope.statistics.scores.grouped_correlation import correlation_estimate

Drawn = tuple[np.ndarray, np.ndarray, np.ndarray]


def classes(
    rng: np.random.Generator, area: float, n_positive: int, n: int, *, size: int = 1
) -> Drawn:
    """Normal scores whose AUROC is `area`, in groups of one class whose members correlate by .5."""
    groups = np.concatenate([np.arange(n_positive) // size, n + np.arange(n - n_positive) // size])
    shared = rng.standard_normal(2 * n)[groups]
    scores = (shared + rng.standard_normal(n)) / np.sqrt(2)
    is_positive = np.arange(n) < n_positive
    return scores + is_positive * ndtri(area) * np.sqrt(2), is_positive, groups


def estimated(drawn: Drawn) -> Estimate:
    scores, is_positive, groups = drawn
    return auroc_estimate(scores[:, None], is_positive[:, None], groups)


def share_held(draw: Callable[[], tuple[float, float]], truth: float, n: int = 250) -> float:
    found = [draw() for _ in range(n)]
    assert all(high > low for low, high in found)
    return sum(low <= truth <= high for low, high in found) / n


@pytest.mark.parametrize("area", [0.7, 0.9, 0.98, 0.998])
@pytest.mark.parametrize(("n_positive", "n", "size"), [(15, 30, 1), (30, 300, 1), (100, 200, 5)])
def test_intervals_hold_the_auroc_as_often_as_they_say(
    area: float, n_positive: int, n: int, size: int
) -> None:
    rng = np.random.default_rng(5)
    held = share_held(
        lambda: estimated(classes(rng, area, n_positive, n, size=size)).interval, area
    )
    assert 0.91 <= held <= 0.99


def test_the_variance_is_that_of_delong() -> None:
    scores, is_positive, groups = classes(np.random.default_rng(0), 0.8, 20, 50)
    ahead = np.sign(scores[is_positive][:, None] - scores[~is_positive]) / 2 + 0.5
    expected = ahead.mean(axis=1).var(ddof=1) / 20 + ahead.mean(axis=0).var(ddof=1) / 30
    found = estimated((scores, is_positive, groups))
    assert found.value == auroc(scores, is_positive)
    assert (found.influence**2).sum() == pytest.approx(expected)


def test_perfect_separation_leaves_doubt_that_documents_reduce() -> None:
    def lower(n: int) -> float:
        scores = np.arange(float(2 * n))
        return estimated((scores, scores >= n, np.arange(2 * n))).interval[0]

    assert 0.3 < lower(5) < lower(50) < lower(500) < 1


def test_turning_scores_around_turns_the_interval_around() -> None:
    scores, is_positive, groups = classes(np.random.default_rng(1), 0.95, 30, 80)
    low, high = estimated((scores, is_positive, groups)).interval
    turned = estimated((-scores, is_positive, groups)).interval
    assert turned == pytest.approx((1 - high, 1 - low))


def test_copies_do_not_make_an_interval_narrower() -> None:
    scores, is_positive, groups = classes(np.random.default_rng(2), 0.8, 100, 300)
    four = np.repeat(np.arange(300), 4)
    one = np.diff(estimated((scores, is_positive, groups)).interval)
    copies = np.diff(estimated((scores[four], is_positive[four], groups[four])).interval)
    naive = np.diff(estimated((scores[four], is_positive[four], np.arange(1200))).interval)
    assert copies == pytest.approx(one, rel=0.05)
    assert naive < 0.6 * one


def test_classes_without_documents_are_left_out_and_one_class_has_no_figure() -> None:
    scores = np.random.default_rng(3).random((30, 3))
    is_of = np.arange(30)[:, None] % 2 == np.arange(3)
    groups = np.arange(30)
    found = auroc_estimate(scores, is_of, groups)
    assert found.interval == auroc_estimate(scores[:, :2], is_of[:, :2], groups).interval
    alone = auroc_estimate(scores[:, :1], np.ones((30, 1), dtype=bool), groups)
    assert np.isnan([alone.value, *alone.interval]).all()


def test_intervals_of_a_mean_over_classes_hold_it() -> None:
    rng = np.random.default_rng(4)
    is_of = np.arange(90)[:, None] % 3 == np.arange(3)

    def draw() -> tuple[float, float]:
        scores = rng.standard_normal((90, 3)) + is_of * ndtri(0.97) * np.sqrt(2)
        return auroc_estimate(scores, is_of, np.arange(90)).interval

    assert 0.91 <= share_held(draw, 0.97) <= 0.99


@pytest.mark.parametrize("paired", [True, False])
def test_intervals_of_a_difference_hold_it(paired: bool) -> None:
    rng = np.random.default_rng(6)

    def draw() -> tuple[float, float]:
        scores, is_positive, groups = classes(rng, 0.95, 100, 200)
        other = classes(rng, 0.9, 100, 200)[0]
        if paired:
            place = is_positive * np.sqrt(2)
            other = (scores - place * ndtri(0.95) + other - place * ndtri(0.9)) / np.sqrt(2)
            other += place * ndtri(0.9)
        left = estimated((scores, is_positive, groups))
        return difference_interval(left, estimated((other, is_positive, groups)), paired=paired)

    # Of pairs it is wider than it need be: errors of both near 1 are skewed to one side.
    assert 0.91 <= share_held(draw, 0.05) <= 0.998


def test_equal_probes_differ_by_nothing_but_not_surely_so() -> None:
    one = estimated(classes(np.random.default_rng(7), 0.9, 30, 60))
    low, high = difference_interval(one, one, paired=True)
    wide = difference_interval(one, one, paired=False)
    assert wide[0] < low < 0 < high < wide[1]


@pytest.mark.parametrize(("rho", "size"), [(0.0, 1), (0.7, 1), (0.99, 1), (0.9, 4)])
def test_intervals_hold_the_correlation(rho: float, size: int) -> None:
    rng = np.random.default_rng(8)
    groups = np.arange(80) // size

    def normal() -> np.ndarray:
        return (rng.standard_normal(80)[groups] + rng.standard_normal(80)) / np.sqrt(2)

    def draw() -> tuple[float, float]:
        left = normal()
        right = rho * left + np.sqrt(1 - rho**2) * normal()
        return correlation_estimate(left, right, groups).interval

    assert 0.91 <= share_held(draw, rho) <= 0.99


def test_numbers_that_do_not_vary_have_no_correlation() -> None:
    found = correlation_estimate(np.ones(9), np.arange(9.0), np.arange(9))
    assert np.isnan([found.value, *found.interval]).all()
