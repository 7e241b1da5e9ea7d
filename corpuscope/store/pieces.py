"""A store shard by shard: documents beside their strengths, for whoever reads all of it once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.store.manifest import CommittedShard, damaged
from corpuscope.store.rows import column_of_shards
from corpuscope.store.shards import (
    StrengthBatch,
    opened_parquet,
    strength_batches,
    vector_batches,
)
from corpuscope.store.store import Store

__all__ = ["Piece", "document_tables", "pieces"]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The documents of one shard.

    Attributes:
        store: Which of the joined stores they are from, counted from 0.
        first_row: The row of the first document, over all stores.
        table: An Arrow table of the columns asked for that the shard has, a row per document.
        strengths: Their strengths, concatenated.
        vectors: Their embeddings, a row per document; None if not asked for.
    """

    store: int
    first_row: int
    table: Any
    strengths: StrengthBatch
    vectors: npt.NDArray[np.float16] | None

    @property
    def n_documents(self) -> int:
        """The number of documents."""
        return len(self.strengths.counts)

    @property
    def entry_rows(self) -> npt.NDArray[np.int64]:
        """For each strength the row of its document in this piece, from 0."""
        return np.repeat(np.arange(self.n_documents), self.strengths.counts)


def pieces(store: Store, columns: Sequence[str], *, vectors: bool = False) -> Iterator[Piece]:
    """All documents of a store, or of joined stores, in order, a shard at a time.

    Args:
        store: What to read.
        columns: Columns of the document files, as listed in `docs/format.md`; those that a
            shard does not have are left out of its table.
        vectors: Whether to read the documents' embeddings, which all of them must have.

    Memory: one shard.

    Raises:
        StoreDamaged: A shard is not the one that was committed.
    """
    first_row = 0
    for number, part in enumerate(store.parts):
        for shard in part._manifest.shards:
            if shard.n_documents:
                yield _piece(part, shard, (number, first_row), columns, vectors)
                first_row += shard.n_documents


def document_tables(store: Store, columns: Sequence[str]) -> Iterator[Any]:
    """For each shard of a store, or of joined stores, an Arrow table of its documents, in order.

    Args:
        store: What to read.
        columns: As in `pieces`.

    Memory: these columns of one shard.

    Raises:
        StoreDamaged: A shard is not the one that was committed.
    """
    for part in store.parts:
        yield from column_of_shards(part._files, columns)


def _piece(
    part: Store,
    shard: CommittedShard,
    place: tuple[int, int],
    columns: Sequence[str],
    vectors: bool,
) -> Piece:
    with opened_parquet(part._files.documents(shard)) as file:
        there = set(file.schema_arrow.names)
        table = file.read(columns=[name for name in columns if name in there])
        n_rows = file.metadata.num_rows
    path = part._files.strengths(shard)
    strengths = _concatenated(list(strength_batches(path)))
    if not n_rows == len(strengths.counts) == shard.n_documents:
        raise damaged(path, f"has {len(strengths.counts)} documents, their texts {n_rows}")
    found = np.concatenate(list(vector_batches(path))) if vectors else None
    return Piece(*place, table, strengths, found)


def _concatenated(batches: Sequence[StrengthBatch]) -> StrengthBatch:
    if len(batches) == 1:
        return batches[0]
    return StrengthBatch(
        counts=np.concatenate([one.counts for one in batches]),
        features=np.concatenate([one.features for one in batches]),
        strengths=np.concatenate([one.strengths for one in batches]),
        peaks=np.concatenate([one.peaks for one in batches]),
    )
