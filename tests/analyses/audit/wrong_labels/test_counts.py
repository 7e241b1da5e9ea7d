"""As many labels are counted as are wrong, none where nothing tells them."""

import numpy as np
import pytest

from corpuscope.analyses.audit.wrong_labels.counts import count_wrong

Drawn = tuple[np.ndarray, np.ndarray]


def world(seed: int, *, n: int = 2000, n_classes: int = 3, clarity: float = 3.0) -> Drawn:
    """Honest probabilities, and labels drawn from them: none is wrong, some are ambiguous."""
    rng = np.random.default_rng(seed)
    scores = clarity * rng.standard_normal((n, n_classes))
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    given = (probabilities.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return probabilities, np.minimum(given, n_classes - 1)


def changed(given: np.ndarray, share: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    bad = rng.random(len(given)) < share
    return np.where(bad, (given + rng.integers(1, given.max() + 1, len(given))) % 3, given)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_planted_wrong_labels_are_counted(share: float) -> None:
    for seed in range(5):
        probabilities, given = world(seed, clarity=6.0)
        found = count_wrong(probabilities, changed(given, share, seed))
        assert found.n == pytest.approx(share * 2000, rel=0.35)
        assert found.interval[0] <= found.interval[1]
        assert found.is_predictable


def test_honest_labels_have_few_however_many_are_ambiguous() -> None:
    for seed in range(5):
        probabilities, given = world(seed)
        assert (probabilities.argmax(axis=1) != given).sum() > 200
        assert count_wrong(probabilities, given).n < 30


def test_random_labels_are_not_counted() -> None:
    for seed in range(20):
        probabilities, _ = world(seed, n=150, n_classes=5)
        drawn = np.random.default_rng(seed + 100).integers(5, size=150)
        found = count_wrong(probabilities, drawn)
        assert not found.is_predictable
        assert (found.n, found.interval) == (0, (0, 150))
        assert "cannot be predicted" in found.in_words()


def test_the_order_of_documents_does_not_change_the_count() -> None:
    probabilities, given = world(1)
    given = changed(given, 0.05, 1)
    found = count_wrong(probabilities, given).n
    order = np.random.default_rng(0).permutation(2000)
    assert count_wrong(probabilities[order], given[order]).n == found


def test_many_small_classes_are_counted_together() -> None:
    probabilities, given = world(2, n=150, n_classes=50, clarity=8.0)
    known, given = np.unique(given, return_inverse=True)
    assert count_wrong(probabilities[:, known], given).n <= 15
