"""How many votes a text has: copies count once, near copies belong together.

One text has one vote in each group: a table that a join has multiplied says no more than before.
"""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from corpuscope.duplicates.near_duplicates import duplicates_in, similar_groups
from corpuscope.shapes import DocumentMask, PerDocument
from corpuscope.store.joined import JoinedStore

_NUMBERED: WeakKeyDictionary[JoinedStore, PerDocument] = WeakKeyDictionary()

# A table is multiplied where so many documents are of texts that are there equally often.
_MULTIPLIED = 0.9


# From this share of near copies on they count as belonging together.
_MANY_NEAR_COPIES = 0.05


# Where those of a group are worth fewer than so many clusters they are only told of.
_ENOUGH = 20


# Of more documents near copies are not looked for.
_MOST_COMPARED = 200_000


def text_numbers(source: JoinedStore) -> PerDocument:
    """A number for each document, equal for equal texts; all texts are read on the first call."""
    if source not in _NUMBERED:
        _NUMBERED[source] = numbered_texts(source.text_batches())
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
    """The first document of each text in each group, among some documents.

    With keys the first of each text, group and key: equal answers to different prompts count.

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
    """What to say of copies that do not count, of some documents with their texts and groups."""
    n_copies = int(rows.sum() - counted.sum())
    if not n_copies:
        return []
    here = np.stack([texts[rows], codes[rows]])
    _, times = np.unique(here, axis=1, return_counts=True)
    usual = int(np.bincount(times, weights=times).argmax())
    if usual > 1 and times[times == usual].sum() >= _MULTIPLIED * rows.sum():
        return [
            f"nearly every text is there {usual} times in its group, as after a join of tables: "
            "each counts once"
        ]
    return [
        f"{n_copies:,} copies of a text that its group has already do not count (count_copies "
        "counts them, which is right where they are answers of their own)"
    ]


def near_copies(
    source: JoinedStore, codes: PerDocument, counted: DocumentMask
) -> tuple[PerDocument | None, list[str]]:
    """What near copies belong together, where they are many, and what to say of them.

    Where all of a group are fillings of a few templates these are no sample of anything, and what
    stands in them is what is asked about; it is only told.
    """
    n = int(counted.sum())
    if source.n_documents > _MOST_COMPARED:
        return None, []
    every = np.arange(source.n_documents, dtype=np.int64)
    together = similar_groups(duplicates_in(source, every), source.n_documents)
    n_alike = int((np.bincount(together[counted], minlength=1)[together[counted]] > 1).sum())
    told = f"{n_alike:,} of {n:,} documents are near copies of others, such as filled templates"
    if not n or n_alike < _MANY_NEAR_COPIES * n:
        return None, [told] if n_alike else []
    groups = np.unique(codes[counted])
    if min(_effective(together[counted & (codes == code)]) for code in groups) < _ENOUGH:
        return None, [f"{told}, and hardly any are not: they are taken as independent all the same"]
    return together, [f"{told}: they are taken as belonging together"]


def _effective(numbers: PerDocument) -> float:
    """How many clusters of one size these are worth (Kish)."""
    sizes = np.unique(numbers, return_counts=True)[1]
    return float(sizes.sum() ** 2 / (sizes**2).sum())
