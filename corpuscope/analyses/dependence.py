"""Which documents count, and which of them belong together.

One text has one vote in each group: a table that a join has multiplied says no more than before.
Documents of one author, prompt or thread are alike; tests that know of it count clusters
(`statistics/clustered`). Where no column was named, columns whose values repeat are looked
through for one within which documents are so much alike that it should have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.columns import Columns
from corpuscope.analyses.duplicates import duplicates_in, groups_of
from corpuscope.analyses.groups import as_names
from corpuscope.analyses.source import Source
from corpuscope.errors import NotEnoughData
from corpuscope.shapes import DocumentMask, NumberPerDocument, PerDocument, PresenceMatrix
from corpuscope.statistics import inflation, likeness

LEAST_CLUSTERS = 4
"""A side of fewer clusters can tell nothing."""

# A table is multiplied where so many documents are of texts that are there equally often.
_MULTIPLIED = 0.9

# From this share of near copies on they count as belonging together.
_MANY_NEAR_COPIES = 0.05

# Where those of a group are worth fewer than so many clusters they are only told of.
_ENOUGH = 20

# Of more documents near copies are not looked for.
_MOST_COMPARED = 200_000

# A column is looked at if it has so many values at least, of so many documents on average.
_LEAST_VALUES, _LEAST_SIZE = 8, 1.3

# It is suggested where the variance is so many times as large as if documents were independent,
# and larger than with its values shuffled by so many standard deviations; pairs where it is so
# much smaller.
_MUCH_INFLATED, _DEVIATIONS, _MUCH_DEFLATED = 1.1, 4.0, 0.8
# Of clusters that count in place of documents there must be many.
_LARGEST_OF_MANY = 50

_SHUFFLES, _FEATURES_LOOKED_AT, _DOCUMENTS_LOOKED_AT = 19, 300, 20_000


@dataclass(frozen=True, eq=False)
class Dependence:
    """Which documents count, and which of them belong together.

    Attributes:
        counted: One document of each text in each group (or of each text and key).
        clusters: A number for each document, equal for those that belong together; None where
            all are taken as independent.
        warnings: Copies that do not count, and near copies.
    """

    counted: DocumentMask
    clusters: PerDocument | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """A column that should have been named.

    Attributes:
        group: The column within which documents are alike.
        warning: What to do, for people.
    """

    group: str | None
    warning: str


def dependence_of(
    source: Source,
    texts: PerDocument,
    codes: PerDocument,
    *,
    rows: DocumentMask,
    keys: PerDocument,
    group: str | None,
    count_copies: bool,
) -> Dependence:
    """What is to be known of some documents before they are compared.

    Args:
        source: The documents.
        texts: A number for each text, equal for equal texts.
        codes: The number of each document's group.
        rows: The documents that take part.
        keys: The number of each document's key, such as its prompt; -1 is none.
        group: The column whose values say what belongs together; without it near copies do,
            where there are many and no keys that tell documents apart.
        count_copies: Whether each copy of a text counts.

    Raises:
        ColumnNotFound: There is no such column.
    """
    is_keyed = bool((keys[rows] >= 0).any())
    counted = rows if count_copies else counted_once(texts, codes, keys, rows=rows)
    warnings = told_of_copies(texts, codes, rows=rows, counted=counted)
    clusters: PerDocument | None = None
    if not (count_copies or is_keyed):
        clusters, told = near_copies(source, codes, counted)
        warnings += told
    if group is not None:
        clusters = numbered(source.column(group))
    return Dependence(counted, clusters, tuple(warnings))


def counted_once(
    texts: PerDocument, codes: PerDocument, keys: PerDocument, *, rows: DocumentMask
) -> DocumentMask:
    """The first document of each text in each group, among some documents.

    With keys the first of each text, group and key: equal answers to different prompts count.

    Example:
        >>> nobody = np.full(4, -1)
        >>> counted_once(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), nobody,
        ...     rows=np.ones(4, dtype=bool))
        array([ True, False,  True,  True])
    """
    found = pd.DataFrame({"key": keys, "code": codes, "text": texts, "row": np.arange(len(texts))})[
        rows
    ]
    found = found.drop_duplicates(["key", "code", "text"])
    counted = np.zeros(len(texts), dtype=bool)
    counted[found["row"]] = True
    return counted


def numbered(values: npt.NDArray[Any]) -> PerDocument:
    """A number for each document, equal for equal values; a document without one is alone."""
    codes = pd.factorize(as_names(values))[0]
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    found: PerDocument = codes.astype(np.int64)
    return found


def check_clusters(clusters: PerDocument | None, sides: Sequence[npt.NDArray[np.int64]], *,
                   names: Sequence[str], group: str | None) -> None:  # fmt: skip
    """Raise NotEnoughData where the documents of a side are of too few clusters."""
    if clusters is None or group is None:
        return
    for name, side in zip(names, sides, strict=True):
        n = len(np.unique(clusters[side]))
        if n < LEAST_CLUSTERS:
            raise NotEnoughData(
                f"the documents of {name!r} have {n} value{'' if n == 1 else 's'} of {group!r}",
                expected=f"at least {LEAST_CLUSTERS}, for they count and not their documents",
                next_step="bring more of them, or leave group out and say that it was left out",
            )


def suggestion(
    source: Source,
    columns: Columns,
    regressor: NumberPerDocument,
    *,
    rows: npt.NDArray[np.int64],
    strata: PerDocument,
    known: Sequence[str | None],
) -> Suggestion | None:
    """The column within which documents are most alike, or one to pair by; None if there is none.

    Args:
        source: The documents.
        columns: The features asked about.
        regressor: What some documents are compared by, as in `inflation`.
        rows: These documents.
        strata: Numbers of strata, from 0, of these documents; all 0 for none.
        known: Columns that were named already.
    """
    chosen = np.unique(np.linspace(0, max(len(columns) - 1, 0), _FEATURES_LOOKED_AT).astype(int))
    presence = columns.presence[rows][:, chosen[chosen < len(columns)]]
    found: list[tuple[float, str]] = []
    for name in source.columns:
        if name in known or (values := _repeated(source, name, rows)) is None:
            continue
        if all(len(np.unique(values[side])) >= LEAST_CLUSTERS for side in _sides(regressor)):
            found.append((_inflation(presence, regressor, strata, values), name))
    if not found:
        return None
    most, least = max(found), min(found)
    if most[0] > _MUCH_INFLATED:
        return Suggestion(
            most[1],
            f"documents of one {most[1]!r} are alike: differences are {np.sqrt(most[0]):.1f} times "
            f"as unsure as told here, and some findings may be false (group={most[1]!r} takes "
            "it into account)",
        )
    if least[0] < _MUCH_DEFLATED and not strata.any():
        return Suggestion(
            None,
            f"documents of one {least[1]!r} are alike and in several groups: more is found in "
            f"pairs (pair={least[1]!r})",
        )
    return None


def suggested_for_pairs(
    source: Source,
    presence: PresenceMatrix,
    rows: npt.NDArray[np.int64],
    known: Sequence[str | None],
    *,
    of_many: bool = True,
) -> str | None:
    """The column within which some documents are most alike; None where they are in none.

    Of columns of many values, such as prompts or authors, or else of those of few: these may be
    topics, and what travels together within one is what is asked for.
    """
    found: list[tuple[float, str]] = []
    rng = np.random.default_rng(0)
    for name in source.columns:
        if name in known or (values := _repeated(source, name, rows)) is None:
            continue
        sizes = np.bincount(values)
        effective = float((sizes**2).sum() / sizes.sum())
        if of_many == (effective <= _LARGEST_OF_MANY):
            alike = likeness(presence, values)
            by_chance = [likeness(presence, rng.permutation(values)) for _ in range(_SHUFFLES)]
            is_sure = alike > np.mean(by_chance) + _DEVIATIONS * np.std(by_chance)
            adds = alike * (effective - 1)
            if is_sure and adds > _MUCH_INFLATED - 1:
                found.append((adds, name))
    return max(found)[1] if found else None


def told_of_copies(
    texts: PerDocument, codes: PerDocument, *, rows: DocumentMask, counted: DocumentMask
) -> list[str]:
    """What to say of copies that do not count, of some documents with their texts and groups."""
    n_copies = int(rows.sum() - counted.sum())
    if not n_copies:
        return []
    here = np.stack([texts[rows], codes[rows]])
    _, times = np.unique(here, axis=1, return_counts=True)
    usual = int(np.bincount(times, weights=times).argmax())
    if usual > 1 and times[times == usual].sum() >= _MULTIPLIED * rows.sum():
        return [
            f"nearly every text is there {usual} times in its group, as after a join of tables: "
            "each counts once"
        ]
    return [
        f"{n_copies:,} copies of a text that its group has already do not count (count_copies "
        "counts them, which is right where they are answers of their own)"
    ]


def near_copies(
    source: Source, codes: PerDocument, counted: DocumentMask
) -> tuple[PerDocument | None, list[str]]:
    """What near copies belong together, where they are many, and what to say of them.

    Where all of a group are fillings of a few templates these are no sample of anything, and what
    stands in them is what is asked about; it is only told.
    """
    n = int(counted.sum())
    if source.n_documents > _MOST_COMPARED:
        return None, []
    every = np.arange(source.n_documents, dtype=np.int64)
    together = groups_of(duplicates_in(source, every), source.n_documents)
    n_alike = int((np.bincount(together[counted], minlength=1)[together[counted]] > 1).sum())
    told = f"{n_alike:,} of {n:,} documents are near copies of others, such as filled templates"
    if not n or n_alike < _MANY_NEAR_COPIES * n:
        return None, [told] if n_alike else []
    groups = np.unique(codes[counted])
    if min(_effective(together[counted & (codes == code)]) for code in groups) < _ENOUGH:
        return None, [f"{told}, and hardly any are not: they are taken as independent all the same"]
    return together, [f"{told}: they are taken as belonging together"]


def _effective(numbers: PerDocument) -> float:
    """How many clusters of one size these are worth (Kish)."""
    sizes = np.unique(numbers, return_counts=True)[1]
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def _sides(regressor: NumberPerDocument) -> tuple[DocumentMask, DocumentMask]:
    middle = regressor.mean()
    return regressor > middle, regressor < middle


def _repeated(source: Source, name: str, rows: npt.NDArray[np.int64]) -> PerDocument | None:
    """The numbers of a column's values in some documents, where they repeat enough to matter."""
    values = source.column(name)[rows]
    is_there = np.array([value is not None and value == value for value in values], dtype=bool)
    if is_there.mean() < 0.5:
        return None
    numbers = numbered(values)
    n_values = len(np.unique(numbers[is_there]))
    if n_values < _LEAST_VALUES or len(rows) < _LEAST_SIZE * n_values:
        return None
    return numbers


