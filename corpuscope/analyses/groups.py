"""Which documents are compared with which: groups by a column, and pairs by a key."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.errors import GroupNotFound, InputError, NotEnoughData, PairingError
from corpuscope.shapes import DocumentMask, PerDocument

Rows = npt.NDArray[np.int64]
"""Which documents are meant, counted from 0."""

LEAST_DOCUMENTS = 4
"""A side with fewer documents cannot be split in two halves of two."""

_NAMED = 5


@dataclass(frozen=True, eq=False)
class Contrast:
    """The target's documents and those of one other group.

    Where `is_paired`, row `i` of one side belongs to row `i` of the other.
    """

    reference: str
    target_rows: Rows
    reference_rows: Rows
    is_paired: bool

    @property
    def n_documents(self) -> int:
        """How many documents there are on both sides together."""
        return len(self.target_rows) + len(self.reference_rows)

    def among(self, documents: DocumentMask) -> "Contrast":
        """What is left of it among some documents; pairs stay whole or go."""
        left, right = documents[self.target_rows], documents[self.reference_rows]
        if self.is_paired:
            left = right = left & right
        return replace(
            self, target_rows=self.target_rows[left], reference_rows=self.reference_rows[right]
        )


@dataclass(frozen=True, eq=False)
class Groups:
    """The target, what it is compared with, and what was left out on the way there."""

    target: str
    contrasts: tuple[Contrast, ...]
    codes: PerDocument
    keys: PerDocument
    warnings: tuple[str, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The names of the other groups."""
        return tuple(contrast.reference for contrast in self.contrasts)

    @property
    def rows(self) -> DocumentMask:
        """Which documents take part."""
        taking_part = np.zeros(len(self.codes), dtype=bool)
        for contrast in self.contrasts:
            taking_part[contrast.target_rows] = True
            taking_part[contrast.reference_rows] = True
        return taking_part


