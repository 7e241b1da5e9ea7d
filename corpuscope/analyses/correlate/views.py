"""Two views of the same documents, whose features are paired with each other.

The views are one store twice, or two stores joined by document id, such as the user turns and the
assistant turns of chats.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.comparison.arguments import document_mask
from corpuscope.analyses.comparison.tested_features import TestedFeatures, supported_features
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.duplicates.numbering import text_numbers
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PerDocument, PresenceMatrix, Rows

_LEAST_DOCUMENTS = 20
_NAMED = 3


@dataclass(frozen=True, eq=False)
class View:
    """Some documents of a store, and the features with enough support in them.

    Attributes:
        source: The store.
        rows: Rows of the included documents; in the same order in all views.
        columns: The features, with presence in all documents of the source.
        presence: Included documents x features.
    """

    source: NamedStore
    rows: Rows
    columns: TestedFeatures
    presence: PresenceMatrix

    @property
    def n_tokens(self) -> PerDocument:
        """Length of each included document in tokens."""
        return self.source.n_tokens[self.rows]

    def values(self, name: str) -> npt.NDArray[np.object_]:
        """A metadata column of the included documents.

        Raises:
            ColumnNotFound: The column does not exist.
        """
        return self.source.column(name)[self.rows]


@dataclass(frozen=True, eq=False)
class Joined:
    """Rows of the same documents in two sources, and warnings about excluded ones."""

    left: Rows
    right: Rows
    warnings: tuple[str, ...]


def view_of(source: NamedStore, rows: Rows, settings: CorrelateSettings) -> View:
    """The view of some documents of a source, with the features with enough support."""
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
    """The included documents: each text once; with two sources, the ids in both.

    Args:
        left: The first source.
        right: The second; None for one view.
        among: Mask of the documents of `left` to include; None for all.
        one_per: Column of `left` of which each value counts once; documents without a value are
            all included.
        seed: Random seed for the document of each value.

    Raises:
        ColumnNotFound: A column does not exist.
        InputError: No id is in both, an id occurs twice, or `among` has the wrong length.
        NotEnoughData: Too few documents are left.
    """
    warnings: list[str] = []
    is_included = document_mask(among, left.n_documents)
    if right is None:
        lefts = rights = np.flatnonzero(is_included)
        copies = text_numbers(left)[lefts]
    else:
        lefts, rights = _same_ids(left.ids, right.ids)
        n_lost = max(left.n_documents, right.n_documents) - len(lefts)
        if n_lost:
            warnings.append(f"{n_lost:,} documents are in only one of the two stores: excluded")
        is_kept = is_included[lefts]
        lefts, rights = lefts[is_kept], rights[is_kept]
        texts = [text_numbers(one) for one in (left, right)]
        both = pd.MultiIndex.from_arrays([texts[0][lefts], texts[1][rights]])
        copies = pd.factorize(both)[0].astype(np.int64)
    first = _first_of_each(copies)
    found = Joined(lefts[first], rights[first], ())
    if len(first) < len(lefts):
        warnings.append(f"{len(lefts) - len(first):,} duplicate texts were excluded")
    if one_per is not None:
        kept = _one_of_each(left.column(one_per)[found.left], seed)
        warnings.append(f"{len(found.left) - len(kept):,} documents were excluded: one is used "
                        f"for each {one_per!r}")  # fmt: skip
        found = Joined(found.left[kept], found.right[kept], ())
    if len(found.left) < _LEAST_DOCUMENTS:
        raise NotEnoughData(
            f"{len(found.left)} documents with distinct texts",
            expected=f"at least {_LEAST_DOCUMENTS}",
            next_step="add more documents",
        )
    return Joined(found.left, found.right, tuple(warnings))


def _same_ids(left: npt.NDArray[np.object_], right: npt.NDArray[np.object_]) -> tuple[Rows, Rows]:
    for name, ids in (("first", left), ("second", right)):
        doubled = pd.Series(ids)[pd.Series(ids).duplicated()].unique()
        if len(doubled):
            raise InputError(
                f"{len(doubled)} ids occur more than once in the {name} store, such as "
                f"{', '.join(map(repr, doubled[:_NAMED]))}",
                expected="unique ids",
                next_step="extract the corpora again with a column of unique ids",
            )
    _, lefts, rights = np.intersect1d(left.astype(str), right.astype(str), return_indices=True)
    if not len(lefts):
        raise InputError(
            f"no id of the first store ({left[0]!r}, ...) is in the second ({right[0]!r}, ...)",
            expected="two stores of the same documents",
            next_step="extract both corpora with the same column of ids",
        )
    # intersect1d sorts by id: restore the order of the first store.
    order = np.argsort(lefts)
    return lefts[order], rights[order]


def _first_of_each(numbers: PerDocument) -> Rows:
    first: Rows = np.sort(np.unique(numbers, return_index=True)[1])
    return first


def _one_of_each(values: npt.NDArray[np.object_], seed: int) -> Rows:
    order = np.random.default_rng(seed).permutation(len(values))
    # The first of each value in a random order; missing values are never duplicates.
    shuffled = pd.Series(values[order])
    is_kept = ~shuffled.duplicated() | shuffled.isna()
    kept: Rows = np.sort(order[is_kept.to_numpy()])
    return kept


def strata_codes(values: Sequence[npt.NDArray[np.object_]], strata: PerDocument) -> PerDocument:
    """Stratum of each document: the given strata crossed with the columns."""
    codes = strata
    for column in values:
        names = pd.factorize(pd.Series(column).astype(str), sort=True)[0]
        codes = np.unique(np.stack([codes, names]), axis=1, return_inverse=True)[1].reshape(-1)
    answer: PerDocument = codes.astype(np.int64)
    return answer
