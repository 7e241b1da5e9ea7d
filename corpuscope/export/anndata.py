"""A store as an `.h5ad` file, for anndata and scanpy."""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpuscope.durable import new_file
from corpuscope.export.documents import DocumentColumns, document_columns, store_names
from corpuscope.export.features import PresentCounts, feature_table
from corpuscope.export.h5ad import (
    Chunks,
    CsrMatrix,
    Growing,
    add_group,
    add_string,
    add_table,
    h5_file,
)
from corpuscope.export.metadata_columns import MetadataColumn, unified
from corpuscope.export.result import Export, bytes_of_files
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.joined import Stores
from corpuscope.store.pieces import document_tables, pieces

__all__ = ["VECTORS", "export_anndata"]

VECTORS = "X_document_vectors"
"""The name of the documents' embeddings in `obsm`."""


def export_anndata(
    store: Stores, into: str | Path, *, texts: bool = False, presence: bool = True
) -> Export:
    """Write a store as one `.h5ad` file.

    `X` has the strengths, documents x features, as float32; the layer `presence` is 1 where a
    feature is present. `obs` has a row for each document with its metadata, named by its id
    (`store/id` with several stores); `var` one for each feature, named by its number, since
    labels are not unique. `obsm["X_document_vectors"]` has embeddings, if all documents have
    one, and `uns["corpuscope"]` says as JSON how the store was made.

    Args:
        store: What to export. Several stores of one dictionary are read as one.
        into: The file.
        texts: Whether `obs` has the texts.
        presence: Whether there is a layer `presence`.

    Memory: one shard. Cost: some minutes for 100 million strengths.

    Raises:
        InputError: There is something at `into` already, or h5py is not installed.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: A store cannot be read.
        StorageFull: The disk is full.
    """
    source, path = NamedStore(store), Path(into)
    columns = document_columns(source, texts=texts, taken=("_index",), valid=_written)
    counts = PresentCounts(source)
    with new_file(path) as temporary, h5_file(temporary) as file:
        _begin(file)
        n_strengths = _add_matrices(file, source, counts, presence)
        add_table(
            file, "obs", index=_names(source, columns), columns=list(_columns(source, columns))
        )
        _add_features(file, source, counts)
        add_string(file["uns"], "corpuscope", json.dumps(_about(source), ensure_ascii=False))
    return Export(
        format="anndata",
        path=path,
        files=bytes_of_files(path),
        counts={
            "documents": source.n_documents,
            "features": len(counts.counts),
            "strengths": n_strengths,
        },
        notes=tuple(columns.notes),
        warnings=tuple(source.warnings),
    )


def _begin(file: Any) -> None:
    file.attrs["encoding-type"], file.attrs["encoding-version"] = "anndata", "0.1.0"
    for name in ("layers", "obsm", "obsp", "uns", "varm", "varp"):
        add_group(file, name)


def _add_matrices(file: Any, source: NamedStore, counts: PresentCounts, presence: bool) -> int:
    """Write `X`, the layer and the embeddings in one pass; returns the number of strengths."""
    whole = source.as_one
    size = {"n_columns": len(counts.counts), "most_entries": whole.n_strengths}
    matrix = CsrMatrix(file, "X", dtype=np.float32, **size)
    layer = CsrMatrix(file["layers"], "presence", dtype=np.float32, **size) if presence else None
    width = whole.vector_width
    vectors = Growing(file["obsm"], VECTORS, np.float32, width=width) if width else None
    for piece in pieces(whole, [], vectors=width > 0):
        found, present = piece.strengths, counts.add(piece)
        matrix.append(found.counts, found.features, found.strengths.astype(np.float32))
        if layer is not None:
            n_each = np.bincount(piece.entry_rows[present], minlength=piece.n_documents)
            kept = found.features[present]
            layer.append(n_each, kept, np.ones(len(kept), dtype=np.float32))
        if vectors is not None and piece.vectors is not None:
            vectors.append(piece.vectors.astype(np.float32))
    matrix.close()
    if layer is not None:
        layer.close()
    return matrix.n_entries


def _names(source: NamedStore, columns: DocumentColumns) -> Chunks:
    """The names of the rows of `obs`: ids are unique within a store only."""

    def read() -> Iterator[Any]:
        for store, name in zip(source.stores, columns.store_names, strict=True):
            for table in document_tables(store, ["id"]):
                ids = table["id"].combine_chunks()
                prefixed = [f"{name}/{one}" for one in ids.to_pylist()]
                yield pa.array(prefixed, pa.string()) if columns.has_stores else ids

    return read


def _columns(source: NamedStore, columns: DocumentColumns) -> Iterator[tuple[str, Chunks]]:
    """The columns of `obs`, each read on its own."""
    if columns.has_stores:
        yield "store", _store_column(source, columns)
        yield "id", _plain_column(source, "id")
    yield "n_tokens", _plain_column(source, "n_tokens")
    if columns.texts:
        yield "text", _plain_column(source, "text")
    for column in columns.metadata:
        yield column.written, _metadata_column(source, column)


def _store_column(source: NamedStore, columns: DocumentColumns) -> Chunks:
    def read() -> Iterator[Any]:
        for store, name in zip(source.stores, columns.store_names, strict=True):
            for table in document_tables(store, ["id"]):
                yield pa.array([name] * table.num_rows, pa.string())

    return read


def _plain_column(source: NamedStore, name: str) -> Chunks:
    return lambda: (
        table[name].combine_chunks() for table in document_tables(source.as_one, [name])
    )


def _metadata_column(source: NamedStore, column: MetadataColumn) -> Chunks:
    # A table without columns has no rows; the id is always there.
    wanted = ["id", *column.sources]
    return lambda: (unified(column, table) for table in document_tables(source.as_one, wanted))


def _written(name: str) -> str:
    # A slash would divide a name into groups, and a dot is the group itself.
    return name.replace("/", "_") if name.strip(".") else f"metadata_{name.replace('.', '_')}"


def _add_features(file: Any, source: NamedStore, counts: PresentCounts) -> None:
    table = feature_table(source, counts.counts)
    digits = len(str(max(len(table) - 1, 0)))
    names = pa.array([f"{one:0{digits}d}" for one in table["feature"]], pa.string())
    whole = pa.Table.from_pandas(table, preserve_index=False)

    def column(name: str) -> Chunks:
        return lambda: iter([_plain(whole[name].combine_chunks())])

    named = {_written(name): column(name) for name in whole.column_names}
    add_table(file, "var", index=lambda: iter([names]), columns=list(named.items()))


def _plain(array: Any) -> Any:
    """Texts as `string`, and what is neither text, number nor truth value as text."""
    kind = array.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return array
    return pa.array([None if one is None else str(one) for one in array.to_pylist()], pa.string())


def _about(source: NamedStore) -> Mapping[str, Any]:
    return {
        "corpuscope": version("corpuscope"),
        "X": "strength: the largest activation of a feature in a document, 0 where not stored",
        "presence": "the strength is above the feature's threshold",
        "stores": [
            {"name": name, "digest": store.digest, "provenance": dict(store.provenance)}
            for name, store in zip(store_names(source), source.stores, strict=True)
        ],
    }
