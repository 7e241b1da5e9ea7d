"""How do these texts cluster along an axis that I name?

1. Each phrase selects features: those whose names and strongest sentences are most similar to it.
   Several phrases are poles; a common word for an axis ("tone") is a preset with its own poles.
2. With poles, a document is assigned to the pole of its features, and the features associated
   with each pole are learned from the documents (`partition`). Without poles, documents are
   clustered by shared features: weighted Jaccard, spectral embedding, k-means; with more than
   20,000 documents, a nearest-neighbour graph and Leiden communities.
3. The number of clusters is chosen by stability under subsampling of 80 % of the documents, of the
   partition and of each cluster, unless poles or the caller determine it.
4. Clusters are described by feature rates inside and outside, also length-adjusted.
5. A permutation test shuffles features among documents of similar length, and compares the
   variance that the clusters explain.

Rationale: `docs/cluster.md`.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.cluster.axis import Axis, axis_of
from corpuscope.analyses.cluster.descriptions import described
from corpuscope.analyses.cluster.finding import (
    AMBIGUOUS,
    DISSOLVED,
    AxisFeature,
    Cluster,
    Placed,
    description_of,
    share_between,
)
from corpuscope.analyses.cluster.partition import (
    BySharedFeatures,
    Partition,
    Partitioner,
    partitioner_of,
)
from corpuscope.analyses.cluster.result import ClusterResult
from corpuscope.analyses.cluster.settings import ClusterSettings
from corpuscope.analyses.cluster.stability import (
    MOST_GROUPS,
    Resampled,
    Structure,
    most_stable,
    resampled,
    some_of,
    structure_of,
)
from corpuscope.analyses.comparison.arguments import document_mask
from corpuscope.analyses.comparison.dependence import numbered, suggested_column
from corpuscope.analyses.comparison.tested_features import TestedFeatures, supported_features
from corpuscope.analyses.results.base import in_order
from corpuscope.analyses.results.naming import Names
from corpuscope.duplicates.numbering import text_numbers
from corpuscope.embedding.documents import vectors_at_hand
from corpuscope.errors import NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import check_at_least
from corpuscope.shapes import DocumentDirections, DocumentMask, PerDocument, PresenceMatrix, Rows
from corpuscope.statistics.rates.counts import as_ones, present_counts
from corpuscope.store.joined import Stores

_PARAMETERS = (
    "along", "n_clusters", "features", "without", "n_features", "among", "group", "words",
    "min_support", "evidence", "level", "rename", "seed",
)  # fmt: skip

_LEAST_DOCUMENTS = 10
_SMALLEST_GROUP = 5
_MUCH = 0.25

# Vectors of this many documents take 300 MB.
_MOST_WITH_VECTORS = 200_000
_SIGNIFICANT = 0.05


def cluster(
    store: Stores,
    *,
    along: str | Sequence[str] | None = None,
    n_clusters: int | None = None,
    features: Sequence[int] = (),
    without: Sequence[int] = (),
    among: Sequence[bool] | npt.NDArray[np.bool_] | None = None,
    group: str | None = None,
    settings: ClusterSettings | None = None,
) -> ClusterResult:
    """Clusters of documents along an axis, with the features that characterise each.

    Args:
        store: The store to read. Several stores of one dictionary are read as one.
        along: The axis: the name of a preset, or one or more phrases that describe its poles, as
            a list or separated by semicolons; None uses all features.
        n_clusters: Number of clusters; None chooses the most stable number, or one per phrase.
        features: Numbers of features to cluster by, in addition to those selected by `along`.
        without: Numbers of features to exclude.
        among: Mask of the documents to include; None includes all.
        group: Column that identifies dependent documents, such as author or thread. The number
            of clusters, their stability and the permutation test are then computed on one
            document per value; without it, on one per distinct text.
        settings: Further options, such as `ClusterSettings(words=False)`.

    Raises:
        InputError: A phrase matches no feature, or a number is out of range.
        ColumnNotFound: A column does not exist.
        NotEnoughData: There are too few documents or values of `group`, or no feature is left.
        FeatureMismatch: The stores were read with different dictionaries.

    Example:
        >>> found = cluster(store, along="tone")  # doctest: +SKIP
        >>> found.to_frame()  # doctest: +SKIP
    """
    settings = settings or ClusterSettings()
    seed, min_support = settings.seed, settings.min_support
    check_at_least(2, "leave it out to have it chosen", n_clusters=n_clusters)
    check_at_least(1, n_features=settings.n_features, min_support=min_support)
    check_at_least(0, evidence=settings.evidence)
    parameters = {
        "along": along if along is None or isinstance(along, str) else list(along),
        "n_clusters": n_clusters, "features": [int(one) for one in features],
        "without": [int(one) for one in without],
        "among": None if among is None else int(np.sum(among)), "group": group,
    }  # fmt: skip
    source = NamedStore(store)
    taking_part = document_mask(among, source.n_documents)
    dependent_on = _dependent_on(source, group)
    rows = np.flatnonzero(taking_part)
    _check_documents(len(rows), n_clusters)
    columns = supported_features(
        source, taking_part, words=False, features=True, min_support=min_support,
        level=settings.level,
    )  # fmt: skip
    here = TestedFeatures(columns.presence[rows], columns.features, [])
    axis = axis_of(
        source, here, along, n_features=settings.n_features, features=features, without=without
    )
    presence, grouped = _grouped_rows(here, axis, without)
    _check_documents(len(grouped), n_clusters, of_all=len(rows))
    partitioner = partitioner_of(axis, presence, _vectors(source, axis, rows[grouped]), seed=seed)
    lengths = source.n_tokens[rows[grouped]]
    wanted = n_clusters or (len(axis.phrases) if _are_given(axis) else None)
    resamples = _resamples(partitioner, some_of(dependent_on[rows[grouped]], seed), wanted, seed)
    _check_different(len(resamples.rows), n_clusters, group)
    n = wanted or most_stable(resamples.curves())
    whole, order = _largest_first(partitioner.whole(n), n)
    structure = _structure(
        partitioner, axis, presence, lengths, rows=resamples.rows, n=n, seed=seed
    )
    labels = np.full(len(rows), -1, dtype=np.int64)
    labels[grouped] = whole.labels
    placed = Placed(rows, labels, grouped, whole)
    # Eta squared of log length: clusters that merely separate short and long texts.
    shares = share_between(np.log1p(lengths.astype(np.float64)), whole.labels)
    describing = _with_words(
        source, columns, taking_part, words=settings.words, min_support=min_support
    )
    clusters = _clusters(
        source, describing, axis, placed, resamples,
        names=Names(source, taking_part, here=settings.rename),
        poles=[axis.phrases[at] for at in order] if whole.is_by_pole else [],
    )  # fmt: skip
    return ClusterResult(
        clusters=clusters,
        along=axis.phrases,
        axis=_axis_features(source, here, axis),
        curves=resamples.curves(),
        structure=structure,
        length_explained=shares,
        parameters=in_order(_PARAMETERS, parameters, asdict(settings)),
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=len(rows),
        warnings=(
            *source.warnings,
            *_warnings(source, axis, placed, structure, shares),
            *([] if group else _suggested(source, presence, rows[grouped])),
            *_unstable(clusters),
        ),
        placed=placed,
        source=source,
        seed=seed,
        n_evidence=settings.evidence,
    )  # fmt: skip


def _dependent_on(source: NamedStore, group: str | None) -> PerDocument:
    """Group number of each document: its value of `group`, or its text."""
    if group is None:
        return text_numbers(source)
    return numbered(source.column(group))


def _check_documents(n: int, n_clusters: int | None, *, of_all: int | None = None) -> None:
    """Raise unless there are enough documents, or enough of them with a feature of the axis."""
    least = max(_LEAST_DOCUMENTS, n_clusters or 0)
    if n < least:
        what = "documents" if of_all is None else f"of {of_all:,} documents have a feature"
        raise NotEnoughData(
            f"{n:,} {what}{'' if of_all is None else ' of the axis'}",
            expected=f"at least {least:,}",
            next_step="add documents, name a broader axis or ask for fewer clusters",
        )


def _check_different(n: int, n_clusters: int | None, group: str | None) -> None:
    """Raise unless there are enough distinct texts, or values of `group`."""
    least = max(_LEAST_DOCUMENTS, n_clusters or 0)
    if n < least:
        raise NotEnoughData(
            f"the documents have {n:,} distinct "
            + ("texts" if group is None else f"values of {group!r}"),
            expected=f"at least {least:,}, since each counts once",
            next_step="add more of them, or ask for fewer clusters",
        )


def _grouped_rows(
    columns: TestedFeatures, axis: Axis, without: Sequence[int]
) -> tuple[PresenceMatrix, Rows]:
    """Binary presence of the documents with a feature of the axis, and their positions."""
    ones = as_ones(columns.presence).astype(np.float32)
    kept = np.flatnonzero(ones[:, axis.columns].sum(axis=1) > 0)
    is_left_out = np.isin(columns.features, list(without))
    presence = sp.csr_array(ones[kept] @ sp.diags_array((~is_left_out).astype(np.float32)))
    presence.eliminate_zeros()
    return presence, kept


def _are_given(axis: Axis) -> bool:
    """Whether the caller gave the poles, and thereby the number of clusters."""
    return axis.has_poles and not axis.is_preset


def _resamples(partitioner: Partitioner, rows: Rows, wanted: int | None, seed: int) -> Resampled:
    """Subsampled partitions, for the given number of clusters or all candidates."""
    most = min(MOST_GROUPS, max(2, len(rows) // _SMALLEST_GROUP))
    numbers = range(2, most + 1) if wanted is None else [min(wanted, len(rows))]
    return resampled(partitioner, rows, numbers, seed=seed)


def _largest_first(found: Partition, n: int) -> tuple[Partition, PerDocument]:
    """The partition with clusters renumbered by size, none empty, and their former numbers."""
    sizes = np.bincount(found.labels, minlength=n)
    order = np.argsort(-sizes, kind="stable")[: int((sizes > 0).sum())].astype(np.int64)
    rank = np.full(len(sizes), -1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    return replace(found, labels=rank[found.labels]), order


def _vectors(source: NamedStore, axis: Axis, rows: Rows) -> DocumentDirections | None:
    """Document vectors, if the axis has poles and the stores contain them."""
    if not axis.has_poles or len(rows) > _MOST_WITH_VECTORS:
        return None
    return vectors_at_hand(source, rows)


def _structure(
    partitioner: Partitioner,
    axis: Axis,
    presence: PresenceMatrix,
    lengths: PerDocument,
    *,
    rows: Rows,
    n: int,
    seed: int,
) -> Structure:
    weights = np.zeros(presence.shape[1])
    weights[axis.columns] = 1
    is_whole = isinstance(partitioner, BySharedFeatures)
    # Pole scores are learned from all features, shared-feature affinities from the axis only.
    here = presence[rows][:, axis.columns] if is_whole else presence[rows]
    return structure_of(
        partitioner, here, lengths[rows], n=n,
        of_axis=weights[axis.columns] if is_whole else weights, seed=seed,
    )  # fmt: skip


def _with_words(
    source: NamedStore,
    columns: TestedFeatures,
    taking_part: DocumentMask,
    *,
    words: bool,
    min_support: int,
) -> TestedFeatures:
    """The features, and (if requested) the words with enough support."""
    if not words:
        return columns
    lexical = supported_features(
        source, taking_part, words=True, features=False, min_support=min_support,
        level=None,
    )  # fmt: skip
    presence = sp.hstack([columns.presence, lexical.presence], format="csr")
    return TestedFeatures(presence, columns.features, lexical.words)


def _clusters(
    source: NamedStore,
    columns: TestedFeatures,
    axis: Axis,
    placed: Placed,
    resamples: Resampled,
    *,
    names: Names,
    poles: Sequence[str],
) -> tuple[Cluster, ...]:
    n = int(placed.labels.max()) + 1
    everywhere = np.full(source.n_documents, -1, dtype=np.int64)
    everywhere[placed.rows] = placed.labels
    of_axis = np.zeros(len(columns), dtype=bool)
    of_axis[axis.columns] = True
    descriptions = described(source, columns, everywhere, of_axis=of_axis, n=n, names=names)
    labels = placed.labels[placed.grouped]
    stability = resamples.stability_of(labels, n)
    return tuple(
        Cluster(
            cluster=number,
            size=int((labels == number).sum()),
            label=one.label,
            description=description_of(one.features or one.other_features),
            pole=poles[number] if poles else None,
            features=one.features,
            other_features=one.other_features,
            stability=stability[number],
            n_ambiguous=int((placed.whole.fit[labels == number] < AMBIGUOUS).sum()),
        )
        for number, one in enumerate(descriptions)
    )


def _axis_features(
    source: NamedStore, columns: TestedFeatures, axis: Axis
) -> tuple[AxisFeature, ...]:
    similarity = axis.pull.max(axis=0, initial=0.0)
    order = np.argsort(-similarity, kind="stable")
    everyone = np.ones(columns.presence.shape[0], dtype=bool)
    rates = present_counts(columns.presence[:, axis.columns], everyone) / max(len(everyone), 1)
    numbers = columns.features[axis.columns]
    return tuple(
        AxisFeature(
            feature=int(numbers[at]),
            label=source.label(int(numbers[at])),
            label_source=source.label_source(int(numbers[at])),
            phrase=axis.phrase_of(int(at)),
            similarity=float(similarity[at]),
            rate=float(rates[at]),
        )
        for at in order
    )


def _warnings(
    source: NamedStore, axis: Axis, placed: Placed, structure: Structure, length_share: float
) -> list[str]:
    """Warnings about the axis, unassigned documents, chance structure and length."""
    found = []
    if axis.is_preset:
        found.append(f"axis preset, with the poles: {'; '.join(axis.phrases)} (pass phrases of "
                     "your own for others)")  # fmt: skip
    n_copies = len(placed.rows) - len(np.unique(text_numbers(source)[placed.rows]))
    if n_copies:
        found.append(f"duplicate texts, always in the same cluster: {n_copies:,} documents")
    n_none = int((placed.labels < 0).sum())
    if n_none:
        found.append(f"unassigned, with no feature of the axis: {n_none:,} documents")
    n_ambiguous = int((placed.whole.fit < AMBIGUOUS).sum())
    if n_ambiguous:
        found.append(f"ambiguous, about equally close to two clusters: {n_ambiguous:,} documents")
    if structure.p_value > _SIGNIFICANT:
        found.append("clusters of permuted features explain as much variance "
                     f"(p = {structure.p_value:.2f}): do not rely on these")  # fmt: skip
    if length_share > _MUCH:
        found.append(f"clusters differ in length: they explain {length_share:.0%} of its variance")
    return found


def _suggested(source: NamedStore, presence: PresenceMatrix, rows: Rows) -> list[str]:
    name = suggested_column(source, presence, rows, [])
    if name is None:
        return []
    return [
        f"documents with the same {name!r} are similar: clusters may merely reflect it, and "
        f"stability and p-value assume independence (group={name!r} counts each value once)"
    ]


def _unstable(clusters: Sequence[Cluster]) -> list[str]:
    """A warning about clusters that dissolve under subsampling."""
    numbers = [str(one.cluster) for one in clusters if one.stability < DISSOLVED]
    if not numbers:
        return []
    return [f"unstable under subsampling of 80 % of the documents: cluster {', '.join(numbers)}"]
