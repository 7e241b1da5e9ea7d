"""Row groups of the documents' files, of which those read last stay in memory.

A text is read with 255 others that are stored with it, which takes a millisecond. Who looks at a
document mostly looks at it again, or at its neighbours.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpuscope.store.shards import footer, opened_parquet

__all__ = ["RowGroups", "kept_row_groups"]

_MOST_BYTES = 64 << 20


class RowGroups:
    """Reads row groups, and keeps those read last.

    Args:
        most_bytes: The most memory that is kept; a row group that takes a quarter is not.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._tables: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._n_bytes = 0
        self._lock = threading.Lock()

    def read(self, path: Path, groups: Sequence[int], columns: Sequence[str]) -> list[Any]:
        """Arrow tables of some row groups of a file, with these columns in this order.

        Raises:
            StoreDamaged: The file cannot be read.
        """
        # The footer is another object once the file has changed.
        about = footer(path)
        keys = [(path, id(about), group, *columns) for group in groups]
        with self._lock:
            known = {key: self._taken(key) for key in keys if key in self._tables}
        missing = [
            (key, group) for key, group in zip(keys, groups, strict=True) if key not in known
        ]
        if missing:
            with opened_parquet(path) as file:
                for key, group in missing:
                    table = file.read_row_group(group, columns=list(columns))
                    known[key] = table.select(list(columns))
                    self._keep(key, about, known[key])
        return [known[key] for key in keys]

    def _taken(self, key: tuple[object, ...]) -> Any:
        self._tables.move_to_end(key)
        return self._tables[key][1]

    def _keep(self, key: tuple[object, ...], about: Any, table: Any) -> None:
        if table.nbytes > self._most_bytes // 4:
            return
        with self._lock:
            # The footer is kept beside the table, so that its id is not given to another.
            if key not in self._tables:
                self._tables[key] = (about, table)
                self._n_bytes += table.nbytes
            while self._n_bytes > self._most_bytes:
                _, (_, oldest) = self._tables.popitem(last=False)
                self._n_bytes -= oldest.nbytes


kept_row_groups = RowGroups(_MOST_BYTES)
"""The row groups that all stores of this process have read last."""
