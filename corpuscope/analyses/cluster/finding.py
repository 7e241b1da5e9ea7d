"""A cluster of documents, and the features of an axis."""

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
"""A cluster of lower stability is not the same one when some documents are left out."""


AMBIGUOUS = 0.1
"""A document that fits its cluster by less is between clusters."""


@dataclass(frozen=True)
class Cluster:
    """Documents that are alike along the axis.

    Attributes:
        cluster: Its number; the largest is 0.
        size: How many documents it has.
        label: Its name: what is more frequent inside than outside; no two share a part.
        description: The same with rates.
        pole: The phrase that its documents are nearest to, where there is a cluster for each.
        features: Features of the axis that set it apart, strongest first.
        beside: What else does: features that documents were not grouped by, and words.
        stability: How well it is found again in eight of ten documents, in [0, 1]: the largest
            Jaccard index, a mean of twenty draws. Below .5 it dissolves; above .75 it is stable.
        n_ambiguous: How many of its documents lie between clusters.
    """

    cluster: int
    size: int
    label: str
    description: str
    pole: str | None
    features: tuple[ClusterFeature, ...]
    beside: tuple[ClusterFeature, ...]
    stability: float
    n_ambiguous: int


@dataclass(frozen=True)
class AxisFeature:
    """A feature that documents were grouped by.

    Attributes:
        feature: Its number.
        label: Its name, by the dictionary.
        label_source: Where the name is from, as in a finding of `diff`.
        phrase: Which phrase it is nearest to; None where it was not found by one.
        similarity: How much nearer than most features, in standard deviations; 0 without phrase.
        rate: Share of the documents that have it.
    """

    feature: int
    label: str
    label_source: str
    phrase: str | None
    similarity: float
    rate: float


@dataclass(frozen=True, eq=False)
class Placed:
    """Where each document that takes part is.

    Attributes:
        rows: Which documents take part; all others of the store do not.
        labels: The cluster of each; -1 where it has no feature of the axis.
        grouped: Those with a cluster, as places among `rows`.
        whole: How these fit, and which others are nearest, as places among `grouped`.
    """

    rows: Rows
    labels: PerDocument
    grouped: Rows
    whole: Partition


def description_of(features: tuple[ClusterFeature, ...]) -> str:
    """Features with their rates inside and outside, in a line."""
    return "; ".join(
        f"{one.label} ({one.rate_inside:.0%} against {one.rate_outside:.0%})" for one in features
    )


def share_between(values: NumberPerDocument, labels: PerDocument) -> float:
    """The share of the variance of some numbers that lies between groups; 0 if they are equal.

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
