"""Which documents are compared with which: groups by a column, and pairs by a key."""

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
"""A side with fewer documents cannot be split in two halves of two."""

LEAST_IN_A_HALF = 2


@dataclass(frozen=True, eq=False)
class Contrast:
    """The target's documents and those of one other group.

    Attributes:
        reference: The name of the other group.
        target_rows: The target's documents.
        reference_rows: Those of the other group.
        is_paired: Whether row `i` of one side belongs to row `i` of the other.
        keys: For each document of all the number of its key, such as its prompt, where documents
            of one key are compared; one side of a key may have several.
        clusters: For each document of all the number of what it belongs to, such as its author;
            None where documents are taken as independent.
        calibration: What features say together of the clusters (`statistics/clusters/clustered`).
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
        """How many documents there are on both sides together."""
        return len(self.target_rows) + len(self.reference_rows)

    @property
    def rows(self) -> Rows:
        """The documents of both sides, the target's first."""
        return np.concatenate([self.target_rows, self.reference_rows])

    @property
    def is_target(self) -> NumberPerDocument:
        """Of these, 1 for the target's and 0 for others."""
        return np.repeat([1.0, 0.0], [len(self.target_rows), len(self.reference_rows)])

    @property
    def blocks(self) -> PerDocument:
        """Of these, the numbers of their keys; all 0 where there are none."""
        if self.keys is None:
            return np.zeros(self.n_documents, dtype=np.int64)
        return self.keys[self.rows]

    @property
    def own_clusters(self) -> PerDocument | None:
        """Of these, the numbers of their clusters; several of one key belong together."""
        if self.clusters is not None:
            return self.clusters[self.rows]
        return None if self.keys is None or self.is_paired else self.keys[self.rows]

    def calibrated(self, presence: PresenceMatrix) -> "Contrast":
        """The same with what these features say of the clusters."""
        clusters = self.own_clusters
        if clusters is None:
            return self
        known = calibrated(
            presence[self.rows], self.is_target, strata=self.blocks, clusters=clusters
        )
        return replace(self, calibration=known)

    def among(self, documents: DocumentMask) -> "Contrast":
        """What is left of it among some documents; pairs and keys stay whole or go."""
        left, right = documents[self.target_rows], documents[self.reference_rows]
        if self.is_paired:
            left = right = left & right
        left, right = self.target_rows[left], self.reference_rows[right]
        if self.keys is None or self.is_paired:
            return replace(self, target_rows=left, reference_rows=right, calibration=None)
        return replace(_paired(self.reference, left, right, self.keys), clusters=self.clusters)


@dataclass(frozen=True, eq=False)
class Groups:
    """The target, what it is compared with, and what was left out on the way there."""

    target: str
    contrasts: tuple[Contrast, ...]
    codes: PerDocument
    keys: PerDocument
    warnings: tuple[str, ...]
    texts: PerDocument | None = None
    clusters: PerDocument | None = None

    @property
    def undivided(self) -> list[PerDocument]:
        """Numbers of what stays undivided: texts, keys and clusters."""
        known = (self.texts, self.keys, self.clusters)
        return [numbers for numbers in known if numbers is not None]

    def among(self, documents: DocumentMask) -> "Groups":
        """What is left of them among some documents."""
        return replace(self, contrasts=tuple(one.among(documents) for one in self.contrasts))

    def calibrated(self, presence: PresenceMatrix) -> "Groups":
        """The same with what these features say of the clusters."""
        contrasts = tuple(contrast.calibrated(presence) for contrast in self.contrasts)
        return replace(self, contrasts=contrasts)

    def counting(
        self, counted: DocumentMask, *, texts: PerDocument, clusters: PerDocument | None
    ) -> "Groups":
        """The same with some of the documents, and what belongs together of them."""
        contrasts = tuple(
            replace(contrast.among(counted), clusters=clusters) for contrast in self.contrasts
        )
        return replace(self, contrasts=contrasts, texts=texts, clusters=clusters)

    @property
    def own_clusters(self) -> PerDocument | None:
        """The number of what each document belongs to; None where all are independent."""
        return self.clusters

    def sides(self) -> dict[str, Rows]:
        """The documents of the target and of each other group."""
        return {self.target: self.contrasts[0].target_rows} | {
            contrast.reference: contrast.reference_rows for contrast in self.contrasts
        }

    def check_sizes(self, *, by: str, pair: str | None) -> None:
        """Refuse sides that are too small to be compared.

        Raises:
            PairingError: No key is in two groups.
            NotEnoughData: A side has too few documents.
        """
        for contrast in self.contrasts:
            _check_size(contrast, target=self.target, pair=pair or "")

    def check_halves(self, first: DocumentMask, second: DocumentMask) -> None:
        """Raise NotEnoughData where a half has less than two documents of a group."""
        for contrast in self.contrasts:
            _check_halves(contrast.among(first), contrast.among(second), self.target)

    def positions_of(self, rows: Rows) -> NumberPerDocument:
        """Of some documents 1 for the target's and 0 for others."""
        return np.isin(rows, self.contrasts[0].target_rows).astype(np.float64)

    def regressor(self) -> tuple[Rows, NumberPerDocument, PerDocument]:
        """The documents of the largest contrast, whether each is the target's, and their keys."""
        largest = max(self.contrasts, key=lambda contrast: contrast.n_documents)
        return largest.rows, largest.is_target, largest.blocks

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
        PairingError: No key is in two groups.
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
        contrasts = [_paired(g, rows[target], rows[g], key_codes) for g in references]
        warnings += _unpaired(contrasts, rows, target=target, pair=pair)
        warnings += _several(contrasts, pair)
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


