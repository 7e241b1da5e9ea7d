"""The shared setup of `diff` and `trend`: which documents and features are compared."""

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
from corpuscope.duplicates.numbering import text_numbers
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import (
    DocumentMask,
    NumberPerDocument,
    PerDocument,
    PerFeature,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.multiplicity import can_reach_significance

_Some = TypeVar("_Some", bound="ComparedGroups")


@runtime_checkable
class ComparedGroups(Protocol):
    """Groups of documents to compare: a target and references, or several groups in order."""

    @property
    def rows(self) -> DocumentMask:
        """Which documents are compared."""

    @property
    def codes(self) -> PerDocument:
        """The group number of each document."""

    @property
    def keys(self) -> PerDocument:
        """The key number of each document; -1 for none."""

    @property
    def cluster_numbers(self) -> PerDocument | None:
        """The cluster number of each document; None if all are independent."""

    @property
    def kept_together(self) -> list[PerDocument]:
        """The groupings that a split must not divide: texts, keys and clusters."""

    def among(self: _Some, documents: DocumentMask) -> _Some:
        """The groups restricted to some documents."""

    def calibrated(self: _Some, presence: PresenceMatrix) -> _Some:
        """The groups with their clusters calibrated on these features."""

    def counting(
        self: _Some, counted: DocumentMask, *, texts: PerDocument, clusters: PerDocument | None
    ) -> _Some:
        """The groups restricted to the documents that count, with their texts and clusters."""

    def sides(self) -> Mapping[str, Rows]:
        """The documents of each side compared, by the name used in messages."""

    def check_sizes(self, *, by: str, pair: str | None) -> None:
        """Raise an error if a group is too small to be compared."""

    def check_halves(self, first: DocumentMask, second: DocumentMask) -> None:
        """Raise NotEnoughData if a half has too few documents of a group."""

    def positions_of(self, rows: Rows) -> NumberPerDocument:
        """The regressor value of some documents: 1 in the target else 0, or the group position."""

    def regressor(self) -> tuple[Rows, NumberPerDocument, PerDocument]:
        """The documents compared, their regressor values, and the strata to compare within."""


_Groups = TypeVar("_Groups", bound=ComparedGroups)


@dataclass(frozen=True, eq=False)
class Compared(Generic[_Groups]):
    """The documents and features that are compared.

    Attributes:
        source: The documents.
        groups: The documents that count, by group.
        columns: The features tested.
        covariates: The covariates that adjusted estimates control for.
    """

    source: NamedStore
    groups: _Groups
    columns: TestedFeatures
    covariates: Covariates


@dataclass(frozen=True, eq=False)
class Setup(Compared[_Groups]):
    """A comparison with its holdout split and what is known about dependent documents.

    Attributes:
        halves: The groups in each half of the documents; the held-out half comes last.
        suggested: A column that should be used as `group` or `pair`.
        dependence_warnings: Warnings about duplicates and about dependent documents.
    """

    halves: tuple[_Groups, _Groups]
    suggested: Suggestion | None
    dependence_warnings: tuple[str, ...]

    @property
    def n_documents(self) -> int:
        """The number of documents compared."""
        return int(self.groups.rows.sum())

    @property
    def suggested_group(self) -> str | None:
        """The column that should be used as `group`; None if there is none."""
        return self.suggested.group if self.suggested else None

    def detectable(self, rule: Rule, *, p: PerFeature) -> float:
        """The smallest difference that a decision rule detects in these documents.

        Args:
            rule: The decision rule: which planted features it reports.
            p: The raw p-value of each feature.
        """
        rows = np.flatnonzero(self.groups.rows)
        lift = self.groups.positions_of(rows)
        lift = lift / lift.max()
        # Permuting single documents would break up clusters.
        places = None
        if self.groups.cluster_numbers is None:
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
    """The documents that count, the features tested, and the holdout split.

    Args:
        source: The documents.
        groups: Their groups, as requested.
        by: The name of the grouping column.
        pair: The column of keys.
        group: The column of clusters.
        strata: Columns to adjust for.
        settings: The settings of the comparison.
        least_p: The smallest p-value that each feature could attain.

    Raises:
        ColumnNotFound: A column does not exist.
        PairingError: No key is in two groups.
        NotEnoughData: A group, or a half of one, is too small.
    """
    groups, warnings = counting(
        source, groups, by=by, pair=pair, group=group, count_copies=settings.count_copies
    )
    covariates = covariates_of(source, strata)
    masks = split(
        source, groups.rows, groups.codes, groups.kept_together, share=settings.holdout,
        seed=settings.seed,
    )  # fmt: skip
    groups.check_halves(*masks)
    # Support is counted after dropping duplicates and unpaired documents.
    columns = supported_features(
        source, groups.rows, words=settings.words, features=settings.features,
        min_support=settings.min_support, level=settings.level,
    )  # fmt: skip
    # Features that cannot reach significance are not tested and cost no correction (Tarone 1990).
    columns = columns.among(can_reach_significance(least_p(columns.presence, groups)))
    groups = groups.calibrated(columns.presence)
    first, second = (groups.among(mask).calibrated(columns.presence) for mask in masks)
    suggested = None if group else _suggested(source, columns, groups, [by, pair])
    warnings += (suggested.warning,) if suggested else ()
    return Setup(source, groups, columns, covariates, (first, second), suggested, warnings)


def counting(
    source: NamedStore,
    groups: _Groups,
    *,
    by: str,
    pair: str | None,
    group: str | None,
    count_copies: bool,
) -> tuple[_Groups, tuple[str, ...]]:
    """The groups restricted to the documents that count, and warnings about the others.

    Arguments and errors are those of `set_up`.
    """
    texts = text_numbers(source)
    dependence = dependence_of(
        source, texts, groups.codes, rows=groups.rows, keys=groups.keys, group=group,
        count_copies=count_copies,
    )  # fmt: skip
    groups = groups.counting(dependence.counted, texts=texts, clusters=dependence.clusters)
    groups.check_sizes(by=by, pair=pair)
    check_clusters(dependence.clusters, groups.sides(), group=group)
    return groups, dependence.warnings


def _suggested(
    source: NamedStore, columns: TestedFeatures, groups: ComparedGroups, known: Sequence[str | None]
) -> Suggestion | None:
    rows, values, strata = groups.regressor()
    return suggestion(source, columns, values, rows=rows, strata=strata, known=known)
