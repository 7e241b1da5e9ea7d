"""The regression behind a feature's company, against the long way round."""

import numpy as np
import pytest

from corpuscope.analyses.company import _inverse, left_out_predictions, without

RIDGE = 0.5


@pytest.fixture
def words() -> np.ndarray:
    rng = np.random.default_rng(0)
    found = rng.random((30, 12)) * (rng.random((30, 12)) < 0.4)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


def centred(likeness: np.ndarray) -> np.ndarray:
    n = len(likeness)
    middle = np.eye(n) - np.ones((n, n)) / n
    return middle @ likeness @ middle


def test_each_document_is_told_by_all_others(words: np.ndarray) -> None:
    has = np.random.default_rng(1).random(30) < 0.4
    likeness = centred(words @ words.T)
    value = has - has.mean()
    expected = []
    for at in range(30):
        rest = np.delete(np.arange(30), at)
        weights = np.linalg.solve(likeness[np.ix_(rest, rest)] + RIDGE * np.eye(29), value[rest])
        expected.append(likeness[at, rest] @ weights)
    found = left_out_predictions(_inverse(words @ words.T), has)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_words_that_are_left_out_do_not_count(words: np.ndarray) -> None:
    own, rest = words[:, :5], words[:, 5:]
    found = without(_inverse(words @ words.T), own - own.mean(axis=0))
    np.testing.assert_allclose(found, _inverse(rest @ rest.T), atol=1e-9)


def test_nothing_left_out_changes_nothing(words: np.ndarray) -> None:
    inverse = _inverse(words @ words.T)
    np.testing.assert_array_equal(without(inverse, np.zeros((30, 0))), inverse)
