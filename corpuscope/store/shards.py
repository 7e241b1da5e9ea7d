"""The two Parquet files of a shard: documents with their units, and strengths.

Their bytes depend only on the records and the version of pyarrow: no timestamps, no statistics,
no embedded Arrow schema.
"""

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from corpuscope.corpus.document import Document
from corpuscope.errors import InputError
from corpuscope.store.manifest import damaged
from corpuscope.store.metadata import column_name, kinds_of_columns, metadata_arrays

__all__ = [
    "DOCUMENTS_PER_GROUP",
    "DocumentRecord",
    "StrengthBatch",
    "documents_bytes",
    "footer",
    "list_of",
    "opened_parquet",
    "strength_batches",
    "strengths_bytes",
    "vector_batches",
    "vector_width",
]

DOCUMENTS_PER_GROUP = 256
"""Row group size of the documents: what is unpacked to show one text."""

_STRENGTHS_PER_GROUP = 4096
_FOOTERS_KEPT = 512
_ROLES = pa.list_(pa.struct([("start", pa.uint32()), ("end", pa.uint32()), ("role", pa.string())]))
_STRENGTH_COLUMNS = ("features", "strengths", "peaks")
_UNIT_COLUMNS = ("token_starts", "token_ends", "sentence_starts", "sentence_ends")


@dataclass(frozen=True, slots=True, eq=False)
class DocumentRecord:
    """A document and its features.

    `token_spans` and `sentence_spans` are half-open character ranges in `document.text`.
    `features` ascend; `strengths` are above 0 and finite as float16; `peaks` are the units at
    which strengths are reached, numbered among the document's tokens or sentences, by the kind
    of the feature. `vector` is the unit-length embedding of the text; None if the reader gives
    none.
    """

    document: Document
    n_tokens: int
    token_spans: npt.NDArray[np.uint32]
    sentence_spans: npt.NDArray[np.uint32]
    features: npt.NDArray[np.int32]
    strengths: npt.NDArray[np.float16]
    peaks: npt.NDArray[np.uint32]
    vector: npt.NDArray[np.float16] | None = None


def vector_width(records: Sequence[DocumentRecord]) -> int:
    """The dimension of the embeddings of a shard's documents; 0 if one has none."""
    widths = {0 if record.vector is None else len(record.vector) for record in records}
    return widths.pop() if len(widths) == 1 else 0


def documents_bytes(records: Sequence[DocumentRecord]) -> memoryview:
    """The Parquet file of the documents.

    Raises:
        InputError: A text cannot be encoded, or metadata has an unsupported type.
    """
    documents = [record.document for record in records]
    kinds_of = kinds_of_columns(documents)
    token_spans = [record.token_spans for record in records]
    sentence_spans = [record.sentence_spans for record in records]
    try:
        arrays = {
            "id": pa.array([document.id for document in documents], pa.string()),
            "text": pa.array([document.text for document in documents], pa.string()),
            "n_tokens": pa.array([record.n_tokens for record in records], pa.uint32()),
            "token_starts": list_of([spans[:, 0] for spans in token_spans], np.uint32),
            "token_ends": list_of([spans[:, 1] for spans in token_spans], np.uint32),
            "sentence_starts": list_of([spans[:, 0] for spans in sentence_spans], np.uint32),
            "sentence_ends": list_of([spans[:, 1] for spans in sentence_spans], np.uint32),
            "roles": pa.array([_roles(document) for document in documents], _ROLES),
            **metadata_arrays(documents, kinds_of),
        }
        table = pa.table(arrays)
    except UnicodeEncodeError as error:
        raise InputError(
            f"text with an unpaired surrogate at position {error.start}: {error.object[:60]!a}",
            expected="text that can be encoded as UTF-8",
            next_step="repair the text, for example with str.encode('utf-8', 'replace')",
        ) from error
    return _parquet_bytes(
        table,
        rows_per_group=DOCUMENTS_PER_GROUP,
        dictionary=[column_name(n, kind) for n, kinds in kinds_of.items() for kind in kinds],
        encodings={f"{name}.list.element": "DELTA_BINARY_PACKED" for name in _UNIT_COLUMNS},
    )


def _roles(document: Document) -> list[dict[str, object]]:
    return [{"start": r.start, "end": r.end, "role": r.role} for r in document.roles]


