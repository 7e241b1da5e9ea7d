"""A store with what descriptions of it need again and again, computed on first use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.results.naming import Names
from corpuscope.duplicates.numbering import text_numbers
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import no_such_column
from corpuscope.shapes import PerDocument, PresenceMatrix
from corpuscope.store.attached import read_attached
from corpuscope.store.joined import JoinedStore, Stores
from corpuscope.store.lookup.present_counts import PresentCounts, present_counts_of
from corpuscope.store.names import GivenName, read_names
from corpuscope.store.store import Store

_STORES_KEPT = 4
# In small stores every word counts; in large ones those that `diff` and `trend` count, too.
_SMALL, _MIN_DOCUMENTS = 20_000, 10
_DIGITS = re.compile(r"([0-9]{1,18})")


@dataclass(frozen=True, eq=False)
class ColumnGroups:
    """The groups of a metadata column.

    Attributes:
        names: Their names, numbers by size and others by name.
        codes: The group of each document, as a position in `names`; -1 where it is missing.
    """

    names: tuple[str, ...]
    codes: PerDocument


@dataclass(frozen=True, eq=False)
class Words:
    """The word features of a store.

    Attributes:
        presence: Documents x word features.
        column: The column of each, by name.
    """

    presence: PresenceMatrix
    column: Mapping[str, int]

    def rows(self, name: str) -> npt.NDArray[np.int64]:
        """The documents that contain a word feature, ascending."""
        entries = np.flatnonzero(self.presence.indices == self.column[name])
        rows = np.searchsorted(self.presence.indptr, entries, side="right") - 1
        return np.asarray(rows, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class DescribedStore:
    """A named store, and figures of it that do not depend on what is looked at."""

    source: NamedStore

    @property
    def store(self) -> Store:
        """All documents as one store."""
        return self.source.as_one

    @property
    def n_documents(self) -> int:
        """The number of documents."""
        return self.source.n_documents

    @cached_property
    def present(self) -> PresentCounts:
        """In how many documents each dictionary feature is present, and how many each has."""
        return present_counts_of(self.store)

    @property
    def n_present(self) -> npt.NDArray[np.int64]:
        """The number of documents in which each dictionary feature is present."""
        return self.present.of_features

    @cached_property
    def densities(self) -> npt.NDArray[np.float64]:
        """The share of units on which each feature activates; NaN if the store does not say."""
        table = self.store.dictionary_features
        if "density" not in table:
            return np.full(len(table), np.nan)
        return table["density"].to_numpy(dtype=np.float64, na_value=np.nan)

    @cached_property
    def texts(self) -> PerDocument:
        """A number for each document, equal for equal texts."""
        return text_numbers(self.source)

    @cached_property
    def words(self) -> Words:
        """Word features: all of a small store, those in ten documents or more of a large one."""
        matrix = self.source.words(self.min_documents_of_words)
        return Words(matrix.presence, {name: at for at, name in enumerate(matrix.names)})

    @property
    def min_documents_of_words(self) -> int:
        """In how many documents a word must occur to be a word feature here."""
        return 1 if self.n_documents <= _SMALL else _MIN_DOCUMENTS

    def names(self) -> Names:
        """Labels of features made from these documents.

        New ones for each answer: features that are named together get different names, so what
        was looked at before would show.
        """
        return Names(self.source, np.ones(self.n_documents, dtype=np.bool_), here=True)

    @cached_property
    def attached(self) -> "pd.DataFrame | None":
        """All labels of others that were attached to the (first) store."""
        return read_attached(self.store.parts[0].path)

    @cached_property
    def given(self) -> Mapping[int, GivenName]:
        """The names that people or a language model gave, by feature."""
        return read_names(self.store.parts[0].path)

    @cached_property
    def _groups(self) -> dict[str, ColumnGroups]:
        return {}

    def groups(self, column: str) -> ColumnGroups:
        """The groups of a metadata column; values are named as text, as in all questions.

        Raises:
            ColumnNotFound: There is no such column in all of the stores.
        """
        if column not in self.source.columns:
            raise no_such_column(self.store.path, column, self.source.columns)
        if column not in self._groups:
            self._groups[column] = _groups_of(self.source.column(column))
        return self._groups[column]


def described(stores: Stores) -> DescribedStore:
    """The store, or several as one, ready to be described; the last four stay ready.

    Raises:
        InputError: No store was given.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: There is no store at a path, or it cannot be read.
    """
    return _described(JoinedStore(stores).stores)


@lru_cache(maxsize=_STORES_KEPT)
def _described(stores: tuple[Store, ...]) -> DescribedStore:
    return DescribedStore(NamedStore(stores))


def _groups_of(values: npt.NDArray[np.object_]) -> ColumnGroups:
    codes, distinct = pd.factorize(values)
    # 1 and "1" are one group.
    names = [str(value) for value in distinct]
    ordered = in_natural_order(set(names))
    place = {name: at for at, name in enumerate(ordered)}
    renumbered = np.array([*(place[name] for name in names), -1], dtype=np.int64)
    return ColumnGroups(tuple(ordered), renumbered[codes])


def in_natural_order(names: set[str]) -> list[str]:
    """Numbers by size; other names by their characters, with numbers in them by size.

    Example:
        >>> in_natural_order({"10", "9.5"}), in_natural_order({"v10", "v9", "b"})
        (['9.5', '10'], ['b', 'v9', 'v10'])
    """
    # In one order first, since NaN, which a value may be called, is in no order.
    known = sorted(names)
    try:
        return sorted(known, key=lambda name: (float(name), name))
    except ValueError:
        return sorted(known, key=_parts)


def _parts(name: str) -> tuple[list[str | int], str]:
    found = _DIGITS.split(name)
    # Every second part is a number; so parts of two names are always of one kind.
    return [int(part) if at % 2 else part for at, part in enumerate(found)], name
