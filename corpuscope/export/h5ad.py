"""The encodings of an `.h5ad` file: tables, columns and sparse matrices, written piece by piece.

Source: anndata 0.12, "On-disk format". h5py alone writes them: anndata itself cannot append rows
to a table.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from corpuscope.errors import InputError

__all__ = ["Chunks", "CsrMatrix", "Growing", "add_group", "add_string", "add_table", "h5_file"]

Chunks = Callable[[], Iterator[Any]]
"""Reads the values of a column anew, as Arrow arrays."""

_MOST_CATEGORIES = 1 << 16
_CHUNK = 1 << 16


@contextmanager
def h5_file(path: Path) -> Iterator[Any]:
    """A context with a new HDF5 file.

    Raises:
        InputError: h5py is not installed.
        OSError: The system refuses to write; its own error, as with any other file.
    """
    try:
        import h5py
    except ImportError as error:
        raise InputError(
            "h5py is not installed",
            expected="the library of the extra `export`",
            next_step="in a checkout of corpuscope run: pip install '.[export]'",
        ) from error
    with path.open("w+b", buffering=0) as raw:
        disk = _Disk(raw)
        try:
            with h5py.File(disk, "w") as file:
                yield file
        finally:
            # Also where HDF5 stumbled over what could not be written.
            if disk.error is not None:
                raise disk.error


class _Disk:
    """A file for HDF5, which cannot close a file that it cannot write, and then crashes at exit.

    HDF5 is told of no error: from the first one on, everything that is written is dropped.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: OSError | None = None

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place in the file."""
        place: int = self._file.seek(offset, whence)
        return place

    def tell(self) -> int:
        """The place in the file."""
        place: int = self._file.tell()
        return place

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as far as the file reaches."""
        content: bytes = self._file.read(size)
        return content

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, as far as the file reaches."""
        view, n = memoryview(buffer).cast("B"), 0
        while n < len(view) and (more := self._file.readinto(view[n:])):
            n += more
        return n

    def write(self, content: Any) -> int:
        """Write all of the content, or drop it after an error."""
        view, n = memoryview(content).cast("B"), 0
        while n < len(view) and self.error is None:
            try:
                n += self._file.write(view[n:])
            except OSError as error:
                self.error = error
        return len(view)

    def truncate(self, size: int) -> int:
        """Bring the file to a size."""
        if self.error is None:
            try:
                self._file.truncate(size)
            except OSError as error:
                self.error = error
        return size

    def flush(self) -> None:
        """Nothing is held back here."""


def _encoded(node: Any, encoding: str, version: str) -> Any:
    node.attrs["encoding-type"] = encoding
    node.attrs["encoding-version"] = version
    return node


def add_group(parent: Any, name: str, encoding: str = "dict", version: str = "0.1.0") -> Any:
    """A new group, marked with its encoding."""
    return _encoded(parent.create_group(name), encoding, version)


def add_string(parent: Any, name: str, text: str) -> None:
    """A single text."""
    _encoded(parent.create_dataset(name, data=_visible(text)), "string", "0.2.0")


class Growing:
    """An array on disk to which values are appended.

    Args:
        parent: The group that it is in.
        name: Its name there.
        dtype: The type of its values; `str` for texts.
        width: The length of each row; None for an array with one dimension.
    """

    def __init__(
        self, parent: Any, name: str, dtype: npt.DTypeLike, *, width: int | None = None
    ) -> None:
        import h5py

        row = () if width is None else (width,)
        self._data = parent.create_dataset(
            name,
            shape=(0, *row),
            maxshape=(None, *row),
            dtype=h5py.string_dtype() if dtype is str else dtype,
            chunks=(max(_CHUNK // max(width or 1, 1), 1), *row),
            compression="gzip",
            compression_opts=1,
            shuffle=dtype is not str,
        )
        _encoded(self._data, "string-array" if dtype is str else "array", "0.2.0")

    def append(self, values: Any) -> None:
        """Append an array of values."""
        start = len(self._data)
        self._data.resize(start + len(values), axis=0)
        self._data[start:] = values


class CsrMatrix:
    """A sparse matrix on disk to which rows are appended.

    Args:
        parent: The group that it is in.
        name: Its name there.
        n_columns: The number of its columns.
        dtype: The type of its values.
        most_entries: A number that its entries do not exceed.
    """

    def __init__(
        self, parent: Any, name: str, n_columns: int, dtype: npt.DTypeLike, *, most_entries: int
    ) -> None:
        self._group = add_group(parent, name, "csr_matrix")
        self._values = Growing(self._group, "data", dtype)
        self._columns = Growing(self._group, "indices", np.int32)
        # Readers with 32-bit row starts would overflow beyond 2^31 entries.
        wide = np.int64 if most_entries > np.iinfo(np.int32).max else np.int32
        self._starts = Growing(self._group, "indptr", wide)
        self._starts.append(np.zeros(1, dtype=wide))
        self._n_rows, self._n_columns, self.n_entries = 0, n_columns, 0

    def append(
        self,
        counts: npt.NDArray[np.int64],
        columns: npt.NDArray[np.int32],
        values: npt.NDArray[Any],
    ) -> None:
        """Append rows: the number of entries of each, and all their columns and values."""
        self._starts.append(self.n_entries + np.cumsum(counts))
        self._columns.append(columns)
        self._values.append(values)
        self._n_rows += len(counts)
        self.n_entries += len(columns)

    def close(self) -> None:
        """Record the shape."""
        self._group.attrs["shape"] = np.array([self._n_rows, self._n_columns], dtype=np.int64)


def add_table(
    parent: Any, name: str, *, index: Chunks, columns: Sequence[tuple[str, Chunks]]
) -> None:
    """A table, written column by column.

    Args:
        parent: The group that it is in.
        name: Its name there.
        index: The names of its rows, as texts without nulls.
        columns: Names and values of its columns. A name must not contain a slash.

    Memory: one array of one column, and up to 65,536 distinct texts.
    """
    import h5py

    group = add_group(parent, name, "dataframe", "0.2.0")
    group.attrs["_index"] = "_index"
    names = np.array([name for name, _ in columns], dtype=h5py.string_dtype())
    group.attrs["column-order"] = names
    texts = Growing(group, "_index", str)
    for array in index():
        texts.append(_texts(array))
    for column, chunks in columns:
        _add_column(group, column, chunks)


@dataclass(frozen=True)
class _Contents:
    """What is in a column: its type, whether values are missing, its texts if they are few."""

    type: Any
    has_nulls: bool
    texts: tuple[str, ...] | None


def _contents(chunks: Chunks) -> _Contents:
    kind: Any = pa.null()
    n = n_nulls = 0
    texts: set[str] | None = set()
    for array in chunks():
        kind = array.type
        n, n_nulls = n + len(array), n_nulls + array.null_count
        if texts is not None and _is_text(kind):
            texts.update(array.unique().drop_null().to_pylist())
            texts = texts if len(texts) <= _MOST_CATEGORIES else None
    few = texts is not None and len(texts) < n
    return _Contents(kind, n_nulls > 0, tuple(sorted(texts)) if few and texts is not None else None)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _add_column(group: Any, name: str, chunks: Chunks) -> None:
    found = _contents(chunks)
    if _is_text(found.type):
        _add_texts(group, name, chunks, found)
    elif pa.types.is_floating(found.type):
        values = Growing(group, name, np.float64)
        for array in chunks():
            values.append(array.cast(pa.float64()).fill_null(np.nan).to_numpy())
    elif pa.types.is_boolean(found.type):
        _add_nullable(group, name, chunks, found, ("nullable-boolean", np.bool_, False))
    else:
        _add_nullable(group, name, chunks, found, ("nullable-integer", np.int64, 0))


def _add_texts(group: Any, name: str, chunks: Chunks, found: _Contents) -> None:
    if found.texts is not None:
        _add_categories(group, name, chunks, found.texts)
    elif found.has_nulls:
        _add_nullable(group, name, chunks, found, ("nullable-string-array", str, ""))
    else:
        texts = Growing(group, name, str)
        for array in chunks():
            texts.append(_texts(array))


def _add_categories(group: Any, name: str, chunks: Chunks, texts: Sequence[str]) -> None:
    inner = add_group(group, name, "categorical", "0.2.0")
    inner.attrs["ordered"] = False
    known = pa.array(texts, pa.string())
    Growing(inner, "categories", str).append(_texts(known))
    codes = Growing(inner, "codes", np.int32)
    for array in chunks():
        found = pc.index_in(array.cast(pa.string()), known).fill_null(-1)
        codes.append(found.to_numpy(zero_copy_only=False))


def _add_nullable(
    group: Any, name: str, chunks: Chunks, found: _Contents, how: tuple[str, Any, object]
) -> None:
    """Values with a mask of missing ones, or the values alone if none is missing."""
    encoding, dtype, filler = how
    inner = add_group(group, name, encoding) if found.has_nulls else group
    values = Growing(inner, "values" if found.has_nulls else name, dtype)
    mask = Growing(inner, "mask", np.bool_) if found.has_nulls else None
    for array in chunks():
        full = array.fill_null(filler)
        values.append(_texts(full) if dtype is str else full.to_numpy(zero_copy_only=False))
        if mask is not None:
            mask.append(array.is_null().to_numpy(zero_copy_only=False))


def _texts(array: Any) -> npt.NDArray[np.object_]:
    values = np.empty(len(array), dtype=object)
    values[:] = [_visible(text) for text in array.to_pylist()]
    return values


def _visible(text: str) -> str:
    # HDF5 ends a text at the first NUL.
    return text.replace("\0", "␀")
