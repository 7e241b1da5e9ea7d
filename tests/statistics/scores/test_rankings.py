import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corpuscope.statistics.scores.rankings import average_precision, ranked, reciprocal_rank_fusion

SCORES = arrays(np.float64, st.integers(1, 40), elements=st.integers(-5, 5).map(float))


def test_a_ranking_falls() -> None:
    assert ranked(np.array([0.1, 0.7, 0.3])).tolist() == [1, 2, 0]


def test_equals_come_in_random_order_and_in_the_same_one_for_one_seed() -> None:
    scores = np.zeros(50)
    orders = [ranked(scores, seed=seed).tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert orders[0] != sorted(orders[0])


@given(SCORES, st.integers(0, 3), st.integers(1, 50))
def test_the_best_few_are_the_head_of_all_but_for_equals(
    scores: np.ndarray, seed: int, depth: int
) -> None:
    few, every = ranked(scores, depth=depth, seed=seed), ranked(scores, seed=seed)
    assert len(set(few.tolist())) == len(few) == min(depth, len(scores))
    np.testing.assert_array_equal(scores[few], scores[every][: len(few)])


def test_fusion_by_hand() -> None:
    fused = reciprocal_rank_fusion([np.array([3.0, 2, 1]), np.array([1.0, 3, 2])])
    np.testing.assert_allclose(fused, [1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62])


def test_weights_and_kappa_by_hand() -> None:
    fused = reciprocal_rank_fusion(
        [np.array([2.0, 1]), np.array([1.0, 2])], weights=[1, 0.5], kappa=10
    )
    np.testing.assert_allclose(fused, [1 / 11 + 0.5 / 12, 1 / 12 + 0.5 / 11])


def test_documents_that_a_method_does_not_know_share_the_next_rank() -> None:
    fused = reciprocal_rank_fusion([np.array([1.0, -np.inf, -np.inf, 2.0])])
    np.testing.assert_allclose(fused, [1 / 62, 1 / 63, 1 / 63, 1 / 61])


def test_documents_beyond_the_depth_share_the_next_rank() -> None:
    fused = reciprocal_rank_fusion([np.array([1.0, 4, 3, 2])], depth=2)
    np.testing.assert_allclose(fused, [1 / 63, 1 / 61, 1 / 62, 1 / 63])


@given(SCORES)
def test_fusion_of_one_ranking_keeps_its_order(scores: np.ndarray) -> None:
    fused = reciprocal_rank_fusion([scores])
    np.testing.assert_array_equal(ranked(fused), ranked(scores))


def test_average_precision_by_hand() -> None:
    order, is_relevant = np.array([3, 0, 1, 2]), np.array([True, False, True, False])
    assert average_precision(order, is_relevant) == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_average_precision_counts_what_was_not_found() -> None:
    is_relevant = np.array([True, False, True])
    assert average_precision(np.array([0]), is_relevant) == 0.5
    assert average_precision(np.array([1]), is_relevant) == 0
    assert np.isnan(average_precision(np.array([1]), np.zeros(3, dtype=bool)))


def test_average_precision_of_a_random_order_is_about_the_rate() -> None:
    is_relevant = np.arange(2000) < 200
    found = [average_precision(ranked(np.zeros(2000), seed=s), is_relevant) for s in range(10)]
    assert np.mean(found) == pytest.approx(0.1, abs=0.02)
