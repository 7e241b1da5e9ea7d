"""Groups of dependent documents, and stratified splits that never divide a group."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.duplicates.near_duplicates import Listed, SimilarPair, duplicates, groups_of_pairs
from corpuscope.errors import NotEnoughData

Rows = npt.NDArray[np.int64]


def groups_of(alike: Sequence[SimilarPair], rows: Rows, keys: Sequence[Any] | None = None) -> Rows:
    """The group of each document, as a number.

    Groups are connected components: two documents are linked if their texts are near-duplicates,
    one contains the other, or they have the same key.

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
    """Which texts are near-duplicates of a known one, contain it or are contained in it."""
    every = [*known, *texts]
    groups = groups_of(duplicates(Listed(every)), np.arange(len(every)))
    return np.isin(groups[len(known) :], groups[: len(known)])


def parts_of(groups: Rows, strata: Rows, shares: Sequence[float], *, seed: int) -> Rows:
    """A stratified split by groups: the part of each document.

    Documents of one group are in one part; every part has about its share of each stratum.

    Args:
        groups: The group of each document.
        strata: The stratum of each document, such as its class.
        shares: Share of the documents that each part is to have.
        seed: Random seed.
    """
    known, at, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    n_strata = int(strata.max(initial=0)) + 1
    counts = np.zeros((len(known), n_strata))
    np.add.at(counts, (at, strata), 1)
    stratum = counts.argmax(axis=1)
    order = np.random.default_rng(seed).permutation(len(known))
    # Greedy, large groups first: small ones can then even out the imbalance they leave.
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
    """Check that every part can have documents of every class.

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
                expected=f"at least {folds + 1} groups: one per fold, and one for the test set",
                next_step="add documents, use fewer folds, or name another group column",
            )


def check_parts(parts: Rows, strata: Rows, names: Sequence[str], *, n: int, what: str) -> None:
    """Check that each part has documents of every class.

    Raises:
        NotEnoughData: A part lacks a class because groups are too large.
    """
    for part in range(n):
        present = np.unique(strata[parts == part])
        if len(present) < len(names):
            missing = [name for i, name in enumerate(names) if i not in present]
            raise NotEnoughData(
                f"a {what} has no document of {missing}, because groups are never split",
                expected="groups small enough for every part to have each class",
                next_step="name another group column, use fewer folds, or add documents",
            )
