"""Descriptions of clusters: features that are more frequent inside than outside.

Clusters were formed from these features, so testing them would be circular: no p-value is
reported. Rates inside and outside are given, also length-adjusted, one feature per family.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.comparison.candidates import Candidates, find_candidates, measure_all
from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.groups import Contrast, Groups
from corpuscope.analyses.comparison.setup import Compared
from corpuscope.analyses.comparison.tested_features import (
    FeatureKind,
    TestedFeatures,
    kind_of,
    label_of,
    label_source_of,
)
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CandidateOrder, DocumentMask, FeatureMask, PerDocument
from corpuscope.statistics.rates.counts import present_counts

_LOOKED_AT = 120
_SHOWN = 5
_IN_A_NAME = 2
_RELIABLE_SCORE = 0.5


@dataclass(frozen=True)
class ClusterFeature:
    """A feature that is more frequent inside a cluster than outside.

    Attributes:
        feature: Number of a dictionary feature, or name of a word feature.
        kind: What it is a feature of: a token, a sentence, a word.
        label: Its name, as it applies to these documents.
        label_score: How often the label identifies the feature, in [0, 1]; NaN for words.
        label_source: Origin of the label, as in a finding of `diff`.
        rate_inside: Rate in the cluster, in [0, 1].
        rate_outside: Rate in all other documents.
        difference: The first minus the second.
        adjusted_difference: Length-adjusted difference; NaN if no documents have similar lengths.
        of_axis: Whether the documents were clustered by it.
        n_members: Number of further features in its family.
    """

    feature: int | str
    kind: FeatureKind
    label: str
    label_score: float
    label_source: str
    rate_inside: float
    rate_outside: float
    difference: float
    adjusted_difference: float
    of_axis: bool
    n_members: int


@dataclass(frozen=True)
class Description:
    """Name of a cluster, with features of the axis and other features, strongest first."""

    label: str
    features: tuple[ClusterFeature, ...]
    other_features: tuple[ClusterFeature, ...]


def described(
    source: NamedStore,
    columns: TestedFeatures,
    labels: PerDocument,
    *,
    of_axis: FeatureMask,
    n: int,
    names: Names,
) -> list[Description]:
    """Descriptions of `n` clusters.

    Args:
        source: The documents.
        columns: Features and words of all documents.
        labels: Cluster of each document; those with -1 are ignored.
        of_axis: Mask of the columns that the documents were clustered by.
        n: Number of clusters.
        names: Naming of the reported features.
    """
    covariates = Covariates(source.n_tokens, np.zeros(source.n_documents, dtype=np.int64))
    found = []
    for cluster in range(n):
        kept = [
            _features(
                source,
                columns,
                labels,
                cluster,
                among=among,
                covariates=covariates,
                of_axis=of_axis,
            )
            for among in (of_axis, ~of_axis)
        ]
        found.append(kept)
    known = names.of(
        one.feature
        for kept in found
        for some in kept
        for one in some
        if isinstance(one.feature, int)
    )

    def named(one: ClusterFeature) -> ClusterFeature:
        name = known.get(one.feature)
        if name is None:
            return one
        return replace(one, label=name.label, label_score=name.score, label_source=name.source)

    features = [[tuple(named(one) for one in some) for some in kept] for kept in found]
    titles = titles_of([of_axis or others for of_axis, others in features])
    return [Description(title, *kept) for title, kept in zip(titles, features, strict=True)]


def titles_of(features: Sequence[Sequence[ClusterFeature]]) -> list[str]:
    """A name for each cluster, from its strongest features; no label is used twice.

    A label claimed by several clusters goes to the one with the largest difference. Unreliable
    labels are used only where there are no better ones.
    """
    # Reliable labels first, then by difference: each label goes to its first claimant.
    claims = sorted(
        ((one.label_score < _RELIABLE_SCORE, -one.difference, cluster, one.label)
         for cluster, own in enumerate(features) for one in own),
    )  # fmt: skip
    taken: dict[str, int] = {}
    chosen: list[list[str]] = [[] for _ in features]
    for _, _, cluster, label in claims:
        if label not in taken and len(chosen[cluster]) < _IN_A_NAME:
            taken[label] = cluster
            chosen[cluster].append(label)
    return [
        " · ".join(own) if own else f"cluster {cluster} (no distinguishing features)"
        for cluster, own in enumerate(chosen)
    ]


def _features(
    source: NamedStore,
    columns: TestedFeatures,
    labels: PerDocument,
    cluster: int,
    *,
    among: FeatureMask,
    covariates: Covariates,
    of_axis: FeatureMask,
) -> list[ClusterFeature]:
    inside, outside = labels == cluster, (labels != cluster) & (labels >= 0)
    chosen = _more_inside(columns, inside, outside, among)
    if not len(chosen) or min(inside.sum(), outside.sum()) < 1:
        return []
    few = columns.among(np.isin(np.arange(len(columns)), chosen))
    compared = Compared(source, _groups(inside, outside), few, covariates)
    # q = 1 keeps every candidate: this describes, and does not test.
    found = find_candidates(compared, measure_all(compared), adjust=True, q=1.0)
    kept = [
        _feature(source, few, found, at, of_axis=among is of_axis)
        for at in range(len(found.families))
        if found.direction[at] > 0
    ]
    return sorted(kept, key=lambda one: -one.difference)[:_SHOWN]


def _more_inside(
    columns: TestedFeatures, inside: DocumentMask, outside: DocumentMask, among: FeatureMask
) -> CandidateOrder:
    """The columns with the largest positive rate differences."""
    rates = [
        present_counts(columns.presence, rows) / max(rows.sum(), 1) for rows in (inside, outside)
    ]
    difference = np.where(among, rates[0] - rates[1], -1)
    order = np.argsort(-difference, kind="stable")[:_LOOKED_AT]
    return np.sort(order[difference[order] > 0])


def _groups(inside: DocumentMask, outside: DocumentMask) -> Groups:
    contrast = Contrast("outside", np.flatnonzero(inside), np.flatnonzero(outside), is_paired=False)
    codes = np.where(inside, 0, np.where(outside, 1, -1)).astype(np.int64)
    return Groups("inside", (contrast,), codes, np.full(len(codes), -1, dtype=np.int64), ())


def _feature(
    source: NamedStore, columns: TestedFeatures, found: Candidates, at: int, *, of_axis: bool
) -> ClusterFeature:
    family, measured = found.families[at], found.measured[0]
    name = columns.name(family.leader)
    return ClusterFeature(
        feature=name,
        kind=kind_of(source, columns, family.leader),
        label=label_of(source, columns, family.leader),
        label_score=float("nan") if isinstance(name, str) else source.score(name),
        label_source=label_source_of(source, columns, family.leader),
        rate_inside=float(measured.rate_target[at]),
        rate_outside=float(measured.rate_reference[at]),
        difference=float(measured.raw.difference[at]),
        adjusted_difference=float(measured.adjusted.difference[at]),
        of_axis=of_axis,
        n_members=len(family.members),
    )
