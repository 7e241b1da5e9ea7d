"""The trend test equals brute force, textbook formulas and, for two groups, the tests of two."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import Table

from corpuscope.statistics.rates.counts import paired_counts, stratum_counts
from corpuscope.statistics.rates.rate_tests import mcnemar_p
from corpuscope.statistics.rates.stratified import cochran_mantel_haenszel_z
from corpuscope.statistics.slopes.trends import least_trend_p, trend_p, trend_z
from tests.statistics.worlds import Flags, Integers, sparse


def all_shuffles(has: Flags, strata: Integers) -> Iterator[Flags]:
    """Every way to shuffle who has the feature within strata."""
    blocks = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    choices = [itertools.combinations(block, int(has[block].sum())) for block in blocks]
    for chosen in itertools.product(*choices):
        shuffled = np.zeros(len(has), dtype=bool)
        shuffled[[row for rows in chosen for row in rows]] = True
        yield shuffled


@pytest.mark.parametrize("strata", [[0] * 9, [0, 0, 0, 1, 1, 1, 2, 2, 2], [0] * 5 + [1] * 4])
def test_p_is_the_share_of_all_shuffles(strata: list[int]) -> None:
    positions, blocks = np.array([0, 1, 2, 0, 1, 2, 3, 0, 2]), np.array(strata)
    for seed in range(6):
        has = np.random.default_rng(seed).random(9) < 0.5
        sums = np.array([positions[each].sum() for each in all_shuffles(has, blocks)])
        met = positions[has].sum()
        tails = (sums >= met).mean(), (sums <= met).mean()
        found = trend_p(sparse(has[:, None] * 1), positions, strata=blocks)
        assert found == pytest.approx([min(1, 2 * min(tails))])
        least = 2 * min((sums >= sums.max()).mean(), (sums <= sums.min()).mean())
        found = least_trend_p(sparse(has[:, None] * 1), positions, strata=blocks)
        assert found == pytest.approx([min(1, least)])


def test_z_without_strata_equals_statsmodels() -> None:
    generator = np.random.default_rng(1)
    positions = generator.integers(0, 5, 400)
    has = generator.random((400, 8)) < 0.1 + 0.05 * positions[:, None]
    found = trend_z(sparse(has * 1), positions, strata=np.zeros(400, dtype=int))
    for feature in range(8):
        counts = [
            [np.sum((positions == group) & (has[:, feature] == side)) for group in range(5)]
            for side in (False, True)
        ]
        expected = Table(np.array(counts), shift_zeros=False).test_ordinal_association(
            row_scores=np.array([0, 1]), col_scores=np.arange(5)
        )
        assert found[feature] == pytest.approx(expected.zscore)


def test_with_two_groups_it_is_cochran_mantel_haenszel() -> None:
    generator = np.random.default_rng(2)
    positions, strata = generator.integers(0, 2, 300), generator.integers(0, 12, 300)
    presence = sparse((generator.random((300, 20)) < 0.3) * 1)
    counts = stratum_counts(presence, positions == 1, positions == 0, strata=strata)
    expected = cochran_mantel_haenszel_z(counts)
    assert trend_z(presence, positions, strata=strata) == pytest.approx(expected)


def test_with_pairs_it_is_mcnemar() -> None:
    generator = np.random.default_rng(3)
    old, new = ((generator.random((80, 15)) < rate) * 1 for rate in (0.2, 0.3))
    counts = paired_counts(sparse(new), sparse(old))
    found = trend_p(
        sparse(np.vstack([old, new])),
        np.repeat([0, 1], 80),
        strata=np.tile(np.arange(80), 2),
        most_exact=80,
    )
    assert found == pytest.approx(mcnemar_p(counts.only_target, counts.only_reference))


@pytest.mark.parametrize("weights", [[1, 1, 1, 1], [8, 4, 2, 1]])
def test_the_tail_continues_where_counting_ends(weights: list[int]) -> None:
    generator = np.random.default_rng(4)
    positions = np.repeat(np.arange(4), 60 * np.array(weights))
    has = generator.random((len(positions), 40)) < 0.03 + 0.02 * positions[:, None]
    presence, one = sparse(has * 1), np.zeros(len(positions), dtype=int)
    exact = trend_p(presence, positions, strata=one, most_exact=100)
    tail = trend_p(presence, positions, strata=one, most_exact=0)
    is_told = exact > 1e-6
    assert is_told.sum() > 20
    assert np.abs(np.log(tail / exact))[is_told].max() < 1


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_shuffled_documents_give_uniform_p(rate: float) -> None:
    generator = np.random.default_rng(5)
    presence = sparse((generator.random((600, 1500)) < rate) * 1)
    positions, keys = np.tile(np.arange(4), 150), np.repeat(np.arange(150), 4)
    for strata in (np.zeros(600, dtype=int), keys, generator.integers(0, 20, 600)):
        p = trend_p(presence, positions, strata=strata)
        assert np.mean(p < 0.05) == pytest.approx(0.045, abs=0.015)
        assert np.mean(p < 0.005) < 0.01


def test_turning_the_order_round_turns_the_sign_and_leaves_p() -> None:
    generator = np.random.default_rng(6)
    presence = sparse((generator.random((120, 30)) < 0.1) * 1)
    positions, strata = generator.integers(0, 4, 120), generator.integers(0, 5, 120)
    ahead, back = (trend_z(presence, order, strata=strata) for order in (positions, 3 - positions))
    assert ahead == pytest.approx(-back)
    ahead, back = (trend_p(presence, order, strata=strata) for order in (positions, 3 - positions))
    assert ahead == pytest.approx(back)


def test_what_cannot_tell_has_p_one() -> None:
    presence = sparse([[1, 0, 1], [1, 0, 0], [1, 0, 1], [1, 0, 0]])
    positions = np.array([0, 0, 1, 1])
    apart = np.array([0, 1, 2, 3])
    for strata in (apart, np.array([0, 0, 1, 1])):
        assert trend_p(presence, positions, strata=strata).tolist() == [1, 1, 1]
        assert trend_z(presence, positions, strata=strata).tolist() == [0, 0, 0]
    assert trend_p(presence, positions, strata=np.zeros(4, dtype=int))[:2].tolist() == [1, 1]