def _paired(name: str, target: Rows, reference: Rows, keys: PerDocument) -> Contrast:
    """Documents of shared keys; row by row where no side of a key has several."""
    left, right = target[keys[target] >= 0], reference[keys[reference] >= 0]
    left, right = (
        left[np.isin(keys[left], keys[right])], right[np.isin(keys[right], keys[left])]
    )  # fmt: skip
    left, right = (rows[np.argsort(keys[rows], kind="stable")] for rows in (left, right))
    return Contrast(name, left, right, is_paired=_is_one_to_one(left, right, keys), keys=keys)


def _is_one_to_one(left: Rows, right: Rows, keys: PerDocument) -> bool:
    return all(len(np.unique(keys[side])) == len(side) for side in (left, right))


def _unpaired(
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
                    f"{n_lost} documents of {name!r} without a partner by {pair!r} in "
                    f"{other!r} were left out"
                )
    return warnings


def _several(contrasts: Sequence[Contrast], pair: str) -> list[str]:
    if all(contrast.is_paired for contrast in contrasts):
        return []
    return [f"a group has several documents of one {pair!r}: these are compared on average"]


def _check_size(contrast: Contrast, *, target: str, pair: str) -> None:
    n_target, n_reference = len(contrast.target_rows), len(contrast.reference_rows)
    if contrast.keys is not None and n_target == 0:
        raise PairingError(
            f"no key of the column {pair!r} is in both {target!r} and {contrast.reference!r}",
            expected="keys that both groups share",
            next_step="pair by another column, or leave out pair to compare all documents",
        )
    if min(n_target, n_reference) < LEAST_DOCUMENTS:
        what = "pairs" if contrast.is_paired else "documents"
        raise NotEnoughData(
            f"{target!r} has {n_target} {what} and {contrast.reference!r} {n_reference}",
            expected=f"at least {LEAST_DOCUMENTS} different ones on each side",
            next_step="bring more documents, or compare larger groups",
        )


def _check_halves(first: Contrast, second: Contrast, target: str) -> None:
    sizes = [
        len(rows) for half in (first, second) for rows in (half.target_rows, half.reference_rows)
    ]
    if min(sizes) < LEAST_IN_A_HALF:
        raise NotEnoughData(
            f"{target!r} and {first.reference!r} have {sizes[0]} and {sizes[1]} documents in "
            f"one half, {sizes[2]} and {sizes[3]} in the other, where equal texts stay together",
            expected=f"at least {LEAST_IN_A_HALF} of each",
            next_step="bring more different documents, or bring holdout nearer to 0.5",
        )


def check_roles_of_columns(
    *, by: str | None, pair: str | None, group: str | None, strata: Sequence[str]
) -> None:
    """Refuse columns that cannot be used beside each other.

    Raises:
        PairingError: The groups cannot be the pairs.
        InputError: The groups cannot be strata, or what documents belong to.
    """
    if pair is not None and pair == by:
        raise PairingError(
            f"by and pair are both {by!r}",
            expected="a pair column whose values are shared by the groups",
            next_step="pair by what the documents answer, such as a prompt's id",
        )
    if group is not None and group == by:
        raise InputError(
            f"by and group are both {by!r}",
            expected="a column of what documents belong to, such as their author",
            next_step="leave out group, or name another column",
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
