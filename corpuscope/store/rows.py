"""Rows and columns of the documents, wherever their shards lie; nothing else is unpacked."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpuscope.store.manifest import Manifest, documents_path
from corpuscope.store.shards import opened_parquet

__all__ = ["column_of_shards", "list_elements", "rows_of_shards", "text_batches"]


def rows_of_shards(
    path: Path, manifest: Manifest, *, rows: npt.ArrayLike, columns: Sequence[str]
) -> Any:
    """An Arrow table of some columns of some documents, in the order of `rows`.

    Cost: each row group that holds one of the rows is unpacked, in these columns alone.

    Raises:
        StoreDamaged: A shard cannot be read.
    """
    wanted, inverse = np.unique(np.asarray(rows, dtype=np.int64), return_inverse=True)
    ends = np.cumsum([shard.n_documents for shard in manifest.shards], dtype=np.int64)
    n_documents = int(ends[-1]) if len(ends) else 0
    if len(wanted) and not (wanted[0] >= 0 and wanted[-1] < n_documents):
        raise IndexError(f"rows {wanted[0]} to {wanted[-1]} of {n_documents}")
    parts = []
    shard_of = np.searchsorted(ends, wanted, side="right")
    for index in np.unique(shard_of):
        shard = manifest.shards[index]
        inside = wanted[shard_of == index] - (ends[index] - shard.n_documents)
        with opened_parquet(documents_path(path, shard.shard)) as file:
            parts.append(_rows_of_file(file, inside, columns))
    table = pa.concat_tables(parts) if parts else pa.table({name: [] for name in columns})
    return table.take(pa.array(inverse.reshape(-1)))


def _rows_of_file(file: Any, rows: npt.NDArray[np.int64], columns: Sequence[str]) -> Any:
    n_groups = file.num_row_groups
    sizes = [file.metadata.row_group(group).num_rows for group in range(n_groups)]
    ends = np.cumsum(sizes)
    group_of = np.searchsorted(ends, rows, side="right")
    parts = []
    for group in np.unique(group_of):
        inside = rows[group_of == group] - (ends[group] - sizes[group])
        table = file.read_row_group(int(group), columns=list(columns)).select(list(columns))
        parts.append(table.take(pa.array(inside)))
    return pa.concat_tables(parts)


def column_of_shards(path: Path, manifest: Manifest, columns: Sequence[str]) -> Iterator[Any]:
    """For each shard an Arrow table of those of `columns` that the shard has.

    Raises:
        StoreDamaged: A shard cannot be read.
    """
    for shard in manifest.shards:
        with opened_parquet(documents_path(path, shard.shard)) as file:
            there = [name for name in columns if name in set(file.schema_arrow.names)]
            yield file.read(columns=there).select(there)


def text_batches(path: Path, manifest: Manifest) -> Iterator[list[str]]:
    """All texts in order, some hundred at a time.

    Raises:
        StoreDamaged: A shard cannot be read.
    """
    for shard in manifest.shards:
        with opened_parquet(documents_path(path, shard.shard)) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=["text"])["text"].to_pylist()


def list_elements(lists: Any, positions: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """From each list of an Arrow column the element at one position."""
    if not len(positions):
        return np.empty(0, dtype=np.int64)
    array = lists.combine_chunks()
    lengths = array.value_lengths().to_numpy(zero_copy_only=False)
    values: npt.NDArray[Any] = array.flatten().to_numpy(zero_copy_only=False)
    found: npt.NDArray[Any] = values[np.cumsum(lengths) - lengths + positions]
    return found
