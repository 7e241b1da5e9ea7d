"""Two views of the same documents: features of the one are paired with features of the other.

The views are one store twice, or two stores joined by the documents' ids, such as one that was
read from the users' turns of chats and one from the assistants'.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.comparison.arguments import document_mask
from corpuscope.analyses.comparison.tested_features import TestedFeatures, supported_features
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.duplicates.votes import text_numbers
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PerDocument, PresenceMatrix, Rows

_LEAST_DOCUMENTS = 20
_NAMED = 3


@dataclass(frozen=True, eq=False)
class View:
    """Some documents of a store, and the features that enough of them have.

    Attributes:
        source: The store.
        rows: Which of its documents take part; the same order in all views.
        columns: The features; their presence is of all documents of the source.
        presence: Documents that take part x features.
    """

    source: NamedStore
    rows: Rows
    columns: TestedFeatures
    presence: PresenceMatrix

    @property
    def n_tokens(self) -> PerDocument:
        """How long each document that takes part is."""
        return self.source.n_tokens[self.rows]

    def values(self, name: str) -> npt.NDArray[np.object_]:
        """One metadata value for each document that takes part.

        Raises:
            ColumnNotFound: There is no such column.
        """
        return self.source.column(name)[self.rows]


@dataclass(frozen=True, eq=False)
class Joined:
    """Rows of two sources that are the same documents, and what was left out on the way."""

    left: Rows
    right: Rows
    warnings: tuple[str, ...]


def view_of(source: NamedStore, rows: Rows, settings: CorrelateSettings) -> View:
    """The view of some documents of a source, with the features that enough of them have."""
    taking_part = np.zeros(source.n_documents, dtype=bool)
    taking_part[rows] = True
    columns = supported_features(
        source,
        taking_part,
        words=settings.words,
        features=settings.features,
        min_support=settings.min_support,
        level=settings.level,
    )
    return View(source, rows, columns, columns.presence[rows])


def joined_views(
    left: NamedStore,
    right: NamedStore | None,
    *,
    among: Sequence[bool] | npt.NDArray[np.bool_] | None = None,
    one_per: str | None = None,
    seed: int = 0,
) -> Joined:
    """The documents that take part: each text once, and with two sources each id of both.

    Args:
        left: The one source.
        right: The other; None for one view.
        among: Which documents of `left` take part; None for all.
        one_per: A column of `left` of which each value counts once; documents without are in.
        seed: Which document of a value counts.

    Raises:
        ColumnNotFound: There is no such column.
        InputError: No id is in both, one is there twice, or `among` does not fit.
        NotEnoughData: Too few documents are left.
    """
    warnings: list[str] = []
    is_asked = document_mask(among, left.n_documents)
    if right is None:
        lefts = rights = np.flatnonzero(is_asked)
        copies = text_numbers(left)[lefts]
    else:
        lefts, rights = _same_ids(left.ids, right.ids)
        n_lost = max(left.n_documents, right.n_documents) - len(lefts)
        if n_lost:
            warnings.append(f"{n_lost:,} documents are in one of the two stores only: left out")
        is_kept = is_asked[lefts]
        lefts, rights = lefts[is_kept], rights[is_kept]
        texts = [text_numbers(one) for one in (left, right)]
        both = pd.MultiIndex.from_arrays([texts[0][lefts], texts[1][rights]])
        copies = pd.factorize(both)[0].astype(np.int64)
    first = _first_of_each(copies)
    found = Joined(lefts[first], rights[first], ())
    if len(first) < len(lefts):
        warnings.append(f"{len(lefts) - len(first):,} copies of a text count once")
    if one_per is not None:
        kept = _one_of_each(left.column(one_per)[found.left], seed)
        warnings.append(f"{len(found.left) - len(kept):,} documents share their {one_per!r} "
                        "with one that counts")  # fmt: skip
        found = Joined(found.left[kept], found.right[kept], ())
    if len(found.left) < _LEAST_DOCUMENTS:
        raise NotEnoughData(
            f"{len(found.left)} documents of different texts",
            expected=f"at least {_LEAST_DOCUMENTS}",
            next_step="bring more documents",
        )
    return Joined(found.left, found.right, tuple(warnings))


def _same_ids(left: npt.NDArray[np.object_], right: npt.NDArray[np.object_]) -> tuple[Rows, Rows]:
    for name, ids in (("first", left), ("second", right)):
        doubled = pd.Series(ids)[pd.Series(ids).duplicated()].unique()
        if len(doubled):
            raise InputError(
                f"{len(doubled)} ids are twice in the {name} store, such as "
                f"{', '.join(map(repr, doubled[:_NAMED]))}",
                expected="each id once",
                next_step="read the corpora again with a column of ids that tell documents apart",
            )
    _, lefts, rights = np.intersect1d(left.astype(str), right.astype(str), return_indices=True)
    if not len(lefts):
        raise InputError(
            f"no id of the first store ({left[0]!r}, ...) is in the second ({right[0]!r}, ...)",
            expected="two stores of the same documents",
            next_step="read both corpora with the same column of ids",
        )
    order = np.argsort(lefts)
    return lefts[order], rights[order]


def _first_of_each(numbers: PerDocument) -> Rows:
    first: Rows = np.sort(np.unique(numbers, return_index=True)[1])
    return first


def _one_of_each(values: npt.NDArray[np.object_], seed: int) -> Rows:
    order = np.random.default_rng(seed).permutation(len(values))
    shuffled = pd.Series(values[order])
    is_kept = ~shuffled.duplicated() | shuffled.isna()
    kept: Rows = np.sort(order[is_kept.to_numpy()])
    return kept


def strata_codes(values: Sequence[npt.NDArray[np.object_]], strata: PerDocument) -> PerDocument:
    """A number for each document, equal where all columns and the strata are."""
    codes = strata
    for column in values:
        names = pd.factorize(pd.Series(column).astype(str), sort=True)[0]
        codes = np.unique(np.stack([codes, names]), axis=1, return_inverse=True)[1].reshape(-1)
    answer: PerDocument = codes.astype(np.int64)
    return answer
