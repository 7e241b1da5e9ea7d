"""What `cluster` answers: clusters, where each document is, and how to show them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.cluster_names import ClusterFeature
from corpuscope.analyses.evidence import as_json, distinct
from corpuscope.analyses.findings import plain
from corpuscope.analyses.grouping import Grouped
from corpuscope.analyses.groups import Rows
from corpuscope.analyses.how_many import Curve, Structure
from corpuscope.analyses.layout import layout_of
from corpuscope.analyses.source import Source
from corpuscope.shapes import NumberPerDocument, PerDocument
from corpuscope.store import Evidence
from corpuscope.store.lexical import spans

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# So many times the evidence wanted is looked at, for doubles are passed over.
_LOOKED_AT = 4

DISSOLVED = 0.5
"""A cluster of lower stability is not the same one when some documents are left out."""

LOOSE = 0.1
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
        n_loose: How many of its documents lie between clusters.
    """

    cluster: int
    size: int
    label: str
    description: str
    pole: str | None
    features: tuple[ClusterFeature, ...]
    beside: tuple[ClusterFeature, ...]
    stability: float
    n_loose: int


@dataclass(frozen=True)
class AxisFeature:
    """A feature that documents were grouped by.

    Attributes:
        feature: Its number.
        label: Its name, by the dictionary.
        label_source: Where the name is from, as in a finding of `diff`.
        phrase: Which phrase it is nearest to; None where it was not found by one.
        likeness: How much nearer than most features, in standard deviations; 0 without phrase.
        rate: Share of the documents that have it.
    """

    feature: int
    label: str
    label_source: str
    phrase: str | None
    likeness: float
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
    whole: Grouped


@dataclass(frozen=True)
class ClusterResult:
    """How documents group along an axis.

    Attributes:
        clusters: The largest first.
        along: The phrases that the axis was found by; none where all features were taken.
        axis: The features that documents were grouped by, the nearest to a phrase first.
        curves: What speaks for each number of clusters.
        structure: Whether the clusters explain more than chance would.
        length_explained: Share of the variance of log lengths that lies between clusters.
        parameters: What was asked, by name.
        store: The folder that was read; several are joined by a plus.
        digest: Names the content of the stores.
        n_documents: Documents that took part.
        warnings: What was left out, and what to be careful about.
        placed: Where each document is.
    """

    clusters: tuple[Cluster, ...]
    along: tuple[str, ...]
    axis: tuple[AxisFeature, ...] = field(repr=False)
    curves: tuple[Curve, ...] = field(repr=False)
    structure: Structure
    length_explained: float
    parameters: Mapping[str, Any] = field(repr=False)
    store: str
    digest: str
    n_documents: int
    warnings: tuple[str, ...]
    placed: Placed = field(repr=False, compare=False)
    source: Source = field(repr=False, compare=False)
    seed: int = field(repr=False)
    n_evidence: int = field(repr=False)

    def __len__(self) -> int:
        return len(self.clusters)

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return len(self.clusters)

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """The ids of the documents that took part."""
        return self.source.ids[self.placed.rows]

    @property
    def assignments(self) -> dict[str, int | None]:
        """The cluster of each document, by its id; None where it has no feature of the axis."""
        labels = self.placed.labels.tolist()
        return {id: None if c < 0 else c for id, c in zip(self.ids, labels, strict=True)}

    @cached_property
    def layout(self) -> npt.NDArray[np.float32]:
        """A place on a map for each document that took part; NaN for those without a cluster.

        Neighbours lie together; distances between clusters mean little.
        """
        places = np.full((len(self.placed.rows), 2), np.nan, dtype=np.float32)
        places[self.placed.grouped] = layout_of(
            self.placed.whole.labels,
            self.placed.whole.near,
            self.placed.whole.affinity,
            seed=self.seed,
        )
        return places

    def evidence(self, i: int) -> list[Evidence]:
        """The documents most typical of cluster `i`, with the places of what sets it apart.

        `strength` says how typical; its scale is that of this answer alone.
        """
        own = np.flatnonzero(self.placed.labels[self.placed.grouped] == i)
        order = own[np.argsort(-self.placed.whole.centrality[own], kind="stable")]
        chosen = order[: _LOOKED_AT * self.n_evidence]
        rows = self.placed.rows[self.placed.grouped[chosen]].tolist()
        shown = [
            (row, Evidence(id, text, None, (), float(strength)))
            for row, id, text, strength in zip(
                rows, self.source.ids_of(rows), self.source.texts(rows),
                self.placed.whole.centrality[chosen], strict=True,
            )
        ]  # fmt: skip
        kept = distinct(shown, self.n_evidence)
        return self._with_spans(kept, self.clusters[i])

    def _with_spans(self, shown: list[tuple[int, Evidence]], cluster: Cluster) -> list[Evidence]:
        rows = np.array([row for row, _ in shown], dtype=np.int64)
        found: dict[int, list[tuple[int, int]]] = {int(row): [] for row in rows}
        texts = {row: entry.text for row, entry in shown}
        for one in (*cluster.features, *cluster.beside):
            if isinstance(one.feature, str):
                for row, text in texts.items():
                    found[row] += [(start, end) for start, end in spans(text, one.feature)]
            elif len(rows):
                entries = self.source.strongest(one.feature, np.sort(rows), n=len(rows), side="")
                for row, entry in entries:
                    found[row] += entry.spans
        return [
            Evidence(one.id, one.text, None, tuple(dict.fromkeys(found[row])), one.strength)
            for row, one in shown
        ]

    def documents(self) -> pd.DataFrame:
        """A row for each document that took part: id, cluster (-1 is none), fit, x and y."""
        table = pd.DataFrame({"id": self.ids, "cluster": self.placed.labels})
        table["fit"] = np.nan
        table.loc[self.placed.grouped, "fit"] = self.placed.whole.fit
        table[["x", "y"]] = self.layout
        return table

    def to_frame(self) -> pd.DataFrame:
        """A row for each cluster."""
        columns = ["cluster", "size", "label", "description", "pole", "stability", "n_loose"]
        return pd.DataFrame(
            [{name: getattr(one, name) for name in columns} for one in self.clusters],
            columns=columns,
        )

    def to_json(self) -> dict[str, Any]:
        """All of it, evidence included, as values that JSON knows; NaN becomes None."""
        labels = self.placed.labels
        loose = self.placed.grouped[self.placed.whole.fit < LOOSE]
        return {
            "analysis": "cluster",
            "version": version("corpuscope"),
            "store": {"path": self.store, "digest": self.digest},
            "parameters": dict(self.parameters),
            "n_documents": self.n_documents,
            "warnings": list(self.warnings),
            "n_clusters": self.n_clusters,
            "along": list(self.along),
            "axis": [plain(asdict(one)) for one in self.axis],
            "curves": [plain(asdict(one)) for one in self.curves],
            "structure": plain(asdict(self.structure)),
            "length_explained": plain(self.length_explained),
            "clusters": [
                plain(asdict(one)) | {"evidence": [as_json(e) for e in self.evidence(i)]}
                for i, one in enumerate(self.clusters)
            ],
            "assignments": self.assignments,
            "unassigned": self.ids[labels < 0].tolist(),
            "loose": self.ids[loose].tolist(),
            "layout": {
                id: plain([float(x), float(y)])
                for id, (x, y) in zip(self.ids, self.layout, strict=True)
            },
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """A map of the documents, coloured by cluster, and beside it the curves of numbers."""
        from corpuscope.analyses.plots_of_clusters import plot_cluster

        return plot_cluster(self, ax)


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
