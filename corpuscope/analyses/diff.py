"""What differs between these groups of texts?

1. Features with enough support are compared, on all documents. A p-value is the larger of the
   raw test's and of the test at equal lengths (and strata), so a finding holds both ways; in
   place of the second it may hold by its own length (`own_length`).
2. Those that sit in the same documents are folded into families, told by one leader.
3. q-values are Benjamini and Hochberg's, where every feature counts as a test that is in enough
   documents to reach a small p-value, but only families count as findings.
4. The documents are split at random into halves. A finding must show in both, in the same
   direction, and with p < .05 in the one that was held out.
5. What many features make up together is asked once for each direction (`sentence_kinds`), and
   told above the list, whatever the answer.

Why so: `docs/diff.md`, and `benchmarks/decision_rules.py`, which sets this rule beside others in
simulated worlds. To ask first whether a feature differs, and of those that do whether length
explains it, finds more and breaks its promise: what passes the first question by chance passes
the second by the same chance. Folding after the correction breaks it too: members of true
families make room for false ones. To choose on one half of the documents and test on the other
loses a third of the findings.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from corpuscope.analyses.alike import Alike, alike_of
from corpuscope.analyses.asked import By, group_values, name_of
from corpuscope.analyses.candidates import (
    Candidates,
    SeenAgain,
    find_candidates,
    look_again,
    seen_again,
)
from corpuscope.analyses.columns import Columns, supported_columns
from corpuscope.analyses.dependence import (
    Suggestion,
    check_clusters,
    dependence_of,
    suggestion,
)
from corpuscope.analyses.detectable import among_all, smallest_detectable, told_of_few
from corpuscope.analyses.diff_kinds import kinds_of_groups
from corpuscope.analyses.diff_result import DiffResult, Finding
from corpuscope.analyses.effects import direction_and_p, least_p, measure
from corpuscope.analyses.evidence import EvidenceOfDiff, rows_of
from corpuscope.analyses.findings import told_by
from corpuscope.analyses.groups import Groups, as_names, check_columns, check_sizes, find_groups
from corpuscope.analyses.halves import halves_of, text_numbers
from corpuscope.analyses.names import Names
from corpuscope.analyses.source import Source, Stores
from corpuscope.ranges import check_numbers
from corpuscope.shapes import FeatureMask, PresenceMatrix
from corpuscope.statistics import can_tell

_LITTLE_OVERLAP = 0.5
_MUCH_WIDER = 3.0


def diff(
    store: Stores,
    *,
    by: By = None,
    target: str | None = None,
    reference: str | Sequence[str] | None = None,
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
) -> DiffResult:
    """What the target group has more often, or less often, than each of the other groups.

    Args:
        store: What to read. Several stores of one dictionary are read as one.
        by: The column whose values are the groups, or a value for each document, None leaving
            it out; None in place of all compares the stores.
        target: The group asked about. With two groups it defaults to the second in order.
        reference: The group or groups to compare it with; by default all others. With several,
            a finding must hold against each of them.
        pair: The column whose values say which documents of different groups are compared,
            such as a prompt's id; a group may have several of one value.
        group: The column whose values say which documents are not independent, such as their
            author or thread: these count then, and not their documents.
        count_copies: Whether each copy of a text counts; else a text counts once in its group.
        strata: Columns that must not explain a difference: adjusted for beside length.
        adjust: Whether a finding must also hold at equal lengths and strata, or by its own length.
        words: Whether words, word pairs and format marks are asked about.
        features: Whether the dictionary's features are.
        min_support: Documents that must have a feature, and that must lack it; at least 5.
        q: The share of findings that may be false.
        holdout: The share of the documents on which findings must be seen again.
        evidence: How many documents show a finding, on each side.
        level: Multiplies the strength above which a feature is present.
        max_findings: So many are shown at most; None shows all.
        rename: Whether findings are named from the documents compared, which takes some
            seconds; else by the dictionary's own labels.
        seed: Which documents these are.

    Raises:
        ColumnNotFound: A column is not there.
        GroupNotFound: A group is not there, or the target is not clear.
        PairingError: The documents cannot be paired.
        NotEnoughData: A group is too small.
        FeatureMismatch: The stores were read with different dictionaries.
        InputError: A number is out of its range, or columns contradict each other.

    Example:
        >>> found = diff(store, by="model", target="new", pair="prompt_id")  # doctest: +SKIP
        >>> found.to_frame()  # doctest: +SKIP
    """
    parameters = {name: value for name, value in locals().items() if name != "store"}
    parameters["by"] = name_of_groups = name_of(by)
    check_numbers(q=q, holdout=holdout, evidence=evidence, min_support=min_support)
    strata = [strata] if isinstance(strata, str) else list(strata)
    check_columns(by=name_of_groups, pair=pair, group=group, strata=strata)
    source = Source(store)
    groups = find_groups(
        as_names(group_values(source, by)),
        by=name_of_groups,
        target=target,
        reference=reference,
        keys=None if pair is None else as_names(source.column(pair)),
        pair=pair or "",
    )
    groups, told_of_copies = _counted(
        source, groups, group=group, count_copies=count_copies, by=name_of_groups, pair=pair
    )
    alike = alike_of(source, strata)
    discovery, held_out = halves_of(source, groups, share=holdout, seed=seed)
    columns = supported_columns(
        source,
        groups.rows,
        words=words,
        features=features,
        min_support=min_support,
        level=level,
    )
    columns = columns.among(can_tell(least_p(columns.presence, groups.contrasts)))
    groups = groups.calibrated(columns.presence)
    suggested = None if group else _suggested(source, columns, groups, [name_of_groups, pair])
    told_of_dependence = (*told_of_copies, *([suggested.warning] if suggested else []))
    candidates = find_candidates(source, columns, groups, alike=alike, adjust=adjust, q=q)
    halves = [groups.among(half).calibrated(columns.presence) for half in (discovery, held_out)]
    again = look_again(columns, candidates, halves)
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
        kinds_of_groups, source, columns, groups, alike=alike, adjust=adjust, level=level,
        names=names, n_evidence=evidence, seed=seed,
    )  # fmt: skip
    return DiffResult(
        target=groups.target,
        references=groups.references,
        is_paired=pair is not None,
        candidates=_findings(source, groups, columns, candidates, again),
        q=q,
        max_findings=max_findings,
        parameters=parameters
        | {"target": groups.target, "reference": list(groups.references), "strata": strata},
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=int(groups.rows.sum()),
        n_tested=len(columns),
        raw_q=candidates.raw_q,
        detectable=detectable,
        warnings=(
            *source.warnings,
            *groups.warnings,
            *told_of_dependence,
            *told_of_few(len(columns), int(groups.rows.sum()), detectable),
            *_overlap_warnings(candidates, adjust),
            *_width_warnings(candidates, adjust and pair is not None),
        ),
        suggested_group=suggested.group if suggested else None,
        told_of_dependence=told_of_dependence,
        names=names,
        find_kinds=find_kinds,
        shown_by=EvidenceOfDiff(
            source,
            rows_of(columns, candidates.leaders),
            evidence,
            {contrast.reference: contrast for contrast in groups.contrasts},
        ),
    )


def _counted(
    source: Source, groups: Groups, *, group: str | None, count_copies: bool, by: str,
    pair: str | None,
) -> tuple[Groups, tuple[str, ...]]:  # fmt: skip
    """The groups with the documents that count, and what to say of the others."""
    texts = text_numbers(source.text_batches())
    found = dependence_of(
        source, texts, groups.codes, rows=groups.rows, keys=groups.keys, group=group,
        count_copies=count_copies,
    )  # fmt: skip
    groups = groups.counting(found.counted, texts=texts, clusters=found.clusters)
    check_sizes(groups, by=by, pair=pair or "")
    sides = {groups.target: groups.contrasts[0].target_rows} | {
        contrast.reference: contrast.reference_rows for contrast in groups.contrasts
    }
    check_clusters(found.clusters, list(sides.values()), names=list(sides), group=group)
    return groups, found.warnings


def _suggested(
    source: Source, columns: Columns, groups: Groups, known: Sequence[str | None]
) -> Suggestion | None:
    """By the contrast of the most documents."""
    largest = max(groups.contrasts, key=lambda contrast: contrast.n_documents)
    return suggestion(
        source, columns, largest.is_target, rows=largest.rows, strata=largest.blocks, known=known
    )


def _findings(
    source: Source, groups: Groups, columns: Columns, candidates: Candidates, again: SeenAgain
) -> tuple[Finding, ...]:
    """A finding for each family, surest first."""
    found = []
    for at, family in enumerate(candidates.families):
        numbers = _numbers(groups, candidates, again, at)
        found.append(Finding(**told_by(source, columns, family), **numbers))
    return tuple(sorted(found, key=lambda one: (-abs(one.z), -abs(one.difference))))


def _numbers(groups: Groups, candidates: Candidates, again: SeenAgain, at: int) -> dict[str, Any]:
    """The figures of the finding told by leader number `at`, against the nearest group."""
    nearest = candidates.measured[int(candidates.nearest[at])]
    difference, *interval = candidates.raw.at(at)
    adjusted_difference, *adjusted_interval = candidates.adjusted.at(at)
    rates = {groups.target: nearest.rate_target} | {
        one.contrast.reference: one.rate_reference for one in candidates.measured
    }
    return {
        "rate_target": float(nearest.rate_target[at]),
        "rate_reference": float(nearest.rate_reference[at]),
        "difference": difference,
        "interval": tuple(interval),
        "adjusted_difference": adjusted_difference,
        "adjusted_interval": tuple(adjusted_interval),
        "p_value": float(candidates.p[at]),
        "q_value": float(candidates.q[at]),
        "n_target": len(nearest.contrast.target_rows),
        "n_reference": len(nearest.contrast.reference_rows),
        "replicated": bool(again.replicated[at]),
        "discovery_difference": float(again.discovery_difference[at]),
        "holdout_difference": float(again.holdout_difference[at]),
        "z": float(candidates.z[at]),
        "rates": {name: float(rate[at]) for name, rate in rates.items()},
        "against": nearest.contrast.reference,
        "adds_length": bool(candidates.adds_length[at]),
    }


def _detectable(
    columns: Columns, groups: Groups, halves: Sequence[Groups], *, alike: Alike, adjust: bool,
    alpha: float,
) -> float:  # fmt: skip
    """At the p-value that a feature has to reach when no other differs."""
    rows = np.flatnonzero(groups.rows)
    place = np.full(columns.presence.shape[0], -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    is_target = np.zeros(len(rows))
    is_target[place[groups.contrasts[0].target_rows]] = 1.0
    raw = [measure(columns.presence, contrast, alike=None) for contrast in groups.contrasts]

    def is_found(planted: PresenceMatrix) -> FeatureMask:
        everywhere = among_all(planted, rows, len(place))
        how = alike if adjust else None
        measured = [measure(everywhere, contrast, alike=how) for contrast in groups.contrasts]
        direction, p = direction_and_p(measured, adjust=adjust)
        again = seen_again(everywhere, halves, direction)
        found: FeatureMask = (p <= alpha) & (direction > 0) & again.replicated
        return found

    p = direction_and_p(raw, adjust=False)[1]
    places = None if groups.clusters is not None else alike.comparable(rows, groups.keys[rows])
    return smallest_detectable(columns.presence[rows], p, is_target, is_found, places=places)


def _overlap_warnings(candidates: Candidates, adjust: bool) -> list[str]:
    if not adjust:
        return []
    return [
        f"only {one.overlap:.0%} of the documents compared with {one.contrast.reference!r} have "
        "one of like length and strata on the other side; little can be found at equal lengths "
        "(adjust=False asks without)"
        for one in candidates.measured
        if one.overlap < _LITTLE_OVERLAP
    ]


def _width_warnings(candidates: Candidates, is_asked: bool) -> list[str]:
    """Where the lengths of all pairs differ by one factor, it cannot be told from the group."""
    told = []
    for one in candidates.measured if is_asked else ():
        widths = [effect.upper - effect.lower for effect in (one.adjusted, one.raw)]
        wider = float(np.median(widths[0] / np.maximum(widths[1], 1e-9))) if len(widths[0]) else 1.0
        if wider >= _MUCH_WIDER:
            told.append(
                f"the lengths of the pairs with {one.contrast.reference!r} differ by nearly one "
                f"factor: at equal lengths differences are known {wider:.1f} times less well, and "
                "little can be found (leave out pair, or ask with adjust=False)"
            )
    return told
