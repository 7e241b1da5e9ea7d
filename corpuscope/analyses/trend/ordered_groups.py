"""Ordered groups of documents, and their pairing by a key."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.comparison.groups import (
    LEAST_DOCUMENTS,
    LEAST_IN_A_HALF,
    as_names,
    left_out,
    listed,
)
from corpuscope.analyses.trend.order import Ordered, equal_parts, ordered_values, range_names
from corpuscope.errors import GroupNotFound, InputError, NotEnoughData, PairingError
from corpuscope.ranges import LEAST_GROUPS, TimeUnit
from corpuscope.shapes import (
    CountPerGroup,
    DocumentMask,
    NumberPerDocument,
    PerDocument,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.clusters.clustered import ClusterCalibration, calibrated

# Least documents per bin: with fewer the rate of a group is uninformative.
_IN_A_PART = 20


@dataclass(frozen=True, eq=False)
class OrderedGroups:
    """Groups from first to last, and the documents of each.

    Attributes:
        names: The names of the groups.
        positions: Group number of each document, from 0; -1 if it is excluded.
        keys: Key number of each document; -1 for none.
        is_paired: Whether documents are compared within keys.
        warnings: Notes on documents that were left out.
        texts: Text number of each document, if known.
        clusters: Cluster number of each document; None if documents are taken as independent.
        calibration: The null distribution and intraclass correlation estimated from all features
            (`statistics/clusters/clustered`).
    """

    names: tuple[str, ...]
    positions: PerDocument
    keys: PerDocument
    is_paired: bool
    warnings: tuple[str, ...]
    texts: PerDocument | None = None
    clusters: PerDocument | None = None
    calibration: ClusterCalibration | None = None

    @property
    def rows(self) -> DocumentMask:
        """Which documents are compared."""
        return self.positions >= 0

    @cached_property
    def later(self) -> DocumentMask:
        """Which documents are in the later half of the groups; a middle group is in neither."""
        return self.positions > (len(self.names) - 1) / 2

    @cached_property
    def earlier(self) -> DocumentMask:
        """Which documents are in the earlier half of the groups."""
        return self.rows & (self.positions < (len(self.names) - 1) / 2)

    @property
    def sizes(self) -> CountPerGroup:
        """The number of documents in each group."""
        return np.bincount(self.positions[self.rows], minlength=len(self.names))

    @property
    def kept_together(self) -> list[PerDocument]:
        """The groupings that a split must not divide: texts, keys and clusters."""
        known = (self.texts, self.keys, self.clusters)
        return [numbers for numbers in known if numbers is not None]

    @cached_property
    def cluster_numbers(self) -> PerDocument | None:
        """The cluster number of each document; None if documents are independent given keys.

        Keys are clusters if a group has several documents of one key.
        """
        if self.clusters is not None:
            return self.clusters
        rows = np.flatnonzero(self.rows)
        # Fewer distinct (key, group) pairs than documents: some key repeats within a group.
        met = np.unique(np.stack([self.keys[rows], self.positions[rows]]), axis=1)
        return self.keys if self.is_paired and met.shape[1] < len(rows) else None

    @property
    def codes(self) -> PerDocument:
        """The group number of each document; the same as `positions`."""
        return self.positions

    def sides(self) -> dict[str, Rows]:
        """The documents of the earlier and of the later groups, by the name used in messages."""
        return {
            "the earlier groups": np.flatnonzero(self.earlier),
            "the later groups": np.flatnonzero(self.later),
        }

    def check_sizes(self, *, by: str, pair: str | None) -> None:
        """Raise NotEnoughData if a group is too small to be compared."""
        for name, n in zip(self.names, self.sizes.tolist(), strict=True):
            if n < LEAST_DOCUMENTS:
                raise NotEnoughData(
                    f"the group {name!r} of {by!r} has {n} documents",
                    expected=f"at least {LEAST_DOCUMENTS} distinct ones in each group",
                    next_step="exclude the group with order, or merge neighbouring groups with a "
                    "smaller max_groups or longer periods",
                )

    def check_halves(self, first: DocumentMask, second: DocumentMask) -> None:
        """Raise NotEnoughData if a half has fewer than two documents of a group."""
        for at, name in enumerate(self.names):
            sizes = [int((half & (self.positions == at)).sum()) for half in (first, second)]
            if min(sizes) < LEAST_IN_A_HALF:
                raise NotEnoughData(
                    f"{name!r} has {sizes[0]} documents in one half of the holdout split and "
                    f"{sizes[1]} in the other (equal texts are kept together)",
                    expected=f"at least {LEAST_IN_A_HALF} of each",
                    next_step="add distinct documents, merge groups, or set holdout closer to 0.5",
                )

    def positions_of(self, rows: Rows) -> NumberPerDocument:
        """The group positions of some documents."""
        return self.positions[rows].astype(np.float64)

    def regressor(self) -> tuple[Rows, NumberPerDocument, PerDocument]:
        """The documents compared, their group positions, and their keys."""
        rows = np.flatnonzero(self.rows)
        return rows, self.positions[rows].astype(np.float64), self.blocks[rows]

    def among(self, documents: DocumentMask) -> "OrderedGroups":
        """The groups restricted to some documents."""
        return replace(self, positions=np.where(documents, self.positions, -1), calibration=None)

    def calibrated(self, presence: PresenceMatrix) -> "OrderedGroups":
        """The groups with their clusters calibrated on these features."""
        if self.cluster_numbers is None:
            return self
        rows = np.flatnonzero(self.rows)
        known = calibrated(
            presence[rows], self.positions[rows].astype(np.float64), strata=self.blocks[rows],
            clusters=self.cluster_numbers[rows],
        )  # fmt: skip
        return replace(self, calibration=known)

    @property
    def blocks(self) -> PerDocument:
        """The key number of each document; all 0 without keys."""
        return self.keys if self.is_paired else np.zeros_like(self.keys)

    def counting(
        self, counted: DocumentMask, *, texts: PerDocument, clusters: PerDocument | None
    ) -> "OrderedGroups":
        """The groups restricted to the documents that count, with their texts and clusters."""
        positions = np.where(counted, self.positions, -1)
        return replace(self, positions=positions, texts=texts, clusters=clusters)

    def of_key(self, row: int) -> Rows:
        """The documents that share the key of one document, in the order of their groups."""
        rows = np.flatnonzero(self.rows & (self.keys == self.keys[row]))
        return rows[np.argsort(self.positions[rows], kind="stable")]


def find_ordered_groups(
    values: npt.NDArray[np.object_],
    *,
    by: str,
    order: Sequence[object] | None,
    max_groups: int,
    every: TimeUnit | None = None,
    day_first: bool | None = None,
    keys: npt.NDArray[np.object_] | None = None,
    pair: str = "",
) -> OrderedGroups:
    """The groups in order; many numbers, times or versions are binned by quantiles.

    Raises:
        GroupNotFound: `order` names a group that does not exist.
        InputError: The order is ambiguous, or names a group twice.
        NotEnoughData: There are fewer than three groups.
        PairingError: No key is in two groups.
    """
    names = as_names(values)
    counts = Counter(name for name in names if name is not None)
    if order is not None:
        groups, place_of, warnings = _given_order(order, counts, by=by)
    else:
        of_name = {name: value for name, value in zip(names, values, strict=True) if name in counts}
        ordered = ordered_values(of_name, by=by, every=every, day_first=day_first)
        groups, place_of, warnings = _natural_order(
            ordered, counts, by=by, max_groups=None if every else max_groups
        )
    positions = np.array([place_of.get(name, -1) for name in names], dtype=np.int64)
    warnings = [*left_out(names, by), *warnings]
    _check_groups(groups, by)
    if keys is None:
        without = np.full(len(names), -1, dtype=np.int64)
        found = OrderedGroups(groups, positions, without, False, tuple(warnings))
    else:
        found = _paired(groups, positions, keys, pair=pair, by=by, warnings=warnings)
    return found


_Found = tuple[tuple[str, ...], dict[str, int], list[str]]
"""The groups, the group number of each value's name, and warnings."""


