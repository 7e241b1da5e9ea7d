"""Documents that depend on each other, such as many models' answers to the same prompts.

Answers to one prompt share its topic, and a topic makes every pair of its features a finding. Where
a single prompt could do so, a pair is tested within prompts and must occur in many of them. The
prompts are the values of a column, or near topics that the document vectors show.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.dependence import numbered, suggested_column
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.correlate.views import View
from corpuscope.duplicates.numbering import near_copies
from corpuscope.embedding.documents import are_at_hand, open_document_vectors
from corpuscope.shapes import DocumentDirections, PerDocument
from corpuscope.statistics.similarity.directions import at_length_one

__all__ = ["Dependent", "dependent_documents", "near_topics"]

_MOST_COMPARED = 4_000
# Cosines of vectors after their mean is subtracted. Of answers to one prompt half are above .75, of
# answers to different prompts one in a thousand is above .55 (`docs/correlate.md`).
_NEAR, _BETWEEN, _JOINED = 0.55, 0.4, 0.45
# Values with fewer documents are too small to test within.
_LEAST_OF_A_VALUE = 20
_MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class Dependent:
    """Which documents depend on each other.

    Attributes:
        clusters: Cluster of each document, of which a pair needs many; None if all are independent.
        within: The parts within which pairs are tested, too; None if there are none.
        suggested: A column whose values should be counted instead of documents.
        warnings: What was found, and what to do about it.
    """

    clusters: PerDocument | None
    within: PerDocument | None = None
    suggested: str | None = None
    warnings: tuple[str, ...] = ()


def dependent_documents(
    view: View,
    *,
    group: str | None,
    one_per: str | None,
    known: Sequence[str | None],
    is_controlled: bool,
    settings: CorrelateSettings,
) -> Dependent:
    """The clusters of dependent documents: of a column that is named, or that is found.

    Args:
        view: The documents.
        group: A column that is named; nothing else is looked for then.
        one_per: A column of which each value has one document left.
        known: Columns in use.
        is_controlled: Whether columns of large parts are among them.
        settings: The settings of the analysis.

    Raises:
        ColumnNotFound: A column does not exist.
    """
    if group is not None:
        return Dependent(numbered(view.values(group)))
    copies, warnings = _copies(view)
    if one_per is not None:
        return Dependent(copies, warnings=tuple(warnings))
    suggested = suggested_column(view.source, view.presence, view.rows, known)
    if suggested is not None:
        clusters = numbered(view.values(suggested))
        if settings.finds_group and _size(clusters) >= settings.min_support:
            return Dependent(
                clusters, _large(clusters), suggested,
                (f"documents with the same {suggested!r} are similar: pairs must occur in "
                 f"{settings.min_support} of its values, and within them (one_per={suggested!r} "
                 "keeps one document of each; finds_group=False counts documents)",),
            )  # fmt: skip
        return Dependent(
            copies, None, suggested,
            (*warnings, f"documents with the same {suggested!r} are similar: pairs may stem from a "
             f"few of its values (group={suggested!r} counts these instead of documents)"),
        )  # fmt: skip
    if settings.finds_group and not is_controlled and are_at_hand(view.source.as_one):
        vectors = open_document_vectors(view.source.as_one).of(view.rows)
        topics = near_topics(
            at_length_one(vectors.steps.astype(np.float32)), least=settings.min_support,
            seed=settings.seed,
        )  # fmt: skip
        if topics is not None:
            n = int((np.bincount(topics) > 1).sum())
            return Dependent(
                topics, _large(topics), None,
                (f"most documents are variations on {n:,} topics, as answers to the same prompts "
                 f"are: pairs must occur in {settings.min_support} topics, and within them "
                 "(finds_group=False counts documents)",),
            )  # fmt: skip
    divides = [] if is_controlled else _divides(view, known)
    return Dependent(copies, warnings=(*warnings, *divides))


def near_topics(directions: DocumentDirections, *, least: int, seed: int = 0) -> PerDocument | None:
    """The topic of each document, if most are variations on a few; else None.

    A topic has at least twenty documents; others are a topic by themselves.

    They are if more pairs of documents are near than merely related, which a corpus of independent
    texts is far from: there, few are related and hardly any near.

    Args:
        directions: Documents x dimensions, of length one.
        least: The size of a usual topic that matters.
        seed: Random seed of the documents that are compared, of many.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    n = len(directions)
    if n < 2 * least:
        return None
    centred = at_length_one(directions - directions.mean(axis=0))
    some = np.sort(np.random.default_rng(seed).permutation(n)[:_MOST_COMPARED])
    upper = np.triu_indices(len(some), 1)
    cosines = (centred[some] @ centred[some].T)[upper]
    n_near = int((cosines >= _NEAR).sum())
    if n_near <= int(((cosines >= _BETWEEN) & (cosines < _NEAR)).sum()):
        return None
    tree = linkage(np.maximum(1 - cosines.astype(np.float64), 0.0), "average")
    labels = fcluster(tree, 1 - _JOINED, "distance") - 1
    topics = _assigned(centred, some, labels)
    # Ten odd texts are near each other too: what is small is no topic, and counts by itself.
    is_small = np.bincount(topics)[topics] < _LEAST_OF_A_VALUE
    topics = np.where(is_small, topics.max() + 1 + np.arange(n), topics)
    topics = np.unique(topics, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return topics if _size(topics) >= least else None


def _assigned(centred: DocumentDirections, some: np.ndarray, labels: np.ndarray) -> PerDocument:
    """The topic of all documents: of those not compared the nearest, or one of their own."""
    means = np.zeros((labels.max() + 1, centred.shape[1]), dtype=np.float32)
    np.add.at(means, labels, centred[some])
    means = at_length_one(means)
    found = np.arange(len(centred), dtype=np.int64) + len(means)
    others = np.setdiff1d(np.arange(len(centred)), some)
    for first in range(0, len(others), _MOST_COMPARED):
        rows = others[first : first + _MOST_COMPARED]
        cosines = centred[rows] @ means.T
        is_near = cosines.max(axis=1) >= _JOINED
        found[rows[is_near]] = cosines.argmax(axis=1)[is_near]
    found[some] = labels
    topics: PerDocument = np.unique(found, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return topics


def _size(clusters: PerDocument) -> float:
    """Size of the cluster of a random document."""
    sizes = np.bincount(clusters)
    return float((sizes**2).sum() / sizes.sum())


def _large(clusters: PerDocument) -> PerDocument | None:
    """The large clusters as parts to test within; None if they are few.

    Documents of small clusters are spread evenly over the parts: as a part of their own they would
    explain away whatever only they have.
    """
    is_large = np.bincount(clusters)[clusters] >= _LEAST_OF_A_VALUE
    if is_large.mean() < _MOSTLY:
        return None
    parts: PerDocument = np.zeros(len(clusters), dtype=np.int64)
    parts[is_large] = np.unique(clusters[is_large], return_inverse=True)[1].reshape(-1)
    n_others = int((~is_large).sum())
    parts[~is_large] = np.arange(n_others) % (parts.max() + 1)
    return parts


def _copies(view: View) -> tuple[PerDocument | None, list[str]]:
    """Near duplicates as clusters, if there are many."""
    counted = np.zeros(view.source.n_documents, dtype=bool)
    counted[view.rows] = True
    nothing = np.zeros(view.source.n_documents, dtype=np.int64)
    groups, warnings = near_copies(view.source, nothing, counted)
    return None if groups is None else groups[view.rows], warnings


def _divides(view: View, known: Sequence[str | None]) -> list[str]:
    """A column of few values, such as topics, that pairs may reflect."""
    found = suggested_column(view.source, view.presence, view.rows, known, of_many=False)
    if found is None:
        return []
    return [
        f"documents with the same {found!r} are similar: pairs may merely reflect its values "
        f"(within={found!r} controls for it, group={found!r} counts its values)"
    ]