def as_names(values: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Each value as a string, None where there is none.

    Example:
        >>> as_names(np.array([2020, None, "new"], dtype=object))
        array(['2020', None, 'new'], dtype=object)
    """
    names = np.empty(len(values), dtype=object)
    names[:] = [None if pd.isna(value) else str(value) for value in values]
    return names


def find_groups(
    values: npt.NDArray[np.object_],
    *,
    by: str,
    target: str | None,
    reference: str | Sequence[str] | None,
    keys: npt.NDArray[np.object_] | None = None,
    pair: str = "",
) -> Groups:
    """The target's documents against those of each other group.

    Raises:
        NotEnoughData: There is one group only, or too few documents in one.
        GroupNotFound: A group that is asked for is not there.
        PairingError: A key is there twice in a group, or no key in two groups.
    """
    counts = Counter(value for value in values if value is not None)
    target, references, chosen = _choose(counts, by=by, target=target, reference=reference)
    warnings = [*left_out(values, by), *chosen]
    rows = {name: np.flatnonzero(values == name) for name in (target, *references)}
    key_codes = np.full(len(values), -1, dtype=np.int64)
    if keys is None:
        contrasts = [Contrast(g, rows[target], rows[g], is_paired=False) for g in references]
    else:
        key_codes = pd.factorize(keys)[0].astype(np.int64)
        check_keys(keys, rows, by=by, pair=pair)
        contrasts = [_paired(g, rows[target], rows[g], key_codes) for g in references]
        warnings += _unpaired(contrasts, rows, target=target, pair=pair)
    for contrast in contrasts:
        _check_size(contrast, target=target, by=by, pair=pair)
    codes = pd.factorize(values, sort=True)[0].astype(np.int64)
    return Groups(target, tuple(contrasts), codes, key_codes, tuple(warnings))


def _choose(
    counts: Counter[str], *, by: str, target: str | None, reference: str | Sequence[str] | None
) -> tuple[str, list[str], list[str]]:
    """The target, the other groups, and a warning where the choice was ours."""
    asked = [reference] if isinstance(reference, str) else list(reference or [])
    asked = [str(name) for name in asked]
    target = None if target is None else str(target)
    for name in [*([] if target is None else [target]), *asked]:
        if name not in counts:
            raise GroupNotFound(
                f"the column {by!r} has no group {name!r}",
                expected=f"one of {listed(counts)}",
                next_step="name one of these",
            )
    if len(counts) < 2:
        raise NotEnoughData(
            f"the column {by!r} has {len(counts)} group: {listed(counts)}",
            expected="two groups or more",
            next_step="name a column that tells two groups apart",
        )
    if target is not None and target in asked:
        raise GroupNotFound(
            f"{target!r} is both target and reference",
            expected="a reference other than the target",
            next_step=f"name others of {listed(counts)}",
        )
    if target is not None:
        return target, asked or sorted(set(counts) - {target}), []
    open_groups = sorted(set(counts) - set(asked)) if asked else sorted(counts)
    if len(open_groups) != (1 if asked else 2):
        raise GroupNotFound(
            f"no target was named, and the column {by!r} has {len(counts)} groups",
            expected=f"a target, one of {listed(counts)}",
            next_step="name the target",
        )
    target = open_groups[-1]
    references = asked or open_groups[:1]
    return target, references, [f"no target was named: {target!r} against {references}"]


def left_out(values: npt.NDArray[np.object_], by: str) -> list[str]:
    """A remark on the documents without a group, if there are any."""
    n_missing = sum(value is None for value in values)
    return [f"{n_missing} documents without {by!r} were left out"] if n_missing else []


def check_keys(keys: npt.NDArray[np.object_], rows: dict[str, Rows], *, by: str, pair: str) -> None:
    """Raise PairingError unless each key is at most once in each group's rows."""
    doubled = {
        f"{key!r} ({n} times in {by} {name!r})": n
        for name, members in rows.items()
        for key, n in Counter(keys[members]).items()
        if key is not None and n > 1
    }
    if doubled:
        raise PairingError(
            f"{len(doubled)} keys of the column {pair!r} are not unique in their group: "
            + ", ".join(list(doubled)[:_NAMED]),
            expected="each key once in each group at most",
            next_step="pair by a column that tells such documents apart, or drop the doubles",
        )


def _paired(name: str, target: Rows, reference: Rows, keys: PerDocument) -> Contrast:
    left, right = target[keys[target] >= 0], reference[keys[reference] >= 0]
    _, at_left, at_right = np.intersect1d(keys[left], keys[right], return_indices=True)
    return Contrast(name, left[at_left], right[at_right], is_paired=True)


def _unpaired(
    contrasts: Sequence[Contrast], rows: dict[str, Rows], *, target: str, pair: str
) -> list[str]:
    warnings = []
    for contrast in contrasts:
        n_pairs = len(contrast.target_rows)
        for name in (target, contrast.reference):
            n_lost = len(rows[name]) - n_pairs
            if n_lost:
                other = contrast.reference if name == target else target
                warnings.append(
                    f"{n_lost} documents of {name!r} without a partner by {pair!r} in "
                    f"{other!r} were left out"
                )
    return warnings


def _check_size(contrast: Contrast, *, target: str, by: str, pair: str) -> None:
    n_target, n_reference = len(contrast.target_rows), len(contrast.reference_rows)
    if contrast.is_paired and n_target == 0:
        raise PairingError(
            f"no key of the column {pair!r} is in both {target!r} and {contrast.reference!r}",
            expected="keys that both groups share",
            next_step="pair by another column, or leave out pair to compare all documents",
        )
    if min(n_target, n_reference) < LEAST_DOCUMENTS:
        what = "pairs" if contrast.is_paired else "documents"
        raise NotEnoughData(
            f"{target!r} has {n_target} {what} and {contrast.reference!r} {n_reference}",
            expected=f"at least {LEAST_DOCUMENTS} on each side",
            next_step="bring more documents, or compare larger groups",
        )


def check_columns(*, by: str | None, pair: str | None, strata: Sequence[str]) -> None:
    """Refuse columns that cannot be used beside each other.

    Raises:
        PairingError: The groups cannot be the pairs.
        InputError: The groups cannot be strata.
    """
    if pair is not None and pair == by:
        raise PairingError(
            f"by and pair are both {by!r}",
            expected="a pair column whose values are shared by the groups",
            next_step="pair by what the documents answer, such as a prompt's id",
        )
    if by in strata:
        raise InputError(
            f"{by!r} is both by and a stratum",
            expected="strata in which both groups occur",
            next_step="leave it out of strata",
        )


def listed(counts: Counter[str]) -> str:
    """The groups and their sizes, as messages tell them."""
    return "{" + ", ".join(f"{name!r}: {n}" for name, n in sorted(counts.items())) + "}"
