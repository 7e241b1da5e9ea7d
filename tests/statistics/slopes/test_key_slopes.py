"""Slopes within keys are least squares with a constant for each key, and robust errors."""

import numpy as np
import pytest
from scipy import stats

from corpuscope.statistics.rates.paired_length import DENSITIES, nearest_density
from corpuscope.statistics.slopes.key_slopes import slope_within_keys
from tests.statistics.worlds import Flags, Integers, Numbers, fires, lognormal_lengths, sparse

World = tuple[Flags, Integers, Integers, Integers]


def world(seed: int, n: int = 150, n_groups: int = 4, n_keys: int = 25) -> World:
    """Presence of three features, groups, keys of several, and lengths that grow with groups."""
    generator = np.random.default_rng(seed)
    positions, keys = generator.integers(0, n_groups, n), generator.integers(0, n_keys, n)
    lengths = (lognormal_lengths(n, seed=seed) * 1.5**positions).astype(np.int64)
    has = fires(lengths, np.array([0.001, 0.004, 0.01]), seed=seed)
    of_several = np.array([np.ptp(positions[keys == key]) > 0 for key in keys])
    return has[of_several], positions[of_several], keys[of_several], lengths[of_several]


def within(values: Numbers, keys: Integers) -> Numbers:
    means = np.array([values[keys == key].mean(axis=0) for key in keys])
    centred: Numbers = values - means
    return centred


def reference(
    has: Flags, design: Numbers, keys: Integers, clusters: Integers
) -> tuple[float, float]:
    """Slope and error of one feature; all sides without what keys bring along."""
    design, wanted = within(design, keys), within(has[:, None].astype(float), keys)[:, 0]
    inverse = np.linalg.inv(design.T @ design)
    weights = inverse @ design.T @ wanted
    residual = wanted - design @ weights
    variance = 0.0
    for cluster in np.unique(clusters):
        own = clusters == cluster
        leverage = np.trace(design[own] @ inverse @ design[own].T)
        variance += float(inverse[0] @ design[own].T @ residual[own]) ** 2 / (1 - leverage) ** 2
    return float(weights[0]), variance**0.5


def interval(slope: float, error: float, freedom: int) -> tuple[float, float, float]:
    reach = float(stats.t.ppf(0.975, freedom)) * error
    return slope - reach, slope + reach, 2 * float(stats.t.sf(abs(slope) / error, freedom))


def numbers(found: tuple[Numbers, ...]) -> Numbers:
    return np.array(found)


def test_a_slope_and_its_interval_by_hand() -> None:
    """Two keys of two groups, in which a feature rises by 1 and by 0: .5, and each key .5 off."""
    found = slope_within_keys(
        sparse([[0], [1], [1], [1]]), np.array([0, 1, 0, 1]), keys=np.array([0, 0, 1, 1])
    )
    # Each key pulls by a quarter, and is half of the leverage.
    error = np.sqrt(2 * (0.25 / 0.5) ** 2)
    assert found.slope == pytest.approx([0.5])
    assert found.p_value == pytest.approx([interval(0.5, error, 1)[2]])
    assert (found.lower.tolist(), found.upper.tolist()) == ([-1.0], [1.0])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("are_clustered", [False, True])
def test_slopes_and_errors_are_those_of_a_reference(seed: int, are_clustered: bool) -> None:
    has, positions, keys, _ = world(seed)
    clusters = keys // 2 if are_clustered else keys
    found = slope_within_keys(
        sparse(has), positions, keys=keys, clusters=clusters if are_clustered else None
    )
    n_clusters = len(np.unique(clusters))
    for feature in range(3):
        slope, error = reference(has[:, feature], positions[:, None].astype(float), keys, clusters)
        lower, upper, p_value = interval(slope, error, n_clusters - 1)
        assert found.slope[feature] == pytest.approx(slope)
        assert (found.lower[feature], found.upper[feature]) == pytest.approx((lower, upper))
        assert found.p_value[feature] == pytest.approx(p_value)


@pytest.mark.parametrize("seed", range(3))
def test_at_equal_lengths_it_is_a_regression_on_what_lengths_predict_too(seed: int) -> None:
    has, positions, keys, lengths = world(seed)
    found = slope_within_keys(sparse(has), positions, keys=keys, lengths=lengths)
    steps = nearest_density(has.sum(axis=0), lengths)
    # Groups are numbered by evenly spaced places, whose powers are the curves beside the line.
    curves = [np.square(positions - 1.5), (positions - 1.5) ** 3]
    curves[1] = curves[1] - 2.05 * (positions - 1.5)
    for feature in range(3):
        predicted = -np.exp(-DENSITIES[steps[feature]] * lengths)
        design = np.column_stack([positions, predicted, np.log(lengths), *curves])
        slope, error = reference(has[:, feature], design, keys, keys)
        lower, upper, _ = interval(slope, error, len(np.unique(keys)) - 5)
        assert found.slope[feature] == pytest.approx(slope)
        assert (found.lower[feature], found.upper[feature]) == pytest.approx((lower, upper))


