"""A store as three Parquet files, for tools that query tables."""

from pathlib import Path

from corpuscope.export.result import Export
from corpuscope.export.tables import export_tables, parquet_file
from corpuscope.store.joined import Stores

__all__ = ["export_parquet"]


def export_parquet(store: Stores, into: str | Path) -> Export:
    """Write a store into a new folder: `documents`, `strengths` and `features` as `.parquet`.

    `strengths` has a row for each strength: `document` and `feature` are row numbers of the other
    two tables, `start` and `end` the characters at which the feature is strongest.

    Args:
        store: What to export. Several stores of one dictionary are read as one.
        into: The folder.

    Memory: one shard. Cost: a minute or two for 100 million strengths.

    Raises:
        InputError: There is something at `into` already.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: A store cannot be read.
        StorageFull: The disk is full.
    """
    return export_tables("parquet", parquet_file, store, into)
