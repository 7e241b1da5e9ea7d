"""Spectral coordinates are the leading eigenvectors of the normalised affinity."""

import numpy as np
import pytest
from scipy.linalg import block_diag

from corpuscope.statistics.similarity.spectral import spectral_coordinates
from tests.statistics.worlds import Numbers


def drawn(seed: int, n: int = 9) -> np.ndarray:
    half = np.random.default_rng(seed).random((n, n))
    affinity: np.ndarray = ((half + half.T) / 2).astype(np.float32)
    return affinity


def reference(affinity: np.ndarray, regularisation: float = 0.0) -> tuple[Numbers, Numbers]:
    """All eigenvalues, largest first, and their vectors, from the definition."""
    plain = affinity.astype(np.float64) * (1 - np.eye(len(affinity)))
    plain += regularisation * plain.sum(axis=1).mean() / len(plain)
    roots = 1 / np.sqrt(plain.sum(axis=1))
    values, vectors = np.linalg.eigh(roots[:, None] * plain * roots)
    return values[::-1], vectors[:, ::-1]


def test_documents_that_are_all_alike_by_hand() -> None:
    """Of n documents: 1, and -1 / (n - 1) for all other directions."""
    values, vectors = spectral_coordinates(np.ones((4, 4), np.float32), 3)
    assert values == pytest.approx([1, -1 / 3, -1 / 3], abs=1e-5)
    assert vectors[:, 0] == pytest.approx([0.5] * 4, abs=1e-5)


def test_two_documents_and_one_by_hand() -> None:
    values, vectors = spectral_coordinates(np.full((2, 2), 0.3, np.float32), 2)
    assert values == pytest.approx([1, -1], abs=1e-5)
    assert np.abs(vectors) == pytest.approx(np.full((2, 2), 0.5**0.5), abs=1e-5)
    values, vectors = spectral_coordinates(np.ones((1, 1), np.float32), 1)
    assert (values.tolist(), vectors.shape) == ([0.0], (1, 1))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("regularisation", [0.0, 0.5])
def test_values_and_vectors_are_those_of_the_definition(seed: int, regularisation: float) -> None:
    affinity = drawn(seed)
    values, vectors = spectral_coordinates(affinity, 5, regularisation=regularisation)
    expected, basis = reference(affinity, regularisation)
    assert values == pytest.approx(expected[:5], abs=1e-5)
    assert values.tolist() == sorted(values.tolist(), reverse=True)
    assert vectors.T @ vectors == pytest.approx(np.eye(5), abs=1e-5)
    assert np.abs((vectors * basis[:, :5]).sum(axis=0)) == pytest.approx(np.ones(5), abs=1e-3)


def test_groups_of_many_documents_are_found_by_a_few_passes() -> None:
    generator = np.random.default_rng(0)
    kinds = np.arange(120) % 3
    affinity = (0.2 + 0.6 * (kinds[:, None] == kinds) + 0.02 * generator.random((120, 120))) / 2
    affinity = (affinity + affinity.T).astype(np.float32)
    values, vectors = spectral_coordinates(affinity, 4)
    assert values[:3] == pytest.approx(reference(affinity)[0][:3], abs=1e-4)
    assert values[3] < 0.1
    middles = np.array([vectors[kinds == kind, :3].mean(axis=0) for kind in range(3)])
    nearest = ((vectors[:, None, :3] - middles) ** 2).sum(axis=2).argmin(axis=1)
    assert nearest.tolist() == kinds.tolist()


def test_the_diagonal_and_the_scale_of_affinities_do_not_count() -> None:
    affinity = drawn(1)
    values, vectors = spectral_coordinates(affinity, 4)
    other = affinity.copy()
    np.fill_diagonal(other, 7.0)
    for changed in (other, 8 * affinity):
        found = spectral_coordinates(changed, 4)
        assert found[0] == pytest.approx(values, abs=1e-4)
        assert found[1] == pytest.approx(vectors, abs=1e-3)


def test_documents_in_another_order_have_the_same_coordinates_and_a_seed_changes_nothing() -> None:
    affinity = drawn(2)
    values, vectors = spectral_coordinates(affinity, 4)
    order = np.random.default_rng(0).permutation(9)
    moved = spectral_coordinates(affinity[np.ix_(order, order)], 4, seed=5)
    assert moved[0] == pytest.approx(values, abs=1e-5)
    assert moved[1] == pytest.approx(vectors[order], abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_the_largest_entry_of_each_vector_is_above_zero(seed: int) -> None:
    _, vectors = spectral_coordinates(drawn(seed), 5, seed=seed)
    assert np.all(vectors[np.abs(vectors).argmax(axis=0), range(5)] > 0)


def test_a_document_that_shares_nothing_lies_apart_until_all_share_a_little() -> None:
    affinity = block_diag(drawn(3, 6), np.zeros((1, 1))).astype(np.float32)
    values, vectors = spectral_coordinates(affinity, 3)
    assert np.isfinite(vectors).all()
    assert values[0] == pytest.approx(1, abs=1e-5)
    assert vectors[6, 0] == pytest.approx(0, abs=1e-5)
    _, found = spectral_coordinates(affinity, 3, regularisation=0.5)
    assert found[6, 0] > 0.1
