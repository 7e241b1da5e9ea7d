"""Which documents count, and which of them belong together.

Documents of one author, prompt or thread are alike; tests that know of it count clusters
(`statistics/clusters/clustered`). Where no column was named, columns whose values repeat are looked
through for one within which documents are so much alike that it should have been.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.comparison.groups import as_names
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.duplicates.votes import copy_warnings, counted_once, near_copies
from corpuscope.errors import NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, NumberPerDocument, PerDocument, PresenceMatrix, Rows
from corpuscope.statistics.clusters.clustered import intraclass_correlation, variance_inflation

LEAST_CLUSTERS = 4
"""A side of fewer clusters can tell nothing."""


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
    source: NamedStore,
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
    warnings = copy_warnings(texts, codes, rows=rows, counted=counted)
    clusters: PerDocument | None = None
    if not (count_copies or is_keyed):
        clusters, told = near_copies(source, codes, counted)
        warnings += told
    if group is not None:
        clusters = numbered(source.column(group))
    return Dependence(counted, clusters, tuple(warnings))


def numbered(values: npt.NDArray[Any]) -> PerDocument:
    """A number for each document, equal for equal values; a document without one is alone."""
    codes = pd.factorize(as_names(values))[0]
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    found: PerDocument = codes.astype(np.int64)
    return found


def check_clusters(
    clusters: PerDocument | None, sides: Mapping[str, Rows], *, group: str | None
) -> None:
    """Raise NotEnoughData where the documents of a side are of too few clusters."""
    if clusters is None or group is None:
        return
    for name, side in sides.items():
        n = len(np.unique(clusters[side]))
        if n < LEAST_CLUSTERS:
            raise NotEnoughData(
                f"the documents of {name!r} have {n} value{'' if n == 1 else 's'} of {group!r}",
                expected=f"at least {LEAST_CLUSTERS}, for they count and not their documents",
                next_step="bring more of them, or leave group out and say that it was left out",
            )


def suggestion(
    source: NamedStore,
    columns: TestedFeatures,
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
        regressor: What some documents are compared by, as in `variance_inflation`.
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
    source: NamedStore,
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
            covariates = intraclass_correlation(presence, values)
            by_chance = [
                intraclass_correlation(presence, rng.permutation(values)) for _ in range(_SHUFFLES)
            ]
            is_sure = covariates > np.mean(by_chance) + _DEVIATIONS * np.std(by_chance)
            adds = covariates * (effective - 1)
            if is_sure and adds > _MUCH_INFLATED - 1:
                found.append((adds, name))
    return max(found)[1] if found else None


def _sides(regressor: NumberPerDocument) -> tuple[DocumentMask, DocumentMask]:
    middle = regressor.mean()
    return regressor > middle, regressor < middle


def _repeated(source: NamedStore, name: str, rows: npt.NDArray[np.int64]) -> PerDocument | None:
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
    found = variance_inflation(presence, regressor, strata=strata, clusters=values)
    if _MUCH_DEFLATED <= found <= _MUCH_INFLATED:
        return 1.0
    by_chance = [
        variance_inflation(
            presence, regressor, strata=strata, clusters=_shuffled(values, regressor, rng)
        )
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
