"""Documents as vectors: inverse document frequency, unit length, latent semantic analysis."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer

from corpuscope.analyses.audit.document_space import directions_of, latent, rarity, weighted
from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.labels.named_store import NamedStore
from tests.analyses.columns import columns_of
from tests.analyses.worlds import Made, write

PRESENCE = sp.csr_array(np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0]]))


def test_what_every_document_has_weighs_nothing_and_what_none_has_as_if_one_had_it() -> None:
    assert rarity(PRESENCE) == pytest.approx([0, np.log(2), np.log(2), np.log(4)])


def test_rows_are_of_length_one_where_they_say_anything() -> None:
    half = np.sqrt(0.5)
    expected = [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, half, half, 0]]
    np.testing.assert_allclose(weighted(PRESENCE).toarray(), expected, atol=1e-12)


def test_how_strong_a_feature_is_does_not_count() -> None:
    scaled = sp.csr_array(PRESENCE * 3.5)
    np.testing.assert_array_equal(weighted(scaled).toarray(), weighted(PRESENCE).toarray())


def test_weights_are_those_of_scikit_learn() -> None:
    presence = sp.csr_array((np.random.default_rng(0).random((30, 12)) < 0.4).astype(np.float32))
    # Theirs adds one to the logarithm: it is taken off again before the rows are scaled.
    model = TfidfTransformer(norm=None, smooth_idf=False).fit(presence)
    expected = presence.toarray() * (model.idf_ - 1)
    expected /= np.maximum(np.linalg.norm(expected, axis=1, keepdims=True), 1e-12)
    np.testing.assert_allclose(weighted(presence).toarray(), expected, atol=1e-6)


def test_latent_scores_are_those_of_the_singular_value_decomposition() -> None:
    weights = weighted(sp.csr_array(np.random.default_rng(1).random((20, 9)) < 0.4))
    scores, directions = latent(weights, 3, seed=0)
    assert scores.shape == (20, 3)
    assert directions.shape == (9, 3)
    left, strengths, right = np.linalg.svd(weights.toarray(), full_matrices=False)
    np.testing.assert_allclose(
        scores @ directions.T, (left[:, :3] * strengths[:3]) @ right[:3], atol=1e-3
    )
    np.testing.assert_allclose(directions.T @ directions, np.eye(3), atol=1e-9)


def test_the_width_is_below_the_smaller_side() -> None:
    weights = weighted(sp.csr_array(np.random.default_rng(1).random((20, 5)) < 0.4))
    assert latent(weights, 100, seed=0)[0].shape == (20, 4)
    assert np.ptp(latent(sp.csr_array(weights[:, :2]), 100, seed=0)[0]) > 0
    for one in (weights[:1], weights[:, :1]):
        scores, directions = latent(sp.csr_array(one), 100, seed=0)
        assert (scores == 1).all()
        assert scores.shape == (one.shape[0], 1)
        assert directions.shape == (one.shape[1], 1)


def test_without_vectors_documents_of_the_same_features_point_the_same_way(tmp_path: Path) -> None:
    made = [Made(["word"], {0, 1} if i % 2 else {2, 3}) for i in range(12)]
    made[0].features |= {5}
    source = NamedStore(write(tmp_path / "s", made))
    rows = np.array([1, 2, 3, 4, 7, 0])
    found = directions_of(source, columns_of(source), rows, seed=0)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    cosines = found @ found.T
    assert cosines[0, 2] == pytest.approx(cosines[0, 4]) == pytest.approx(1)
    assert cosines[1, 3] == pytest.approx(1)
    assert abs(cosines[0, 1]) < 1e-6


def test_vectors_that_the_store_has_are_taken_before_features(tmp_path: Path) -> None:
    vectors = np.eye(PHRASE_WIDTH, dtype=np.float16)[:6]
    made = [Made(["word"], {i % 3}, vector=vectors[i]) for i in range(6)]
    source = NamedStore(write(tmp_path / "s", made))
    found = directions_of(source, columns_of(source), np.array([4, 0]), seed=0)
    np.testing.assert_allclose(found, vectors[[4, 0]], atol=1e-3)
