"""The groups of a comparison, formed by a column, and their pairing by a key."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.errors import GroupNotFound, InputError, NotEnoughData, PairingError
from corpuscope.shapes import DocumentMask, NumberPerDocument, PerDocument, PresenceMatrix, Rows
from corpuscope.statistics.clusters.clustered import ClusterCalibration, calibrated

LEAST_DOCUMENTS = 4
"""A group with fewer documents cannot be split into two halves of two."""

LEAST_IN_A_HALF = 2


@dataclass(frozen=True, eq=False)
class Contrast:
    """The documents of the target and of one reference group.

    Attributes:
        reference: The name of the reference group.
        target_rows: The target's documents.
        reference_rows: The reference's documents.
        is_paired: Whether row `i` of one side is paired with row `i` of the other.
        keys: Key number of every document of the store, such as its prompt, if documents are
            compared within keys; a group may have several documents per key.
        clusters: Cluster number of every document of the store, such as its author; None if
            documents are taken as independent.
        calibration: The null distribution and intraclass correlation estimated from all features
            (`statistics/clusters/clustered`).
    """

    reference: str
    target_rows: Rows
    reference_rows: Rows
    is_paired: bool
    keys: PerDocument | None = None
    clusters: PerDocument | None = None
    calibration: ClusterCalibration | None = None

    @property
    def n_documents(self) -> int:
        """The number of documents of both groups."""
        return len(self.target_rows) + len(self.reference_rows)

    @property
    def rows(self) -> Rows:
        """The documents of both groups, the target's first."""
        return np.concatenate([self.target_rows, self.reference_rows])

    @property
    def is_target(self) -> NumberPerDocument:
        """1 for each of `rows` in the target, else 0."""
        return np.repeat([1.0, 0.0], [len(self.target_rows), len(self.reference_rows)])

    @property
    def blocks(self) -> PerDocument:
        """The key numbers of `rows`; all 0 without keys."""
        if self.keys is None:
            return np.zeros(self.n_documents, dtype=np.int64)
        return self.keys[self.rows]

    @property
    def cluster_numbers(self) -> PerDocument | None:
        """The cluster numbers of `rows`; keys with several documents per group are clusters."""
        if self.clusters is not None:
            return self.clusters[self.rows]
        return None if self.keys is None or self.is_paired else self.keys[self.rows]

    def calibrated(self, presence: PresenceMatrix) -> "Contrast":
        """The contrast with its clusters calibrated on these features."""
        clusters = self.cluster_numbers
        if clusters is None:
            return self
        known = calibrated(
            presence[self.rows], self.is_target, strata=self.blocks, clusters=clusters
        )
        return replace(self, calibration=known)

    def among(self, documents: DocumentMask) -> "Contrast":
        """The contrast restricted to some documents; incomplete pairs are dropped."""
        left, right = documents[self.target_rows], documents[self.reference_rows]
        if self.is_paired:
            left = right = left & right
        left, right = self.target_rows[left], self.reference_rows[right]
        # With several documents per key, dropping some may leave a key on one side only.
        if self.keys is None or self.is_paired:
            return replace(self, target_rows=left, reference_rows=right, calibration=None)
        return replace(_paired(self.reference, left, right, self.keys), clusters=self.clusters)


