"""What rises or falls along ordered groups of texts?

1. Features with enough support are tested, on all documents: do those that have one lie towards
   the later groups, or towards the earlier ones? Where documents are paired, only the order
   within a key counts. A p-value is the larger of the raw test's and of the test at equal
   lengths (and strata), so a finding holds both ways; in place of the second it may hold by its
   own length (`own_length`).
2. Families, q-values and the second look at the half that was held out are those of `diff`.
3. A finding says where it steps the most, and whether it surely turns around on the way.

Why so: `docs/trend.md`, and `docs/diff.md` for what is shared.
"""

from collections.abc import Sequence
from functools import cache, partial

import numpy as np

from corpuscope.analyses.alike import Alike, alike_of
from corpuscope.analyses.asked import By, group_values, name_of
from corpuscope.analyses.columns import Columns, supported_columns
from corpuscope.analyses.dependence import (
    Suggestion,
    check_clusters,
    dependence_of,
    suggestion,
)
from corpuscope.analyses.detectable import among_all, smallest_detectable, told_of_few
from corpuscope.analyses.evidence import EvidenceOfTrend, rows_of
from corpuscope.analyses.groups import as_names, check_columns
from corpuscope.analyses.halves import halves_in_order, text_numbers
from corpuscope.analyses.names import Names
from corpuscope.analyses.ordered_groups import (
    OrderedGroups,
    check_group_sizes,
    find_ordered_groups,
)
from corpuscope.analyses.rises import (
    adjusted_trend,
    both,
    least_p,
    overlap,
    own_trend_p,
    raw_trend,
)
from corpuscope.analyses.source import Source, Stores
from corpuscope.analyses.trend_findings import find_trends, seen_again, trend_findings
from corpuscope.analyses.trend_kinds import kinds_over_groups
from corpuscope.analyses.trend_result import TrendResult
from corpuscope.errors import InputError
from corpuscope.ranges import LEAST_GROUPS, UNITS, Unit, check_among, check_at_least, check_numbers
from corpuscope.shapes import FeatureMask, PresenceMatrix
from corpuscope.statistics import can_tell

_LITTLE_OVERLAP = 0.5


def trend(
    store: Stores,
    *,
    by: By = None,
    order: Sequence[object] | None = None,
    max_groups: int = 12,
    every: str | None = None,
    day_first: bool | None = None,
    pair: str | None = None,
    group: str | None = None,
    count_copies: bool = False,
    strata: Sequence[str] = (),
    adjust: bool = True,
    words: bool = True,
    features: bool = True,
    min_support: int = 10,
    q: float = 0.05,
    holdout: float = 0.5,
    evidence: int = 5,
    level: float | None = None,
    max_findings: int | None = 50,
    rename: bool = True,
    seed: int = 0,
) -> TrendResult:
    """What rises or falls from the first group to the last.

    Args:
        store: What to read. Several stores of one dictionary are read as one.
        by: The column whose values are the groups, or a value for each document, None leaving
            it out; None in place of all takes the stores, in the order given.
        order: The groups from first to last; those not named are left out. By default numbers
            come by size, times by the calendar, and names that differ in their numbers alone by
            these; any other order must be given.
        max_groups: Of more different values than this neighbours are put together, in so many
            groups of about as many documents; at least 3.
        every: Puts times together by the "day", "week", "month", "quarter" or "year" they are
            in, however many there are.
        day_first: Whether 03/05/2024 is in May, where no value of the column says it.
        pair: The column whose values say which documents of different groups are compared,
            such as a prompt's id; a group may have several of one value.
        group: The column whose values say which documents are not independent, such as their
            author or thread: these count then, and not their documents.
        count_copies: Whether each copy of a text counts; else a text counts once in its group.
        strata: Columns that must not explain a trend: adjusted for beside length.
        adjust: Whether a finding must also hold at equal lengths and strata, or by its own length.
        words: Whether words, word pairs and format marks are asked about.
        features: Whether the dictionary's features are.
        min_support: Documents that must have a feature, and that must lack it; at least 5.
        q: The share of findings that may be false.
        holdout: The share of the documents on which findings must be seen again.
        evidence: How many documents show a finding, at each end.
        level: Multiplies the strength above which a feature is present.
        max_findings: So many are shown at most; None shows all.
        rename: Whether findings are named from the documents compared, which takes some
            seconds; else by the dictionary's own labels.
        seed: Which documents are held out.

    Raises:
        ColumnNotFound: A column is not there.
        GroupNotFound: `order` names a group that is not there.
        PairingError: The documents cannot be paired.
        NotEnoughData: There are fewer than three groups, or a group is too small.
        FeatureMismatch: The stores were read with different dictionaries.
        InputError: The order cannot be told, a number is out of its range, or columns
            contradict each other.

    Example:
        >>> found = trend(store, by="year")  # doctest: +SKIP
        >>> found.to_frame()  # doctest: +SKIP
    """
    parameters = {name: value for name, value in locals().items() if name != "store"}
    parameters["by"] = name_of_groups = name_of(by)
    check_numbers(q=q, holdout=holdout, evidence=evidence, min_support=min_support)
    check_at_least(LEAST_GROUPS, max_groups=max_groups)
    check_among(UNITS, every=every)
    unit = _unit(every, order, by)
    strata = [strata] if isinstance(strata, str) else list(strata)
    check_columns(by=name_of_groups, pair=pair, group=group, strata=strata)
    source = Source(store)
    groups = find_ordered_groups(
        group_values(source, by),
        by=name_of_groups,
        order=source.names if by is None and order is None else order,
        max_groups=max_groups,
        every=unit,
        day_first=day_first,
        keys=None if pair is None else as_names(source.column(pair)),
        pair=pair or "",
    )
    groups, told_of_copies = _counted(
        source, groups, group=group, count_copies=count_copies, by=name_of_groups
    )
    alike = alike_of(source, strata)
    masks = halves_in_order(source, groups, share=holdout, seed=seed)
    columns = supported_columns(
        source, groups.rows, words=words, features=features, level=level,
        min_support=min_support,
    )  # fmt: skip
    columns = columns.among(can_tell(least_p(columns.presence, groups)))
    groups = groups.calibrated(columns.presence)
    halves = [groups.among(half).calibrated(columns.presence) for half in masks]
    suggested = None if group else _suggested(source, columns, groups, [name_of_groups, pair])
    found = find_trends(source, columns, groups, alike=alike if adjust else None)
    detectable = cache(
        partial(
            _detectable,
            columns,
            groups,
            halves,
            alike=alike,
            adjust=adjust,
            alpha=q / max(len(columns), 1),
        )
    )
    names = Names(source, groups.rows, here=rename)
    find_kinds = partial(
        kinds_over_groups, source, columns, groups, alike=alike, adjust=adjust, level=level,
        names=names, n_evidence=evidence, seed=seed,
    )  # fmt: skip
    return TrendResult(
        groups=groups.names,
        group_sizes=tuple(groups.sizes.tolist()),
        is_paired=groups.is_paired,
        candidates=trend_findings(
            source, columns, groups, found, alike=alike, adjust=adjust, halves=halves, q=q
        ),
        q=q,
        max_findings=max_findings,
        parameters=parameters | {"order": list(groups.names), "strata": strata},
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=int(groups.rows.sum()),
        n_tested=len(columns),
        raw_q=found.raw_q,
        detectable=detectable,
        warnings=(*source.warnings, *groups.warnings, *told_of_copies,
                  *([suggested.warning] if suggested else []),
                  *told_of_few(len(columns), int(groups.rows.sum()), detectable),
                  *_overlap_warnings(overlap(groups, alike), adjust)),
        suggested_group=suggested.group if suggested else None,
        names=names,
        find_kinds=find_kinds,
        shown_by=EvidenceOfTrend(source, rows_of(columns, found.leaders), evidence, groups),
    )  # fmt: skip


