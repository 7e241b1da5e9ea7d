import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from corpuscope.statistics.rates.counts import paired_counts
from corpuscope.statistics.rates.intervals import (
    newcombe_interval,
    paired_newcombe_interval,
    wilson_interval,
)
from tests.statistics.worlds import sparse


def one(count: int) -> np.ndarray:
    return np.array([count])


def test_newcombes_published_unpaired_example_comes_out() -> None:
    lower, upper = newcombe_interval(one(56), 70, one(48), 80)
    assert (round(lower[0], 4), round(upper[0], 4)) == (0.0524, 0.3339)


def test_newcombes_published_paired_example_comes_out() -> None:
    lower, upper = paired_newcombe_interval(one(12), one(2), one(36), neither=one(0))
    assert (round(lower[0], 4), round(upper[0], 4)) == (0.0569, 0.3404)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_intervals_equal_those_of_statsmodels(n1: int, n2: int, data: st.DataObject) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    expected = confint_proportions_2indep(x1, n1, x2, n2, compare="diff", method="newcomb")
    lower, upper = newcombe_interval(one(x1), n1, one(x2), n2)
    assert (lower[0], upper[0]) == pytest.approx(expected, abs=1e-9)
    expected = proportion_confint(x1, n1, method="wilson")
    lower, upper = wilson_interval(one(x1), n1)
    assert (lower[0], upper[0]) == pytest.approx(expected, abs=1e-9)


@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_a_paired_interval_holds_its_estimate_and_mirrors_when_sides_swap(
    cells: tuple[int, int, int, int],
) -> None:
    b, c, a, d = (one(cell) for cell in cells)
    lower, upper = paired_newcombe_interval(b, c, a, neither=d)
    estimate = (cells[0] - cells[1]) / sum(cells)
    assert -1 <= lower[0] <= estimate <= upper[0] <= 1
    assert lower[0] < upper[0]
    mirrored = paired_newcombe_interval(c, b, a, neither=d)
    assert (-mirrored.upper[0], -mirrored.lower[0]) == pytest.approx((lower[0], upper[0]))


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_an_unpaired_interval_holds_its_estimate(n1: int, n2: int, data: st.DataObject) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    lower, upper = newcombe_interval(one(x1), n1, one(x2), n2)
    assert -1 <= lower[0] <= x1 / n1 - x2 / n2 <= upper[0] <= 1


def test_an_empty_group_leaves_everything_possible() -> None:
    assert [end.tolist() for end in newcombe_interval(one(0), 0, one(3), 9)] == [[-1.0], [1.0]]
    none = paired_newcombe_interval(one(0), one(0), one(0), neither=one(0))
    assert [end.tolist() for end in none] == [[-1.0], [1.0]]
    assert [end.tolist() for end in wilson_interval(one(0), 0)] == [[0.0], [1.0]]


def test_a_higher_level_gives_a_wider_interval() -> None:
    narrow, wide = (newcombe_interval(one(9), 30, one(4), 30, level=lv) for lv in (0.8, 0.99))
    assert wide.lower[0] < narrow.lower[0] < narrow.upper[0] < wide.upper[0]


@pytest.mark.parametrize(("rate_1", "rate_2"), [(0.05, 0.05), (0.1, 0.3), (0.5, 0.6)])
def test_unpaired_intervals_hold_the_truth_95_times_in_100(rate_1: float, rate_2: float) -> None:
    generator = np.random.default_rng(5)
    x1, x2 = generator.binomial(120, rate_1, 20_000), generator.binomial(200, rate_2, 20_000)
    lower, upper = newcombe_interval(x1, 120, x2, 200)
    truth = rate_1 - rate_2
    assert 0.93 < np.mean((lower <= truth) & (truth <= upper)) < 0.975


@pytest.mark.parametrize("shared", [0.0, 0.4])
def test_paired_intervals_hold_the_truth_95_times_in_100(shared: float) -> None:
    """`shared` is the chance that both documents take their presence from the prompt."""
    generator = np.random.default_rng(6)
    shape = (150, 6_000)
    prompt, takes = generator.random(shape), generator.random(shape) < shared
    left = np.where(takes, prompt, generator.random(shape)) < 0.3
    right = np.where(takes, prompt, generator.random(shape)) < 0.2
    counts = paired_counts(sparse(left), sparse(right))
    lower, upper = paired_newcombe_interval(
        counts.only_target, counts.only_reference, counts.both, neither=counts.neither
    )
    assert 0.93 < np.mean((lower <= 0.1) & (upper >= 0.1)) < 0.975
