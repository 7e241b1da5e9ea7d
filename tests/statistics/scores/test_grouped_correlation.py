"""The correlation's interval is Fisher's, wider by what groups show."""

import math

import numpy as np
import pytest
from scipy import stats

from corpuscope.statistics.scores.estimates import Estimate
from corpuscope.statistics.scores.grouped_correlation import correlation_estimate
from tests.statistics.worlds import Integers, Numbers


def drawn(seed: int, n: int = 40) -> tuple[Numbers, Numbers]:
    left, noise = np.random.default_rng(seed).standard_normal((2, n))
    return left, 0.6 * left + noise


def estimated(left: Numbers, right: Numbers, groups: Integers | None = None) -> Estimate:
    return correlation_estimate(left, right, np.arange(len(left)) if groups is None else groups)


def reference(left: Numbers, right: Numbers, groups: Integers) -> tuple[float, float]:
    """The interval, group by group; two groups' worth of what sizes of groups make likely."""
    n, r = len(left), float(np.corrcoef(left, right)[0, 1])
    x, y = stats.zscore(left), stats.zscore(right)
    names, sizes = np.unique(groups, return_counts=True)
    one = x * y - r * (x**2 + y**2) / 2
    pull = np.array([one[groups == name].sum() / n for name in names])
    pull *= math.sqrt(len(names) / (len(names) - 1))
    observed = (pull**2).sum() / ((1 - r**2) ** 2 / (n - 3))
    n_effective = (pull**2).sum() ** 2 / (pull**4).sum()
    expected = 1 + ((sizes**2).sum() / n - 1) / 2
    factor = (n_effective * observed + 2 * expected) / (n_effective + 2)
    half = stats.norm.ppf(0.975) * math.sqrt(factor / (n - 3))
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [1, 3])
def test_value_and_interval_are_those_of_a_reference(seed: int, size: int) -> None:
    left, right = drawn(seed)
    groups = 5 * np.random.default_rng(seed).permutation(np.arange(40) // size)
    found = estimated(left, right, groups)
    assert found.value == pytest.approx(stats.pearsonr(left, right).statistic)
    assert found.interval == pytest.approx(reference(left, right, groups))


def test_scale_and_place_of_both_sides_and_the_order_of_documents_do_not_matter() -> None:
    left, right = drawn(7)
    groups = np.arange(40) // 2
    found = estimated(left, right, groups)
    order = np.random.default_rng(0).permutation(40)
    for other in (
        estimated(right, left, groups),
        estimated(3 * left + 100, right / 7 - 5, groups),
        estimated(left[order], right[order], groups[order]),
    ):
        assert other.value == pytest.approx(found.value)
        assert other.interval == pytest.approx(found.interval)
    mirrored = estimated(-left, right, groups)
    assert mirrored.value == pytest.approx(-found.value)
    assert mirrored.interval == pytest.approx((-found.interval[1], -found.interval[0]))


def test_copies_of_documents_in_groups_of_their_own_tell_nothing_new() -> None:
    left, right = drawn(8, 30)
    once = estimated(left, right)
    four = [np.repeat(side, 4) for side in (left, right)]
    grouped = estimated(four[0], four[1], np.repeat(np.arange(30), 4))
    alone = estimated(four[0], four[1])
    widths = [found.interval[1] - found.interval[0] for found in (once, grouped, alone)]
    assert widths[1] == pytest.approx(widths[0], rel=0.15)
    assert widths[2] < 0.6 * widths[0]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_correlation_has_no_width(sign: int) -> None:
    found = estimated(np.arange(8.0), sign * np.arange(8.0))
    assert found.value == pytest.approx(sign)
    assert found.interval == pytest.approx((sign, sign), abs=1e-6)


def test_where_nothing_can_be_told_there_is_no_number() -> None:
    numbers = np.arange(4.0)
    assert not math.isnan(estimated(numbers, numbers**2).value)
    for left, right in [
        (numbers[:3], numbers[:3] ** 2),
        (numbers[:0], numbers[:0]),
        (numbers, np.ones(4)),
        (np.ones(4), numbers),
        (numbers, np.array([1.0, np.nan, 2, 3])),
    ]:
        found = estimated(left, right)
        assert np.isnan([found.value, *found.interval]).all()
        assert len(found.influence) == 0
