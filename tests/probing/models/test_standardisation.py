"""Standardised rows are centred, scaled and rotated, and scores are those of plain columns."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.probing.models.standardisation import Standardisation, design_of, moments


def plainly(values: np.ndarray) -> np.ndarray:
    """Columns less their mean, divided by their standard deviation, constant ones by 1."""
    centred = values.astype(np.float64) - values.mean(axis=0)
    deviation = centred.std(axis=0)
    return np.asarray(centred / np.where(deviation > 1e-8, deviation, 1))


def rotated(values: np.ndarray, found: Standardisation) -> np.ndarray:
    """The same in the coordinates of the solver."""
    plain = plainly(values)
    return plain if found.way.rotation is None else plain @ found.way.rotation


def dense_rows(n: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixed = rng.standard_normal((n, width)) @ rng.standard_normal((width, width))
    return (mixed * rng.uniform(0.1, 20, width) + rng.uniform(-50, 50, width)).astype(np.float32)


def sparse_rows(n: int, width: int, seed: int = 0) -> np.ndarray:
    """Columns of which some are in most rows and some in few."""
    rng = np.random.default_rng(seed)
    is_there = rng.random((n, width)) < np.linspace(0.02, 0.95, width)
    return np.asarray(rng.uniform(0.5, 8, (n, width)) * is_there, dtype=np.float32)


SHAPES = [(40, 5), (5, 12), (200, 1), (7, 7)]


@pytest.mark.parametrize(("n", "width"), SHAPES)
@pytest.mark.parametrize("is_sparse", [False, True])
def test_the_operator_is_the_standardised_matrix(n: int, width: int, is_sparse: bool) -> None:
    values = sparse_rows(n, width) if is_sparse else dense_rows(n, width)
    found = design_of(sp.csr_array(values) if is_sparse else values)
    expected = rotated(values, found)
    rng = np.random.default_rng(1)
    for n_problems in (1, 4):
        right = rng.standard_normal((expected.shape[1], n_problems)).astype(np.float32)
        left = rng.standard_normal((n, n_problems)).astype(np.float32)
        assert found.matrix @ right == pytest.approx(expected @ right, rel=1e-3, abs=2e-3)
        assert found.matrix.T @ left == pytest.approx(expected.T @ left, rel=1e-3, abs=2e-3)
    assert found.curvature == pytest.approx((expected**2).sum(axis=0), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(("n", "width"), [(40, 5), (5, 12), (7, 7)])
def test_principal_axes_are_at_right_angles_and_lose_nothing(n: int, width: int) -> None:
    values = dense_rows(n, width, seed=2)
    found = design_of(values)
    rotation = found.way.rotation
    assert rotation is not None
    assert rotation.shape == (width, min(n - 1, width))
    assert rotation.T @ rotation == pytest.approx(np.eye(rotation.shape[1]), abs=1e-3)
    turned = rotated(values, found)
    gram = turned.T @ turned
    assert gram - np.diag(np.diag(gram)) == pytest.approx(np.zeros_like(gram), abs=0.02 * n)
    assert turned @ rotation.T == pytest.approx(plainly(values), abs=2e-2)


def test_directions_in_which_nothing_varies_are_dropped() -> None:
    one = np.random.default_rng(0).standard_normal((30, 1)).astype(np.float32)
    values = np.hstack([one, 3 * one + 1, -one, np.full((30, 1), 5.0, dtype=np.float32)])
    found = design_of(values)
    assert found.matrix.shape == (30, 1)
    assert found.curvature == pytest.approx([3 * 30.0], rel=1e-3)


@pytest.mark.parametrize("is_sparse", [False, True])
def test_scores_are_those_of_weights_of_standardised_columns(is_sparse: bool) -> None:
    values = sparse_rows(60, 8) if is_sparse else dense_rows(60, 8)
    given = sp.csr_array(values) if is_sparse else values
    found = design_of(given)
    rng = np.random.default_rng(3)
    coefficients = rng.standard_normal((found.matrix.shape[1], 3)).astype(np.float32)
    intercepts = np.array([0.0, 2.0, -5.0], dtype=np.float32)
    weights = found.way.weights(coefficients)
    assert weights.shape == (8, 3)
    scores = found.way.scores(given, coefficients, intercepts)
    assert scores == pytest.approx(plainly(values) @ weights + intercepts, abs=5e-3)
    assert scores == pytest.approx(found.matrix @ coefficients + intercepts, abs=5e-3)
    # Other rows keep the moments of those that were trained on.
    some = np.array([5, 0])
    assert found.way.scores(given[some], coefficients, intercepts) == pytest.approx(
        scores[some], abs=1e-4
    )


def test_rows_in_half_precision_give_the_scores_of_the_same_numbers() -> None:
    halves = dense_rows(30, 4).astype(np.float16)
    found = design_of(halves)
    again = design_of(halves.astype(np.float32))
    assert found.way.mean == pytest.approx(again.way.mean)
    assert found.way.scale == pytest.approx(again.way.scale)
    ones = np.ones((4, 1), dtype=np.float32)
    level = np.zeros(1, dtype=np.float32)
    expected = found.way.scores(halves.astype(np.float32), ones, level)
    assert found.way.scores(halves, ones, level) == pytest.approx(expected)


def test_what_was_given_is_not_changed() -> None:
    values = dense_rows(20, 3)
    before = values.copy()
    design_of(values)
    assert values.tolist() == before.tolist()


def test_constant_and_empty_columns_are_divided_by_one() -> None:
    values = sparse_rows(50, 4)
    values[:, 1], values[:, 2] = 0.0, 2.5
    for given in (values, sp.csr_array(values)):
        found = design_of(given)
        assert found.way.scale[[1, 2]] == pytest.approx([1.0, 1.0])
        assert found.way.mean[[1, 2]] == pytest.approx([0.0, 2.5])
    # A sparse matrix keeps its columns, and constant ones have no curvature.
    assert found.curvature.tolist() == [50, 0, 0, 50]


@pytest.mark.parametrize("seed", range(3))
def test_moments_are_those_of_numpy(seed: int) -> None:
    values = sparse_rows(31, 9, seed)
    values[:, 4] = 0
    mean, deviation = moments(sp.csr_array(values))
    assert mean == pytest.approx(values.mean(axis=0, dtype=np.float64), abs=1e-9)
    assert deviation == pytest.approx(values.std(axis=0, dtype=np.float64), abs=1e-6)


def test_one_row_has_no_deviation() -> None:
    mean, deviation = moments(sp.csr_array(np.array([[0.0, 3.0]])))
    assert (mean.tolist(), deviation.tolist()) == ([0.0, 3.0], [0.0, 0.0])
    found = design_of(np.array([[0.5, 3.0, -1.0]], dtype=np.float32))
    assert found.matrix.shape == (1, 0)
