"""A store as a folder that the Hugging Face library `datasets` loads, with two configurations."""

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpuscope.durable import new_folder
from corpuscope.export.dataset_card import dataset_card
from corpuscope.export.documents import DocumentColumns, document_columns, store_names
from corpuscope.export.features import PresentCounts
from corpuscope.export.result import Export, bytes_of_files
from corpuscope.export.strengths import UNIT_COLUMNS, peak_spans
from corpuscope.export.tables import arrow_features
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.joined import Stores
from corpuscope.store.pieces import Piece, pieces

__all__ = ["export_datasets"]

_LISTS = (
    ("feature_ids", pa.list_(pa.int32())),
    ("strengths", pa.list_(pa.float32())),
    ("starts", pa.list_(pa.int32())),
    ("ends", pa.list_(pa.int32())),
)
_MOST_ROWS = 100_000
"""Documents in a file; more begin another."""


def export_datasets(store: Stores, into: str | Path) -> Export:
    """Write a store into a new folder for `datasets.load_dataset(folder, "documents")`.

    The configuration `documents` has a split for each store (`train` if there is one store):
    texts, metadata, `feature_ids` and `strengths`, and the characters where each is strongest.
    `features` has a row for each feature. Both are Parquet; `README.md` names them and says how
    the strengths were made. Nothing is uploaded.

    Args:
        store: What to export. Several stores of one dictionary become splits.
        into: The folder.

    Memory: one shard.

    Raises:
        InputError: There is something at `into` already.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: A store cannot be read.
        StorageFull: The disk is full.
    """
    source, path = NamedStore(store), Path(into)
    own = tuple(name for name, _ in _LISTS)
    columns, counts = document_columns(source, texts=True, taken=own), PresentCounts(source)
    splits = dict(zip(_split_names(source), source.stores, strict=True))
    with new_folder(path) as folder:
        (folder / "documents").mkdir()
        (folder / "features").mkdir()
        _write_documents(folder / "documents", source, columns, counts)
        features = arrow_features(source, counts)
        pq.write_table(features, folder / "features" / "features.parquet", compression="zstd")
        totals = {
            "documents": source.n_documents,
            "features": features.num_rows,
            "strengths": source.as_one.n_strengths,
        }
        names = [column.written for column in columns.metadata]
        card = dataset_card(splits, columns=names, counts=totals)
        (folder / "README.md").write_text(card, encoding="utf-8")
    return Export(
        format="datasets",
        path=path,
        files=bytes_of_files(path),
        counts=totals,
        notes=(*columns.notes, "README.md has a place for the licences, which are not known"),
        warnings=tuple(source.warnings),
    )


def _split_names(source: NamedStore) -> list[str]:
    """A name for each split, of letters, digits, underscores and dots between them."""
    if len(source.stores) == 1:
        return ["train"]
    names: list[str] = []
    for given in store_names(source):
        plain = re.sub(r"\W+", "_", given.removesuffix(".scope"), flags=re.ASCII).strip("_")
        name = plain or "corpus"
        while name in names:
            name += "_"
        names.append(name)
    return names


def _write_documents(
    folder: Path, source: NamedStore, columns: DocumentColumns, counts: PresentCounts
) -> None:
    schema = pa.schema([*columns.schema, *(pa.field(name, kind) for name, kind in _LISTS)])
    schema = schema.remove(schema.get_field_index("document"))
    for name, placed in groupby(_placed(source, columns), key=itemgetter(0)):
        with pq.ParquetWriter(folder / name, schema, compression="zstd") as file:
            for _, piece in placed:
                counts.add(piece)
                file.write_table(_table(piece, source, columns, schema))
    for name, store in zip(_split_names(source), source.stores, strict=True):
        # A split without a file could not be loaded.
        if not store.n_documents:
            pq.write_table(schema.empty_table(), folder / _file_name(name, 0))


def _placed(source: NamedStore, columns: DocumentColumns) -> Iterator[tuple[str, Piece]]:
    """Each shard with the name of its file; a file has about 100,000 documents."""
    names, n_rows = _split_names(source), [0] * len(source.stores)
    for piece in pieces(source.as_one, [*columns.sources, *UNIT_COLUMNS]):
        yield _file_name(names[piece.store], n_rows[piece.store] // _MOST_ROWS), piece
        n_rows[piece.store] += piece.n_documents


def _file_name(split: str, number: int) -> str:
    return f"{split}-{number:05d}.parquet"


def _table(piece: Piece, source: NamedStore, columns: DocumentColumns, schema: Any) -> Any:
    found, spans = piece.strengths, peak_spans(piece, source)
    ends = pa.array(np.concatenate([[0], np.cumsum(found.counts)]).astype(np.int32))
    values = (
        found.features,
        found.strengths.astype(np.float32),
        spans[:, 0].astype(np.int32),
        spans[:, 1].astype(np.int32),
    )
    table = columns.table(piece).drop_columns(["document"])
    for (name, _), each in zip(_LISTS, values, strict=True):
        table = table.append_column(name, pa.ListArray.from_arrays(ends, pa.array(each)))
    return table.cast(schema)
