import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower

from corpuscope.statistics import smallest_detectable_difference, two_rates_p


def test_the_effect_equals_that_of_statsmodels() -> None:
    h = NormalIndPower().solve_power(nobs1=300, ratio=2.0, alpha=0.01, power=0.8)
    found = smallest_detectable_difference(np.array([0.2]), 300, 600, alpha=0.01)
    ours = 2 * np.arcsin(np.sqrt(0.2 + found[0])) - 2 * np.arcsin(np.sqrt(0.2))
    assert ours == pytest.approx(h, rel=1e-4)


@pytest.mark.parametrize("rate", [0.03, 0.2, 0.6])
def test_a_difference_of_that_size_is_found_four_times_in_five(rate: float) -> None:
    generator = np.random.default_rng(0)
    step = smallest_detectable_difference(np.array([rate]), 400, 700, alpha=0.01)[0]
    x1, x2 = generator.binomial(400, rate + step, 4_000), generator.binomial(700, rate, 4_000)
    assert np.mean(two_rates_p(x1, 400, x2, 700) <= 0.01) == pytest.approx(0.8, abs=0.05)


def test_more_documents_find_smaller_differences() -> None:
    rate = np.array([0.1, 0.5])
    few, many = (smallest_detectable_difference(rate, n, n, alpha=0.05) for n in (100, 1000))
    assert (many < few).all()


def test_what_cannot_be_found_is_nan() -> None:
    assert np.isnan(smallest_detectable_difference(np.array([0.9]), 5, 5, alpha=0.01)).all()
    assert np.isnan(smallest_detectable_difference(np.array([0.1]), 0, 5, alpha=0.01)).all()
