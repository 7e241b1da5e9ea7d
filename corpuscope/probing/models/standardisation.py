"""Standardises a design matrix for the solver, with moments of training rows alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg import eigh
from scipy.sparse.linalg import LinearOperator

Array = npt.NDArray[Any]
Matrix = Any
"""Rows x columns, dense or sparse."""

_NEGLIGIBLE = 1e-6
_LEAST_DEVIATION = 1e-8

# Sparse columns that are nonzero in a larger share of rows than this are stored dense.
_DENSE = 0.3

_ROWS_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Way:
    """The map between input columns and the solver's coordinates.

    Attributes:
        mean: Subtracted from each input column.
        scale: What each is divided by.
        rotation: Input columns x solver columns; None for the identity.
    """

    mean: Array
    scale: Array
    rotation: Array | None

    def weights(self, coefficients: Array) -> Array:
        """Weights of standardised input columns."""
        return coefficients if self.rotation is None else self.rotation @ coefficients

    def scores(self, given: Matrix, coefficients: Array, intercepts: Array) -> Array:
        """Scores of input rows: rows x problems."""
        raw = self.weights(coefficients) / self.scale[:, None]
        shift = intercepts - self.mean @ raw
        rows: Any = given if sp.issparse(given) else given.astype(np.float32)
        found: Array = rows @ raw + shift
        return found


@dataclass(frozen=True, eq=False)
class Standardisation:
    """Training rows in the solver's coordinates.

    Columns are centred and divided by their standard deviation. Dense matrices are also rotated
    to their principal axes, so that the Gram matrix is diagonal. The result is a linear operator,
    not an array in memory.

    Attributes:
        matrix: Rows x columns, as a linear operator.
        curvature: The sum of squares of each column.
        way: The map from input columns to the solver's.
    """

    matrix: Matrix
    curvature: Array
    way: Way


def design_of(given: Matrix) -> Standardisation:
    """Training rows, standardised for the solver."""
    is_sparse = sp.issparse(given)
    return _of_sparse(sp.csr_array(given)) if is_sparse else _of_dense(given)


def _of_dense(given: Array) -> Standardisation:
    values = _by_column(given)
    mean = values.mean(axis=0, dtype=np.float64).astype(np.float32)
    values -= mean
    scale = _scale(np.sqrt(np.mean(values * values, axis=0, dtype=np.float64)))
    values /= scale
    n_rows, n_columns = values.shape
    if n_columns == 1:
        return Standardisation(values, (values * values).sum(axis=0), Way(mean, scale, None))
    # Eigenvectors of the smaller of the two Gram matrices give the same rotation.
    if n_columns <= n_rows:
        lengths, rotation = eigh(values.T @ values, driver="evd")
    else:
        # Fewer rows than columns: right singular vectors from the left ones.
        lengths, left = eigh(values @ values.T, driver="evd")
        rotation = values.T @ (left / np.sqrt(np.maximum(lengths, 1e-12)))
    # Drop directions of negligible variance: dividing by it would amplify noise.
    is_there = lengths > _NEGLIGIBLE * max(float(lengths.max(initial=0)), 1e-12)
    rotation = rotation[:, is_there].astype(np.float32)

    def times(right: Array) -> Array:
        # Products from the right are fastest on the row-major input; fold the scaling into it.
        weights = (rotation @ right) / scale[:, None]
        found: Array = given @ weights - mean @ weights
        return found

    turned = _product_of(
        (n_rows, rotation.shape[1]), times, lambda right: rotation.T @ (values.T @ right)
    )
    return Standardisation(turned, lengths[is_there], Way(mean, scale, rotation))


def _by_column(given: Array) -> Array:
    """A column-major float32 copy, on which products with the transpose are fastest."""
    values = np.empty(given.shape, dtype=np.float32, order="F")
    for first in range(0, len(given), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        values[rows] = given[rows]
    return values


def _of_sparse(given: sp.csr_array) -> Standardisation:
    mean, deviation = moments(given)
    mean, scale = mean.astype(np.float32), _scale(deviation)
    matrix = sp.csr_array(given @ sp.diags_array(1 / scale)).astype(np.float32)
    curvature = np.where(deviation > _LEAST_DEVIATION, given.shape[0], 0)
    return Standardisation(_centred(matrix, mean / scale), curvature, Way(mean, scale, None))


def _centred(matrix: sp.csr_array, less: Array) -> LinearOperator:
    """A sparse matrix minus a constant per column, as a linear operator.

    Without centring, columns present in most rows would be nearly collinear with the intercept,
    and the solver would take twice as many steps. Frequent columns are multiplied as dense ones:
    few as they are, they hold most of the values.
    """
    is_dense = np.bincount(matrix.indices, minlength=matrix.shape[1]) > _DENSE * matrix.shape[0]
    order, n = np.argsort(~is_dense, kind="stable"), int(is_dense.sum())
    place = np.argsort(order)
    dense, sparse = matrix[:, order[:n]].toarray(), sp.csr_array(matrix[:, order[n:]])
    by_column = np.asfortranarray(dense)

    def times(right: Array) -> Array:
        turned = right[order]
        found: Array = sparse @ turned[n:] + dense @ turned[:n] - less @ right
        return found

    def transposed_times(right: Array) -> Array:
        turned = np.concatenate([by_column.T @ right, sparse.T @ right])
        found: Array = turned[place] - np.multiply.outer(less, right.sum(axis=0))
        return found

    return _product_of(matrix.shape, times, transposed_times)


def _product_of(
    shape: tuple[int, int],
    times: Callable[[Array], Array],
    transposed_times: Callable[[Array], Array],
) -> LinearOperator:
    """A linear operator of these products."""
    return LinearOperator(
        shape, matvec=times, rmatvec=transposed_times, matmat=times, rmatmat=transposed_times,
        dtype=np.float32,
    )  # fmt: skip


def moments(matrix: sp.csr_array) -> tuple[Array, Array]:
    """The mean and the standard deviation of each column."""
    n_rows, n_columns = matrix.shape
    values = matrix.data.astype(np.float64)
    mean = np.bincount(matrix.indices, values, minlength=n_columns) / n_rows
    values *= values
    square = np.bincount(matrix.indices, values, minlength=n_columns) / n_rows
    return mean, np.sqrt(np.maximum(square - mean * mean, 0.0))


def _scale(deviation: Array) -> Array:
    """The divisor of each column: its standard deviation, or 1 for a constant column."""
    return np.where(deviation > _LEAST_DEVIATION, deviation, 1.0).astype(np.float32)