def test_what_lengths_bring_along_is_taken_off() -> None:
    has, positions, keys, lengths = world(5, n=3_000, n_keys=500)
    raw = slope_within_keys(sparse(has), positions, keys=keys)
    assert np.all(raw.p_value < 1e-6)
    equal = slope_within_keys(sparse(has), positions, keys=keys, lengths=lengths)
    assert np.all(equal.p_value > 0.01)
    assert np.all((equal.lower < 0) & (equal.upper > 0))


def test_lengths_that_hardly_vary_have_no_slope_of_their_own() -> None:
    has, positions, keys, _ = world(12, n_groups=2)
    lengths = 1_000 + np.random.default_rng(0).integers(0, 30, len(keys))
    found = slope_within_keys(sparse(has), positions, keys=keys, lengths=lengths)
    predicted = -np.exp(-DENSITIES[nearest_density(has.sum(axis=0), lengths)[0]] * lengths)
    design = np.column_stack([positions, predicted])
    slope, error = reference(has[:, 0], design, keys, keys)
    lower, upper, _ = interval(slope, error, len(np.unique(keys)) - 2)
    assert found.slope[0] == pytest.approx(slope)
    assert (found.lower[0], found.upper[0]) == pytest.approx((lower, upper))


def test_lengths_that_cannot_be_told_from_groups_change_nothing_of_two_groups() -> None:
    has, positions, keys, _ = world(6, n_groups=2)
    expected = numbers(slope_within_keys(sparse(has), positions, keys=keys))
    for lengths in (np.full(len(keys), 80), 50 + keys, 100 + 100 * positions):
        found = slope_within_keys(sparse(has), positions, keys=keys, lengths=lengths)
        assert numbers(found) == pytest.approx(expected)


def test_keys_of_one_group_tell_nothing_and_names_of_keys_neither() -> None:
    has, positions, keys, lengths = world(7)
    expected = slope_within_keys(sparse(has), positions, keys=keys, lengths=lengths)
    order = np.random.default_rng(0).permutation(len(keys))
    renamed = np.random.default_rng(1).permutation(40)[keys]
    more = np.vstack([has, np.ones((5, 3), dtype=bool)])
    found = slope_within_keys(
        sparse(more), np.append(positions, [1, 1, 1, 0, 3]),
        keys=np.append(keys, [30, 30, 30, 31, 32]), lengths=np.append(lengths, [9, 99, 999, 9, 9]),
    )  # fmt: skip
    moved = slope_within_keys(
        sparse(has[order]), positions[order], keys=renamed[order], lengths=lengths[order]
    )
    assert numbers(found) == pytest.approx(numbers(expected))
    assert numbers(moved) == pytest.approx(numbers(expected))


def test_groups_in_reverse_turn_the_slope() -> None:
    has, positions, keys, _ = world(8)
    found = slope_within_keys(sparse(has), positions, keys=keys)
    turned = slope_within_keys(sparse(has), 3 - positions, keys=keys)
    assert turned.slope == pytest.approx(-found.slope)
    assert turned.lower == pytest.approx(-found.upper)
    assert turned.p_value == pytest.approx(found.p_value)


def test_features_in_all_documents_or_in_none_have_no_slope_and_some_doubt() -> None:
    has, positions, keys, lengths = world(9)
    has[:, 0], has[:, 1] = True, False
    for own in (None, lengths):
        found = slope_within_keys(sparse(has), positions, keys=keys, lengths=own)
        assert found.slope[:2] == pytest.approx([0, 0], abs=1e-9)
        assert found.p_value[:2] == pytest.approx([1, 1])
        # As unsure as one document more makes it.
        away = within(positions.astype(float), keys)
        reach = stats.t.ppf(0.975, len(np.unique(keys)) - (1 if own is None else 5))
        assert found.upper[:2] == pytest.approx(reach * np.abs(away).max() / (away**2).sum())
        assert found.lower[:2] == pytest.approx(-found.upper[:2])


def test_one_cluster_or_no_key_with_two_groups_leaves_everything_possible() -> None:
    has, positions, keys, _ = world(10)
    one = slope_within_keys(sparse(has), positions, keys=keys, clusters=np.zeros_like(keys))
    apart = slope_within_keys(sparse(has), positions, keys=np.arange(len(keys)))
    none = slope_within_keys(sparse(has[:0]), positions[:0], keys=keys[:0])
    for found in (one, apart, none):
        assert np.isnan(found.slope).all()
        assert (found.lower.tolist(), found.upper.tolist()) == ([-1.0] * 3, [1.0] * 3)
        assert found.p_value.tolist() == [1.0] * 3


def test_a_higher_level_is_wider_and_some_features_can_be_taken() -> None:
    has, positions, keys, _ = world(11)
    narrow, wide = (
        slope_within_keys(sparse(has), positions, keys=keys, level=level) for level in (0.5, 0.9)
    )
    assert np.all((wide.lower < narrow.lower) & (narrow.upper < wide.upper))
    some = narrow.of(np.array([2, 0]))
    assert numbers(some).tolist() == numbers(narrow)[:, [2, 0]].tolist()
