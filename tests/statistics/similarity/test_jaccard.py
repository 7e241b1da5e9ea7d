"""Weighted Jaccard, spectral coordinates, nearest documents and the ridge, against references."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.linalg import block_diag
from scipy.sparse.linalg import eigsh

from corpuscope.statistics.scores.ridge import ridge_fitted
from corpuscope.statistics.similarity.jaccard import weighted_jaccard
from corpuscope.statistics.similarity.neighbours import nearest_documents
from corpuscope.statistics.similarity.spectral import spectral_coordinates


def groups(n: int, *, k: int = 4, n_features: int = 60, seed: int = 0) -> sp.csr_array:
    """Documents of `k` kinds, document `i` of kind `i % k`, each with features of its own."""
    rng = np.random.default_rng(seed)
    own = np.arange(n)[:, None] % k == np.arange(n_features)[None] % k
    return sp.csr_array(rng.random((n, n_features)) < np.where(own, 0.4, 0.05))


def reference(presence: sp.csr_array, weights: np.ndarray) -> np.ndarray:
    dense = presence.toarray() * weights
    least = np.minimum(dense[:, None], dense[None]).sum(axis=2)
    most = np.maximum(dense[:, None], dense[None]).sum(axis=2)
    answer = np.where(most > 0, least / np.maximum(most, 1e-12), 0)
    np.fill_diagonal(answer, 1)
    return answer


def test_weighted_jaccard_is_the_sum_of_least_over_the_sum_of_most() -> None:
    presence = groups(80)
    presence.data[presence.indptr[5] : presence.indptr[6]] = False
    before = presence.copy()
    weights = np.random.default_rng(1).random(60) + 0.1
    found = weighted_jaccard(presence, weights)
    assert np.allclose(found, reference(presence, weights), atol=1e-5)
    assert np.allclose(weighted_jaccard(presence), reference(presence, np.ones(60)), atol=1e-5)
    assert np.array_equal(presence.indices, before.indices)


def test_jaccard_does_not_ask_how_large_weights_are_nor_in_which_order_features_come() -> None:
    presence = groups(40)
    weights = np.random.default_rng(1).random(60)
    found = weighted_jaccard(presence, weights)
    order = np.random.default_rng(2).permutation(60)
    assert np.allclose(found, weighted_jaccard(presence, 7 * weights), atol=1e-5)
    assert np.allclose(found, weighted_jaccard(presence[:, order], weights[order]), atol=1e-5)


def test_eigenvalues_and_spaces_are_those_of_a_reference_solver() -> None:
    affinity = weighted_jaccard(groups(300))
    values, vectors = spectral_coordinates(affinity, 6)
    between = affinity - np.diag(affinity.diagonal())
    roots = np.sqrt(between.sum(axis=1))
    expected, basis = eigsh((between / roots[:, None] / roots[None]).astype(float), k=6)
    assert np.allclose(values[:4], expected[::-1][:4], atol=2e-4)
    # Of the noise the solver finds the place, not the digits.
    assert np.allclose(values[4:], expected[::-1][4:], atol=0.01)
    leading = vectors[:, :4].T @ basis[:, ::-1][:, :4]
    assert np.allclose(np.linalg.svd(leading)[1], 1, atol=1e-3)


def test_as_many_eigenvalues_are_one_as_there_are_pieces() -> None:
    pieces = block_diag(*(np.ones((n, n), np.float32) for n in (20, 6, 3)))
    values, vectors = spectral_coordinates(pieces, 5)
    assert np.allclose(values[:3], 1, atol=1e-4)
    assert values[3] < 0.01
    for rows in (range(20), range(20, 26), range(26, 29)):
        assert np.allclose(vectors[rows, :3], vectors[rows[0], :3], atol=1e-4)


def test_documents_apart_are_a_group_only_without_regularisation() -> None:
    affinity = block_diag(weighted_jaccard(groups(200, k=2)), np.ones((2, 2), np.float32))
    kinds = np.arange(200) % 2
    _, alone = spectral_coordinates(affinity, 2)
    assert abs(np.corrcoef(alone[:200, 1], kinds)[0, 1]) < 0.5
    _, found = spectral_coordinates(affinity, 2, regularisation=0.1)
    assert abs(np.corrcoef(found[:200, 1], kinds)[0, 1]) > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_nearest_documents_are_nearly_those_of_all_comparisons(seed: int) -> None:
    presence = groups(1500, seed=seed)
    weights = np.random.default_rng(seed).random(60) + 0.5
    near, affinity = nearest_documents(presence, weights, n=10, seed=seed)
    exact = weighted_jaccard(presence, weights)
    np.fill_diagonal(exact, -1)
    rows = np.arange(1500)[:, None]
    assert np.allclose(exact[rows, near], affinity, atol=1e-5)
    assert np.all(np.diff(affinity, axis=1) <= 0)
    tenth = np.sort(exact, axis=1)[:, [-10]]
    assert (affinity >= tenth - 1e-6).mean() > 0.9
    assert all(len(set(one)) == 10 for one in near.tolist())


def test_documents_that_share_nothing_have_no_neighbours() -> None:
    presence = sp.csr_array(np.array([[1, 0], [1, 0], [0, 1], [0, 0]]))
    near, affinity = nearest_documents(presence, np.ones(2), n=2)
    assert near.tolist() == [[1, -1], [0, -1], [-1, -1], [-1, -1]]
    assert affinity.tolist() == [[1, 0], [1, 0], [0, 0], [0, 0]]


def test_the_ridge_is_that_of_the_normal_equations() -> None:
    presence = groups(200)
    wanted = np.random.default_rng(0).standard_normal((200, 3))
    centred = presence.toarray() - presence.toarray().mean(axis=0)
    gram = centred.T @ centred + 20 * np.eye(60)
    expected = centred @ np.linalg.solve(gram, centred.T @ wanted)
    assert np.allclose(ridge_fitted(presence, wanted, penalty=20.0), expected, atol=1e-3)


def test_the_ridge_takes_further_columns_as_they_are() -> None:
    presence = groups(200)
    generator = np.random.default_rng(0)
    wanted, beside = (generator.standard_normal((200, n)) for n in (3, 5))
    centred = np.hstack([presence.toarray() - presence.toarray().mean(axis=0), beside])
    expected = centred @ np.linalg.solve(centred.T @ centred + 20 * np.eye(65), centred.T @ wanted)
    found = ridge_fitted(presence, wanted, penalty=20.0, beside=beside)
    assert np.allclose(found, expected, atol=1e-3)
