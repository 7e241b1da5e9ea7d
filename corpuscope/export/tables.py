"""The three tables of a store, written shard by shard: documents, strengths, features."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from corpuscope.durable import new_folder
from corpuscope.export.documents import document_columns
from corpuscope.export.features import PresentCounts, feature_table
from corpuscope.export.result import Export, bytes_of_files
from corpuscope.export.strengths import STRENGTHS, UNIT_COLUMNS, strength_table
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.joined import Stores
from corpuscope.store.pieces import pieces

__all__ = [
    "OpenTable",
    "TableOpener",
    "arrow_features",
    "csv_file",
    "export_tables",
    "parquet_file",
]


class OpenTable(Protocol):
    """A file of rows that is being written."""

    def write_table(self, table: Any, /) -> None:
        """Append the rows of an Arrow table."""


TableOpener = Callable[[Path, Any], Any]
"""A context with the open file of a table, given its path without suffix and its schema."""


@contextmanager
def parquet_file(path: Path, schema: Any) -> Iterator[OpenTable]:
    """A context with an open Parquet file, compressed with zstd."""
    with pq.ParquetWriter(path.with_suffix(".parquet"), schema, compression="zstd") as file:
        yield file


class _CsvFile:
    """A CSV file that is being written."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write_table(self, table: Any, /) -> None:
        """Append the rows of an Arrow table, NULs as a visible sign."""
        for at, field in enumerate(table.schema):
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
                # Many programs take a NUL for the end of the text or of the file.
                texts = pc.replace_substring(table.column(at), "\0", "␀")
                table = table.set_column(at, field, texts)
        self._file.write_table(table)


@contextmanager
def csv_file(path: Path, schema: Any) -> Iterator[OpenTable]:
    """A context with an open CSV file: UTF-8, commas, a header, quotes around all texts."""
    with pyarrow.csv.CSVWriter(path.with_suffix(".csv"), schema) as file:
        yield _CsvFile(file)


def arrow_features(source: NamedStore, counts: PresentCounts) -> Any:
    """The table of features as an Arrow table."""
    table = feature_table(source, counts.counts)
    return pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)


def export_tables(format: str, opener: TableOpener, store: Stores, into: str | Path) -> Export:
    """Write the three tables of a store into a new folder.

    Args:
        format: The name of the format in the result.
        opener: Opens a file of rows.
        store: What to export. Several stores of one dictionary are read as one.
        into: The folder.

    Memory: one shard, and a few numbers for each feature.
    """
    source, path = NamedStore(store), Path(into)
    columns = document_columns(source, texts=True)
    counts, n_strengths = PresentCounts(source), 0
    with new_folder(path) as folder:
        with ExitStack() as files:
            documents = files.enter_context(opener(folder / "documents", columns.schema))
            strengths = files.enter_context(opener(folder / "strengths", STRENGTHS))
            for piece in pieces(source.as_one, [*columns.sources, *UNIT_COLUMNS]):
                documents.write_table(columns.table(piece))
                table = strength_table(piece, source, counts.add(piece))
                strengths.write_table(table)
                n_strengths += table.num_rows
        features = arrow_features(source, counts)
        with opener(folder / "features", features.schema) as file:
            file.write_table(features)
    return Export(
        format=format,
        path=path,
        files=bytes_of_files(path),
        counts={
            "documents": source.n_documents,
            "features": features.num_rows,
            "strengths": n_strengths,
        },
        notes=tuple(columns.notes),
        warnings=tuple(source.warnings),
    )
