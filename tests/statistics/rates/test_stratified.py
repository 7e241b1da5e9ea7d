import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.counts import StratumCounts, stratum_counts
from corpuscope.statistics.rates.rate_tests import fisher_p
from corpuscope.statistics.rates.stratified import (
    cochran_mantel_haenszel_p,
    cochran_mantel_haenszel_z,
    mantel_haenszel_difference,
)
from corpuscope.statistics.rates.tails import Alternative
from tests.statistics.worlds import one_stratum, sparse


def random_counts(
    sizes_1: list[int], sizes_0: list[int], rates: list[float], *, n_features: int, seed: int
) -> StratumCounts:
    """Strata that differ in rate, groups that do not."""
    generator = np.random.default_rng(seed)
    n1, n0, rate = np.array(sizes_1), np.array(sizes_0), np.array(rates)[:, None]
    shape = (len(n1), n_features)
    x1 = generator.binomial(n1[:, None], rate, shape)
    return StratumCounts(x1, generator.binomial(n0[:, None], rate, shape), n1, n0)


def tables(counts: StratumCounts, feature: int) -> list[np.ndarray]:
    x1, x0 = counts.present_target[:, feature], counts.present_reference[:, feature]
    return [
        np.array([[a, n1 - a], [b, n0 - b]])
        for a, b, n1, n0 in zip(x1, x0, counts.n_target, counts.n_reference, strict=True)
    ]


def swapped(counts: StratumCounts) -> StratumCounts:
    return StratumCounts(
        counts.present_reference, counts.present_target, counts.n_reference, counts.n_target
    )


def test_two_strata_by_hand() -> None:
    """Differences .4 and .2 with weights 5 and 10 make 4 / 15."""
    counts = StratumCounts(
        np.array([[8], [6]]), np.array([[4], [8]]), np.array([10, 15]), np.array([10, 40])
    )
    weights = np.array([5.0, 15 * 40 / 55])
    expected = (weights * [0.4, 0.2]).sum() / weights.sum()
    assert mantel_haenszel_difference(counts).difference[0] == pytest.approx(expected)


def test_z_squared_and_p_equal_statsmodels() -> None:
    counts = random_counts([40, 60, 30], [40, 60, 30], [0.2, 0.5, 0.7], n_features=20, seed=0)
    z, p = cochran_mantel_haenszel_z(counts), cochran_mantel_haenszel_p(counts)
    for feature in range(20):
        expected = StratifiedTable(tables(counts, feature)).test_null_odds(correction=False)
        assert z[feature] ** 2 == pytest.approx(expected.statistic)
        assert p[feature] == pytest.approx(expected.pvalue, rel=1e-6)


def test_lopsided_strata_keep_the_textbook_statistic() -> None:
    counts = random_counts([40, 8, 30], [400, 160, 30], [0.2, 0.5, 0.7], n_features=20, seed=1)
    z, p = cochran_mantel_haenszel_z(counts), cochran_mantel_haenszel_p(counts)
    for feature in range(20):
        expected = StratifiedTable(tables(counts, feature)).test_null_odds(correction=False)
        assert z[feature] ** 2 == pytest.approx(expected.statistic)
        assert p[feature] == pytest.approx(expected.pvalue, rel=0.2, abs=0.02)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_a_single_stratum_with_few_documents_gives_fishers_test(alternative: Alternative) -> None:
    x1, x2 = np.array([4, 0, 3, 49, 50]), np.array([0, 3, 1, 88, 85])
    ours = cochran_mantel_haenszel_p(one_stratum(x1, 50, x2, 90), alternative=alternative)
    assert ours[:4] == pytest.approx(fisher_p(x1, 50, x2, 90, alternative=alternative)[:4])


@pytest.mark.parametrize(("n1", "n0"), [([3, 4, 5], [4, 3, 6]), ([2, 2, 3], [20, 30, 25])])
def test_the_exact_test_equals_brute_force(n1: list[int], n0: list[int]) -> None:
    """All ways to deal out the target among the documents of each stratum."""
    counts = random_counts(n1, n0, [0.2, 0.3, 0.2], n_features=30, seed=2)
    generator = np.random.default_rng(3)
    ours = cochran_mantel_haenszel_p(counts, alternative="greater", exact_below=1e9)
    margins = counts.present_target + counts.present_reference
    for feature in range(30):
        drawn = sum(
            generator.hypergeometric(margin, n_1 + n_0 - margin, n_1, 40_000)
            for margin, n_1, n_0 in zip(margins[:, feature], n1, n0, strict=True)
        )
        expected = np.mean(drawn >= counts.present_target[:, feature].sum())
        assert ours[feature] == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize(
    ("sizes_1", "sizes_0"), [([30] * 20, [30] * 20), ([3] * 40, [30] * 40), ([1] * 150, [1] * 150)]
)
def test_where_groups_do_not_differ_p_is_uniform_or_larger_and_intervals_hold_0(
    sizes_1: list[int], sizes_0: list[int]
) -> None:
    rates = list(np.linspace(0.02, 0.5, len(sizes_1)))
    counts = random_counts(sizes_1, sizes_0, rates, n_features=8_000, seed=4)
    p, found = cochran_mantel_haenszel_p(counts), mantel_haenszel_difference(counts)
    for level in (0.05, 0.01, 0.001):
        assert np.mean(p <= level) < level * 1.15 + 3 * np.sqrt(level / 8_000)
    assert np.sum(benjamini_hochberg(p) <= 0.05) == 0
    assert 0.93 < np.mean((found.lower <= 0) & (found.upper >= 0)) < 0.98


