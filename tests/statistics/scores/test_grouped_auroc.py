"""The AUROC's interval is where a model of its variance, put right by groups, says."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from corpuscope.statistics.scores.estimates import Estimate
from corpuscope.statistics.scores.grouped_auroc import auroc_estimate
from tests.statistics.worlds import Flags, Integers, Numbers

World = tuple[Numbers, Flags, Integers]


def world(seed: int, n: int = 40, shift: float = 1.0) -> World:
    """Scores of two classes that overlap, rounded so that some are equal, in uneven groups."""
    generator = np.random.default_rng(seed)
    is_of = np.stack([np.arange(n) % 3 == 0, np.arange(n) % 5 == 1], axis=1)
    scores = np.round(generator.standard_normal((n, 2)) + shift * is_of, 1)
    return scores, is_of, generator.integers(0, 15, n)


def model_variance(area: float, m: int, n: int) -> float:
    """The geometric mean of the variances of normal and of exponential scores."""
    h = stats.norm.ppf(area)
    beats_two = stats.multivariate_normal.cdf([h, h], cov=[[1, 0.5], [0.5, 1]])
    normal = area * (1 - area) + (m + n - 2) * (beats_two - area**2)
    # Hanley and McNeil with both sides as large as their mean.
    size = (m + n) / 2
    above, below = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    exponential = area * (1 - area) + (size - 1) * (above + below)
    return float(np.sqrt(normal * exponential) / (m * n))


def components(scores: Numbers, of: Flags, groups: Integers) -> tuple[float, Numbers]:
    """The AUROC by comparing each with each, and how each group pulls it (DeLong)."""
    ahead = np.sign(scores[of][:, None] - scores[~of]) / 2 + 0.5
    value, pull = float(ahead.mean()), np.zeros(len(np.unique(groups)))
    for side, axis in ((of, 1), (~of, 0)):
        own = groups[side]
        n_groups = len(np.unique(own))
        one = (ahead.mean(axis=axis) - value) / side.sum() * np.sqrt(n_groups / (n_groups - 1))
        pull += [one[own == name].sum() for name in np.unique(groups)]
    return value, pull


def likely_factor(groups: Integers) -> float:
    sizes = np.unique(groups, return_counts=True)[1]
    return float(1 + ((sizes**2).sum() / sizes.sum() - 1) / 2)


def reference(scores: Numbers, is_of: Flags, groups: Integers) -> tuple[float, float, float]:
    """The mean AUROC and its interval, by a root of the same equation."""
    classes = list(is_of.T)
    each = [components(own, of, groups) for own, of in zip(scores.T, classes, strict=True)]
    value = float(np.mean([one for one, _ in each]))
    pull = np.mean([one for _, one in each], axis=0)

    def variance(area: float) -> float:
        all_of_them = [model_variance(area, int(of.sum()), int((~of).sum())) for of in classes]
        return float(sum(all_of_them) / len(classes) ** 2)

    sides = [side for of in classes for side in (of, ~of)]
    likely = np.average([likely_factor(groups[side]) for side in sides],
                        weights=[1 / side.sum() for side in sides])  # fmt: skip
    n_groups = [min(len(np.unique(groups[side])) for side in (of, ~of)) for of in classes]
    n = min((pull**2).sum() ** 2 / (pull**4).sum(), sum(n_groups) - len(classes))
    factor = (n * (pull**2).sum() / variance(value) + 2 * likely) / (n + 2)

    def beyond(area: float) -> float:
        return float((value - area) ** 2 - stats.norm.ppf(0.975) ** 2 * factor * variance(area))

    return value, brentq(beyond, 1e-7, value), brentq(beyond, value, 1 - 1e-7)


def width(found: Estimate) -> float:
    return found.interval[1] - found.interval[0]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_classes", [1, 2])
@pytest.mark.parametrize("are_grouped", [False, True])
def test_value_and_interval_are_those_of_a_reference(
    seed: int, n_classes: int, are_grouped: bool
) -> None:
    scores, is_of, groups = world(seed)
    groups = groups if are_grouped else np.arange(len(groups))
    scores, is_of = scores[:, :n_classes], is_of[:, :n_classes]
    found = auroc_estimate(scores, is_of, 7 * groups)
    expected = reference(scores, is_of, groups)
    assert found.value == pytest.approx(expected[0])
    assert found.interval == pytest.approx(expected[1:], abs=1e-3)


def test_a_class_of_two_groups_tells_little_of_its_own_variance() -> None:
    scores, is_of, _ = world(3)
    scores, is_of = scores[:, :1], is_of[:, :1]
    groups = np.where(is_of[:, 0], np.arange(40) % 2, np.arange(40) + 2)
    found = auroc_estimate(scores, is_of, groups)
    assert found.interval == pytest.approx(reference(scores, is_of, groups)[1:], abs=1e-3)


def test_an_auroc_by_hand() -> None:
    """Of six pairs four are in order and one is even."""
    scores = np.array([[3.0], [1.0], [1.0], [2.0], [0.0]])
    is_of = np.array([[True], [True], [False], [False], [False]])
    found = auroc_estimate(scores, is_of, np.arange(5))
    assert found.value == pytest.approx(4.5 / 6)
    assert 0 < found.interval[0] < found.value < found.interval[1] < 1


def test_only_the_order_of_scores_counts_and_not_that_of_documents() -> None:
    scores, is_of, groups = world(4)
    found = auroc_estimate(scores, is_of, groups)
    order = np.random.default_rng(0).permutation(len(groups))
    for other in (
        auroc_estimate(np.exp(scores / 3), is_of, groups),
        auroc_estimate(scores[order], is_of[order], groups[order]),
        auroc_estimate(scores[:, ::-1], is_of[:, ::-1], groups),
    ):
        assert other.value == pytest.approx(found.value)
        assert other.interval == pytest.approx(found.interval)


def test_turned_scores_and_exchanged_classes_mirror_the_interval() -> None:
    scores, is_of, groups = world(5)
    found = auroc_estimate(scores[:, :1], is_of[:, :1], groups)
    for other in (
        auroc_estimate(-scores[:, :1], is_of[:, :1], groups),
        auroc_estimate(scores[:, :1], ~is_of[:, :1], groups),
    ):
        assert other.value == pytest.approx(1 - found.value)
        mirrored = 1 - found.interval[1], 1 - found.interval[0]
        assert other.interval == pytest.approx(mirrored, abs=1e-3)


def test_classes_of_none_or_of_all_are_left_out() -> None:
    scores, is_of, groups = world(6)
    more = np.column_stack([is_of[:, 0], np.zeros(40, dtype=bool), np.ones(40, dtype=bool)])
    found = auroc_estimate(scores[:, [0, 1, 1]], more, groups)
    alone = auroc_estimate(scores[:, :1], is_of[:, :1], groups)
    assert (found.value, found.interval) == (alone.value, alone.interval)
    nothing = auroc_estimate(scores[:, [1, 1]], more[:, 1:], groups)
    assert np.isnan([nothing.value, *nothing.interval]).all()
    assert len(nothing.influence) == 0


def test_copies_of_documents_in_groups_of_their_own_tell_little_new() -> None:
    scores, is_of, _ = world(7, n=30)
    once = auroc_estimate(scores[:, :1], is_of[:, :1], np.arange(30))
    four = scores[:, :1].repeat(4, axis=0), is_of[:, :1].repeat(4, axis=0)
    grouped = auroc_estimate(*four, np.arange(30).repeat(4))
    alone = auroc_estimate(*four, np.arange(120))
    assert grouped.value == alone.value == pytest.approx(once.value)
    assert width(grouped) == pytest.approx(width(once), rel=0.2)
    assert width(alone) < 0.65 * width(once)


def test_perfect_order_and_no_order_end_at_the_ends() -> None:
    scores = np.arange(20.0)[:, None]
    best = auroc_estimate(scores, scores > 9.5, np.arange(20))
    worst = auroc_estimate(scores, scores < 9.5, np.arange(20))
    assert (best.value, best.interval[1]) == (1.0, 1.0)
    assert worst.value == 0.0
    assert worst.interval[0] == pytest.approx(0.0)
    assert 0.5 < best.interval[0] < 0.95
    assert worst.interval[1] == pytest.approx(1 - best.interval[0])
    even = auroc_estimate(np.zeros((20, 1)), scores > 9.5, np.arange(20))
    assert even.value == 0.5
    assert even.interval[0] < 0.4


@pytest.mark.parametrize("n", [2_000, 100_000])
def test_the_interval_of_a_large_sample_is_as_wide_as_its_error(n: int) -> None:
    is_of = np.arange(n) % 2 == 0
    scores = np.random.default_rng(n).standard_normal(n)
    found = auroc_estimate(scores[:, None], is_of[:, None], np.arange(n))
    half = 1.96 * float(np.sqrt((found.influence**2).sum()))
    assert found.value - found.interval[0] == pytest.approx(half, rel=0.01)
    assert found.interval[1] - found.value == pytest.approx(half, rel=0.01)
