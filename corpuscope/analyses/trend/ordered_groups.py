"""Which documents belong to which of several groups in order."""

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

# Of fewer documents no rate can be read.
_IN_A_PART = 20


@dataclass(frozen=True, eq=False)
class OrderedGroups:
    """Groups from first to last, and the documents of each.

    Attributes:
        names: Of the groups.
        positions: For each document the number of its group, from 0; -1 where it is in none.
        keys: For each document the number of its key; -1 where there are no keys.
        is_paired: Whether documents of one key are compared with each other.
        warnings: What was left out on the way.
        texts: For each document the number of its text, where that is known.
        clusters: For each document the number of what it belongs to; None where documents are
            taken as independent.
        calibration: What features say together of the clusters (`statistics/clusters/clustered`).
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
        """Which documents take part."""
        return self.positions >= 0

    @cached_property
    def later(self) -> DocumentMask:
        """Those of the later half of the groups; one in the middle is in neither."""
        return self.positions > (len(self.names) - 1) / 2

    @cached_property
    def earlier(self) -> DocumentMask:
        """Those of the earlier half."""
        return self.rows & (self.positions < (len(self.names) - 1) / 2)

    @property
    def sizes(self) -> CountPerGroup:
        """How many documents each group has."""
        return np.bincount(self.positions[self.rows], minlength=len(self.names))

    @property
    def undivided(self) -> list[PerDocument]:
        """Numbers of what stays undivided: texts, keys and clusters."""
        known = (self.texts, self.keys, self.clusters)
        return [numbers for numbers in known if numbers is not None]

    @cached_property
    def own_clusters(self) -> PerDocument | None:
        """The numbers of clusters of all documents; several of one key and group belong together.

        None where documents, or those of different keys, are independent.
        """
        if self.clusters is not None:
            return self.clusters
        rows = np.flatnonzero(self.rows)
        met = np.unique(np.stack([self.keys[rows], self.positions[rows]]), axis=1)
        return self.keys if self.is_paired and met.shape[1] < len(rows) else None

    @property
    def codes(self) -> PerDocument:
        """The number of each document's group, as `positions`."""
        return self.positions

    def sides(self) -> dict[str, Rows]:
        """The documents of the earlier and of the later groups."""
        return {
            "the earlier groups": np.flatnonzero(self.earlier),
            "the later groups": np.flatnonzero(self.later),
        }

    def check_sizes(self, *, by: str, pair: str | None) -> None:
        """Raise NotEnoughData where a group is too small to be compared."""
        for name, n in zip(self.names, self.sizes.tolist(), strict=True):
            if n < LEAST_DOCUMENTS:
                raise NotEnoughData(
                    f"the group {name!r} of {by!r} has {n} documents",
                    expected=f"at least {LEAST_DOCUMENTS} different ones in each group",
                    next_step="leave it out of order, or let neighbours be put together by a "
                    "smaller max_groups or longer periods",
                )

    def check_halves(self, first: DocumentMask, second: DocumentMask) -> None:
        """Raise NotEnoughData where a half has less than two documents of a group."""
        for at, name in enumerate(self.names):
            sizes = [int((half & (self.positions == at)).sum()) for half in (first, second)]
            if min(sizes) < LEAST_IN_A_HALF:
                raise NotEnoughData(
                    f"{name!r} has {sizes[0]} documents in one half and {sizes[1]} in the other, "
                    "where equal texts stay together",
                    expected=f"at least {LEAST_IN_A_HALF} of each",
                    next_step="bring more different documents, put groups together, or bring "
                    "holdout nearer to 0.5",
                )

    def positions_of(self, rows: Rows) -> NumberPerDocument:
        """The places of the groups of some documents in the order."""
        return self.positions[rows].astype(np.float64)

    def regressor(self) -> tuple[Rows, NumberPerDocument, PerDocument]:
        """The documents, the places of their groups in the order, and their keys."""
        rows = np.flatnonzero(self.rows)
        return rows, self.positions[rows].astype(np.float64), self.blocks[rows]

    def among(self, documents: DocumentMask) -> "OrderedGroups":
        """What is left of them among some documents."""
        return replace(self, positions=np.where(documents, self.positions, -1), calibration=None)

    def calibrated(self, presence: PresenceMatrix) -> "OrderedGroups":
        """The same with what these features say of the clusters."""
        if self.own_clusters is None:
            return self
        rows = np.flatnonzero(self.rows)
        known = calibrated(
            presence[rows], self.positions[rows].astype(np.float64), strata=self.blocks[rows],
            clusters=self.own_clusters[rows],
        )  # fmt: skip
        return replace(self, calibration=known)

    @property
    def blocks(self) -> PerDocument:
        """The numbers of keys of all documents; all 0 where there are none."""
        return self.keys if self.is_paired else np.zeros_like(self.keys)

    def counting(
        self, counted: DocumentMask, *, texts: PerDocument, clusters: PerDocument | None
    ) -> "OrderedGroups":
        """The same with some of the documents, and what belongs together of them."""
        positions = np.where(counted, self.positions, -1)
        return replace(self, positions=positions, texts=texts, clusters=clusters)

    def of_key(self, row: int) -> Rows:
        """The documents of the key of one document, in the order of the groups."""
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
    """The groups in their order; of many numbers, times or versions neighbours are put together.

    Raises:
        GroupNotFound: A group that is asked for is not there.
        InputError: The order cannot be told, or names a group twice.
        NotEnoughData: There are fewer than three groups, or too few documents in one.
        PairingError: A key is there twice in a group, or no key in two groups.
    """
    names = as_names(values)
    counts = Counter(name for name in names if name is not None)
    if order is not None:
        groups, place_of, warnings = _given(order, counts, by=by)
    else:
        of_name = {name: value for name, value in zip(names, values, strict=True) if name in counts}
        ordered = ordered_values(of_name, by=by, every=every, day_first=day_first)
        groups, place_of, warnings = _natural(
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
"""The groups, for each value's name the number of its group, and what to be careful about."""


def _given(order: Sequence[object], counts: Counter[str], *, by: str) -> _Found:
    asked = _asked(order, counts, by)
    n = sum(n for name, n in counts.items() if name not in set(asked))
    warnings = [f"{n} documents of groups that order does not name were left out"] if n else []
    return tuple(asked), {name: at for at, name in enumerate(asked)}, warnings


def _natural(ordered: Ordered, counts: Counter[str], *, by: str, max_groups: int | None) -> _Found:
    of_period: Counter[str] = Counter()
    for name, n in counts.items():
        of_period[ordered.of[name]] += n
    groups, place_of = _parts(ordered.names, of_period, max_groups)
    place = {name: place_of[period] for name, period in ordered.of.items()}
    return groups, place, [*ordered.doubts, *_put_together(groups, ordered.names, by)]


def _asked(order: Sequence[object], counts: Counter[str], by: str) -> list[str]:
    asked = [str(name) for name in order]
    for name in asked:
        if name not in counts:
            raise GroupNotFound(
                f"the column {by!r} has no group {name!r}",
                expected=f"groups of {listed(counts)}",
                next_step="name these in order",
            )
    if len(set(asked)) < len(asked):
        doubled = next(name for name, n in Counter(asked).items() if n > 1)
        raise InputError(
            f"order has {doubled!r} more than once",
            expected="each group once",
            next_step="name each group once, from first to last",
        )
    return asked


def _parts(
    ordered: Sequence[str], counts: Counter[str], max_groups: int | None
) -> tuple[tuple[str, ...], dict[str, int]]:
    """The groups, and for each value's name the number of its group."""
    if max_groups is None or len(ordered) <= max_groups:
        return tuple(ordered), {name: at for at, name in enumerate(ordered)}
    sizes = np.array([counts[name] for name in ordered])
    n_parts = int(np.clip(sizes.sum() // _IN_A_PART, LEAST_GROUPS, max_groups))
    parts = equal_parts(sizes, n_parts)
    members = [np.flatnonzero(parts == part) for part in range(int(parts.max()) + 1)]
    names = range_names([(ordered[own[0]], ordered[own[-1]]) for own in members])
    return tuple(names), dict(zip(ordered, parts.tolist(), strict=True))


def _put_together(groups: Sequence[str], ordered: Sequence[str], by: str) -> list[str]:
    if len(groups) == len(ordered):
        return []
    return [
        f"{len(ordered):,} values of {by!r} were put together in {len(groups)} groups of about "
        "as many documents each"
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
    """Documents whose key is in another group too."""
    codes = pd.factorize(keys)[0].astype(np.int64)
    has_key = (positions >= 0) & (codes >= 0)
    met = np.unique(np.stack([codes[has_key], positions[has_key]]), axis=1)
    times = np.bincount(met[0], minlength=int(codes.max(initial=0)) + 1)
    is_shared = has_key & (times[codes] > 1)
    n_lost = int((positions >= 0).sum() - is_shared.sum())
    if not is_shared.any():
        raise PairingError(
            f"no key of the column {pair!r} is in two groups of {by!r}",
            expected="keys that groups share",
            next_step="pair by another column, or leave out pair to compare all documents",
        )
    if n_lost:
        warnings.append(f"{n_lost} documents without a partner by {pair!r} were left out")
    n_part = int((times[times > 1] < len(groups)).sum())
    if n_part:
        warnings.append(f"{n_part} keys of {pair!r} are not in all groups; they tell of theirs")
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
