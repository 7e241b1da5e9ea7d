"""The shared beginning of `diff` and `trend`: which documents and features are compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np

from corpuscope.analyses.comparison.covariates import Covariates, covariates_of
from corpuscope.analyses.comparison.dependence import (
    Suggestion,
    check_clusters,
    dependence_of,
    suggestion,
)
from corpuscope.analyses.comparison.detectable import Rule, detectable_difference
from corpuscope.analyses.comparison.holdout import split
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.tested_features import TestedFeatures, supported_features
from corpuscope.duplicates.votes import text_numbers
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import (
    DocumentMask,
    NumberPerDocument,
    PerDocument,
    PerFeature,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.multiplicity import can_tell

_Some = TypeVar("_Some", bound="ComparedGroups")


@runtime_checkable
class ComparedGroups(Protocol):
    """Groups of documents that are compared: two sides, or several in order."""

    @property
    def rows(self) -> DocumentMask:
        """Which documents take part."""

    @property
    def codes(self) -> PerDocument:
        """The number of each document's group."""

    @property
    def keys(self) -> PerDocument:
        """The number of each document's key; -1 is none."""

    @property
    def own_clusters(self) -> PerDocument | None:
        """The number of what each document belongs to; None where all are independent."""

    @property
    def undivided(self) -> list[PerDocument]:
        """Numbers of what stays undivided: texts, keys and clusters."""

    def among(self: _Some, documents: DocumentMask) -> _Some:
        """What is left of them among some documents."""

    def calibrated(self: _Some, presence: PresenceMatrix) -> _Some:
        """The same with what these features say of the clusters."""

    def counting(
        self: _Some, counted: DocumentMask, *, texts: PerDocument, clusters: PerDocument | None
    ) -> _Some:
        """The same with some of the documents, and what belongs together of them."""

    def sides(self) -> Mapping[str, Rows]:
        """The documents of each side that is compared, under the name that messages use."""

    def check_sizes(self, *, by: str, pair: str | None) -> None:
        """Raise an error where a group is too small to be compared."""

    def check_halves(self, first: DocumentMask, second: DocumentMask) -> None:
        """Raise NotEnoughData where a half has too few documents of a group."""

    def positions_of(self, rows: Rows) -> NumberPerDocument:
        """Where some documents stand: 1 in the target and 0 elsewhere, or the group's place."""

    def regressor(self) -> tuple[Rows, NumberPerDocument, PerDocument]:
        """Some documents, what they are compared by, and the strata within which they are."""


_Groups = TypeVar("_Groups", bound=ComparedGroups)


@dataclass(frozen=True, eq=False)
class Compared(Generic[_Groups]):
    """Which documents and features are compared.

    Attributes:
        source: The documents.
        groups: Those that count, in their groups.
        columns: The features that are tested.
        covariates: What is held equal in adjusted figures.
    """

    source: NamedStore
    groups: _Groups
    columns: TestedFeatures
    covariates: Covariates


@dataclass(frozen=True, eq=False)
class Setup(Compared[_Groups]):
    """The same with what a question needs beside the test.

    Attributes:
        halves: The groups of each half of the documents, the one held out last.
        suggested: A column that should have been named.
        dependence_warnings: The warnings that are of copies and of documents that belong together.
    """

    halves: tuple[_Groups, _Groups]
    suggested: Suggestion | None
    dependence_warnings: tuple[str, ...]

    @property
    def n_documents(self) -> int:
        """How many documents take part."""
        return int(self.groups.rows.sum())

    @property
    def suggested_group(self) -> str | None:
        """The column that should be named as `group`; None where there is none."""
        return self.suggested.group if self.suggested else None

    def detectable(self, rule: Rule, *, p: PerFeature) -> float:
        """The smallest difference that a rule would find among these documents.

        Args:
            rule: Which planted features it finds.
            p: What the test says of each feature as things stand.
        """
        rows = np.flatnonzero(self.groups.rows)
        lift = self.groups.positions_of(rows)
        lift = lift / lift.max()
        places = None
        if self.groups.own_clusters is None:
            places = self.covariates.comparable(rows, self.groups.keys[rows])
        return detectable_difference(self.columns.presence, rows, p, lift, rule=rule, places=places)


def set_up(
    source: NamedStore,
    groups: _Groups,
    *,
    by: str,
    pair: str | None,
    group: str | None,
    strata: Sequence[str],
    settings: ComparisonSettings,
    least_p: Callable[[PresenceMatrix, _Groups], PerFeature],
) -> Setup[_Groups]:
    """The documents that count, the features that are tested, and halves of the documents.

    Args:
        source: The documents.
        groups: Their groups, as they were asked for.
        by: What the groups' column is called.
        pair: The column of keys.
        group: The column of what documents belong to.
        strata: Columns that are held equal.
        settings: How the comparison is made.
        least_p: The least p-value that each feature could reach between groups.

    Raises:
        ColumnNotFound: A column is not there.
        PairingError: No key is in two groups.
        NotEnoughData: A group, or a half of one, is too small.
    """
    texts = text_numbers(source)
    dependence = dependence_of(
        source, texts, groups.codes, rows=groups.rows, keys=groups.keys, group=group,
        count_copies=settings.count_copies,
    )  # fmt: skip
    groups = groups.counting(dependence.counted, texts=texts, clusters=dependence.clusters)
    groups.check_sizes(by=by, pair=pair)
    check_clusters(dependence.clusters, groups.sides(), group=group)
    covariates = covariates_of(source, strata)
    masks = split(
        source, groups.rows, groups.codes, groups.undivided, share=settings.holdout,
        seed=settings.seed,
    )  # fmt: skip
    groups.check_halves(*masks)
    columns = supported_features(
        source, groups.rows, words=settings.words, features=settings.features,
        min_support=settings.min_support, level=settings.level,
    )  # fmt: skip
    columns = columns.among(can_tell(least_p(columns.presence, groups)))
    groups = groups.calibrated(columns.presence)
    first, second = (groups.among(mask).calibrated(columns.presence) for mask in masks)
    suggested = None if group else _suggested(source, columns, groups, [by, pair])
    told = (*dependence.warnings, *([suggested.warning] if suggested else []))
    return Setup(source, groups, columns, covariates, (first, second), suggested, told)


def _suggested(
    source: NamedStore, columns: TestedFeatures, groups: ComparedGroups, known: Sequence[str | None]
) -> Suggestion | None:
    rows, values, strata = groups.regressor()
    return suggestion(source, columns, values, rows=rows, strata=strata, known=known)
