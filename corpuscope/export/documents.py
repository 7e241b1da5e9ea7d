"""Documents as rows of one table: number, store, id, length, text and metadata."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from corpuscope.export.metadata_columns import MetadataColumn, metadata_columns, unified
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.pieces import Piece

__all__ = ["DocumentColumns", "document_columns", "store_names"]

_OWN = ("document", "store", "id", "n_tokens", "text")


@dataclass(frozen=True)
class DocumentColumns:
    """The columns of the table of documents.

    Attributes:
        store_names: The name of each store; they are a column if there are several.
        metadata: The metadata columns.
        texts: Whether the texts are among the columns.
    """

    store_names: tuple[str, ...]
    metadata: tuple[MetadataColumn, ...]
    texts: bool

    @property
    def sources(self) -> list[str]:
        """The columns of the store's document files that are read."""
        own = ["id", "n_tokens", *(["text"] if self.texts else [])]
        return own + [name for column in self.metadata for name in column.sources]

    @property
    def has_stores(self) -> bool:
        """Whether there is a column `store`."""
        return len(self.store_names) > 1

    @property
    def schema(self) -> Any:
        """The Arrow schema of the table."""
        fields = [("document", pa.int64())]
        if self.has_stores:
            fields.append(("store", pa.string()))
        fields += [("id", pa.string()), ("n_tokens", pa.int64())]
        if self.texts:
            fields.append(("text", pa.string()))
        return pa.schema(fields + [(column.written, column.type) for column in self.metadata])

    @property
    def notes(self) -> list[str]:
        """What whoever reads the export should know about the columns."""
        return [note for column in self.metadata for note in column.notes]

    def table(self, piece: Piece) -> Any:
        """The documents of a shard as an Arrow table, `document` counted over all stores."""
        n, found = piece.n_documents, piece.table
        columns = {"document": pa.array(np.arange(piece.first_row, piece.first_row + n))}
        if self.has_stores:
            columns["store"] = pa.array([self.store_names[piece.store]] * n, pa.string())
        columns |= {"id": found["id"], "n_tokens": found["n_tokens"].cast(pa.int64())}
        if self.texts:
            columns["text"] = found["text"]
        columns |= {column.written: unified(column, found) for column in self.metadata}
        return pa.table(columns, schema=self.schema)


def document_columns(
    source: NamedStore,
    *,
    texts: bool,
    taken: tuple[str, ...] = (),
    valid: Callable[[str], str] = str,
) -> DocumentColumns:
    """The columns of the table of documents of a store, or of several.

    Args:
        source: The store or stores; a metadata column that only some of them have is null in
            the others.
        texts: Whether the texts are among the columns.
        taken: Names that no metadata column may have, beside those of the table itself.
        valid: Turns a name into one that the format allows.
    """
    found = metadata_columns(source.as_one.column_kinds, (*_OWN, *taken), valid)
    return DocumentColumns(store_names(source), found, texts)


def store_names(source: NamedStore) -> tuple[str, ...]:
    """A name for each store: that of its folder, numbered where several have the same."""
    names, met = [], Counter[str]()
    for store in source.stores:
        name = store.path.resolve().name
        met[name] += 1
        names.append(name if met[name] == 1 else f"{name} ({met[name]})")
    return tuple(names)
