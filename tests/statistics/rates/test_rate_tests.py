import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportions_ztest

from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.rate_tests import (
    fisher_p,
    intersection_union_p,
    mcnemar_p,
    mcnemar_z,
    two_rates_p,
    two_rates_z,
)
from corpuscope.statistics.rates.tails import Alternative

ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")


def test_eight_of_ten_against_one_of_ten_by_hand() -> None:
    """Tables no likelier: (45 x 10 + 10 x 1) x 2 of 167960 = 0.0055."""
    assert fisher_p(np.array([8]), 10, np.array([1]), 10)[0] == pytest.approx(920 / 167960)


def test_five_pairs_one_way_and_none_the_other_by_hand() -> None:
    assert mcnemar_p(np.array([5]), np.array([0]))[0] == pytest.approx(2 / 32)
    assert mcnemar_p(np.array([5]), np.array([0]), alternative="greater")[0] == pytest.approx(
        1 / 32
    )
    assert mcnemar_p(np.array([5]), np.array([0]), alternative="less")[0] == 1.0


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@given(n1=st.integers(1, 60), n2=st.integers(1, 60), data=st.data())
def test_fisher_equals_scipy(
    alternative: Alternative, n1: int, n2: int, data: st.DataObject
) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    table = np.array([[x1, n1 - x1], [x2, n2 - x2]])
    expected = stats.fisher_exact(table, alternative=alternative).pvalue
    ours = fisher_p(np.array([x1]), n1, np.array([x2]), n2, alternative=alternative)
    assert ours[0] == pytest.approx(expected, rel=1e-6)


def test_fisher_gives_each_feature_its_own_answer() -> None:
    generator = np.random.default_rng(0)
    x1, x2 = generator.integers(0, 31, 50), generator.integers(0, 46, 50)
    together = fisher_p(x1, 30, x2, 45)
    alone = [fisher_p(x1[[i]], 30, x2[[i]], 45)[0] for i in range(50)]
    assert together == pytest.approx(alone)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_mcnemar_equals_the_binomial_test(alternative: Alternative) -> None:
    generator = np.random.default_rng(1)
    b, c = generator.integers(0, 40, 60), generator.integers(0, 40, 60)
    ours = mcnemar_p(b, c, alternative=alternative)
    for i in np.flatnonzero(b + c):
        expected = stats.binomtest(b[i], b[i] + c[i], alternative=alternative).pvalue
        assert ours[i] == pytest.approx(expected)
        if alternative == "two-sided":
            assert ours[i] == pytest.approx(mcnemar([[0, b[i]], [c[i], 0]]).pvalue)


def test_large_equal_groups_give_the_textbook_score_test() -> None:
    z, p = proportions_ztest([300, 240], [1000, 1000])
    assert two_rates_z(np.array([300]), 1000, np.array([240]), 1000)[0] == pytest.approx(z)
    ours = two_rates_p(np.array([300]), 1000, np.array([240]), 1000)
    assert ours[0] == pytest.approx(p, rel=1e-6)


def test_small_cells_are_tested_exactly() -> None:
    x1, x2 = np.array([4, 0]), np.array([0, 1])
    assert two_rates_p(x1, 50, x2, 900) == pytest.approx(fisher_p(x1, 50, x2, 900))


@pytest.mark.parametrize("n1", [100, 1000, 5000, 9000])
def test_far_tails_are_right_also_for_lopsided_groups(n1: int) -> None:
    """The normal tail would be wrong here by a factor of up to 500."""
    n2 = 10_000 - n1
    present = np.repeat(np.arange(60, 6000, 300), 400)
    x1 = np.random.default_rng(2).binomial(np.minimum(present, n1), 0.5)
    x1 = np.clip(x1, present - n2, np.minimum(present, n1))
    for alternative in ("greater", "less"):
        exact = fisher_p(x1, n1, present - x1, n2, alternative=alternative)
        quick = two_rates_p(x1, n1, present - x1, n2, alternative=alternative)
        is_tail = (exact < 0.01) & (exact > 1e-7)
        ratio = exact[is_tail] / quick[is_tail]
        assert not is_tail.any() or (ratio.min() > 0.2 and ratio.max() < 1.7)


@pytest.mark.parametrize("n1", [60, 600, 2000])
def test_where_nothing_differs_p_values_are_uniform_or_larger(n1: int) -> None:
    generator = np.random.default_rng(3)
    rates = generator.uniform(0.002, 0.5, 40_000)
    p = two_rates_p(generator.binomial(n1, rates), n1, generator.binomial(2000, rates), 2000)
    for level in (0.1, 0.05, 0.01, 0.001):
        assert np.mean(p <= level) < level * 1.15 + 3 * np.sqrt(level / 40_000)
    assert np.sum(benjamini_hochberg(p) <= 0.05) == 0


def test_a_planted_feature_is_the_only_one_found() -> None:
    generator = np.random.default_rng(4)
    x1, x2 = generator.binomial(500, 0.1, 3000), generator.binomial(500, 0.1, 3000)
    x1[7] = 120
    assert np.flatnonzero(benjamini_hochberg(two_rates_p(x1, 500, x2, 500)) < 0.05).tolist() == [7]


def test_swapping_the_groups_flips_the_sign_and_keeps_p() -> None:
    x1, x2 = np.array([30, 3, 0, 50]), np.array([10, 9, 0, 80])
    assert two_rates_z(x1, 50, x2, 80) == pytest.approx(-two_rates_z(x2, 80, x1, 50))
    assert two_rates_p(x1, 50, x2, 80) == pytest.approx(two_rates_p(x2, 80, x1, 50))
    greater = two_rates_p(x1, 50, x2, 80, alternative="greater")
    assert greater == pytest.approx(two_rates_p(x2, 80, x1, 50, alternative="less"))
    assert mcnemar_z(x1, x2) == pytest.approx(-mcnemar_z(x2, x1))


def test_all_present_or_none_or_nobody_there_tells_nothing() -> None:
    for x1, n1, x2, n2 in [(0, 9, 0, 5), (9, 9, 5, 5), (0, 0, 3, 5), (1, 1, 1, 1)]:
        assert two_rates_p(np.array([x1]), n1, np.array([x2]), n2)[0] == 1.0
        assert two_rates_z(np.array([x1]), n1, np.array([x2]), n2)[0] == 0.0
    assert mcnemar_p(np.array([0]), np.array([0]))[0] == 1.0
    assert len(two_rates_p(np.zeros(0, dtype=int), 5, np.zeros(0, dtype=int), 5)) == 0


def test_exceeding_all_others_is_as_sure_as_exceeding_the_closest() -> None:
    p = np.array([[0.01, 0.5], [0.04, 0.001]])
    assert intersection_union_p(p).tolist() == [0.04, 0.5]
    assert (intersection_union_p(p[::-1]) == intersection_union_p(p)).all()
