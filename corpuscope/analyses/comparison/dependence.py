"""Duplicates that are dropped, and clusters of dependent documents.

Documents of one author, prompt or thread are dependent; cluster-robust tests take clusters as the
unit of analysis (`statistics/clusters/clustered`). If no cluster column was named, columns with
repeated values are searched for one within which documents are similar enough that it should be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.comparison.groups import as_names
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.duplicates.numbering import copy_warnings, counted_once, near_copies
from corpuscope.errors import NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, NumberPerDocument, PerDocument, PresenceMatrix, Rows
from corpuscope.statistics.clusters.clustered import intraclass_correlation, variance_inflation

LEAST_CLUSTERS = 4
"""A side with fewer clusters has no power."""


# A column is examined if it has at least this many values, with this many documents on average.
_LEAST_VALUES, _LEAST_SIZE = 8, 1.3

# `group` is suggested if the variance inflation exceeds the first number and lies more than the
# second number of standard deviations above its permutation mean; `pair` if it is below the third.
_MUCH_INFLATED, _DEVIATIONS, _MUCH_DEFLATED = 1.1, 4.0, 0.8
# Largest effective cluster size at which there are still enough clusters to test with.
_LARGEST_OF_MANY = 50

_SHUFFLES, _FEATURES_LOOKED_AT, _DOCUMENTS_LOOKED_AT = 19, 300, 20_000


@dataclass(frozen=True, eq=False)
class Dependence:
    """The documents that count, and how they are clustered.

    Attributes:
        counted: One document per distinct text and group (and key).
        clusters: Cluster number of each document; None if all are taken as independent.
        warnings: Notes on duplicates that were dropped, and on near duplicates.
    """

    counted: DocumentMask
    clusters: PerDocument | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """A column that should be used as `group` or as `pair`.

    Attributes:
        group: The column whose values are clusters of similar documents; None if it is rather a
            `pair` column.
        warning: The advice shown to the user.
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
    """The duplicates and clusters among some documents, to be known before comparing them.

    Args:
        source: The documents.
        texts: Text number of each document, equal for equal texts.
        codes: Group number of each document.
        rows: The documents included.
        keys: Key number of each document, such as its prompt; -1 for none.
        group: The column whose values are the clusters. Without it near duplicates form
            clusters, if there are many of them and no keys that distinguish documents.
        count_copies: Whether every copy of a text counts.

    Raises:
        ColumnNotFound: There is no such column.
    """
    is_keyed = bool((keys[rows] >= 0).any())
    counted = rows if count_copies else counted_once(texts, codes, keys, rows=rows)
    warnings = copy_warnings(texts, codes, rows=rows, counted=counted)
    clusters: PerDocument | None = None
    if not (count_copies or is_keyed):
        clusters, notes = near_copies(source, codes, counted)
        warnings += notes
    if group is not None:
        clusters = numbered(source.column(group))
    return Dependence(counted, clusters, tuple(warnings))


def numbered(values: npt.NDArray[Any]) -> PerDocument:
    """A number for each document, equal for equal values; a missing value is its own cluster."""
    codes = pd.factorize(as_names(values))[0]
    is_missing = codes < 0
    codes[is_missing] = codes.max(initial=-1) + 1 + np.arange(is_missing.sum())
    found: PerDocument = codes.astype(np.int64)
    return found


def check_clusters(
    clusters: PerDocument | None, sides: Mapping[str, Rows], *, group: str | None
) -> None:
    """Raise NotEnoughData if the documents of a side come from too few clusters."""
    if clusters is None or group is None:
        return
    for name, side in sides.items():
        n = len(np.unique(clusters[side]))
        if n < LEAST_CLUSTERS:
            raise NotEnoughData(
                f"the documents of {name!r} have {n} value{'' if n == 1 else 's'} of {group!r}",
                expected=f"at least {LEAST_CLUSTERS}: clusters are the unit of analysis",
                next_step="add documents with other values, or omit group and report that",
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
    """The column that clusters documents most, or one to pair by; None if there is neither.

    Args:
        source: The documents.
        columns: The tested features.
        regressor: The group indicator or position of `rows`, as in `variance_inflation`.
        rows: The documents compared.
        strata: Stratum numbers of `rows`, from 0; all 0 for none.
        known: Columns already in use.
    """
    # A fixed, evenly spaced sample of features is enough to estimate the inflation.
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
            f"documents with the same {most[1]!r} are not independent: standard errors are "
            f"{np.sqrt(most[0]):.1f} times as large as assumed here, and some findings may be "
            f"false (group={most[1]!r} corrects for it)",
        )
    if least[0] < _MUCH_DEFLATED and not strata.any():
        return Suggestion(
            None,
            f"documents with the same {least[1]!r} are similar and occur in several groups: "
            f"pairing them gives more power (pair={least[1]!r})",
        )
    return None


