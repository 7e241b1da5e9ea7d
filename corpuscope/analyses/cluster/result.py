"""The result of `cluster`: clusters, assignments, and ways to show them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.cluster.finding import AMBIGUOUS, AxisFeature, Cluster, Placed
from corpuscope.analyses.cluster.layout import document_layout
from corpuscope.analyses.cluster.reading import (
    ClusterReading,
    ClusterTexts,
    read_clusters,
    reading_requests,
)
from corpuscope.analyses.cluster.stability import Curve, Structure
from corpuscope.analyses.results.base import Answer, heading, plain
from corpuscope.analyses.results.evidence import as_json, distinct
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.store.evidence import Evidence
from corpuscope.store.lexical import spans

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Oversampling factor of the evidence, since near-duplicates are skipped.
_LOOKED_AT = 4
# What a language model is shown of a cluster, at most.
_N_CENTRAL, _N_OTHERS, _N_MARKS = 6, 60, 5


@dataclass(frozen=True)
class ClusterResult(Answer):
    """Clusters of documents along an axis.

    Attributes:
        clusters: The clusters, largest first.
        along: The phrases that define the axis; empty if all features were used.
        axis: The features that documents were clustered by, nearest to a phrase first.
        curves: Criteria for each number of clusters.
        structure: Variance explained by the clusters, with a permutation test.
        length_explained: Share of the variance of log lengths explained by the clusters.
        placed: Cluster assignments of the documents.
        reading: Names by a language model, and how texts were assigned by them; None if none was
            asked.
    """

    clusters: tuple[Cluster, ...]
    along: tuple[str, ...]
    axis: tuple[AxisFeature, ...] = field(repr=False)
    curves: tuple[Curve, ...] = field(repr=False)
    structure: Structure
    length_explained: float
    placed: Placed = field(repr=False, compare=False)
    source: NamedStore = field(repr=False, compare=False)
    seed: int = field(repr=False)
    n_evidence: int = field(repr=False)
    reading: ClusterReading | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.clusters)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.clusters)

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """Ids of the included documents."""
        return self.source.ids[self.placed.rows]

    @property
    def assignments(self) -> dict[str, int | None]:
        """Cluster of each document by id; None if it has no feature of the axis."""
        labels = self.placed.labels.tolist()
        return {id: None if c < 0 else c for id, c in zip(self.ids, labels, strict=True)}

    @cached_property
    def layout(self) -> npt.NDArray[np.float32]:
        """Two-dimensional coordinates of the included documents; NaN for unassigned ones.

        Neighbourhoods are meaningful; distances between clusters are not.
        """
        places = np.full((len(self.placed.rows), 2), np.nan, dtype=np.float32)
        places[self.placed.grouped] = document_layout(
            self.placed.whole.labels,
            self.placed.whole.near,
            self.placed.whole.affinity,
            seed=self.seed,
        )
        return places

    def evidence(self, i: int) -> list[Evidence]:
        """The documents most typical of cluster `i`, with the spans of its features.

        `strength` is the document's centrality, comparable within one result only.
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
        for one in (*cluster.features, *cluster.other_features):
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

    def read(
        self, llm: LLM, *, progress: Callable[[str, int, int], None] | None = None
    ) -> "ClusterResult":
        """The result with clusters named by a language model, and the names tested.

        Texts that did not make the names are assigned by names alone.

        Raises:
            EndpointRefused: The language model cannot be asked.
            AnswersMissing: Requests wait for answers.
        """
        found = read_clusters(
            self._texts(), llm, along=self.along, seed=self.seed, progress=progress
        )
        warnings = self.warnings
        if found is None:
            warnings += ("the language model named no cluster",)
        return replace(self, reading=found, warnings=warnings)

    def reading_requests(self) -> list[Request]:
        """What `read` would ask, with labels in the place of names."""
        labels = [one.label for one in self.clusters]
        return reading_requests(self._texts(), labels, along=self.along, seed=self.seed)

    def _texts(self) -> list[ClusterTexts]:
        """What a reader is shown of each cluster: its marks, typical texts and others."""
        labels = self.placed.labels[self.placed.grouped]
        found = []
        for number, cluster in enumerate(self.clusters):
            own = np.flatnonzero(labels == number)
            order = own[np.argsort(-self.placed.whole.centrality[own], kind="stable")]
            rows = self.placed.rows[self.placed.grouped[order]].tolist()
            central = rows[:_N_CENTRAL]
            rng = np.random.default_rng([self.seed, number])
            others = rng.permutation(np.array(rows[_N_CENTRAL:], dtype=np.int64))[:_N_OTHERS]
            marks = (*cluster.features, *cluster.other_features)
            found.append(
                ClusterTexts(
                    tuple(one.label for one in marks[:_N_MARKS]),
                    tuple(self.source.texts(central)),
                    tuple(self.source.texts(others.tolist())),
                )
            )
        return found

    def documents(self) -> pd.DataFrame:
        """A row for each included document: id, cluster (-1 if unassigned), fit, x and y."""
        table = pd.DataFrame({"id": self.ids, "cluster": self.placed.labels})
        table["fit"] = np.nan
        table.loc[self.placed.grouped, "fit"] = self.placed.whole.fit
        table[["x", "y"]] = self.layout
        return table

    def to_frame(self) -> pd.DataFrame:
        """A row for each cluster."""
        columns = ["cluster", "size", "label", "description", "pole", "stability", "n_ambiguous"]
        return pd.DataFrame(
            [{name: getattr(one, name) for name in columns} for one in self.clusters],
            columns=columns,
        )

    def to_json(self) -> dict[str, Any]:
        """The result with evidence, as JSON values; NaN becomes None."""
        labels = self.placed.labels
        ambiguous = self.placed.grouped[self.placed.whole.fit < AMBIGUOUS]
        return {
            **heading("cluster", self),
            "n_clusters": self.n_clusters,
            "along": list(self.along),
            # `likeness`, `n_loose`, `loose` and `beside` are names of 0.1, kept for compatibility.
            "axis": [plain(asdict(one)) | {"likeness": plain(one.similarity)} for one in self.axis],
            "curves": [plain(asdict(one)) for one in self.curves],
            "structure": plain(asdict(self.structure)),
            "length_explained": plain(self.length_explained),
            "clusters": [
                plain(asdict(one))
                | {
                    "n_loose": one.n_ambiguous,
                    "beside": plain([asdict(each) for each in one.other_features]),
                    "evidence": [as_json(e) for e in self.evidence(i)],
                }
                for i, one in enumerate(self.clusters)
            ],
            "assignments": self.assignments,
            "unassigned": self.ids[labels < 0].tolist(),
            "ambiguous": self.ids[ambiguous].tolist(),
            "loose": self.ids[ambiguous].tolist(),
            "layout": {
                id: plain([float(x), float(y)])
                for id, (x, y) in zip(self.ids, self.layout, strict=True)
            },
        } | ({} if self.reading is None else {"reading": plain(asdict(self.reading))})

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Axes of a map of the documents, coloured by cluster, next to the criteria curves."""
        from corpuscope.analyses.cluster.plot import plot_cluster

        return plot_cluster(
            self.clusters,
            self.curves,
            labels=self.placed.labels,
            layout=self.layout,
            along=self.along,
            ax=ax,
        )
