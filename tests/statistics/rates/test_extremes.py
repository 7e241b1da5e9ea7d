"""The smallest of several differences is not made smaller by having been chosen."""

import numpy as np
import pytest

from corpuscope.statistics.rates.extremes import smallest_difference


def test_one_difference_is_as_it_is() -> None:
    found = smallest_difference(np.array([[0.1]]), np.array([[0.03]]), np.array([[0.02]]))
    assert found.estimate == pytest.approx([0.1])
    assert found.interval.lower == pytest.approx([0.1 - 1.96 * 0.03], abs=1e-4)
    assert found.interval.upper == pytest.approx([0.1 + 1.96 * 0.03], abs=1e-4)


def test_what_is_far_away_is_not_in_the_running() -> None:
    apart, errors = np.array([[0.1], [0.9]]), np.full((2, 1), 0.02)
    alone = smallest_difference(apart[:1], errors[:1], errors[:1])
    assert smallest_difference(apart, errors, errors).estimate == alone.estimate


def test_of_nine_equal_ones_the_estimate_and_its_interval_are_right() -> None:
    rng = np.random.default_rng(0)
    own = rng.binomial(200, 0.3, 3000) / 200
    others = rng.binomial(200, 0.2, (9, 3000)) / 200
    own_error = np.sqrt(others * (1 - others) / 200)
    error = np.hypot(own_error, np.sqrt(own * (1 - own) / 200))
    found = smallest_difference(own - others, error, own_error)
    assert (own - others).min(axis=0).mean() < 0.065
    assert found.estimate.mean() == pytest.approx(0.1, abs=0.01)
    lower, upper = found.interval
    assert np.mean((lower <= 0.1) & (upper >= 0.1)) == pytest.approx(0.955, abs=0.02)
