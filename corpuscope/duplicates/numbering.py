"""How texts are counted: duplicates count once, near duplicates form clusters.

A text counts once per group, since rows duplicated by a join carry no additional information.
"""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from corpuscope.duplicates.near_duplicates import duplicates_in, similar_groups
from corpuscope.shapes import DocumentMask, PerDocument
from corpuscope.store.cache import mapped, saved_array
from corpuscope.store.joined import JoinedStore

_NUMBERED: WeakKeyDictionary[JoinedStore, PerDocument] = WeakKeyDictionary()

_VERSION = 1

# Share of documents whose texts occur equally often that indicates a join.
_MULTIPLIED = 0.9


# Least share of near duplicates at which they form clusters.
_MANY_NEAR_COPIES = 0.05


# With fewer effective clusters in a group, near duplicates are only reported.
_ENOUGH = 20


# With more documents, near duplicates are not searched for.
_MOST_COMPARED = 200_000


def text_numbers(source: JoinedStore) -> PerDocument:
    """A number for each document, equal for equal texts; the first call reads all texts.

    Kept in the store's cache.
    """
    if source not in _NUMBERED:
        folder = source.as_one.cached_folder(
            f"texts-{_VERSION}",
            arrays=("numbers",),
            build=lambda into: saved_array(into, "numbers", numbered_texts(source.text_batches())),
        )
        _NUMBERED[source] = np.array(mapped(folder, "numbers"))
    return _NUMBERED[source]


def numbered_texts(batches: Iterable[list[str]]) -> PerDocument:
    """A number for each text, equal for equal texts.

    Example:
        >>> numbered_texts([["a", "b"], ["a"]])
        array([0, 1, 0])
    """
    hashes = [
        pd.util.hash_array(np.array(texts, dtype=object), categorize=False) for texts in batches
    ]
    together = np.concatenate([*hashes, np.empty(0, dtype=np.uint64)])
    return pd.factorize(together)[0].astype(np.int64)


def counted_once(
    texts: PerDocument, codes: PerDocument, keys: PerDocument, *, rows: DocumentMask
) -> DocumentMask:
    """Which documents count: the first of each text and group, among `rows`.

    With keys, the first of each text, group and key: equal answers to different prompts count.

    Example:
        >>> nobody = np.full(4, -1)
        >>> counted_once(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), nobody,
        ...     rows=np.ones(4, dtype=bool))
        array([ True, False,  True,  True])
    """
    found = pd.DataFrame({"key": keys, "code": codes, "text": texts, "row": np.arange(len(texts))})[
        rows
    ]
    found = found.drop_duplicates(["key", "code", "text"])
    counted = np.zeros(len(texts), dtype=bool)
    counted[found["row"]] = True
    return counted


def copy_warnings(
    texts: PerDocument, codes: PerDocument, *, rows: DocumentMask, counted: DocumentMask
) -> list[str]:
    """Warnings about duplicates that do not count, among the documents `rows`."""
    n_copies = int(rows.sum() - counted.sum())
    if not n_copies:
        return []
    here = np.stack([texts[rows], codes[rows]])
    _, times = np.unique(here, axis=1, return_counts=True)
    # The most common multiplicity, weighted by documents.
    usual = int(np.bincount(times, weights=times).argmax())
    if usual > 1 and times[times == usual].sum() >= _MULTIPLIED * rows.sum():
        return [
            f"nearly every text occurs {usual} times in its group, as after a join of tables: "
            "each counts once"
        ]
    return [
        f"{n_copies:,} duplicates of texts in the same group are not counted (use count_copies if "
        "they are independent observations)"
    ]


def near_copies(
    source: JoinedStore, codes: PerDocument, counted: DocumentMask
) -> tuple[PerDocument | None, list[str]]:
    """The clusters of near duplicates, if there are many, and warnings about them.

    If all texts of a group are instances of a few templates, the templates themselves are the
    object of study; then near duplicates are reported but not clustered.
    """
    n = int(counted.sum())
    if source.n_documents > _MOST_COMPARED:
        return None, []
    every = np.arange(source.n_documents, dtype=np.int64)
    clusters = similar_groups(duplicates_in(source, every), source.n_documents)
    n_similar = int((np.bincount(clusters[counted], minlength=1)[clusters[counted]] > 1).sum())
    note = f"{n_similar:,} of {n:,} documents are near duplicates, such as filled templates"
    if not n or n_similar < _MANY_NEAR_COPIES * n:
        return None, [note] if n_similar else []
    groups = np.unique(codes[counted])
    if min(_effective(clusters[counted & (codes == code)]) for code in groups) < _ENOUGH:
        return None, [f"{note}; too few clusters would remain, so they count as independent"]
    return clusters, [f"{note}: each set of near duplicates is treated as one cluster"]


def _effective(numbers: PerDocument) -> float:
    """The effective number of clusters, (sum n)^2 / sum n^2 (Kish 1965)."""
    sizes = np.unique(numbers, return_counts=True)[1]
    return float(sizes.sum() ** 2 / (sizes**2).sum())