def _given_order(order: Sequence[object], counts: Counter[str], *, by: str) -> _Found:
    names = _checked_order(order, counts, by)
    n = sum(n for name, n in counts.items() if name not in set(names))
    warnings = [f"{n} documents of groups that order does not name were left out"] if n else []
    return tuple(names), {name: at for at, name in enumerate(names)}, warnings


def _natural_order(
    ordered: Ordered, counts: Counter[str], *, by: str, max_groups: int | None
) -> _Found:
    of_period: Counter[str] = Counter()
    for name, n in counts.items():
        of_period[ordered.of[name]] += n
    groups, place_of = _parts(ordered.names, of_period, max_groups)
    place = {name: place_of[period] for name, period in ordered.of.items()}
    return groups, place, [*ordered.doubts, *_binning_warnings(groups, ordered.names, by)]


def _checked_order(order: Sequence[object], counts: Counter[str], by: str) -> list[str]:
    names = [str(name) for name in order]
    for name in names:
        if name not in counts:
            raise GroupNotFound(
                f"the column {by!r} has no group {name!r}",
                expected=f"some of {listed(counts)}",
                next_step="use these names in order",
            )
    if len(set(names)) < len(names):
        repeated = next(name for name, n in Counter(names).items() if n > 1)
        raise InputError(
            f"order has {repeated!r} more than once",
            expected="each group once",
            next_step="name each group once, from first to last",
        )
    return names


