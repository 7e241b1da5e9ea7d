"""Arrays that are written row by row into a cache folder, their lengths known at the end."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.store.cache import new_array

_AT_ONCE = 1 << 22


class ArrayWriter:
    """Collects arrays in files beside each other.

    Args:
        folder: An empty folder; at the end it has an array for each name, as
            `corpuscope.store.cache.mapped` opens it, flattened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._types: dict[str, np.dtype[Any]] = {}

    def add(self, name: str, values: npt.NDArray[Any]) -> None:
        """The next values of an array."""
        known = self._types.setdefault(name, values.dtype)
        with self._path(name).open("ab") as file:
            file.write(np.ascontiguousarray(values, dtype=known).tobytes())

    def add_rows(self, name: str, matrix: sp.csr_array) -> None:
        """The next rows of a sparse matrix, as three arrays."""
        largest = np.finfo(np.float16).max
        self.add(f"{name}-values", np.minimum(matrix.data, largest).astype(np.float16))
        self.add(f"{name}-columns", matrix.indices.astype(np.int32))
        self.add(f"{name}-counts", np.diff(matrix.indptr).astype(np.int64))

    def finish(self) -> None:
        """Turn the files into arrays."""
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
