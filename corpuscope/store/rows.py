"""Reads rows and columns of the documents from all shards, unpacking only what is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpuscope.store.files import StoreFiles
from corpuscope.store.shards import opened_parquet

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
        with opened_parquet(files.documents(shard)) as file:
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
