"""A sparse matrix on disk, of which some rows and columns are loaded at a time."""

from dataclasses import dataclass
from typing import Any, no_type_check

import numba
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.probing.models.float16 import moved, numbers_of
from corpuscope.store.cache import check_lengths, check_starts

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows x wanted columns, loaded by indexing with rows.

    Attributes:
        values: Values of all rows, concatenated, in float16.
        columns: The columns of these values.
        starts: Where each row begins, and last where the last row ends.
        place: For each column its index among the wanted ones; -1 for others.
    """

    values: Array
    columns: Array
    starts: Array
    place: Array

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and of wanted columns."""
        return len(self.starts) - 1, int(self.place.max(initial=-1)) + 1

    def __getitem__(self, rows: Array) -> sp.csr_array:
        """Some rows, as float32."""
        bits, columns, ends = _wanted_values(
            rows, self.starts, self.values.view(np.uint16), self.columns, self.place
        )
        shape = (len(rows), self.shape[1])
        return sp.csr_array((numbers_of(bits), columns, ends), shape=shape)


def of_columns(
    values: Array, columns: Array, counts: Array, *, wanted: Array, n_columns: int
) -> SparseRows:
    """The wanted columns of a matrix on disk, in the order given.

    Args:
        values: Values of all rows, concatenated.
        columns: The columns of these values.
        counts: How many values each row has.
        wanted: Which columns.
        n_columns: How many columns the matrix has.

    Raises:
        StoreDamaged: The arrays do not form a matrix.
    """
    place = np.full(n_columns, -1, dtype=np.int64)
    place[wanted] = np.arange(len(wanted))
    starts = np.concatenate([[0], np.cumsum(counts)])
    # The compiled loop below does not check bounds, and files may be damaged.
    check_starts(starts, n_runs=len(counts), n_entries=len(values))
    check_lengths(columns, n_columns)
    return SparseRows(values, columns, starts, place)


@numba.njit(nogil=True, cache=True, error_model="numpy")
@no_type_check
def _wanted_values(rows, starts, halves, columns, place):
    """Some rows of a sparse matrix, restricted to the wanted columns.

    Args:
        rows: Which.
        starts: Where each row begins, and where the last one ends.
        halves: The float16 bits of the values.
        columns: Their columns.
        place: For each column its index among the wanted ones; -1 for others.

    Returns:
        CSR data (as bits for `numbers_of`), indices and indptr.
    """
    # First pass: an upper bound of the output size.
    most = 0
    for row in rows:
        most += starts[row + 1] - starts[row]
    bits, at = np.empty(most, np.uint32), np.empty(most, np.int32)
    ends = np.zeros(len(rows) + 1, np.int32)
    n = 0
    for i in range(len(rows)):
        for j in range(starts[rows[i]], starts[rows[i] + 1]):
            if place[columns[j]] >= 0:
                bits[n] = moved(halves[j])
                at[n] = place[columns[j]]
                n += 1
        ends[i + 1] = n
    return bits[:n], at[:n], ends