def _parts(
    ordered: Sequence[str], counts: Counter[str], max_groups: int | None
) -> tuple[tuple[str, ...], dict[str, int]]:
    """The groups, and the group number of each value's name."""
    if max_groups is None or len(ordered) <= max_groups:
        return tuple(ordered), {name: at for at, name in enumerate(ordered)}
    sizes = np.array([counts[name] for name in ordered])
    # Small corpora get fewer bins than `max_groups`.
    n_parts = int(np.clip(sizes.sum() // _IN_A_PART, LEAST_GROUPS, max_groups))
    parts = equal_parts(sizes, n_parts)
    members = [np.flatnonzero(parts == part) for part in range(int(parts.max()) + 1)]
    names = range_names([(ordered[own[0]], ordered[own[-1]]) for own in members])
    return tuple(names), dict(zip(ordered, parts.tolist(), strict=True))


def _binning_warnings(groups: Sequence[str], ordered: Sequence[str], by: str) -> list[str]:
    if len(groups) == len(ordered):
        return []
    return [
        f"{len(ordered):,} values of {by!r} were binned into {len(groups)} groups of about equal "
        "size"
    ]


def _paired(
    groups: tuple[str, ...],
    positions: PerDocument,
    keys: npt.NDArray[np.object_],
    *,
    pair: str,
    by: str,
    warnings: list[str],
) -> OrderedGroups:
    """The groups restricted to documents whose key occurs in at least two groups."""
    codes = pd.factorize(keys)[0].astype(np.int64)
    has_key = (positions >= 0) & (codes >= 0)
    met = np.unique(np.stack([codes[has_key], positions[has_key]]), axis=1)
    times = np.bincount(met[0], minlength=int(codes.max(initial=0)) + 1)
    # `times` counts the groups of each key; code -1 reads the last entry, but `has_key` masks it.
    is_shared = has_key & (times[codes] > 1)
    n_lost = int((positions >= 0).sum() - is_shared.sum())
    if not is_shared.any():
        raise PairingError(
            f"no key of the column {pair!r} is in two groups of {by!r}",
            expected="keys shared by groups",
            next_step="pair by another column, or omit pair to compare all documents",
        )
    if n_lost:
        warnings.append(
            f"{n_lost} documents without a partner in another group (same {pair!r}) were left out"
        )
    n_part = int((times[times > 1] < len(groups)).sum())
    if n_part:
        warnings.append(
            f"{n_part} keys of {pair!r} are not in all groups; each is compared across its own"
        )
    return OrderedGroups(
        groups, np.where(is_shared, positions, -1), np.where(is_shared, codes, -1), True,
        tuple(warnings),
    )  # fmt: skip


def _check_groups(groups: Sequence[str], by: str) -> None:
    if len(groups) < LEAST_GROUPS:
        raise NotEnoughData(
            f"the column {by!r} has {len(groups)} group{'' if len(groups) == 1 else 's'}: "
            f"{', '.join(map(repr, groups))}",
            expected=f"{LEAST_GROUPS} groups or more, in order",
            next_step="compare two groups with diff, or name a column with more values",
        )
