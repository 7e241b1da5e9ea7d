"""A cluster of documents, and a feature of an axis."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpuscope.analyses.cluster.descriptions import ClusterFeature
from corpuscope.analyses.cluster.partition import Partition
from corpuscope.shapes import NumberPerDocument, PerDocument, Rows

if TYPE_CHECKING:
    pass


DISSOLVED = 0.5
"""Clusters below this stability dissolve under subsampling (Hennig 2007)."""


AMBIGUOUS = 0.1
"""Documents with a lower fit (silhouette) are ambiguous."""


@dataclass(frozen=True)
class Cluster:
    """Documents that are similar along the axis.

    Attributes:
        cluster: Its number; the largest is 0.
        size: Number of documents.
        label: Its name, from its most characteristic features; names share no part.
        description: These features with their rates inside and outside.
        pole: The phrase nearest to its documents, if there is one cluster per phrase.
        features: Features of the axis that characterise it, strongest first.
        other_features: Other features that characterise it (not used for clustering), and words.
        stability: Clusterwise stability under subsampling of 80 % of the documents, in [0, 1]:
            largest Jaccard index, mean of 20 draws. Below .5 it dissolves; above .75 it is stable.
        n_ambiguous: Number of its documents that are ambiguous (fit below .1).
    """

    cluster: int
    size: int
    label: str
    description: str
    pole: str | None
    features: tuple[ClusterFeature, ...]
    other_features: tuple[ClusterFeature, ...]
    stability: float
    n_ambiguous: int


@dataclass(frozen=True)
class AxisFeature:
    """A feature that documents were clustered by.

    Attributes:
        feature: Its number.
        label: Its name in the dictionary.
        label_source: Origin of the label, as in a finding of `diff`.
        phrase: The phrase it is nearest to; None if it was not selected by one.
        similarity: z-score of its similarity to the phrase over all features; 0 without phrase.
        rate: Share of the documents with the feature, in [0, 1].
    """

    feature: int
    label: str
    label_source: str
    phrase: str | None
    similarity: float
    rate: float


@dataclass(frozen=True, eq=False)
class Placed:
    """Cluster assignments of the included documents.

    Attributes:
        rows: Rows of the included documents in the store.
        labels: Cluster of each; -1 if it has no feature of the axis.
        grouped: Positions in `rows` of the documents with a cluster.
        whole: The partition of these; neighbours are positions in `grouped`.
    """

    rows: Rows
    labels: PerDocument
    grouped: Rows
    whole: Partition


def description_of(features: tuple[ClusterFeature, ...]) -> str:
    """Features with their rates inside and outside, on one line."""
    return "; ".join(
        f"{one.label} ({one.rate_inside:.0%} against {one.rate_outside:.0%})" for one in features
    )


def share_between(values: NumberPerDocument, labels: PerDocument) -> float:
    """Share of variance between groups (eta squared), in [0, 1]; 0 if all values are equal.

    Example:
        >>> share_between(np.array([1.0, 1.0, 2.0, 2.0]), np.array([0, 0, 1, 1]))
        1.0
    """
    total = float(values.var())
    if not len(values) or math.isclose(total, 0, abs_tol=1e-12):
        return 0.0
    sizes = np.bincount(labels)
    means = np.bincount(labels, weights=values) / np.maximum(sizes, 1)
    return float((sizes * (means - values.mean()) ** 2).sum() / len(values) / total)
