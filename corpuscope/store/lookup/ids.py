"""Which rows the documents with some ids are in, by an index of hashed ids."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from corpuscope.errors import InputError
from corpuscope.store.cache import check_lengths, mapped, saved_array
from corpuscope.store.manifest import damaged
from corpuscope.store.spill import hashes_of
from corpuscope.store.store import Store

__all__ = ["IdIndex", "id_index", "rows_of_ids"]

_VERSION = 1
_ARRAYS = ("hashes", "rows")
_N_SHOWN = 3
# Fuzzy matching is slow, so only so many ids are compared.
_MOST_COMPARED = 1 << 14

_OPENED: WeakKeyDictionary[Store, "IdIndex"] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class IdIndex:
    """The hashed ids of a store in ascending order, with the row of each; memory-mapped."""

    hashes: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.int64]

    def candidates(self, ids: Sequence[str]) -> npt.NDArray[np.int64]:
        """Rows of all documents whose hashed id is that of one of `ids`, ascending."""
        wanted = np.unique(hashes_of(list(ids)))
        first = np.searchsorted(self.hashes, wanted, side="left")
        last = np.searchsorted(self.hashes, wanted, side="right")
        found = [self.rows[a:b] for a, b in zip(first, last, strict=True)]
        return np.unique(np.concatenate([*found, np.empty(0, dtype=np.int64)]))


def id_index(store: Store) -> IdIndex:
    """The index of a store's ids; cached on the first call.

    Raises:
        StoreDamaged: A shard cannot be read.
        StorageFull: There is no disk space for the cache.
    """
    if store not in _OPENED:
        folder = store.cached_folder(
            f"ids-{_VERSION}", arrays=_ARRAYS, build=lambda into: _build(into, store)
        )
        hashes, rows = (mapped(folder, name) for name in _ARRAYS)
        if not len(hashes) == len(rows) == store.n_documents:
            raise damaged(folder, f"has {len(rows)} ids of {store.n_documents}")
        check_lengths(rows, store.n_documents)
        _OPENED[store] = IdIndex(hashes, rows)
    return _OPENED[store]


def rows_of_ids(store: Store, ids: Sequence[str]) -> npt.NDArray[np.int64]:
    """Rows of the documents with these ids, ascending; all rows of a repeated id.

    Raises:
        InputError: An id is not in the store.
    """
    if not ids:
        return np.empty(0, dtype=np.int64)
    candidates = id_index(store).candidates(ids)
    found = np.array(store.ids_of(candidates), dtype=object)
    unknown = sorted(set(ids) - set(found.tolist()))
    if unknown:
        raise InputError(
            f"{len(unknown)} of the ids are not in {store.path}, such as "
            f"{', '.join(map(repr, unknown[:_N_SHOWN]))}",
            expected=f"ids of its documents, such as {_nearest(unknown[0], store)}",
            next_step="use ids from the hits of a search, or from store.ids",
        )
    # Of ids with one hash, only those asked for.
    return candidates[np.isin(found, np.array(ids, dtype=object))]


def _build(folder: Path, store: Store) -> None:
    hashes = hashes_of(store.ids.tolist())
    order = np.argsort(hashes, kind="stable")
    saved_array(folder, "hashes", hashes[order])
    saved_array(folder, "rows", order.astype(np.int64))


def _nearest(unknown: str, store: Store) -> str:
    """Ids that begin with what was given, or look like it; else the first."""
    first = store.ids[:_MOST_COMPARED].tolist()
    begun = [id for id in store.ids.tolist() if unknown and id.startswith(unknown)][:_N_SHOWN]
    close = begun or difflib.get_close_matches(unknown, first, n=_N_SHOWN) or first[:_N_SHOWN]
    return ", ".join(map(repr, close))
