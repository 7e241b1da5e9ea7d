"""Reads rows and columns of the documents from all shards, unpacking only what is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpuscope.store.files import StoreFiles
from corpuscope.store.lookup.row_groups import kept_row_groups
from corpuscope.store.shards import footer, opened_parquet

__all__ = [
    "StoredDocument",
    "column_of_shards",
    "list_elements",
    "rows_of_shards",
    "stored_documents",
    "text_batches",
]


@dataclass(frozen=True, slots=True, eq=False)
class StoredDocument:
    """A document's text and its units.

    Attributes:
        id: Its id.
        text: Its text.
        token_spans: The half-open character range of each token in the text.
        sentence_spans: The same of each sentence.
    """

    id: str
    text: str
    token_spans: npt.NDArray[np.int64]
    sentence_spans: npt.NDArray[np.int64]


def rows_of_shards(files: StoreFiles, *, rows: npt.ArrayLike, columns: Sequence[str]) -> Any:
    """An Arrow table of some columns of some documents, in the order of `rows`.

    Cost: unpacks every row group that contains one of the rows, for these columns only.

    Raises:
        StoreDamaged: A shard is not the one that was committed.
    """
    # Read each row once, in storage order; the order of `rows` is restored at the end.
    wanted, inverse = np.unique(np.asarray(rows, dtype=np.int64), return_inverse=True)
    shards = files.manifest.shards
    ends = np.cumsum([shard.n_documents for shard in shards], dtype=np.int64)
    n_documents = int(ends[-1]) if len(ends) else 0
    if len(wanted) and not (wanted[0] >= 0 and wanted[-1] < n_documents):
        raise IndexError(f"rows {wanted[0]} to {wanted[-1]} of {n_documents}")
    parts = []
    shard_of = np.searchsorted(ends, wanted, side="right")
    for index in np.unique(shard_of):
        shard = shards[index]
        inside = wanted[shard_of == index] - (ends[index] - shard.n_documents)
        parts.append(_rows_of_file(files.documents(shard), inside, columns))
    table = pa.concat_tables(parts) if parts else pa.table({name: [] for name in columns})
    return table.take(pa.array(inverse.reshape(-1)))


def _rows_of_file(path: Path, rows: npt.NDArray[np.int64], columns: Sequence[str]) -> Any:
    ends = _ends_of_groups(path)
    group_of = np.searchsorted(ends, rows, side="right")
    groups = np.unique(group_of).tolist()
    starts = np.concatenate([[0], ends])
    parts = [
        table.take(pa.array(rows[group_of == group] - starts[group]))
        for group, table in zip(groups, kept_row_groups.read(path, groups, columns), strict=True)
    ]
    return pa.concat_tables(parts)


def _ends_of_groups(path: Path) -> npt.NDArray[np.int64]:
    """The row after the last of each row group."""
    about = footer(path)
    sizes = [about.row_group(at).num_rows for at in range(about.num_row_groups)]
    ends: npt.NDArray[np.int64] = np.cumsum(sizes, dtype=np.int64)
    return ends


def stored_documents(files: StoreFiles, *, rows: npt.ArrayLike) -> list[StoredDocument]:
    """Some documents with their units, in the order of `rows`."""
    ends = ("token_starts", "token_ends", "sentence_starts", "sentence_ends")
    table = rows_of_shards(files, rows=rows, columns=("id", "text", *ends))
    arrays = (_arrays(table[name].combine_chunks()) for name in ends)
    found = zip(table["id"].to_pylist(), table["text"].to_pylist(), *arrays, strict=True)
    return [
        StoredDocument(id, text, np.stack(units[:2], axis=1), np.stack(units[2:], axis=1))
        for id, text, *units in found
    ]


def _arrays(lists: Any) -> list[npt.NDArray[np.int64]]:
    values = lists.flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    lengths = lists.value_lengths().to_numpy(zero_copy_only=False)
    return np.split(values, np.cumsum(lengths)[:-1])


def column_of_shards(files: StoreFiles, columns: Sequence[str]) -> Iterator[Any]:
    """For each shard an Arrow table of those `columns` that the shard has.

    Raises:
        StoreDamaged: A shard is not the one that was committed.
    """
    for shard in files.manifest.shards:
        with opened_parquet(files.documents(shard)) as file:
            there = [name for name in columns if name in set(file.schema_arrow.names)]
            yield file.read(columns=there).select(there)


def text_batches(files: StoreFiles) -> Iterator[list[str]]:
    """All texts in order, a few hundred at a time.

    Raises:
        StoreDamaged: A shard is not the one that was committed.
    """
    for shard in files.manifest.shards:
        with opened_parquet(files.documents(shard)) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=["text"])["text"].to_pylist()


def list_elements(lists: Any, positions: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """For each list of an Arrow column, the element at the given position."""
    if not len(positions):
        return np.empty(0, dtype=np.int64)
    array = lists.combine_chunks()
    lengths = array.value_lengths().to_numpy(zero_copy_only=False)
    values: npt.NDArray[Any] = array.flatten().to_numpy(zero_copy_only=False)
    found: npt.NDArray[Any] = values[np.cumsum(lengths) - lengths + positions]
    return found
