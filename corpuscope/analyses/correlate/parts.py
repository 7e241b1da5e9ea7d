"""Large parts of a corpus, such as its sources, to control for.

Parts are the values of columns, or clusters of document vectors. Only large clusters are used: a
few similar outliers would otherwise form a part of their own, and what makes them outliers would
count as explained.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from corpuscope.analyses.comparison.tested_features import label_of
from corpuscope.analyses.correlate.views import View
from corpuscope.embedding.documents import are_at_hand, open_document_vectors
from corpuscope.shapes import DocumentDirections, PerDocument
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.similarity.directions import at_length_one

_MOST_PARTS, _LEAST_SHARE = 4, 0.12
_LEAST_DOCUMENTS = 40
_MOST_COMPARED = 5_000
_STARTS = 3

# Column values with fewer documents are merged into one part.
_LEAST_OF_A_VALUE = 20

# Minimum adjusted mutual information for a column to match the parts.
_SAYS_THE_SAME = 0.7
_MOST_VALUES = 50
_N_NAMES = 2


@dataclass(frozen=True, eq=False)
class Parts:
    """A partition of the documents into large parts.

    Attributes:
        codes: Part of each document, from 0.
        columns: The columns that define the parts; empty if they were found by clustering.
    """

    codes: PerDocument
    columns: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.codes.max(initial=-1)) + 1


def corpus_parts(
    view: View, *, within: Sequence[str], are_sought: bool, seed: int = 0
) -> Parts | None:
    """The parts of some documents; None if there is only one, or no basis to find them.

    Args:
        view: The documents.
        within: Columns whose values are the parts.
        are_sought: Whether to cluster document vectors if no column is named.
        seed: Random seed for k-means.

    Raises:
        ColumnNotFound: A column does not exist.
    """
    if within:
        parts = Parts(_by_columns([view.values(name) for name in within]), tuple(within))
    elif are_sought and are_at_hand(view.source.as_one):
        vectors = open_document_vectors(view.source.as_one).of(view.rows)
        directions = at_length_one(vectors.steps.astype(np.float32))
        parts = Parts(large_groups(directions, seed=seed))
    else:
        return None
    return parts if len(parts) > 1 else None


def _by_columns(values: Sequence[np.ndarray]) -> PerDocument:
    """A number for each combination of values; rare combinations share one."""
    named = pd.MultiIndex.from_arrays([pd.Series(one).astype(str) for one in values])
    codes = pd.factorize(named, sort=True)[0]
    is_rare = np.bincount(codes)[codes] < _LEAST_OF_A_VALUE
    return _numbered(np.where(is_rare, -1, codes))


def large_groups(directions: DocumentDirections, *, seed: int = 0) -> PerDocument:
    """Clusters of document vectors, each with at least 12 % of the documents.

    k-means with four clusters; documents of clusters that are too small move to the nearest
    remaining centroid. Of many documents, a subset is fitted and the rest are assigned.
    """
    from sklearn.cluster import KMeans

    n = len(directions)
    if n < 2 * _LEAST_DOCUMENTS:
        return np.zeros(n, dtype=np.int64)
    points = directions - directions.mean(axis=0)
    some = np.random.default_rng(seed).permutation(n)[:_MOST_COMPARED]
    fitted = KMeans(_MOST_PARTS, n_init=_STARTS, random_state=seed).fit(points[some])
    centres, codes = fitted.cluster_centers_, fitted.predict(points).astype(np.int64)
    least = max(_LEAST_SHARE * n, _LEAST_DOCUMENTS)
    left = list(range(_MOST_PARTS))
    while len(left) > 1:
        sizes = np.bincount(codes, minlength=_MOST_PARTS)[left]
        if sizes.min() >= least:
            break
        smallest = left.pop(int(sizes.argmin()))
        lost = codes == smallest
        codes[lost] = _nearest(points[lost], centres, left)
    return _numbered(codes)


def _nearest(points: np.ndarray, centres: np.ndarray, left: list[int]) -> np.ndarray:
    distance = (centres[left] ** 2).sum(axis=1) - 2 * points @ centres[left].T
    nearest: np.ndarray = np.array(left, dtype=np.int64)[distance.argmin(axis=1)]
    return nearest


def _numbered(codes: np.ndarray) -> PerDocument:
    numbers: PerDocument = np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return numbers


def parts_warnings(
    view: View, parts: Parts | None, n_divided: int, n_significant: int
) -> list[str]:
    """A warning if most pairs merely reflect parts of the corpus.

    Args:
        view: The documents.
        parts: The parts that were controlled for; None if there were none.
        n_divided: Number of significant pairs explained by the parts.
        n_significant: Number of significant pairs.
    """
    if parts is None or n_divided <= n_significant / 2:
        return []
    return [
        f"most pairs ({n_divided:,} of {n_significant:,}) merely reflect {len(parts)} parts of the "
        f"corpus and are excluded: {_described(view, parts)}"
    ]


def _described(view: View, parts: Parts) -> str:
    if parts.columns:
        return f"the values of {' and '.join(map(repr, parts.columns))}"
    column = matching_column(view, parts)
    if column is not None:
        return f"they largely match the values of {column!r} (within=[{column!r}] uses these)"
    return "; ".join(_names(view, parts))


def matching_column(view: View, parts: Parts) -> str | None:
    """The column whose values best match the parts; None if none does well enough."""
    from sklearn.metrics import adjusted_mutual_info_score

    best: tuple[float, str] | None = None
    for name in view.source.columns:
        values = pd.factorize(pd.Series(view.values(name)).astype(str))[0]
        if not 2 <= len(np.unique(values)) <= _MOST_VALUES:
            continue
        found = float(adjusted_mutual_info_score(values, parts.codes))
        if found >= _SAYS_THE_SAME and (best is None or found > best[0]):
            best = found, name
    return None if best is None else best[1]


def _names(view: View, parts: Parts) -> list[str]:
    """Size of each part, and the two features most enriched in it."""
    has = as_ones(view.presence)
    answer = []
    for part in range(len(parts)):
        own = parts.codes == part
        inside, outside = (np.asarray(has[rows].mean(axis=0)).ravel() for rows in (own, ~own))
        first = np.argsort(outside - inside, kind="stable")[:_N_NAMES]
        labels = " and ".join(label_of(view.source, view.columns, int(at)) for at in first)
        answer.append(f"{int(own.sum()):,} texts with {labels}")
    return answer
