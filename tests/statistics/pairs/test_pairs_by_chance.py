"""How many pairs chance brings to a p-value: no more than the p-value says, and often far fewer."""

import numpy as np
import pytest

from corpuscope.statistics.multiplicity import q_values
from corpuscope.statistics.pairs.cooccurrence import cooccurrence_p
from corpuscope.statistics.pairs.pairs_by_chance import StratifiedCounts, null_pairs

RATES = np.array([0.02, 0.03, 0.05, 0.1, 0.2])
LEVELS = np.array([1e-4, 1e-3, 1e-2])


def division(left: list[list[int]], right: list[list[int]], size: list[int]) -> StratifiedCounts:
    return StratifiedCounts(*(np.array(one, dtype=np.int64) for one in (left, right, size)))


def dealt(rng: np.random.Generator, counts: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Documents x features: so many of each stratum have each feature, whichever they are."""
    blocks = [
        np.stack([rng.permutation(n) < count for count in of_stratum], axis=1)
        for of_stratum, n in zip(counts, size, strict=True)
    ]
    return np.concatenate(blocks)


def test_two_features_of_two_in_four_documents_can_only_be_together_twice() -> None:
    found = null_pairs([division([[2]], [[2]], [4])], is_same=False, min_npmi=0, min_support=1)
    assert found.at(np.array([0.2, 0.25, 0.9])).tolist() == [0, 0.25, 0.25]


def test_pairs_that_cannot_be_in_enough_documents_are_not_expected() -> None:
    one = division([[4, 9]], [[4, 9]], [50])
    found = null_pairs([one], is_same=False, min_npmi=0, min_support=5)
    alone = null_pairs([division([[9]], [[9]], [50])], is_same=False, min_npmi=0, min_support=5)
    assert found.at(np.array([0.05])) == alone.at(np.array([0.05]))
    assert 0 < found.at(np.array([0.05]))[0] < 0.05


def test_of_one_view_each_pair_counts_once() -> None:
    counts = [[5, 5, 5]]
    one, two = (
        null_pairs([division(counts, counts, [40])], is_same=same, min_npmi=0, min_support=1)
        for same in (True, False)
    )
    np.testing.assert_allclose(two.at(LEVELS), 3 * one.at(LEVELS))


@pytest.mark.parametrize("seed", range(3))
def test_random_worlds_have_no_more_pairs_than_expected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = np.array([60, 140, 200])
    counts = rng.binomial(size[:, None], np.repeat(RATES, 8))
    told = null_pairs(
        [StratifiedCounts(counts, counts, size)], is_same=False, min_npmi=0.2, min_support=3
    ).at(LEVELS)
    met = np.zeros(len(LEVELS))
    n_worlds = 100
    lefts, rights = (grid.ravel() for grid in np.indices((40, 40)))
    for _ in range(n_worlds):
        left, right = dealt(rng, counts, size), dealt(rng, counts, size)
        both = (left.T.astype(int) @ right)[lefts, rights]
        p = cooccurrence_p(both, counts[:, lefts], counts[:, rights], size)
        p = np.where(both >= 3, p, 1.0)
        met += [(p <= level).sum() / n_worlds for level in LEVELS]
    assert (met <= 1.2 * told + 0.1).all()
    assert (told <= len(lefts) * LEVELS).all()
    assert told[0] < 0.5 * len(lefts) * LEVELS[0]


def test_a_division_that_says_the_same_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    counts = rng.binomial(400, np.repeat(RATES, 8))[None]
    one = StratifiedCounts(counts, counts, np.array([400]))
    options = {"is_same": True, "min_npmi": 0.2, "min_support": 3}
    once, twice = (null_pairs([one] * n, **options).at(LEVELS) for n in (1, 2))  # type: ignore[arg-type]
    assert once.tolist() == twice.tolist()


def test_drawn_pairs_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    counts = rng.binomial(400, np.repeat(RATES, 40))[None]
    one = [StratifiedCounts(counts, counts, np.array([400]))]
    exact = null_pairs(one, is_same=True, min_npmi=0.2, min_support=3).at(LEVELS)
    monkeypatch.setattr("corpuscope.statistics.pairs.pairs_by_chance._MOST_DRAWN", 20_000)
    drawn = null_pairs(one, is_same=True, min_npmi=0.2, min_support=3).at(LEVELS)
    np.testing.assert_allclose(drawn, exact, rtol=0.1)


def test_large_numbers_go_in_steps_that_never_expect_less(monkeypatch: pytest.MonkeyPatch) -> None:
    one = [division([[900]], [[1100]], [4000])]
    in_steps = null_pairs(one, is_same=False, min_npmi=0, min_support=1).at(LEVELS)
    monkeypatch.setattr("corpuscope.statistics.pairs.pairs_by_chance._STEPS_TO_A_ROOT", 10**6)
    one_by_one = null_pairs(one, is_same=False, min_npmi=0, min_support=1).at(LEVELS)
    assert (in_steps >= one_by_one).all()
    assert (in_steps <= 3 * one_by_one).all()


def test_q_values_are_those_of_benjamini_and_hochberg_where_tests_are_not_discrete() -> None:
    p = np.array([0.01, 0.04, 0.03, np.nan])
    np.testing.assert_allclose(q_values(p, lambda some: 3 * some), [0.03, 0.04, 0.04, np.nan])
