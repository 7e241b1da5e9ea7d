"""One or several stores of one dictionary, with their documents concatenated."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.errors import FeatureMismatch, InputError
from corpuscope.shapes import PerDocument, PresenceMatrix
from corpuscope.store.end_to_end import joined
from corpuscope.store.evidence import Evidence, strongest
from corpuscope.store.lexical import LexicalMatrix, lexical_presence
from corpuscope.store.rows import StoredDocument
from corpuscope.store.store import Store, open_store

_T = TypeVar("_T")

Stores = Store | str | Path | Sequence[Store | str | Path]
"""One store, or several of the same dictionary; paths are opened."""


class JoinedStore:
    """The documents of one or several stores, numbered consecutively from 0.

    Args:
        stores: One store or several.

    Raises:
        InputError: `stores` is empty.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: There is no store at a path, or it cannot be read.
    """

    def __init__(self, stores: Stores) -> None:
        given = (stores,) if isinstance(stores, Store | str | Path) else stores
        self.stores = tuple(one if isinstance(one, Store) else open_store(one) for one in given)
        if not self.stores:
            raise InputError("no store was given", expected="one or more", next_step="pass a store")
        _check_dictionaries(self.stores)
        self._starts = np.cumsum([0, *(store.n_documents for store in self.stores)])

    @cached_property
    def as_one(self) -> Store:
        """All documents as one store."""
        return joined(self.stores)

    @property
    def n_documents(self) -> int:
        """The number of documents of all stores."""
        return int(self._starts[-1])

    @property
    def names(self) -> list[str]:
        """The folder name of each store, or the full paths if folder names collide."""
        short = [store.path.name for store in self.stores]
        if len(set(short)) == len(short):
            return short
        return [str(store.path) for store in self.stores]

    @property
    def digest(self) -> str:
        """A hash of the content: the digests of the stores, joined by a plus."""
        return self.as_one.digest

    @property
    def warnings(self) -> list[str]:
        """The warnings of all stores."""
        return self.as_one.warnings

    @cached_property
    def n_tokens(self) -> PerDocument:
        """The number of counted tokens of each document."""
        return np.concatenate([store.n_tokens for store in self.stores])

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """The id of each document."""
        return np.concatenate([store.ids for store in self.stores])

    def column(self, name: str) -> npt.NDArray[np.object_]:
        """The metadata value of each document; None where missing.

        Raises:
            ColumnNotFound: A store has no such column.
        """
        return np.concatenate([store.column(name).astype(object) for store in self.stores])

    @cached_property
    def columns(self) -> list[str]:
        """The metadata columns that all stores have, in the order of the first."""
        first, *others = self.stores
        return [name for name in first.columns if all(name in other.columns for other in others)]

    def store_names(self) -> npt.NDArray[np.object_]:
        """The name of the store of each document."""
        sizes = [store.n_documents for store in self.stores]
        return np.repeat(np.array(self.names, dtype=object), sizes)

    def presence(self, level: float | None) -> PresenceMatrix:
        """The documents in which each dictionary feature is present, as a sparse matrix."""
        return _stacked([store.presence(level) for store in self.stores])

    def words(self, min_documents: int) -> LexicalMatrix:
        """The word features that occur in at least `min_documents` documents.

        With several stores all words are counted, since one that is rare in each store may be
        frequent enough in total.
        """
        if len(self.stores) == 1:
            return lexical_presence(self.stores[0], min_documents=min_documents)
        # A word below the minimum in every store may reach it in total.
        found = [lexical_presence(store, min_documents=1) for store in self.stores]
        names = sorted({name for matrix in found for name in matrix.names})
        place = {name: at for at, name in enumerate(names)}
        wide = [_widened(m, [place[name] for name in m.names], len(names)) for m in found]
        presence = _stacked(wide)
        is_kept = np.asarray(presence.sum(axis=0)) >= min_documents
        kept = np.flatnonzero(is_kept)
        return LexicalMatrix(presence[:, kept], [names[column] for column in kept])

    def text_batches(self) -> Iterator[list[str]]:
        """All texts in order, a few hundred at a time."""
        for store in self.stores:
            yield from store.text_batches()

    def texts(self, rows: Sequence[int]) -> list[str]:
        """The texts of some documents, in the order of `rows`."""
        return self._gathered(Store.texts, rows)

    def ids_of(self, rows: Sequence[int]) -> list[str]:
        """The ids of some documents, in the order of `rows`."""
        return self._gathered(Store.ids_of, rows)

    def peaks(self, feature: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The unit at which a feature peaks in each of `rows`; -1 where it is not present."""
        answer = np.full(len(rows), -1, dtype=np.int64)
        for store, start in zip(self.stores, self._starts, strict=False):
            found = store.strengths().of_feature(feature)
            is_present = found.strengths > store.thresholds[feature]
            present, units = found.rows[is_present] + start, found.peaks[is_present]
            # Clamped, because a row beyond the last present one would be out of bounds.
            at = np.minimum(np.searchsorted(present, rows), max(len(present) - 1, 0))
            if len(present):
                here = present[at] == rows
                answer[here] = units[at[here]]
        return answer

    def documents(self, rows: npt.NDArray[np.int64]) -> list[StoredDocument]:
        """Some documents with their tokens and sentences, in the order of `rows`."""
        return self._gathered(Store.documents, rows)

    def strongest(
        self, feature: int, rows: npt.NDArray[np.int64], *, n: int, side: str
    ) -> list[tuple[int, Evidence]]:
        """The `n` documents among `rows` in which a feature is strongest, with their rows."""
        found: list[tuple[int, Evidence]] = []
        for store, start, end in zip(self.stores, self._starts, self._starts[1:], strict=False):
            inside = np.sort(rows[(rows >= start) & (rows < end)] - start)
            shown = strongest(store, feature, inside, n=n, side=side)
            # Evidence has ids, which are unique within a store, but no rows.
            row_of = dict(zip(store.ids_of(inside), inside + start, strict=True)) if shown else {}
            found += [(int(row_of[evidence.id]), evidence) for evidence in shown]
        found.sort(key=lambda entry: -entry[1].strength)
        return found[:n]

    def split(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """An array with a value per document, split by store."""
        return np.split(values, self._starts[1:-1])

    def kind(self, feature: int) -> str:
        """The unit of a dictionary feature: "token" or "sentence"."""
        return str(self.kinds[feature])

    @cached_property
    def kinds(self) -> npt.NDArray[np.object_]:
        """The unit of each dictionary feature: "token" or "sentence"."""
        return np.asarray(self.stores[0].features["kind"], dtype=object)

    def _gathered(
        self,
        read: Callable[[Store, npt.NDArray[np.int64]], Sequence[_T]],
        rows: Sequence[int] | npt.NDArray[np.int64],
    ) -> list[_T]:
        """The results of `read` from the store of each row, in the order of `rows`."""
        wanted = np.asarray(rows, dtype=np.int64)
        answer = np.empty(len(wanted), dtype=object)
        store_of = np.searchsorted(self._starts, wanted, side="right") - 1
        for index in np.unique(store_of):
            here = np.flatnonzero(store_of == index)
            found = read(self.stores[index], wanted[here] - self._starts[index])
            for at, one in zip(here.tolist(), found, strict=True):
                answer[at] = one
        return list(answer)


def _check_dictionaries(stores: Sequence[Store]) -> None:
    first, *others = stores
    for other in others:
        if other.provenance.get("dictionary") != first.provenance.get("dictionary"):
            raise FeatureMismatch(
                f"{first.path} was read with dictionary {_dictionary_of(first)}, "
                f"{other.path} with {_dictionary_of(other)}",
                expected="one dictionary for all stores",
                next_step="extract one of the two again with the other's dictionary",
            )


def _dictionary_of(store: Store) -> str:
    found = store.provenance.get("dictionary") or {}
    return str(found.get("digest") or found)[:12]


def _stacked(matrices: Sequence[sp.csr_array]) -> PresenceMatrix:
    return matrices[0] if len(matrices) == 1 else sp.vstack(matrices, format="csr")


def _widened(matrix: LexicalMatrix, places: Sequence[int], n_names: int) -> PresenceMatrix:
    """The presence with column `i` moved to `places[i]`; these ascend, so indices stay sorted."""
    presence = matrix.presence
    indices = np.asarray(places, dtype=np.int32)[presence.indices]
    shape = (presence.shape[0], n_names)
    return sp.csr_array((presence.data, indices, presence.indptr), shape=shape)
