"""Slopes equal least squares, and the two-group estimates where there are two groups."""

import numpy as np
import pytest

from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.counts import stratum_counts
from corpuscope.statistics.rates.intervals import newcombe_interval
from corpuscope.statistics.rates.lengths import length_strata
from corpuscope.statistics.rates.paired_length import paired_length_adjusted
from corpuscope.statistics.rates.stratified import mantel_haenszel_difference
from corpuscope.statistics.slopes.key_slopes import slope_within_keys
from corpuscope.statistics.slopes.slopes import slope_of_rates, stratified_slope
from corpuscope.statistics.slopes.trends import trend_p
from tests.statistics.worlds import Flags, Integers, densities, lognormal_lengths, sparse


def growing(n_keys: int, *, seed: int, growth: float = 0.35) -> Integers:
    """Lengths of keys x 4 documents, each group longer than the one before."""
    generator = np.random.default_rng(seed)
    shared = np.log(lognormal_lengths(n_keys, seed=seed))[:, None]
    grown = shared + growth * np.arange(4) + generator.normal(0, 0.4, (n_keys, 4))
    return np.maximum(np.exp(grown).astype(np.int64), 2)


def fires(lengths: Integers, n_features: int, *, seed: int) -> Flags:
    chance = -np.expm1(-np.outer(lengths.ravel(), densities(n_features)))
    present: Flags = np.random.default_rng(seed).random(chance.shape) < chance
    return present


def test_a_slope_by_hand() -> None:
    """Rates .1, .2, .6 of 10, 10 and 10: half of the last minus the first."""
    found = slope_of_rates(np.array([[1], [2], [6]]), np.array([10, 10, 10]))
    assert found.slope == pytest.approx([0.25])
    assert found.lower[0] < 0.25 < found.upper[0]


def test_all_slopes_are_those_of_least_squares() -> None:
    generator = np.random.default_rng(0)
    positions, strata = generator.integers(0, 4, 200), generator.integers(0, 9, 200)
    has = generator.random((200, 5)) < 0.2 + 0.1 * positions[:, None]
    counts = np.array([has[positions == group].sum(axis=0) for group in range(4)])
    plain = slope_of_rates(counts, np.bincount(positions)).slope
    dummies = np.eye(9)[strata]
    for feature in range(5):
        line = np.polyfit(positions, has[:, feature], 1)[0]
        assert plain[feature] == pytest.approx(line)
        design = np.column_stack([positions, dummies])
        expected = np.linalg.lstsq(design, has[:, feature].astype(float), rcond=None)[0][0]
        for found in (
            stratified_slope(sparse(has * 1), positions, strata=strata).slope,
            slope_within_keys(sparse(has * 1), positions, keys=strata).slope,
        ):
            assert found[feature] == pytest.approx(expected)


def test_with_two_groups_it_is_newcombes_interval() -> None:
    x1, x2 = np.array([20, 3, 0]), np.array([30, 0, 0])
    found = slope_of_rates(np.array([x2, x1]), np.array([120, 100]))
    expected = newcombe_interval(x1, 100, x2, 120)
    assert found.lower == pytest.approx(expected.lower)
    assert found.upper == pytest.approx(expected.upper)


def test_with_two_groups_it_is_the_mantel_haenszel_difference() -> None:
    generator = np.random.default_rng(1)
    positions, strata = generator.integers(0, 2, 900), generator.integers(0, 9, 900)
    presence = sparse((generator.random((900, 10)) < 0.2 + 0.1 * positions[:, None]) * 1)
    counts = stratum_counts(presence, positions == 1, positions == 0, strata=strata)
    expected = mantel_haenszel_difference(counts)
    found = stratified_slope(presence, positions, strata=strata)
    assert found.slope == pytest.approx(expected.difference)
    assert found.lower == pytest.approx(expected.lower, abs=0.004)


