from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import hypergeom, norm

from corpuscope.statistics.rates.rate_tests import two_rates_p, two_rates_z
from corpuscope.statistics.rates.tails import (
    Alternative,
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


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_the_skewed_tail_is_as_near_to_the_exact_one_as_is_said(alternative: Alternative) -> None:
    n, ratios = 1000, []
    for share, expected in product((0.02, 0.05, 0.1, 0.2, 0.3, 0.5), (5, 10, 20, 40, 80)):
        n_target, n_present = round(share * n), round(expected / share)
        if n_present > n / 2:
            continue
        k = np.arange(min(n_target, n_present) + 1)
        ends = hypergeom(n, n_present, n_target)
        exact = ends.sf(k - 1) if alternative == "greater" else ends.cdf(k)
        p = two_rates_p(
            k, n_target, n_present - k, n - n_target, alternative=alternative, exact_below=0.0
        )
        ratios += (exact / p)[(exact > 1e-7) & (exact < 0.05)].tolist()
    assert 0.25 <= min(ratios) < 0.26
    assert 1.8 < max(ratios) < 2


def test_the_example_of_a_normal_tail_that_is_far_too_small() -> None:
    counts = (np.array([16]), 100, np.array([34]), 900)
    assert hypergeom.sf(15, 1000, 50, 100) == pytest.approx(9e-6, rel=0.06)
    assert norm.sf(two_rates_z(*counts)) == pytest.approx(5e-8, rel=0.06)
    p = two_rates_p(*counts, alternative="greater", exact_below=0.0)
    assert p == pytest.approx(9e-6, rel=0.06)
