"""The holdout split: a discovery part and a held-out part, to replicate findings in."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, PerDocument


def split(
    source: NamedStore,
    rows: DocumentMask,
    codes: PerDocument,
    kept_together: Sequence[PerDocument],
    *,
    share: float,
    seed: int,
) -> tuple[DocumentMask, DocumentMask]:
    """The discovery and the held-out part of the documents `rows`.

    `codes` number the groups. Documents with equal numbers in any of `kept_together` (-1 for none)
    are kept in the same part.
    """
    taking_part = np.flatnonzero(rows)
    blocks = blocks_of(*(numbers[taking_part] for numbers in kept_together))
    is_held = held_out(
        blocks,
        groups=codes[taking_part],
        ids=source.ids[taking_part],
        share=share,
        seed=seed,
    )
    first, second = (np.zeros(source.n_documents, dtype=bool) for _ in range(2))
    first[taking_part[~is_held]] = True
    second[taking_part[is_held]] = True
    return first, second


def blocks_of(*kept_together: PerDocument) -> PerDocument:
    """A block number for each document; documents of one block must not be separated.

    Blocks are the connected components of documents linked by an equal text, key or cluster
    (-1 for none).

    Example:
        >>> blocks_of(np.array([0, 1, 0, 2]), np.array([-1, 7, 7, -1]))
        array([0, 0, 0, 1], dtype=int32)
    """
    size = n = len(kept_together[0])
    # A hub node for each text, key and cluster keeps the graph linear in the documents.
    documents, hubs = [], []
    for numbers in kept_together:
        numbered = np.flatnonzero(numbers >= 0)
        documents.append(numbered)
        hubs.append(size + numbers[numbered])
        size += int(numbers.max(initial=-1)) + 1
    ends = np.concatenate(documents), np.concatenate(hubs)
    edges = sp.csr_array((np.ones(len(ends[0]), np.int8), ends), shape=(size, size))
    blocks: PerDocument = connected_components(edges, directed=False)[1][:n]
    return pd.factorize(blocks)[0].astype(np.int32)


def held_out(
    blocks: PerDocument,
    *,
    groups: PerDocument,
    ids: npt.NDArray[np.object_],
    share: float,
    seed: int,
) -> DocumentMask:
    """Which documents are held out: about `share` of each group, without dividing blocks.

    Blocks with equal numbers of documents in each group are stratified together. Which of them
    are held out depends only on the ids and the seed, not on the order of the documents.
    """
    random = pd.util.hash_array(ids, hash_key=f"{seed % 10**16:016d}", categorize=False)
    n_blocks = int(blocks.max(initial=-1)) + 1
    key = np.full(n_blocks, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(key, blocks, random)
    # A block's profile: its number of documents in each group.
    profile = np.zeros((n_blocks, int(groups.max(initial=-1)) + 1), dtype=np.int64)
    np.add.at(profile, (blocks, groups), 1)
    profiles, profile_of = np.unique(profile, axis=0, return_inverse=True)
    sizes = profiles.sum(axis=1)
    rng = np.random.default_rng(seed)
    is_held = np.zeros(n_blocks, dtype=bool)
    # Documents still owed to the held-out part; largest blocks first, so small ones can settle it.
    missing = 0.0
    for number in np.lexsort((np.arange(len(sizes)), -sizes)):
        members = np.flatnonzero(profile_of.reshape(-1) == number)
        members = members[np.argsort(key[members], kind="stable")]
        wanted = share * len(members) + missing / sizes[number]
        n_held = int(np.clip(np.floor(wanted + rng.random()), 0, len(members)))
        is_held[members[:n_held]] = True
        missing += float(sizes[number] * (share * len(members) - n_held))
    documents: DocumentMask = is_held[blocks]
    return documents
