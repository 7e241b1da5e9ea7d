"""Leaving words out of the likeness of documents, against the long way round."""

import numpy as np
import pytest

from corpuscope.analyses.audit.context_predictability import _inverse, without


@pytest.fixture
def words() -> np.ndarray:
    rng = np.random.default_rng(0)
    found = rng.random((30, 12)) * (rng.random((30, 12)) < 0.4)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


def test_words_that_are_left_out_do_not_count(words: np.ndarray) -> None:
    own, rest = words[:, :5], words[:, 5:]
    found = without(_inverse(words @ words.T), own - own.mean(axis=0))
    np.testing.assert_allclose(found, _inverse(rest @ rest.T), atol=1e-9)


def test_nothing_left_out_changes_nothing(words: np.ndarray) -> None:
    inverse = _inverse(words @ words.T)
    np.testing.assert_array_equal(without(inverse, np.zeros((30, 0))), inverse)
