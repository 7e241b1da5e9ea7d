"""Rows and columns of a sparse matrix on disk are those of the matrix."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.errors import StoreDamaged
from corpuscope.probing.models.csr_on_disk import SparseRows, of_columns

N_ROWS, N_COLUMNS = 9, 6


def matrix(seed: int = 0) -> np.ndarray:
    """Numbers that half precision holds exactly; some rows are empty."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-8, 9, (N_ROWS, N_COLUMNS)) / 4 * (rng.random((N_ROWS, N_COLUMNS)) < 0.5)
    values[[0, 4, 8]] = 0
    return np.asarray(values)


def opened(values: np.ndarray, wanted: list[int]) -> SparseRows:
    given = sp.csr_array(values)
    return of_columns(
        given.data.astype(np.float16), given.indices, np.diff(given.indptr),
        wanted=np.array(wanted, dtype=np.int64), n_columns=values.shape[1],
    )  # fmt: skip


@pytest.mark.parametrize("wanted", [[0, 1, 2, 3, 4, 5], [3], [5, 0, 2], [4, 3, 2, 1]])
@pytest.mark.parametrize(
    "rows", [[0, 1, 2, 3, 4, 5, 6, 7, 8], [4], [8, 0, 3, 3, 1], [], [0, 4, 8], [7, 6, 5]]
)
def test_some_rows_and_columns_are_loaded_in_the_order_asked(
    rows: list[int], wanted: list[int]
) -> None:
    for seed in range(3):
        values = matrix(seed)
        given = opened(values, wanted)
        found = given[np.array(rows, dtype=np.int64)]
        assert given.shape == (N_ROWS, len(wanted))
        assert found.dtype == np.float32
        assert found.shape == (len(rows), len(wanted))
        assert found.toarray().tolist() == values[rows][:, wanted].tolist()


def test_values_of_other_columns_are_not_stored() -> None:
    values = matrix()
    found = opened(values, [2, 5])[np.arange(N_ROWS)]
    assert found.nnz == np.count_nonzero(values[:, [2, 5]])


def test_no_wanted_column_leaves_nothing() -> None:
    given = opened(matrix(), [])
    assert given.shape == (N_ROWS, 0)
    found = given[np.array([1, 2])]
    assert (found.shape, found.nnz) == ((2, 0), 0)


def test_a_matrix_without_rows_has_its_columns() -> None:
    given = opened(np.zeros((0, N_COLUMNS)), [1, 3])
    assert given.shape == (0, 2)
    assert given[np.empty(0, dtype=np.int64)].shape == (0, 2)


def test_small_and_large_halves_are_exact() -> None:
    tiny, largest = float(np.finfo(np.float16).smallest_subnormal), float(np.finfo(np.float16).max)
    values = np.array([[tiny, -tiny, largest], [-largest, 2 * tiny, 1.0]])
    assert opened(values, [0, 1, 2])[np.array([1, 0])].toarray().tolist() == values[::-1].tolist()


def built(**changed: np.ndarray) -> SparseRows:
    """Two rows of one and two values in six columns, or what has become of them."""
    arrays: dict[str, Any] = {
        "values": np.ones(3, dtype=np.float16),
        "columns": np.array([0, 1, 5], dtype=np.int32),
        "counts": np.array([1, 2]),
    }
    return of_columns(**arrays | changed, wanted=np.arange(6), n_columns=6)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("counts", [4, -1]),
        ("counts", [2, 2]),
        ("counts", [1, 1]),
        ("columns", [0, 2, 6]),
        ("columns", [0, -1, 1]),
    ],
)
def test_arrays_that_form_no_matrix_are_refused(name: str, values: list[int]) -> None:
    assert built()[np.arange(2)].toarray().tolist() == [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 1]]
    with pytest.raises(StoreDamaged):
        built(**{name: np.array(values)})