def suggested_column(
    source: NamedStore,
    presence: PresenceMatrix,
    rows: npt.NDArray[np.int64],
    known: Sequence[str | None],
    *,
    of_many: bool = True,
) -> str | None:
    """The column with the largest intraclass correlation; None if none is significant.

    With `of_many`, among columns of many small clusters, such as prompts or authors; else among
    columns of few large ones, which may be topics, whose co-occurrences are the object of study.
    """
    found: list[tuple[float, str]] = []
    rng = np.random.default_rng(0)
    for name in source.columns:
        if name in known or (values := _repeated(source, name, rows)) is None:
            continue
        sizes = np.bincount(values)
        # Size of the cluster of a random document, sum(n^2) / sum(n).
        effective = float((sizes**2).sum() / sizes.sum())
        if of_many == (effective <= _LARGEST_OF_MANY):
            icc = intraclass_correlation(presence, values)
            permuted = [
                intraclass_correlation(presence, rng.permutation(values)) for _ in range(_SHUFFLES)
            ]
            is_significant = icc > np.mean(permuted) + _DEVIATIONS * np.std(permuted)
            # Design effect minus one, (m - 1) * ICC (Kish 1965).
            inflation = icc * (effective - 1)
            if is_significant and inflation > _MUCH_INFLATED - 1:
                found.append((inflation, name))
    return max(found)[1] if found else None


def _sides(regressor: NumberPerDocument) -> tuple[DocumentMask, DocumentMask]:
    middle = regressor.mean()
    return regressor > middle, regressor < middle


def _repeated(source: NamedStore, name: str, rows: npt.NDArray[np.int64]) -> PerDocument | None:
    """The numbered values of a column in some documents; None if they repeat too little."""
    values = source.column(name)[rows]
    # `value == value` is False for NaN.
    is_given = np.array([value is not None and value == value for value in values], dtype=bool)
    if is_given.mean() < 0.5:
        return None
    numbers = numbered(values)
    n_values = len(np.unique(numbers[is_given]))
    if n_values < _LEAST_VALUES or len(rows) < _LEAST_SIZE * n_values:
        return None
    return numbers


def _inflation(
    presence: PresenceMatrix, regressor: NumberPerDocument, strata: PerDocument, values: PerDocument
) -> float:
    """The variance inflation; 1 if permuting the values within groups gives as much."""
    rng = np.random.default_rng(0)
    # Subsampling takes whole clusters: single documents would lose the dependence.
    if len(values) > _DOCUMENTS_LOOKED_AT:
        order = rng.permutation(int(values.max()) + 1)[values]
        kept = np.sort(np.argsort(order, kind="stable")[:_DOCUMENTS_LOOKED_AT])
        presence, regressor, strata, values = (
            presence[kept], regressor[kept], strata[kept], values[kept]
        )  # fmt: skip
    found = variance_inflation(presence, regressor, strata=strata, clusters=values)
    if _MUCH_DEFLATED <= found <= _MUCH_INFLATED:
        return 1.0
    permuted = [
        variance_inflation(
            presence, regressor, strata=strata, clusters=_shuffled(values, regressor, rng)
        )
        for _ in range(_SHUFFLES)
    ]
    z = abs(found - np.mean(permuted)) / max(float(np.std(permuted)), 1e-9)
    return found if z >= _DEVIATIONS else 1.0


def _shuffled(
    values: PerDocument, regressor: NumberPerDocument, rng: np.random.Generator
) -> PerDocument:
    """The values, permuted among the documents of each group."""
    order = np.lexsort((rng.random(len(values)), regressor))
    back = np.argsort(regressor, kind="stable")
    shuffled = np.empty_like(values)
    shuffled[back] = values[order]
    return shuffled
