"""What differs between these groups of texts?

1. Features with enough support are tested on all documents. The p-value is the larger of the raw
   test and the test adjusted for length (and covariates), so a finding holds in both; the rate
   per token (`own_length`) may take the place of the second.
2. Features present in the same documents are merged into families, represented by a leader.
3. q-values are Benjamini-Hochberg's. Every feature that could reach significance counts as a
   test, but only families count as discoveries.
4. The documents are split at random into halves. A finding must have the same direction in both,
   with p < .05 in the held-out half.
5. One omnibus test per direction covers what many weak features make up together
   (`sentence_kinds`); it is reported above the findings, whether or not it is significant.

Rationale: `docs/diff.md`, and `benchmarks/decision_rules.py`, which compares this rule with others
in simulations. Testing for a difference first, and for an explanation by length among the
significant features only, finds more but loses control of the false discovery rate: features that
pass the first test by chance pass the second by the same chance. Merging after the correction
loses it too, since members of true families admit false ones. Selecting on one half and testing on
the other loses a third of the findings.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial

import numpy as np

from corpuscope.analyses.comparison.arguments import By, name_of
from corpuscope.analyses.comparison.candidates import (
    Candidates,
    Replication,
    find_candidates,
    measure_all,
    replication,
    replication_of_leaders,
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

# A warning is given below this share of comparable documents, or if adjusting makes intervals of
# pairs this many times as wide.
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
        store: The store, or several stores of one dictionary, which are joined.
        by: The column of the groups, or one value per document (None excludes a document); by
            default the stores are compared.
        target: The group of interest. With two groups it defaults to the second in sorted order.
        reference: The group or groups to compare it with; all others by default. With several,
            a finding must hold against each of them.
        pair: A column that pairs documents of different groups, such as the id of the prompt;
            a group may have several documents per value.
        group: A column of clusters of dependent documents, such as the author or thread;
            clusters, not documents, are then the unit of analysis.
        strata: Covariates to adjust for besides length.
        adjust: Whether a finding must also hold after adjusting for length and covariates (or
            by its rate per token).
        q: The false discovery rate.
        settings: Further settings, such as `ComparisonSettings(min_support=20)`.

    Raises:
        ColumnNotFound: A column does not exist.
        GroupNotFound: A group does not exist, or the target is ambiguous.
        PairingError: The documents cannot be paired.
        NotEnoughData: A group is too small.
        FeatureMismatch: The stores were read with different dictionaries.
        InputError: A number is out of range, or columns contradict each other.

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
    return difference(
        setup, {"by": name_of(by), "pair": pair, "group": group, "strata": strata},
        adjust=adjust, q=q, settings=settings,
    )  # fmt: skip


def difference(
    setup: Setup[Groups],
    arguments: Mapping[str, object],
    *,
    adjust: bool,
    q: float,
    settings: ComparisonSettings,
) -> DiffResult:
    """The answer of `diff` from its setup, with the arguments that led to it (for the record)."""
    arguments = {
        **arguments, "target": setup.groups.target, "reference": list(setup.groups.references),
        "q": q,
    }  # fmt: skip
    return _answer(setup, measure_all(setup), arguments, adjust=adjust, q=q, settings=settings)


def _answer(
    setup: Setup[Groups],
    raw: Sequence[ContrastEffects],
    arguments: Mapping[str, object],
    *,
    adjust: bool,
    q: float,
    settings: ComparisonSettings,
) -> DiffResult:
    """The result, adjusted for length and covariates or unadjusted."""
    source, groups, columns = setup.source, setup.groups, setup.columns
    candidates = find_candidates(setup, raw, adjust=adjust, q=q)
    # Power is simulated on demand; q / m is the BH threshold of a single discovery.
    detectable = cache(
        partial(_detectable, setup, raw, adjust=adjust, alpha=q / max(len(columns), 1))
    )
    names = Names(source, groups.rows, here=settings.rename)
    return DiffResult(
        target=groups.target,
        references=groups.references,
        is_paired=arguments["pair"] is not None,
        candidates=_findings(setup, candidates, replication_of_leaders(setup, candidates)),
        q=q,
        max_findings=settings.max_findings,
        parameters=in_order(_PARAMETERS, arguments, asdict(settings), {"adjust": adjust}),
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
            *_width_warnings(candidates, adjust and arguments["pair"] is not None),
        ),
        suggested_group=setup.suggested_group,
        names=names,
        find_kinds=partial(kinds_of_groups, setup, adjust=adjust, settings=settings, names=names),
        find_unadjusted=cache(
            partial(_answer, setup, raw, arguments, adjust=False, q=q, settings=settings)
        ),
        evidence_source=EvidenceOfDiff(
            source,
            rows_of(columns, candidates.leaders),
            settings.evidence,
            {contrast.reference: contrast for contrast in groups.contrasts},
        ),
    )


def _findings(
    setup: Setup[Groups], candidates: Candidates, again: Replication
) -> tuple[Finding, ...]:
    """A finding for each family, most significant first."""
    every = range(len(candidates.families))
    found = [_finding(setup, candidates, again, at) for at in every]
    return tuple(sorted(found, key=lambda one: (-abs(one.z), -abs(one.difference))))


def _finding(setup: Setup[Groups], candidates: Candidates, again: Replication, at: int) -> Finding:
    """The finding of the family number `at`, against the closest reference group."""
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
    """The smallest detectable difference, at the p-value needed if no other feature differs."""
    covariates = setup.covariates if adjust else None

    def is_found(planted: PresenceMatrix) -> FeatureMask:
        measured = [measure(planted, one, covariates=covariates) for one in setup.groups.contrasts]
        direction, p = direction_and_p(measured, adjust=adjust)
        # Differences are planted upwards, so a finding in the other direction is no detection.
        again = replication(planted, setup.halves, direction)
        found: FeatureMask = (p <= alpha) & (direction > 0) & again.replicated
        return found

    return setup.detectable(is_found, p=direction_and_p(raw, adjust=False)[1])


def _overlap_warnings(candidates: Candidates, adjust: bool) -> list[str]:
    if not adjust:
        return []
    return [
        f"only {one.overlap:.0%} of the documents compared with {one.contrast.reference!r} have a "
        "counterpart of similar length (and equal strata) in the other group: the "
        "length-adjusted comparison has little power (adjust=False turns it off)"
        for one in candidates.measured
        if one.overlap < _LITTLE_OVERLAP
    ]


def _width_warnings(candidates: Candidates, is_adjusted_and_paired: bool) -> list[str]:
    """Warnings if length and group are collinear: a nearly constant length ratio of all pairs."""
    warnings = []
    for one in candidates.measured if is_adjusted_and_paired else ():
        widths = [effect.upper - effect.lower for effect in (one.adjusted, one.raw)]
        # Median ratio of adjusted to raw interval widths, over the candidates.
        wider = float(np.median(widths[0] / np.maximum(widths[1], 1e-9))) if len(widths[0]) else 1.0
        if wider >= _MUCH_WIDER:
            warnings.append(
                f"the length ratio of pairs with {one.contrast.reference!r} is nearly constant, so "
                f"length and group are confounded: adjusting makes intervals {wider:.1f} times as "
                "wide and leaves little power (omit pair, or use adjust=False)"
            )
    return warnings