def test_rare_features_keep_their_intervals_honest() -> None:
    counts = random_counts([20] * 10, [60] * 10, [0.004] * 10, n_features=8_000, seed=5)
    found = mantel_haenszel_difference(counts)
    assert np.mean((found.lower <= 0) & (found.upper >= 0)) > 0.93
    assert (found.lower < found.upper).all()
    assert np.mean(cochran_mantel_haenszel_p(counts) <= 0.001) < 0.002


def test_a_confounder_vanishes_and_a_planted_feature_stays() -> None:
    """All features follow the topic; feature 7 is also twice as frequent in the target."""
    generator = np.random.default_rng(6)
    topic = generator.integers(0, 5, 2_000)
    target = generator.random(2_000) < (topic + 1) / 6
    chance = np.tile(((topic + 1) / 10)[:, None], 300)
    chance[target, 7] = np.minimum(chance[target, 7] + 0.2, 1)
    presence = sparse(generator.random(chance.shape) < chance)
    pooled = stratum_counts(presence, target, ~target, strata=np.zeros(2_000, dtype=int))
    within = stratum_counts(presence, target, ~target, strata=topic)
    assert np.sum(benjamini_hochberg(cochran_mantel_haenszel_p(pooled)) < 0.05) > 290
    q = benjamini_hochberg(cochran_mantel_haenszel_p(within))
    assert np.flatnonzero(q < 0.01).tolist() == [7]
    found = mantel_haenszel_difference(within)
    assert found.lower[7] <= 0.2 <= found.upper[7]


def test_swapping_the_groups_flips_everything() -> None:
    counts = random_counts([9, 30, 4], [20, 8, 30], [0.1, 0.4, 0.8], n_features=40, seed=7)
    ahead, back = mantel_haenszel_difference(counts), mantel_haenszel_difference(swapped(counts))
    assert ahead.difference == pytest.approx(-back.difference)
    assert ahead.lower == pytest.approx(-back.upper)
    assert cochran_mantel_haenszel_z(counts) == pytest.approx(
        -cochran_mantel_haenszel_z(swapped(counts))
    )
    greater = cochran_mantel_haenszel_p(counts, alternative="greater")
    less = cochran_mantel_haenszel_p(swapped(counts), alternative="less")
    assert greater == pytest.approx(less)


def test_a_stratum_with_one_group_only_is_dropped_and_counted() -> None:
    counts = random_counts([10, 30, 0], [10, 0, 10], [0.5] * 3, n_features=4, seed=8)
    first = StratumCounts(*(getattr(counts, f)[:1] for f in counts.__dataclass_fields__))
    found, alone = mantel_haenszel_difference(counts), mantel_haenszel_difference(first)
    assert (found.difference == alone.difference).all()
    assert found.n_strata == 1
    assert found.overlap == pytest.approx(20 / 60)
    assert (cochran_mantel_haenszel_p(counts) == cochran_mantel_haenszel_p(first)).all()


def test_without_a_common_stratum_nothing_is_claimed() -> None:
    counts = random_counts([10, 0], [0, 10], [0.5, 0.5], n_features=2, seed=9)
    found = mantel_haenszel_difference(counts)
    assert np.isnan(found.difference).all()
    assert (found.lower.tolist(), found.upper.tolist()) == ([-1, -1], [1, 1])
    assert found.overlap == 0.0
    assert cochran_mantel_haenszel_p(counts).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("x", [0, 1])
def test_all_or_none_present_tells_nothing(x: int) -> None:
    for n in (1, 7):
        counts = one_stratum(np.array([x * n]), n, np.array([x * n]), n)
        assert cochran_mantel_haenszel_p(counts)[0] == 1.0
        assert cochran_mantel_haenszel_z(counts)[0] == 0.0
        found = mantel_haenszel_difference(counts)
        assert found.lower[0] < found.difference[0] == 0.0 < found.upper[0]
