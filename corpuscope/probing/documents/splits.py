"""Groups of documents that belong together, and parts of a corpus that never divide one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.duplicates.near_duplicates import Listed, SimilarPair, duplicates, groups_of_pairs
from corpuscope.errors import NotEnoughData

Rows = npt.NDArray[np.int64]


def groups_of(alike: Sequence[SimilarPair], rows: Rows, keys: Sequence[Any] | None = None) -> Rows:
    """For each of some documents the number of its group.

    Documents are of one group if their texts are nearly the same or one is within the other, or
    if they have the same key; and so on, from one to the next.

    Args:
        alike: What `duplicates_in` finds among them.
        rows: Which documents.
        keys: One for each; None where a document has none.
    """
    place = {row: at for at, row in enumerate(rows.tolist())}
    pairs = [(place[one.first], place[one.second]) for one in alike]
    first: dict[str, int] = {}
    for at, key in enumerate(keys or ()):
        if key is not None:
            pairs.append((first.setdefault(str(key), at), at))
    return groups_of_pairs(pairs, len(rows))


def are_known(texts: Sequence[str], known: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which texts are nearly the same as a known one, or one within the other."""
    every = [*known, *texts]
    groups = groups_of(duplicates(Listed(every)), np.arange(len(every)))
    return np.isin(groups[len(known) :], groups[: len(known)])


def parts_of(groups: Rows, strata: Rows, shares: Sequence[float], *, seed: int) -> Rows:
    """For each document the part that it is in; documents of one group are in one part.

    Of each stratum every part has about its share.

    Args:
        groups: For each document its group.
        strata: For each document what is to be spread evenly, such as its class.
        shares: What share of the documents each part is to have.
        seed: Which groups go where.
    """
    known, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    n_strata = int(strata.max(initial=0)) + 1
    counts = np.zeros((len(known), n_strata))
    np.add.at(counts, (at, strata), 1)
    stratum = counts.argmax(axis=1)
    order = np.random.default_rng(seed).permutation(len(known))
    # Large groups first: what comes later can even out what they unbalance.
    order = order[np.argsort(-sizes[order], kind="stable")]
    wanted = counts.sum(axis=0)[:, None] * np.asarray(shares)
    part = np.empty(len(known), dtype=np.int64)
    filled = np.zeros((n_strata, len(shares)))
    for group in order:
        own = stratum[group]
        part[group] = int(np.argmax((wanted[own] - filled[own]) / np.maximum(wanted[own], 1e-9)))
        filled[:, part[group]] += counts[group]
    return part[at]


def check_divisible(
    groups: Rows, strata: Rows, names: Sequence[str], *, folds: int, grouped_by: str
) -> None:
    """Make sure that every part can have documents of every class.

    Raises:
        NotEnoughData: A class has fewer groups than there are parts.
    """
    for stratum, name in enumerate(names):
        own = strata == stratum
        n_groups = len(np.unique(groups[own]))
        if n_groups < folds + 1:
            n = int(own.sum())
            raise NotEnoughData(
                f"the class {name!r} has {n} documents in {n_groups} groups ({grouped_by})",
                expected=f"at least {folds + 1} groups: one for each fold, and one to test on",
                next_step="add documents, ask for fewer folds, or name another group column",
            )


def check_parts(parts: Rows, strata: Rows, names: Sequence[str], *, n: int, what: str) -> None:
    """Make sure that each part has documents of every class.

    Raises:
        NotEnoughData: One has none, for groups hold too many documents together.
    """
    for part in range(n):
        present = np.unique(strata[parts == part])
        if len(present) < len(names):
            missing = [name for i, name in enumerate(names) if i not in present]
            raise NotEnoughData(
                f"a {what} without any document of {missing}, for groups are never divided",
                expected="groups small enough for every part to have each class",
                next_step="name another group column, ask for fewer folds, or add documents",
            )
