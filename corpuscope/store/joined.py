"""One store, or several of one dictionary, their documents end to end."""

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
"""One store, or several that were read with one dictionary; a path is opened."""


class JoinedStore:
    """Documents of one store or of several, counted from 0 through all of them.

    Args:
        stores: What to read.

    Raises:
        InputError: There is no store among `stores`.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: There is no store at a path, or it cannot be read.
    """

    def __init__(self, stores: Stores) -> None:
        given = (stores,) if isinstance(stores, Store | str | Path) else stores
        self.stores = tuple(one if isinstance(one, Store) else open_store(one) for one in given)
        if not self.stores:
            raise InputError(
                "no store was given", expected="one or more", next_step="give an opened store"
            )
        _check_dictionaries(self.stores)
        self._starts = np.cumsum([0, *(store.n_documents for store in self.stores)])

    @cached_property
    def as_one(self) -> Store:
        """All documents as one store."""
        return joined(self.stores)

    @property
    def n_documents(self) -> int:
        """How many documents there are in all."""
        return int(self._starts[-1])

    @property
    def names(self) -> list[str]:
        """The folder of each store, or the whole path where two folders have one name."""
        short = [store.path.name for store in self.stores]
        if len(set(short)) == len(short):
            return short
        return [str(store.path) for store in self.stores]

    @property
    def digest(self) -> str:
        """Names the content: the digests of the stores, joined by a plus."""
        return "+".join(store.digest for store in self.stores)

    @property
    def warnings(self) -> list[str]:
        """What the stores warn of."""
        return [warning for store in self.stores for warning in store.warnings]

    @cached_property
    def n_tokens(self) -> PerDocument:
        """How many tokens of each document were read."""
        return np.concatenate([store.n_tokens for store in self.stores])

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """The id of each document."""
        return np.concatenate([store.ids for store in self.stores])

    def column(self, name: str) -> npt.NDArray[np.object_]:
        """One metadata value for each document, None where it has none.

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
        """For each document the name of its store."""
        sizes = [store.n_documents for store in self.stores]
        return np.repeat(np.array(self.names, dtype=object), sizes)

    def presence(self, level: float | None) -> PresenceMatrix:
        """In which documents each dictionary feature is present."""
        return _stacked([store.presence(level) for store in self.stores])

    def words(self, min_documents: int) -> LexicalMatrix:
        """The word features that are in at least `min_documents` documents.

        Several stores are counted in full, for a word that is rare in one must not be missed.
        """
        if len(self.stores) == 1:
            return lexical_presence(self.stores[0], min_documents=min_documents)
        found = [lexical_presence(store, min_documents=1) for store in self.stores]
        names = sorted({name for matrix in found for name in matrix.names})
        place = {name: at for at, name in enumerate(names)}
        wide = [_widened(m, [place[name] for name in m.names], len(names)) for m in found]
        presence = _stacked(wide)
        is_kept = np.asarray(presence.sum(axis=0)) >= min_documents
        kept = np.flatnonzero(is_kept)
        return LexicalMatrix(presence[:, kept], [names[column] for column in kept])

    def text_batches(self) -> Iterator[list[str]]:
        """All texts in order, some hundred at a time."""
        for store in self.stores:
            yield from store.text_batches()

    def texts(self, rows: Sequence[int]) -> list[str]:
        """The texts of some documents, in the order of `rows`."""
        return self._gathered(Store.texts, rows)

    def ids_of(self, rows: Sequence[int]) -> list[str]:
        """The ids of some documents, in the order of `rows`."""
        return self._gathered(Store.ids_of, rows)

    def peaks(self, feature: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """At which unit a feature peaks in each of `rows`; -1 where it is not present."""
        answer = np.full(len(rows), -1, dtype=np.int64)
        for store, start in zip(self.stores, self._starts, strict=False):
            found = store.strengths().of_feature(feature)
            is_present = found.strengths > store.thresholds[feature]
            present, units = found.rows[is_present] + start, found.peaks[is_present]
            at = np.minimum(np.searchsorted(present, rows), max(len(present) - 1, 0))
            if len(present):
                here = present[at] == rows
                answer[here] = units[at[here]]
        return answer

    def documents(self, rows: npt.NDArray[np.int64]) -> list[StoredDocument]:
        """Some documents with their units, in the order of `rows`."""
        return self._gathered(Store.documents, rows)

    def strongest(
        self, feature: int, rows: npt.NDArray[np.int64], *, n: int, side: str
    ) -> list[tuple[int, Evidence]]:
        """The `n` of `rows` in which a feature is strongest, with their rows."""
        found: list[tuple[int, Evidence]] = []
        for store, start, end in zip(self.stores, self._starts, self._starts[1:], strict=False):
            inside = np.sort(rows[(rows >= start) & (rows < end)] - start)
            shown = strongest(store, feature, inside, n=n, side=side)
            row_of = dict(zip(store.ids_of(inside), inside + start, strict=True)) if shown else {}
            found += [(int(row_of[evidence.id]), evidence) for evidence in shown]
        found.sort(key=lambda entry: -entry[1].strength)
        return found[:n]

    def split(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """One array for each store of an array with a value for each document."""
        return np.split(values, self._starts[1:-1])

    def kind(self, feature: int) -> str:
        """Whether a dictionary feature is of a token or of a sentence."""
        return str(self.kinds[feature])

    @cached_property
    def kinds(self) -> npt.NDArray[np.object_]:
        """Whether each dictionary feature is of a token or of a sentence."""
        return np.asarray(self.stores[0].features["kind"], dtype=object)

    def _gathered(
        self,
        read: Callable[[Store, npt.NDArray[np.int64]], Sequence[_T]],
        rows: Sequence[int] | npt.NDArray[np.int64],
    ) -> list[_T]:
        """What `read` finds in the store of each row, in the order of `rows`."""
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
    """The same presence with column `i` moved to `places[i]`; they ascend, so order is kept."""
    presence = matrix.presence
    indices = np.asarray(places, dtype=np.int32)[presence.indices]
    shape = (presence.shape[0], n_names)
    return sp.csr_array((presence.data, indices, presence.indptr), shape=shape)
