import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from corpuscope.statistics.tails import (
    hypergeometric_pmf,
    opposite,
    skewed_tail,
    tails_at,
    tails_of,
)


@given(st.integers(1, 80), st.data())
def test_chances_equal_those_of_scipy(n_all: int, data: st.DataObject) -> None:
    n_side, n_present = data.draw(st.integers(0, n_all)), data.draw(st.integers(0, n_all))
    lowest, chances = hypergeometric_pmf(n_all, n_side, n_present)
    expected = stats.hypergeom.pmf(np.arange(len(chances)) + lowest, n_all, n_present, n_side)
    assert chances == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("skewness", [-1.0, -0.2, 0.0, 0.0005, 0.3, 1.5])
def test_skewed_tails_equal_scipys_pearson_distribution(skewness: float) -> None:
    z = np.linspace(-5, 7, 25)
    expected = stats.pearson3.sf(z, skewness)
    ours = skewed_tail(z, np.full(25, skewness), alternative="greater")
    assert ours == pytest.approx(expected, rel=2e-2, abs=1e-12)
    mirrored = skewed_tail(-z, np.full(25, -skewness), alternative="less")
    assert mirrored == pytest.approx(ours)


def test_the_two_ways_to_look_up_a_tail_agree() -> None:
    chances = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    rows, outcomes = np.tile(chances, (5, 1)), np.arange(5)
    for alternative in ("two-sided", "greater", "less"):
        alone = tails_of(chances, alternative=alternative)
        assert tails_at(rows, outcomes, alternative=alternative) == pytest.approx(alone)


def test_opposites_are_opposite() -> None:
    assert [opposite(a) for a in ("greater", "less", "two-sided")] == [
        "less",
        "greater",
        "two-sided",
    ]
