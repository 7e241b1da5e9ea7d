import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from corpuscope.statistics import (
    auroc,
    auroc_of_draws,
    best_threshold,
    group_draws,
    mean_auroc,
    precision_of_scores,
)


def world(n: int, *, seed: int, digits: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Scores that say something; with few digits many are equal."""
    rng = np.random.default_rng(seed)
    is_positive = rng.random(n) < 0.3
    return np.round(rng.standard_normal(n) + is_positive, digits), is_positive


@pytest.mark.parametrize("digits", [9, 0])
@pytest.mark.parametrize("seed", range(5))
def test_one_draw_of_all_is_what_scikit_learn_finds(seed: int, digits: int) -> None:
    scores, is_positive = world(200, seed=seed, digits=digits)
    assert auroc(scores, is_positive) == pytest.approx(roc_auc_score(is_positive, scores))
    expected = average_precision_score(is_positive, scores)
    assert precision_of_scores(scores, is_positive) == pytest.approx(expected)


@pytest.mark.parametrize("digits", [9, 0])
def test_a_draw_is_weighed_as_if_documents_were_repeated(digits: int) -> None:
    scores, is_positive = world(120, seed=1, digits=digits)
    draws = group_draws(np.arange(120), n_draws=150, seed=3)
    found = auroc_of_draws(scores, is_positive, draws)
    for draw in (0, 77, 149):
        repeated = np.repeat(np.arange(120), draws[:, draw].astype(int))
        expected = roc_auc_score(is_positive[repeated], scores[repeated])
        assert found[draw] == pytest.approx(expected)


def test_one_side_alone_has_no_auroc() -> None:
    scores = np.array([0.1, 0.2])
    assert np.isnan(auroc(scores, np.array([True, True])))
    assert np.isnan(precision_of_scores(scores, np.array([False, False])))


def test_documents_of_a_group_are_drawn_together() -> None:
    groups = np.array([0, 0, 1, 2, 2, 2])
    draws = group_draws(groups, n_draws=50)
    assert draws.shape == (6, 50)
    assert (draws[0] == draws[1]).all()
    assert (draws[3] == draws[5]).all()
    assert (draws[[0, 2, 3]].sum(axis=0) == 3).all()
    assert (draws[0] != draws[2]).any()


def test_copies_do_not_make_an_interval_narrower() -> None:
    scores, is_positive = world(80, seed=2)
    twice = np.repeat(np.arange(80), 4)
    one = auroc_of_draws(scores, is_positive, group_draws(np.arange(80), n_draws=400))
    copies = auroc_of_draws(scores[twice], is_positive[twice], group_draws(twice, n_draws=400))
    naive = auroc_of_draws(scores[twice], is_positive[twice], group_draws(np.arange(320)))
    assert copies.std() == pytest.approx(one.std(), rel=1e-6)
    assert naive.std() < 0.7 * one.std()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    truth = (
        0.760250  # Phi(1 / sqrt 2): the scores of the two sides lie one standard deviation apart
    )
    held = 0
    for seed in range(200):
        scores, is_positive = world(150, seed=seed)
        draws = auroc_of_draws(scores, is_positive, group_draws(np.arange(150), n_draws=200))
        low, high = np.quantile(draws, [0.025, 0.975])
        held += low <= truth <= high
    assert 0.89 <= held / 200 <= 0.985


def test_several_classes_count_the_same() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=300)
    is_of = labels[:, None] == np.arange(3)
    scores = rng.random((300, 3)) + is_of
    chances = scores / scores.sum(axis=1, keepdims=True)
    expected = roc_auc_score(labels, chances, multi_class="ovr", average="macro")
    assert mean_auroc(chances, is_of) == pytest.approx(expected)


def test_a_class_that_is_not_there_is_left_out_of_the_mean() -> None:
    scores = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]])
    is_of = np.array([[True, False, False], [False, True, False]])
    assert mean_auroc(scores, is_of) == 1.0


def test_the_threshold_tells_most_documents_right() -> None:
    scores = np.array([1.0, 2.0, 3.0, 10.0, 11.0])
    assert best_threshold(scores, scores > 5) == 6.5
    for seed in range(20):
        found, is_positive = world(60, seed=seed, digits=1)
        right = np.mean((found > best_threshold(found, is_positive)) == is_positive)
        cuts = np.append(found, found.min() - 1)
        assert right == max(np.mean((found > cut) == is_positive) for cut in cuts)
