"""Strengths in long form: a row for each feature of each document, and where it is strongest."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpuscope.errors import StoreDamaged
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.pieces import Piece

__all__ = ["STRENGTHS", "UNIT_COLUMNS", "peak_spans", "strength_table"]

UNIT_COLUMNS = ("token_starts", "token_ends", "sentence_starts", "sentence_ends")
"""The columns of the store's document files in which `peak_spans` looks."""

STRENGTHS = pa.schema(
    [
        ("document", pa.int64()),
        ("feature", pa.int32()),
        ("strength", pa.float32()),
        ("is_present", pa.bool_()),
        ("start", pa.int32()),
        ("end", pa.int32()),
    ]
)
"""The Arrow schema of the table."""


def strength_table(piece: Piece, source: NamedStore, present: npt.NDArray[np.bool_]) -> Any:
    """The strengths of a shard as an Arrow table, by document and then by feature.

    Args:
        piece: The shard, with `UNIT_COLUMNS`.
        source: The store or stores.
        present: For each strength whether the feature is present.
    """
    found = piece.strengths
    spans = peak_spans(piece, source)
    columns = {
        "document": piece.entry_rows + piece.first_row,
        "feature": found.features,
        "strength": found.strengths.astype(np.float32),
        "is_present": present,
        "start": spans[:, 0].astype(np.int32),
        "end": spans[:, 1].astype(np.int32),
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()}, schema=STRENGTHS)


def peak_spans(piece: Piece, source: NamedStore) -> npt.NDArray[np.int64]:
    """For each strength of a shard the characters of its peak: start, and the one after the end.

    Raises:
        StoreDamaged: A peak is at a unit that its document does not have.
    """
    found, rows = piece.strengths, piece.entry_rows
    spans = np.zeros((len(rows), 2), dtype=np.int64)
    kinds = source.kinds[found.features]
    for kind in ("token", "sentence"):
        here = np.flatnonzero(kinds == kind)
        for side, name in enumerate((f"{kind}_starts", f"{kind}_ends")):
            lists = piece.table[name].combine_chunks()
            lengths = lists.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
            peaks = found.peaks[here].astype(np.int64)
            if np.any(peaks >= lengths[rows[here]]):
                raise StoreDamaged(
                    f"a peak beyond the {kind}s of its document in {source.names[piece.store]}",
                    expected=f"peaks at {kind}s that are there",
                    next_step="extract the store again",
                )
            firsts = np.cumsum(lengths) - lengths
            values = lists.flatten().to_numpy(zero_copy_only=False)
            spans[here, side] = values[firsts[rows[here]] + peaks]
    return spans
