"""A sparse matrix on disk, of which some rows and columns are wanted at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.probing.attention_kernel import numbers_of, wanted_values

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows x wanted columns.

    Attributes:
        values: Of all rows, end to end, in half precision.
        columns: The columns of these values.
        starts: Where each row begins, and at the end where the last one ends.
        place: For each column which of the wanted ones it is; -1 for others.
    """

    values: Array
    columns: Array
    starts: Array
    place: Array

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows, and how many wanted columns."""
        return len(self.starts) - 1, int(self.place.max(initial=-1)) + 1

    def __getitem__(self, rows: Array) -> sp.csr_array:
        """Some rows, in float32."""
        bits, columns, ends = wanted_values(
            rows, self.starts, self.values.view(np.uint16), self.columns, self.place
        )
        shape = (len(rows), self.shape[1])
        return sp.csr_array((numbers_of(bits), columns, ends), shape=shape)


def of_columns(
    values: Array, columns: Array, counts: Array, *, wanted: Array, n_columns: int
) -> SparseRows:
    """All rows of a matrix, and its columns that are wanted, in their order.

    Args:
        values: Of all rows, end to end.
        columns: The columns of these values.
        counts: How many each row has.
        wanted: Which columns.
        n_columns: How many there are.
    """
    place = np.full(n_columns, -1, dtype=np.int64)
    place[wanted] = np.arange(len(wanted))
    return SparseRows(values, columns, np.concatenate([[0], np.cumsum(counts)]), place)
