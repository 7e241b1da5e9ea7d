"""What rises or falls along ordered groups of texts?

1. Features with enough support are tested on all documents: are those that have the feature in
   later, or in earlier groups? In paired data only the order within a key counts. The p-value is
   the larger of the raw test and the test adjusted for length (and covariates), so a finding holds
   in both; the rate per token (`own_length`) may take the place of the second.
2. Families, q-values and replication in the held-out half are those of `diff`.
3. A finding reports its largest step, and whether it significantly reverses on the way.

Rationale: `docs/trend.md`, and `docs/diff.md` for what is shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial

import numpy as np

from corpuscope.analyses.comparison.arguments import By, group_values, name_of
from corpuscope.analyses.comparison.detectable import few_documents_warnings
from corpuscope.analyses.comparison.groups import as_names, check_roles_of_columns
from corpuscope.analyses.comparison.setup import Setup, set_up
from corpuscope.analyses.results.base import in_order
from corpuscope.analyses.results.evidence import rows_of
from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.trend.estimates import find_trends, trend_findings, trend_replicated
from corpuscope.analyses.trend.evidence import EvidenceOfTrend
from corpuscope.analyses.trend.kinds import kinds_over_groups
from corpuscope.analyses.trend.ordered_groups import OrderedGroups, find_ordered_groups
from corpuscope.analyses.trend.result import TrendResult
from corpuscope.analyses.trend.settings import TrendSettings
from corpuscope.analyses.trend.slopes import (
    adjusted_trend,
    both,
    least_slope_p,
    own_trend_p,
    raw_trend,
    share_overlapping,
)
from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import LEAST_GROUPS, UNITS, TimeUnit, check_among, check_at_least
from corpuscope.shapes import FeatureMask, PresenceMatrix
from corpuscope.store.joined import Stores

_PARAMETERS = (
    "by", "order", "max_groups", "every", "day_first", "pair", "group", "count_copies", "strata",
    "adjust", "words", "features", "min_support", "q", "holdout", "evidence", "level",
    "max_findings", "rename", "seed",
)  # fmt: skip

# A warning is given below this share of comparable documents.
_LITTLE_OVERLAP = 0.5


def trend(
    store: Stores,
    *,
    by: By = None,
    order: Sequence[object] | None = None,
    every: str | None = None,
    pair: str | None = None,
    group: str | None = None,
    strata: Sequence[str] = (),
    adjust: bool = True,
    q: float = 0.05,
    settings: TrendSettings | None = None,
) -> TrendResult:
    """What rises or falls from the first group to the last.

    Args:
        store: The store, or several stores of one dictionary, which are joined.
        by: The column of the groups, or one value per document (None excludes a document); by
            default the stores are the groups, in the order given.
        order: The groups from first to last; others are excluded. By default numbers are sorted
            by size, times chronologically, and names that differ only in their numbers by
            these; any other order must be given.
        every: Bins times by "day", "week", "month", "quarter" or "year", regardless of
            `max_groups`.
        pair: A column that pairs documents of different groups, such as the id of the prompt;
            a group may have several documents per value.
        group: A column of clusters of dependent documents, such as the author or thread;
            clusters, not documents, are then the unit of analysis.
        strata: Covariates to adjust for besides length.
        adjust: Whether a finding must also hold after adjusting for length and covariates (or
            by its rate per token).
        q: The false discovery rate.
        settings: Further settings, such as `TrendSettings(max_groups=6)`.

    Raises:
        ColumnNotFound: A column does not exist.
        GroupNotFound: `order` names a group that does not exist.
        PairingError: The documents cannot be paired.
        NotEnoughData: There are fewer than three groups, or a group is too small.
        FeatureMismatch: The stores were read with different dictionaries.
        InputError: The order is ambiguous, a number is out of range, or columns contradict
            each other.

    Example:
        >>> found = trend(store, by="year")  # doctest: +SKIP
        >>> found.to_frame()  # doctest: +SKIP
    """
    settings = settings or TrendSettings()
    settings.check(q=q)
    check_at_least(LEAST_GROUPS, max_groups=settings.max_groups)
    check_among(UNITS, every=every)
    unit = _unit(every, order, by)
    strata = [strata] if isinstance(strata, str) else list(strata)
    check_roles_of_columns(by=name_of(by), pair=pair, group=group, strata=strata)
    source = NamedStore(store)
    groups = find_ordered_groups(
        group_values(source, by),
        by=name_of(by),
        order=source.names if by is None and order is None else order,
        max_groups=settings.max_groups,
        every=unit,
        day_first=settings.day_first,
        keys=None if pair is None else as_names(source.column(pair)),
        pair=pair or "",
    )
    setup = set_up(
        source, groups, by=name_of(by), pair=pair, group=group, strata=strata,
        settings=settings, least_p=least_slope_p,
    )  # fmt: skip
    arguments = {
        "by": name_of(by), "order": list(groups.names), "every": every, "pair": pair,
        "group": group, "strata": strata, "q": q,
    }  # fmt: skip
    return _answer(setup, arguments, adjust=adjust, q=q, settings=settings)


def _answer(
    setup: Setup[OrderedGroups],
    arguments: Mapping[str, object],
    *,
    adjust: bool,
    q: float,
    settings: TrendSettings,
) -> TrendResult:
    """The result, adjusted for length and covariates or unadjusted."""
    source, groups, columns = setup.source, setup.groups, setup.columns
    found = find_trends(setup, adjust=adjust, q=q)
    # Power is simulated on demand; q / m is the BH threshold of a single discovery.
    detectable = cache(partial(_detectable, setup, adjust=adjust, alpha=q / max(len(columns), 1)))
    names = Names(source, groups.rows, here=settings.rename)
    return TrendResult(
        groups=groups.names,
        group_sizes=tuple(groups.sizes.tolist()),
        is_paired=groups.is_paired,
        candidates=trend_findings(setup, found),
        q=q,
        max_findings=settings.max_findings,
        parameters=in_order(_PARAMETERS, arguments, asdict(settings), {"adjust": adjust}),
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=setup.n_documents,
        n_tested=len(columns),
        raw_q=found.raw_q,
        detectable=detectable,
        warnings=(
            *source.warnings,
            *groups.warnings,
            *setup.dependence_warnings,
            *few_documents_warnings(len(columns), setup.n_documents, detectable),
            *_overlap_warnings(share_overlapping(groups, setup.covariates), adjust),
        ),
        suggested_group=setup.suggested_group,
        names=names,
        find_kinds=partial(kinds_over_groups, setup, adjust=adjust, settings=settings, names=names),
        find_unadjusted=cache(
            partial(_answer, setup, arguments, adjust=False, q=q, settings=settings)
        ),
        evidence_source=EvidenceOfTrend(
            source, rows_of(columns, found.leaders), settings.evidence, groups
        ),
    )


def _unit(every: str | None, order: Sequence[object] | None, by: By) -> TimeUnit | None:
    if every is None:
        return None
    if order is not None or by is None:
        found = "there is no column of times" if by is None else "order names groups"
        raise InputError(
            f"every bins times, but {found}",
            expected="by, a column of times, and no order",
            next_step="give by and omit order, or omit every",
        )
    return every  # type: ignore[return-value]


def _detectable(setup: Setup[OrderedGroups], *, adjust: bool, alpha: float) -> float:
    """The smallest detectable rise, linear, at the p-value needed if no other feature changes."""
    groups, covariates = setup.groups, setup.covariates

    def is_found(planted: PresenceMatrix) -> FeatureMask:
        tested = raw_trend(planted, groups)
        if adjust:
            tested = both(
                tested,
                adjusted_trend(planted, groups, covariates),
                own=own_trend_p(planted, groups, covariates),
                may_add=np.ones(planted.shape[1], dtype=bool),
            )
        direction, p = tested
        again = trend_replicated(planted, direction, setup.halves)
        found: FeatureMask = (p <= alpha) & (direction > 0) & again
        return found

    return setup.detectable(is_found, p=raw_trend(setup.columns.presence, groups)[1])


def _overlap_warnings(share: float, adjust: bool) -> list[str]:
    if not adjust or share >= _LITTLE_OVERLAP:
        return []
    return [
        f"only {share:.0%} of the documents have a counterpart of similar length (and equal "
        "strata) in another group: the length-adjusted test has little power (adjust=False turns "
        "it off)"
    ]