def strengths_bytes(records: Sequence[DocumentRecord]) -> memoryview:
    """The Parquet file of the strengths (about 4 bytes per non-zero) and embeddings."""
    arrays = {
        "features": list_of([record.features for record in records], np.uint32),
        "strengths": list_of([record.strengths for record in records], np.float16),
        "peaks": list_of([record.peaks for record in records], np.uint32),
    }
    # Ascending indices compress best as deltas, floats and peaks with their bytes split.
    encodings = {
        "features.list.element": "DELTA_BINARY_PACKED",
        "strengths.list.element": "BYTE_STREAM_SPLIT",
        "peaks.list.element": "BYTE_STREAM_SPLIT",
    }
    if width := vector_width(records):
        arrays["vector"] = _vectors(records, width)
        encodings["vector.list.element"] = "BYTE_STREAM_SPLIT"
    return _parquet_bytes(
        pa.table(arrays),
        rows_per_group=_STRENGTHS_PER_GROUP,
        dictionary=[],
        encodings=encodings,
    )


def _vectors(records: Sequence[DocumentRecord], width: int) -> Any:
    values = np.concatenate([record.vector for record in records])
    return pa.FixedSizeListArray.from_arrays(pa.array(values.astype(np.float16)), width)


def list_of(parts: Sequence[npt.NDArray[Any]], dtype: npt.DTypeLike) -> Any:
    """An Arrow array of lists, one for each part."""
    # Arrow lists have int32 offsets, which bounds a shard to 2^31 elements.
    offsets = np.cumsum([0, *(len(part) for part in parts)], dtype=np.int32)
    values = np.concatenate([np.empty(0, dtype), *parts]).astype(dtype)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))


def _parquet_bytes(
    table: Any, *, rows_per_group: int, dictionary: Sequence[str], encodings: Mapping[str, str]
) -> memoryview:
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=rows_per_group,
        compression="zstd",
        compression_level=3,
        use_dictionary=list(dictionary),
        column_encoding=dict(encodings),
        write_statistics=False,
        store_schema=False,
    )
    return memoryview(sink.getvalue())


@contextlib.contextmanager
def opened_parquet(path: Path) -> Iterator[Any]:
    """A context with an open Parquet file.

    Raises:
        StoreDamaged: The file is missing or invalid.
    """
    with _damage_named(path), pq.ParquetFile(path, metadata=footer(path)) as file:
        yield file


def footer(path: Path) -> Any:
    """What a Parquet file says of its row groups; the same object until the file changes.

    Reading it anew takes as long as reading a text.

    Raises:
        StoreDamaged: The file is missing or invalid.
    """
    with _damage_named(path):
        now = path.stat()
        return _read_footer(path, now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino)


@contextlib.contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise damaged(path, "is missing") from error
    except (pa.ArrowException, OSError, EOFError) as error:
        raise damaged(path, f"cannot be read ({error})") from error


@functools.lru_cache(maxsize=_FOOTERS_KEPT)
def _read_footer(path: Path, *_state: int) -> Any:
    return pq.read_metadata(path)


@dataclass(frozen=True, slots=True, eq=False)
class StrengthBatch:
    """The strengths of some documents, concatenated; `counts` has the number of each document."""

    counts: npt.NDArray[np.int64]
    features: npt.NDArray[np.int32]
    strengths: npt.NDArray[np.float16]
    peaks: npt.NDArray[np.uint32]


def strength_batches(path: Path) -> Iterator[StrengthBatch]:
    """The strengths of a shard, a few thousand documents at a time.

    Raises:
        StoreDamaged: The file cannot be read.
    """
    with opened_parquet(path) as file:
        for group in range(file.num_row_groups):
            yield _strength_batch(file.read_row_group(group, columns=list(_STRENGTH_COLUMNS)))


def vector_batches(path: Path) -> Iterator[npt.NDArray[np.float16]]:
    """The embeddings of a shard that has them, a few thousand documents at a time.

    Raises:
        StoreDamaged: The file cannot be read.
    """
    with opened_parquet(path) as file:
        for group in range(file.num_row_groups):
            column = file.read_row_group(group, columns=["vector"])["vector"].combine_chunks()
            values = column.flatten().to_numpy(zero_copy_only=False)
            yield values.reshape(len(column), -1)


def _strength_batch(table: Any) -> StrengthBatch:
    lists = {name: table.column(name).combine_chunks() for name in table.column_names}
    counts = lists["features"].value_lengths().to_numpy(zero_copy_only=False)
    flat = {name: array.flatten().to_numpy() for name, array in lists.items()}
    return StrengthBatch(
        counts=counts.astype(np.int64),
        features=flat["features"].astype(np.int32),
        strengths=flat["strengths"],
        peaks=flat["peaks"],
    )
