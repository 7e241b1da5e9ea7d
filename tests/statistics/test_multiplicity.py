from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.multitest import multipletests

from corpuscope.statistics.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    can_reach_significance,
    holm,
)

RULES = {"fdr_bh": benjamini_hochberg, "fdr_by": benjamini_yekutieli, "holm": holm}


@pytest.mark.parametrize("name", RULES)
@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_adjusted_values_equal_those_of_statsmodels(name: str, values: list[float]) -> None:
    with patch("gc.collect"):  # statsmodels collects at each call, which takes half a second here.
        expected = multipletests(values, method=name)[1]
    assert RULES[name](np.array(values)) == pytest.approx(expected)


@pytest.mark.parametrize("name", RULES)
@given(values=st.lists(st.floats(0, 1) | st.just(np.nan), max_size=40), seed=st.integers(0, 9))
def test_questions_not_asked_change_nothing_and_order_does_not_matter(
    name: str, values: list[float], seed: int
) -> None:
    p, rule = np.array(values, dtype=np.float64), RULES[name]
    adjusted, known = rule(p), ~np.isnan(p)
    assert (np.isnan(adjusted) == ~known).all()
    assert adjusted[known] == pytest.approx(rule(p[known]))
    order = np.random.default_rng(seed).permutation(len(p))
    assert rule(p[order])[known[order]] == pytest.approx(adjusted[order][known[order]])
    assert (adjusted[known] >= p[known] * (1 - 1e-12)).all()


def test_equal_p_values_get_equal_q_values() -> None:
    assert benjamini_hochberg(np.array([0.02, 0.02, 0.5])).tolist() == [0.03, 0.03, 0.5]


def test_of_many_null_features_almost_none_is_found_over_many_seeds() -> None:
    found = [
        np.any(benjamini_hochberg(np.random.default_rng(seed).random(500)) <= 0.05)
        for seed in range(400)
    ]
    assert 0.02 < np.mean(found) < 0.085


def test_false_discoveries_stay_below_the_level_when_some_are_true() -> None:
    shares = []
    for seed in range(200):
        p = np.random.default_rng(seed).random(1000)
        p[:100] *= 1e-4
        found = benjamini_hochberg(p) <= 0.1
        shares.append(found[100:].sum() / max(found.sum(), 1))
    assert 0.07 < np.mean(shares) < 0.1


def brute_can_tell(least_p: list[float], alpha: float) -> list[bool]:
    """The smallest k such that at most k tests can reach alpha / k; these are kept."""
    for k in range(1, len(least_p) + 1):
        reaching = [p <= alpha / k for p in least_p]
        if sum(reaching) <= k:
            return reaching
    return [False] * len(least_p)


@pytest.mark.parametrize("seed", range(20))
def test_can_tell_is_the_smallest_number_that_holds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    least = 10.0 ** -rng.uniform(0, 5, size=int(rng.integers(1, 60)))
    assert can_reach_significance(least, alpha=0.05).tolist() == brute_can_tell(
        least.tolist(), 0.05
    )


def test_who_cannot_tell_alone_is_never_kept_and_who_always_can_is() -> None:
    assert can_reach_significance(np.array([0.2, 0.06])).tolist() == [False, False]
    assert can_reach_significance(np.full(1000, 1e-9)).all()
    assert can_reach_significance(np.zeros(0)).tolist() == []
    assert can_reach_significance(np.array([np.nan, 0.001])).tolist() == [False, True]


def test_leaving_out_who_cannot_tell_keeps_the_promise() -> None:
    """Many features too rare to tell, none of which differs: at most one run in twenty errs."""
    rng, wrong = np.random.default_rng(5), 0
    for _ in range(400):
        present = rng.integers(3, 40, size=400)
        in_target = rng.binomial(present, 0.5)
        p = np.minimum(1, 2 * binom.cdf(np.minimum(in_target, present - in_target), present, 0.5))
        kept = can_reach_significance(2.0 ** (1 - present))
        wrong += bool((benjamini_hochberg(p[kept]) <= 0.05).any())
    assert wrong <= 30
