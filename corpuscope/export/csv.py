"""A store as three CSV files, for spreadsheets and statistics programs."""

from pathlib import Path

from corpuscope.export.result import Export
from corpuscope.export.tables import csv_file, export_tables
from corpuscope.store.joined import Stores

__all__ = ["export_csv"]


def export_csv(store: Stores, into: str | Path) -> Export:
    """Write a store into a new folder: `documents`, `strengths` and `features` as `.csv`.

    The columns are those of `export_parquet`. Files are UTF-8 with a header. A missing value is
    an empty cell, an empty text is `""`; texts may contain line breaks, and `␀` for NUL.

    Args:
        store: What to export. Several stores of one dictionary are read as one.
        into: The folder.

    Memory: one shard. Cost: some 40 bytes on disk per strength.

    Raises:
        InputError: There is something at `into` already.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: A store cannot be read.
        StorageFull: The disk is full.
    """
    return export_tables("csv", csv_file, store, into)
