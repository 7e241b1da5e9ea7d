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

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial

import numpy as np

from corpuscope.analyses.comparison.arguments import By, name_of
from corpuscope.analyses.comparison.candidates import (
    Candidates,
    SeenAgain,
    find_candidates,
    look_again,
    measure_all,
    seen_again,
)
from corpuscope.analyses.comparison.detectable import few_documents_warnings
from corpuscope.analyses.comparison.effects import ContrastEffects, direction_and_p, measure
from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.comparison.two_groups import set_up_two_groups
from corpuscope.analyses.diff.evidence import EvidenceOfDiff
from corpuscope.analyses.diff.finding import Finding
from corpuscope.analyses.diff.kinds import kinds_of_groups
from corpuscope.analyses.diff.result import DiffResult
from corpuscope.analyses.results.base import in_order
from corpuscope.analyses.results.evidence import rows_of
from corpuscope.analyses.results.feature_findings import members_of
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import FeatureMask, PresenceMatrix
from corpuscope.store.joined import Stores

_PARAMETERS = (
    "by", "target", "reference", "pair", "group", "count_copies", "strata", "adjust", "words",
    "features", "min_support", "q", "holdout", "evidence", "level", "max_findings", "rename",
    "seed",
)  # fmt: skip

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
    strata: Sequence[str] = (),
    adjust: bool = True,
    q: float = 0.05,
    settings: ComparisonSettings | None = None,
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
        strata: Columns that must not explain a difference: adjusted for beside length.
        adjust: Whether a finding must also hold at equal lengths and strata, or by its own length.
        q: The share of findings that may be false.
        settings: How the comparison is made, such as `ComparisonSettings(min_support=20)`.

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
    settings = settings or ComparisonSettings()
    settings.check(q=q)
    strata = [strata] if isinstance(strata, str) else list(strata)
    setup = set_up_two_groups(
        NamedStore(store), by=by, target=target, reference=reference, pair=pair, group=group,
        strata=strata, settings=settings,
    )  # fmt: skip
    asked = {
        "by": name_of(by), "target": setup.groups.target,
        "reference": list(setup.groups.references), "pair": pair, "group": group,
        "strata": strata, "q": q,
    }  # fmt: skip
    return _answer(setup, measure_all(setup), asked, adjust=adjust, q=q, settings=settings)


def _answer(
    setup: Setup[Groups],
    raw: Sequence[ContrastEffects],
    asked: Mapping[str, object],
    *,
    adjust: bool,
    q: float,
    settings: ComparisonSettings,
) -> DiffResult:
    """The answer at equal lengths and strata, or as things stand."""
    source, groups, columns = setup.source, setup.groups, setup.columns
    candidates = find_candidates(setup, raw, adjust=adjust, q=q)
    detectable = cache(
        partial(_detectable, setup, raw, adjust=adjust, alpha=q / max(len(columns), 1))
    )
    names = Names(source, groups.rows, here=settings.rename)
    return DiffResult(
        target=groups.target,
        references=groups.references,
        is_paired=asked["pair"] is not None,
        candidates=_findings(setup, candidates, look_again(setup, candidates)),
        q=q,
        max_findings=settings.max_findings,
        parameters=in_order(_PARAMETERS, asked, asdict(settings), {"adjust": adjust}),
        store="+".join(str(each.path) for each in source.stores),
        digest=source.digest,
        n_documents=setup.n_documents,
        n_tested=len(columns),
        raw_q=candidates.raw_q,
        detectable=detectable,
        warnings=(
            *source.warnings,
            *groups.warnings,
            *setup.dependence_warnings,
            *few_documents_warnings(len(columns), setup.n_documents, detectable),
            *_overlap_warnings(candidates, adjust),
            *_width_warnings(candidates, adjust and asked["pair"] is not None),
        ),
        suggested_group=setup.suggested_group,
        names=names,
        find_kinds=partial(kinds_of_groups, setup, adjust=adjust, settings=settings, names=names),
        find_unadjusted=cache(
            partial(_answer, setup, raw, asked, adjust=False, q=q, settings=settings)
        ),
        shown_by=EvidenceOfDiff(
            source,
            rows_of(columns, candidates.leaders),
            settings.evidence,
            {contrast.reference: contrast for contrast in groups.contrasts},
        ),
    )


def _findings(
    setup: Setup[Groups], candidates: Candidates, again: SeenAgain
) -> tuple[Finding, ...]:
    """A finding for each family, surest first."""
    every = range(len(candidates.families))
    found = [_finding(setup, candidates, again, at) for at in every]
    return tuple(sorted(found, key=lambda one: (-abs(one.z), -abs(one.difference))))


def _finding(setup: Setup[Groups], candidates: Candidates, again: SeenAgain, at: int) -> Finding:
    """The finding told by leader number `at`, against the nearest group."""
    leader, members = members_of(setup.source, setup.columns, candidates.families[at])
    nearest = candidates.measured[int(candidates.nearest[at])]
    difference, *interval = candidates.raw.at(at)
    adjusted_difference, *adjusted_interval = candidates.adjusted.at(at)
    rates = {setup.groups.target: nearest.rate_target} | {
        one.contrast.reference: one.rate_reference for one in candidates.measured
    }
    return Finding(
        feature=leader.feature,
        kind=leader.kind,
        label=leader.label,
        label_score=math.nan,
        label_source=leader.label_source,
        members=members,
        p_value=float(candidates.p[at]),
        q_value=float(candidates.q[at]),
        replicated=bool(again.replicated[at]),
        z=float(candidates.z[at]),
        adds_length=bool(candidates.adds_length[at]),
        rate_target=float(nearest.rate_target[at]),
        rate_reference=float(nearest.rate_reference[at]),
        difference=difference,
        interval=(interval[0], interval[1]),
        adjusted_difference=adjusted_difference,
        adjusted_interval=(adjusted_interval[0], adjusted_interval[1]),
        n_target=len(nearest.contrast.target_rows),
        n_reference=len(nearest.contrast.reference_rows),
        discovery_difference=float(again.discovery_difference[at]),
        holdout_difference=float(again.holdout_difference[at]),
        rates={name: float(rate[at]) for name, rate in rates.items()},
        against=nearest.contrast.reference,
    )


def _detectable(
    setup: Setup[Groups], raw: Sequence[ContrastEffects], *, adjust: bool, alpha: float
) -> float:
    """At the p-value that a feature has to reach when no other differs."""
    covariates = setup.covariates if adjust else None

    def is_found(planted: PresenceMatrix) -> FeatureMask:
        measured = [measure(planted, one, covariates=covariates) for one in setup.groups.contrasts]
        direction, p = direction_and_p(measured, adjust=adjust)
        again = seen_again(planted, setup.halves, direction)
        found: FeatureMask = (p <= alpha) & (direction > 0) & again.replicated
        return found

    return setup.detectable(is_found, p=direction_and_p(raw, adjust=False)[1])


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
