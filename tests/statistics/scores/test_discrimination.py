import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from corpuscope.statistics.scores.discrimination import (
    auroc,
    best_threshold,
    mean_auroc,
    placements,
    precision_of_scores,
)


def world(n: int, *, seed: int, digits: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Scores that say something; with few digits many are equal."""
    rng = np.random.default_rng(seed)
    is_positive = rng.random(n) < 0.3
    return np.round(rng.standard_normal(n) + is_positive, digits), is_positive


@pytest.mark.parametrize("digits", [9, 0])
@pytest.mark.parametrize("seed", range(5))
def test_figures_are_what_scikit_learn_finds(seed: int, digits: int) -> None:
    scores, is_positive = world(200, seed=seed, digits=digits)
    assert auroc(scores, is_positive) == pytest.approx(roc_auc_score(is_positive, scores))
    expected = average_precision_score(is_positive, scores)
    assert precision_of_scores(scores, is_positive) == pytest.approx(expected)


@pytest.mark.parametrize("digits", [9, 0])
def test_placements_are_shares_of_the_pairs_that_are_in_order(digits: int) -> None:
    scores, is_positive = world(80, seed=1, digits=digits)
    ahead = np.sign(scores[is_positive][:, None] - scores[~is_positive]) / 2 + 0.5
    found = placements(scores, is_positive)
    assert found[is_positive] == pytest.approx(ahead.mean(axis=1))
    assert found[~is_positive] == pytest.approx(ahead.mean(axis=0))


def test_one_side_alone_has_no_auroc() -> None:
    scores = np.array([0.1, 0.2])
    assert np.isnan(auroc(scores, np.array([True, True])))
    assert np.isnan(precision_of_scores(scores, np.array([False, False])))


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
