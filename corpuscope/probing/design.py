"""A matrix made ready for the solver: columns in one scale, learned on training rows alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Array = npt.NDArray[Any]
Matrix = Any
"""Rows x columns, dense or sparse."""

_NEGLIGIBLE = 1e-6


@dataclass(frozen=True, eq=False)
class Design:
    """Training rows in the solver's coordinates, and the way there.

    Dense columns are centred, divided by their standard deviation, and turned so that their
    Gram matrix is diagonal. Sparse ones are divided alone: the intercept does the centring.

    Attributes:
        matrix: Rows x columns.
        curvature: The sum of squares of each column.
        mean: What is subtracted from each given column.
        scale: What each is divided by.
        rotation: Given columns x columns of `matrix`; None where they are the same.
    """

    matrix: Matrix
    curvature: Array
    mean: Array
    scale: Array
    rotation: Array | None

    def weights(self, coefficients: Array) -> Array:
        """Weights of the given columns, each divided by its standard deviation."""
        return coefficients if self.rotation is None else self.rotation @ coefficients

    def scores(self, given: Matrix, coefficients: Array, intercepts: Array) -> Array:
        """What is fitted for other rows: rows x problems."""
        raw = self.weights(coefficients) / self.scale[:, None]
        shift = intercepts - self.mean @ raw
        rows: Any = given if sp.issparse(given) else given.astype(np.float32)
        found: Array = rows @ raw + shift
        return found


def design_of(given: Matrix) -> Design:
    """Rows to learn from, made ready."""
    is_sparse = sp.issparse(given)
    return _of_sparse(sp.csr_array(given)) if is_sparse else _of_dense(given)


def _of_dense(given: Array) -> Design:
    values = given.astype(np.float32)
    mean = values.mean(axis=0, dtype=np.float64).astype(np.float32)
    values = values - mean
    scale = _scale(np.sqrt(np.mean(values * values, axis=0, dtype=np.float64)))
    values /= scale
    n_rows, n_columns = values.shape
    if n_columns == 1:
        return Design(values, (values * values).sum(axis=0), mean, scale, None)
    if n_columns <= n_rows:
        lengths, rotation = np.linalg.eigh(values.T @ values)
    else:
        lengths, left = np.linalg.eigh(values @ values.T)
        rotation = values.T @ (left / np.sqrt(np.maximum(lengths, 1e-12)))
    is_there = lengths > _NEGLIGIBLE * max(float(lengths.max(initial=0)), 1e-12)
    rotation = rotation[:, is_there].astype(np.float32)
    return Design(values @ rotation, lengths[is_there], mean, scale, rotation)


def _of_sparse(given: sp.csr_array) -> Design:
    scale = _scale(moments(given)[1])
    matrix = sp.csr_array(given @ sp.diags_array(1 / scale)).astype(np.float32)
    curvature = np.asarray(matrix.power(2).sum(axis=0)).ravel()
    return Design(matrix, curvature, np.zeros_like(scale), scale, None)


def moments(matrix: sp.csr_array) -> tuple[Array, Array]:
    """The mean and the standard deviation of each column."""
    mean = np.asarray(matrix.mean(axis=0)).ravel()
    square = np.asarray(matrix.power(2).mean(axis=0)).ravel()
    return mean, np.sqrt(np.maximum(square - mean * mean, 0.0))


def _scale(deviation: Array) -> Array:
    """Columns that do not vary stay as they are: they have nothing to say."""
    return np.where(deviation > 1e-8, deviation, 1.0).astype(np.float32)