@dataclass(frozen=True, eq=False)
class Groups:
    """The target, its contrasts with the reference groups, and notes on excluded documents.

    Attributes:
        target: The name of the target group.
        contrasts: One for each reference group.
        codes: Group number of every document; -1 for none.
        keys: Key number of every document; -1 for none.
        warnings: Notes on documents that were left out.
        texts: Text number of every document, if known.
        clusters: Cluster number of every document; None if all are independent.
    """

    target: str
    contrasts: tuple[Contrast, ...]
    codes: PerDocument
    keys: PerDocument
    warnings: tuple[str, ...]
    texts: PerDocument | None = None
    clusters: PerDocument | None = None

    @property
    def kept_together(self) -> list[PerDocument]:
        """The groupings that a split must not divide: texts, keys and clusters."""
        known = (self.texts, self.keys, self.clusters)
        return [numbers for numbers in known if numbers is not None]

    def among(self, documents: DocumentMask) -> "Groups":
        """The groups restricted to some documents."""
        return replace(self, contrasts=tuple(one.among(documents) for one in self.contrasts))

    def calibrated(self, presence: PresenceMatrix) -> "Groups":
        """The groups with their clusters calibrated on these features."""
        contrasts = tuple(contrast.calibrated(presence) for contrast in self.contrasts)
        return replace(self, contrasts=contrasts)

    def counting(
        self, counted: DocumentMask, *, texts: PerDocument, clusters: PerDocument | None
    ) -> "Groups":
        """The groups restricted to the documents that count, with their texts and clusters."""
        contrasts = tuple(
            replace(contrast.among(counted), clusters=clusters) for contrast in self.contrasts
        )
        return replace(self, contrasts=contrasts, texts=texts, clusters=clusters)

    @property
    def cluster_numbers(self) -> PerDocument | None:
        """The cluster number of each document; None if all are independent."""
        return self.clusters

    def sides(self) -> dict[str, Rows]:
        """The documents of the target and of each reference group, by name."""
        return {self.target: self.contrasts[0].target_rows} | {
            contrast.reference: contrast.reference_rows for contrast in self.contrasts
        }

    def check_sizes(self, *, by: str, pair: str | None) -> None:
        """Refuse groups that are too small to be compared.

        Raises:
            PairingError: No key is in two groups.
            NotEnoughData: A group has too few documents.
        """
        for contrast in self.contrasts:
            _check_size(contrast, target=self.target, pair=pair or "")

    def check_halves(self, first: DocumentMask, second: DocumentMask) -> None:
        """Raise NotEnoughData if a half has fewer than two documents of a group."""
        for contrast in self.contrasts:
            _check_halves(contrast.among(first), contrast.among(second), self.target)

    def positions_of(self, rows: Rows) -> NumberPerDocument:
        """1 for each of these documents in the target, else 0."""
        return np.isin(rows, self.contrasts[0].target_rows).astype(np.float64)

    def regressor(self) -> tuple[Rows, NumberPerDocument, PerDocument]:
        """The documents of the largest contrast, their target indicator, and their keys."""
        largest = max(self.contrasts, key=lambda contrast: contrast.n_documents)
        return largest.rows, largest.is_target, largest.blocks

    @property
    def references(self) -> tuple[str, ...]:
        """The names of the reference groups."""
        return tuple(contrast.reference for contrast in self.contrasts)

    @property
    def rows(self) -> DocumentMask:
        """Which documents are compared."""
        taking_part = np.zeros(len(self.codes), dtype=bool)
        for contrast in self.contrasts:
            taking_part[contrast.target_rows] = True
            taking_part[contrast.reference_rows] = True
        return taking_part


def as_names(values: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Each value as a string; None where it is missing.

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
    among: DocumentMask | None = None,
) -> Groups:
    """The target and its contrasts with each reference group.

    Args:
        values: The group of each document; None for none.
        by: The name of the grouping column, for messages.
        target: The group of interest; None if there is only one choice.
        reference: The groups to compare it with; None for all others.
        keys: The key of each document, by which groups are paired.
        pair: The name of its column.
        among: The documents to compare; others are left out without a word.

    Raises:
        NotEnoughData: There is only one group.
        GroupNotFound: A named group does not exist, or the target is ambiguous.
    """
    missing = left_out(values if among is None else values[among], by)
    if among is not None:
        values = values.copy()
        values[~among] = None
    counts = Counter(value for value in values if value is not None)
    target, references, chosen = _choose(counts, by=by, target=target, reference=reference)
    warnings = [*missing, *chosen]
    rows = {name: np.flatnonzero(values == name) for name in (target, *references)}
    key_codes = np.full(len(values), -1, dtype=np.int64)
    if keys is None:
        contrasts = [Contrast(g, rows[target], rows[g], is_paired=False) for g in references]
    else:
        key_codes = pd.factorize(keys)[0].astype(np.int64)
        contrasts = [_paired(g, rows[target], rows[g], key_codes) for g in references]
        warnings += _unpaired_warnings(contrasts, rows, target=target, pair=pair)
        warnings += _averaging_warnings(contrasts, pair)
    codes = pd.factorize(values, sort=True)[0].astype(np.int64)
    return Groups(target, tuple(contrasts), codes, key_codes, tuple(warnings))


def _choose(
    counts: Counter[str], *, by: str, target: str | None, reference: str | Sequence[str] | None
) -> tuple[str, list[str], list[str]]:
    """The target, the references, and a warning if the target was chosen by default."""
    requested = [reference] if isinstance(reference, str) else list(reference or [])
    requested = [str(name) for name in requested]
    target = None if target is None else str(target)
    for name in [*([] if target is None else [target]), *requested]:
        if name not in counts:
            raise GroupNotFound(
                f"the column {by!r} has no group {name!r}",
                expected=f"one of {listed(counts)}",
                next_step="use one of these names",
            )
    if len(counts) < 2:
        raise NotEnoughData(
            f"the column {by!r} has {len(counts)} group: {listed(counts)}",
            expected="two groups or more",
            next_step="name a column with at least two groups",
        )
    if target is not None and target in requested:
        raise GroupNotFound(
            f"{target!r} is both target and reference",
            expected="a reference other than the target",
            next_step=f"choose another of {listed(counts)}",
        )
    if target is not None:
        return target, requested or sorted(set(counts) - {target}), []
    # Without a target, exactly one choice must remain, or two groups of which the last is taken.
    open_groups = sorted(set(counts) - set(requested)) if requested else sorted(counts)
    if len(open_groups) != (1 if requested else 2):
        raise GroupNotFound(
            f"no target was named, and the column {by!r} has {len(counts)} groups",
            expected=f"a target, one of {listed(counts)}",
            next_step="name the target",
        )
    target = open_groups[-1]
    references = requested or open_groups[:1]
    return target, references, [f"no target was named: comparing {target!r} against {references}"]