def _inflation(
    presence: PresenceMatrix, regressor: NumberPerDocument, strata: PerDocument, values: PerDocument
) -> float:
    """As in `statistics`; 1 where shuffling the values within groups does as much."""
    rng = np.random.default_rng(0)
    if len(values) > _DOCUMENTS_LOOKED_AT:
        order = rng.permutation(int(values.max()) + 1)[values]
        kept = np.sort(np.argsort(order, kind="stable")[:_DOCUMENTS_LOOKED_AT])
        presence, regressor, strata, values = (
            presence[kept], regressor[kept], strata[kept], values[kept]
        )  # fmt: skip
    found = inflation(presence, regressor, strata=strata, clusters=values)
    if _MUCH_DEFLATED <= found <= _MUCH_INFLATED:
        return 1.0
    by_chance = [
        inflation(presence, regressor, strata=strata, clusters=_shuffled(values, regressor, rng))
        for _ in range(_SHUFFLES)
    ]
    away = abs(found - np.mean(by_chance)) / max(float(np.std(by_chance)), 1e-9)
    return found if away >= _DEVIATIONS else 1.0


def _shuffled(
    values: PerDocument, regressor: NumberPerDocument, rng: np.random.Generator
) -> PerDocument:
    """The values in another order among the documents of each group."""
    order = np.lexsort((rng.random(len(values)), regressor))
    back = np.argsort(regressor, kind="stable")
    shuffled = np.empty_like(values)
    shuffled[back] = values[order]
    return shuffled
