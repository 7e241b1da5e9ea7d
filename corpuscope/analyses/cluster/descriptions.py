"""What sets each cluster apart: its features against those of all other documents.

The groups were made from these features, so what differs is no discovery: no p-value is told.
It is described, by rates inside and outside, at equal lengths too, each property once.
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
_SURE = 0.5


@dataclass(frozen=True)
class ClusterFeature:
    """A feature that is more frequent inside a cluster than outside.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: What it is a feature of.
        label: Its name for people: what it means in these documents.
        label_score: How often the name finds the feature, in [0, 1]; NaN for words.
        label_source: Where the name is from, as in a finding of `diff`.
        rate_inside: Share of the cluster's documents that have it, in [0, 1].
        rate_outside: Share of all others that have it.
        difference: The first minus the second.
        adjusted_difference: The difference at equal lengths; NaN where no documents are alike.
        of_axis: Whether it is one that the documents were grouped by.
        n_members: How many more features say the same.
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
    """What is said of a cluster: features of the axis, and others, strongest first."""

    label: str
    features: tuple[ClusterFeature, ...]
    beside: tuple[ClusterFeature, ...]


def described(
    source: NamedStore,
    columns: TestedFeatures,
    labels: PerDocument,
    *,
    of_axis: FeatureMask,
    n: int,
    names: Names,
) -> list[Description]:
    """What sets each of `n` clusters apart.

    Args:
        source: The documents.
        columns: Features and words of all its documents.
        labels: The cluster of each document; -1 for those outside all, which count nowhere.
        of_axis: Which columns the documents were grouped by.
        n: How many clusters there are.
        names: Names the features that are told.
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

    told = [[tuple(named(one) for one in some) for some in kept] for kept in found]
    titles = titles_of([features or beside for features, beside in told])
    return [Description(title, *kept) for title, kept in zip(titles, told, strict=True)]


def titles_of(features: Sequence[Sequence[ClusterFeature]]) -> list[str]:
    """A name for each cluster, of its strongest features; no feature's name is in two.

    A name that is told by several clusters goes to the one in which it stands out most. Poor
    names of features are used where there are no better ones.
    """
    claims = sorted(
        ((one.label_score < _SURE, -one.difference, cluster, one.label)
         for cluster, own in enumerate(features) for one in own),
    )  # fmt: skip
    taken: dict[str, int] = {}
    chosen: list[list[str]] = [[] for _ in features]
    for _, _, cluster, label in claims:
        if label not in taken and len(chosen[cluster]) < _IN_A_NAME:
            taken[label] = cluster
            chosen[cluster].append(label)
    return [
        " · ".join(own) if own else f"cluster {cluster}, which nothing sets apart"
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
    """The columns that are more frequent inside by most."""
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