def left_out(values: npt.NDArray[np.object_], by: str) -> list[str]:
    """A warning about documents without a group, if there are any."""
    n_missing = sum(value is None for value in values)
    return [f"{n_missing} documents without {by!r} were left out"] if n_missing else []


def _paired(name: str, target: Rows, reference: Rows, keys: PerDocument) -> Contrast:
    """The documents whose keys are in both groups; one-to-one pairs if keys are unique."""
    left, right = target[keys[target] >= 0], reference[keys[reference] >= 0]
    left, right = (
        left[np.isin(keys[left], keys[right])], right[np.isin(keys[right], keys[left])]
    )  # fmt: skip
    # Sorting both sides by key aligns the pairs row by row.
    left, right = (rows[np.argsort(keys[rows], kind="stable")] for rows in (left, right))
    return Contrast(name, left, right, is_paired=_is_one_to_one(left, right, keys), keys=keys)


def _is_one_to_one(left: Rows, right: Rows, keys: PerDocument) -> bool:
    return all(len(np.unique(keys[side])) == len(side) for side in (left, right))


def _unpaired_warnings(
    contrasts: Sequence[Contrast], rows: dict[str, Rows], *, target: str, pair: str
) -> list[str]:
    warnings = []
    for contrast in contrasts:
        for name, kept in (
            (target, contrast.target_rows), (contrast.reference, contrast.reference_rows)
        ):  # fmt: skip
            n_lost = len(rows[name]) - len(kept)
            if n_lost:
                other = contrast.reference if name == target else target
                warnings.append(
                    f"{n_lost} documents of {name!r} without a partner in {other!r} (same "
                    f"{pair!r}) were left out"
                )
    return warnings


def _averaging_warnings(contrasts: Sequence[Contrast], pair: str) -> list[str]:
    if all(contrast.is_paired for contrast in contrasts):
        return []
    return [f"a group has several documents with the same {pair!r}: these are averaged"]


def _check_size(contrast: Contrast, *, target: str, pair: str) -> None:
    n_target, n_reference = len(contrast.target_rows), len(contrast.reference_rows)
    if contrast.keys is not None and n_target == 0:
        raise PairingError(
            f"no key of the column {pair!r} is in both {target!r} and {contrast.reference!r}",
            expected="keys shared by both groups",
            next_step="pair by another column, or omit pair to compare all documents",
        )
    if min(n_target, n_reference) < LEAST_DOCUMENTS:
        what = "pairs" if contrast.is_paired else "documents"
        raise NotEnoughData(
            f"{target!r} has {n_target} {what} and {contrast.reference!r} {n_reference}",
            expected=f"at least {LEAST_DOCUMENTS} distinct ones on each side",
            next_step="add documents, or compare larger groups",
        )


def _check_halves(first: Contrast, second: Contrast, target: str) -> None:
    sizes = [
        len(rows) for half in (first, second) for rows in (half.target_rows, half.reference_rows)
    ]
    if min(sizes) < LEAST_IN_A_HALF:
        raise NotEnoughData(
            f"{target!r} and {first.reference!r} have {sizes[0]} and {sizes[1]} documents in "
            f"one half of the holdout split, {sizes[2]} and {sizes[3]} in the other (equal texts "
            "are kept together)",
            expected=f"at least {LEAST_IN_A_HALF} of each",
            next_step="add distinct documents, or set holdout closer to 0.5",
        )


def check_roles_of_columns(
    *, by: str | None, pair: str | None, group: str | None, strata: Sequence[str]
) -> None:
    """Refuse columns whose roles contradict each other.

    Raises:
        PairingError: `pair` is the grouping column.
        InputError: `group` is the grouping column, or `strata` contain it.
    """
    if pair is not None and pair == by:
        raise PairingError(
            f"by and pair are both {by!r}",
            expected="a pair column whose values are shared by the groups",
            next_step="pair by what the documents respond to, such as the id of the prompt",
        )
    if group is not None and group == by:
        raise InputError(
            f"by and group are both {by!r}",
            expected="a column that identifies clusters of documents, such as their author",
            next_step="omit group, or name another column",
        )
    if by in strata:
        raise InputError(
            f"{by!r} is in both by and strata",
            expected="strata in which both groups occur",
            next_step="remove it from strata",
        )


def listed(counts: Counter[str]) -> str:
    """The groups and their sizes, formatted for messages."""
    return "{" + ", ".join(f"{name!r}: {n}" for name, n in sorted(counts.items())) + "}"