def _counted(
    source: Source, groups: OrderedGroups, *, group: str | None, count_copies: bool, by: str
) -> tuple[OrderedGroups, tuple[str, ...]]:
    """The groups with the documents that count, and what to say of the others."""
    texts = text_numbers(source.text_batches())
    found = dependence_of(
        source, texts, groups.positions, rows=groups.rows, keys=groups.keys, group=group,
        count_copies=count_copies,
    )  # fmt: skip
    groups = groups.counting(found.counted, texts=texts, clusters=found.clusters)
    check_group_sizes(groups, by)
    ends = [np.flatnonzero(end) for end in (groups.earlier, groups.later)]
    names = ["the earlier groups", "the later groups"]
    check_clusters(found.clusters, ends, names=names, group=group)
    return groups, found.warnings


def _suggested(
    source: Source, columns: Columns, groups: OrderedGroups, known: Sequence[str | None]
) -> Suggestion | None:
    rows = np.flatnonzero(groups.rows)
    return suggestion(
        source, columns, groups.positions[rows].astype(np.float64), rows=rows,
        strata=groups.blocks[rows], known=known,
    )  # fmt: skip


def _unit(every: str | None, order: Sequence[object] | None, by: By) -> Unit | None:
    if every is None:
        return None
    if order is not None or by is None:
        found = "there is no column of times" if by is None else "order names groups"
        raise InputError(
            f"every puts times together, and {found}",
            expected="by, a column of times, and no order",
            next_step="give by and leave out order, or leave out every",
        )
    return every  # type: ignore[return-value]


def _detectable(
    columns: Columns, groups: OrderedGroups, halves: Sequence[OrderedGroups], *,
    alike: Alike, adjust: bool, alpha: float,
) -> float:  # fmt: skip
    """At the p-value that a feature has to reach when no other changes; an even drift."""
    rows = np.flatnonzero(groups.rows)
    place = np.full(columns.presence.shape[0], -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    lift = groups.positions[rows] / (len(groups.names) - 1)

    def is_found(planted: PresenceMatrix) -> FeatureMask:
        everywhere = among_all(planted, rows, len(place))
        told = raw_trend(everywhere, groups)
        if adjust:
            told = both(
                told,
                adjusted_trend(everywhere, groups, alike),
                own=own_trend_p(everywhere, groups, alike),
                may_add=np.ones(everywhere.shape[1], dtype=bool),
            )
        direction, p = told
        again = seen_again(everywhere, direction, halves)
        found: FeatureMask = (p <= alpha) & (direction > 0) & again
        return found

    _, p = raw_trend(columns.presence, groups)
    places = None if groups.own_clusters is not None else alike.comparable(rows, groups.keys[rows])
    return smallest_detectable(columns.presence[rows], p, lift, is_found, places=places)


def _overlap_warnings(share: float, adjust: bool) -> list[str]:
    if not adjust or share >= _LITTLE_OVERLAP:
        return []
    return [
        f"only {share:.0%} of the documents have one of like length and strata in another group; "
        "little can be found at equal lengths (adjust=False asks without)"
    ]
