"""Writes arrays row by row into a cache folder; their lengths are known only at the end."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.store.cache import new_array

_AT_ONCE = 1 << 22


class ArrayWriter:
    """Appends to several arrays, each in a file of its own.

    Args:
        folder: An empty folder; after `finish` it has a flat array for each name, as
            `corpuscope.store.cache.mapped` opens it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._types: dict[str, np.dtype[Any]] = {}

    def add(self, name: str, values: npt.NDArray[Any]) -> None:
        """Append values to an array."""
        known = self._types.setdefault(name, values.dtype)
        with self._path(name).open("ab") as file:
            file.write(np.ascontiguousarray(values, dtype=known).tobytes())

    def add_rows(self, name: str, matrix: sp.csr_array) -> None:
        """Append rows of a sparse matrix, kept as three arrays."""
        # Clip to the float16 range: larger activations would become inf.
        largest = np.finfo(np.float16).max
        self.add(f"{name}-values", np.minimum(matrix.data, largest).astype(np.float16))
        self.add(f"{name}-columns", matrix.indices.astype(np.int32))
        self.add(f"{name}-counts", np.diff(matrix.indptr).astype(np.int64))

    def finish(self) -> None:
        """Turn the raw files into arrays."""
        for name, dtype in self._types.items():
            path = self._path(name)
            length = path.stat().st_size // dtype.itemsize
            array = new_array(self._folder, name, dtype=dtype, length=length)
            for start in range(0, length, _AT_ONCE):
                array[start : start + _AT_ONCE] = np.fromfile(
                    path, dtype, _AT_ONCE, offset=start * dtype.itemsize
                )
            path.unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.tmp"