def test_with_pairs_it_is_the_paired_adjusted_difference() -> None:
    lengths = growing(300, seed=2)[:, :2]
    has = fires(lengths.T, 30, seed=3)
    old, new = sparse(has[:300] * 1), sparse(has[300:] * 1)
    expected = paired_length_adjusted(
        new, old, lengths_target=lengths[:, 1], lengths_reference=lengths[:, 0]
    )
    found = slope_within_keys(
        sparse(has * 1),
        np.repeat([0, 1], 300),
        keys=np.tile(np.arange(300), 2),
        lengths=lengths.T.ravel(),
    )
    assert found.slope == pytest.approx(expected.difference)
    assert found.lower == pytest.approx(expected.lower)
    assert found.p_value == pytest.approx(expected.p_value)


def test_texts_that_only_grow_show_no_slope_at_equal_lengths() -> None:
    lengths = growing(500, seed=4)
    presence = sparse(fires(lengths, 600, seed=5) * 1)
    positions, keys = np.tile(np.arange(4), 500), np.repeat(np.arange(500), 4)
    raw = trend_p(presence, positions, strata=keys)
    assert np.sum(benjamini_hochberg(raw) < 0.05) > 500
    found = slope_within_keys(presence, positions, keys=keys, lengths=lengths.ravel())
    assert np.sum(benjamini_hochberg(found.p_value) < 0.05) == 0
    assert np.mean((found.lower <= 0) & (found.upper >= 0)) == pytest.approx(0.95, abs=0.02)
    strata = length_strata(lengths.ravel())
    p = trend_p(presence, positions, strata=strata)
    assert np.sum(benjamini_hochberg(p) < 0.05) == 0
    apart = stratified_slope(presence, positions, strata=strata)
    assert np.mean((apart.lower <= 0) & (apart.upper >= 0)) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("rates", "least"),
    # Fifteen documents, all in one group: the two that are no hybrid of Wilson's hold it less.
    [([0.05, 0.1, 0.15, 0.2], 0.93), ([0.02, 0.02, 0.02, 0.02], 0.93), ([0, 0, 0, 0.1], 0.9)],
)
def test_intervals_hold_the_true_slope(rates: list[float], least: float) -> None:
    generator = np.random.default_rng(6)
    truth = np.polyfit(np.arange(4), rates, 1)[0]
    positions, keys = np.tile(np.arange(4), 150), np.repeat(np.arange(150), 4)
    has = generator.random((600, 800)) < np.tile(rates, 150)[:, None]
    counts = np.array([has[positions == group].sum(axis=0) for group in range(4)])
    presence = sparse(has * 1)
    for found in (
        slope_of_rates(counts, np.full(4, 150)),
        stratified_slope(presence, positions, strata=keys % 10),
        slope_within_keys(presence, positions, keys=keys),
    ):
        held = np.mean((found.lower <= truth) & (truth <= found.upper))
        assert least < held < 0.985
        assert found.slope.mean() == pytest.approx(truth, abs=0.002)


def test_keys_that_lack_a_group_tell_of_theirs() -> None:
    generator = np.random.default_rng(7)
    positions, keys = np.tile(np.arange(4), 300), np.repeat(np.arange(300), 4)
    has = generator.random((1200, 200)) < 0.1 + 0.1 * positions[:, None]
    some = generator.random(1200) < 0.7
    found = slope_within_keys(sparse(has[some] * 1), positions[some], keys=keys[some])
    assert found.slope.mean() == pytest.approx(0.1, abs=0.003)


def test_where_nothing_can_be_told_the_slope_is_unknown() -> None:
    presence, one = sparse([[1], [0], [1]]), np.zeros(3, dtype=int)
    for found in (
        slope_of_rates(np.array([[1], [0]]), np.array([3, 0])),
        stratified_slope(presence, one, strata=one),
        slope_within_keys(presence, np.arange(3), keys=np.arange(3)),
    ):
        assert np.isnan(found.slope).all()
        assert (found.lower[0], found.upper[0]) == (-1, 1)
