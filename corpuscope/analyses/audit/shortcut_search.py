"""Search for shortcuts: features, words, format marks, lengths and sentence clusters.

That a feature is associated with a label is no fault. It is suspect if it is a formatting
artefact, the length of the text, or isolated (not predictable from its context). These are ranked
first; content comes after, since it may well be what the label means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.audit.class_features import ClassFeatures, Counted
from corpuscope.analyses.audit.context_predictability import ContextPredictability
from corpuscope.analyses.audit.kind_shortcuts import kinds_of_sentences, without_repeats
from corpuscope.analyses.audit.length_shortcuts import cut_texts, longer_texts
from corpuscope.analyses.audit.shortcut import Nature, Shortcut, is_labelled
from corpuscope.analyses.audit.suspicion import isolated_below, purity, suspicion
from corpuscope.analyses.comparison.candidates import (
    find_candidates,
    measure_all,
    replication_of_leaders,
)
from corpuscope.analyses.comparison.dependence import LEAST_CLUSTERS, numbered
from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.comparison.two_groups import set_up_two_groups
from corpuscope.analyses.results.feature_findings import Member, members_of
from corpuscope.corpus.texts.words import feature_kind
from corpuscope.duplicates.numbering import copy_warnings, counted_once, near_copies, text_numbers
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import GroupNames, PerDocument

# Maximum number of families per class and of members per family whose context predictability is
# estimated; a member represents its family if it is more suspect by this factor.
_MOST_JUDGED, _MOST_RIVALS, _MORE_SUSPECT = 4000, 6, 1.1

# Format marks that are content.
_NO_FORM = ("‹currency›", "‹percent›")

_MOST_CLASSES = 12

# Shares of the FDR budget for text length, truncation and sentence clusters; features get the
# rest.
_LONGER, _CUT, _KINDS = 0.1, 0.1, 0.1


@dataclass(frozen=True, eq=False)
class SignificantFamily:
    """A family with a significant difference: its features (leader first), z-score and q-value."""

    members: tuple[Member, ...]
    z: float
    q_value: float


@dataclass(frozen=True, eq=False)
class _Search:
    """The arguments of `find_shortcuts`.

    Attributes:
        clusters: Cluster number of each document; None if documents are independent.
    """

    source: NamedStore
    values: GroupNames
    group: str | None
    count_copies: bool
    min_support: int
    seed: int
    clusters: PerDocument | None


def find_shortcuts(
    source: NamedStore,
    values: GroupNames,
    *,
    group: str | None,
    count_copies: bool,
    q: float,
    min_support: int,
    seed: int,
) -> tuple[list[Shortcut], list[str]]:
    """Shortcuts of each class, most suspect first, and warnings.

    Args:
        source: The texts.
        values: Class of each document; None excludes it.
        group: Column that identifies dependent documents, such as the author.
        count_copies: Whether every copy of a text counts; otherwise a text counts once per class.
        q: False discovery rate.
        min_support: Minimum number of documents with a feature, and without it.
        seed: Random seed.
    """
    values, clusters, warnings = _independent(
        source, values, group=group, count_copies=count_copies
    )
    search = _Search(source, values, group, count_copies, min_support, seed, clusters)
    classes, left_out = _classes(search)
    warnings += left_out
    found = cut_texts(source, values, classes, min_support=min_support, alpha=_CUT * q)
    # With two classes, one test covers both directions.
    are_two = len({name for name in values if name is not None}) == 2
    for value in classes[-1:] if are_two else classes:
        found += longer_texts(
            source, values, value, clusters=clusters, alpha=_LONGER * q / len(classes)
        )
        of_class, caveats = _of_features(
            search, value, q=(1 - _LONGER - _CUT - _KINDS) * q, two=classes if are_two else None
        )
        found += of_class
        warnings += [one for one in caveats if one not in warnings]
    kinds = kinds_of_sentences(
        source, values, classes, clusters=clusters, min_support=min_support,
        alpha=_KINDS * q, seed=seed,
    )  # fmt: skip
    if (n := int(kinds.rows.sum())) < (n_labelled := int(is_labelled(values).sum())):
        warnings.append(f"sentence clusters were searched in {n:,} of {n_labelled:,} documents")
    found = sorted([*found, *kinds.found], key=suspicion, reverse=True)
    return without_repeats(source, found, kinds, values, min_support), warnings


def _independent(
    source: NamedStore, values: GroupNames, *, group: str | None, count_copies: bool
) -> tuple[GroupNames, PerDocument | None, list[str]]:
    """Classes with duplicates removed, cluster numbers, and warnings about copies.

    Near-duplicates are reported by the comparison itself.
    """
    together = None if group is None else numbered(source.column(group))
    if count_copies:
        return values, together, []
    rows, nobody = is_labelled(values), np.full(len(values), -1, dtype=np.int64)
    codes = np.unique(values.astype(str), return_inverse=True)[1].reshape(-1).astype(np.int64)
    texts = text_numbers(source)
    counted = counted_once(texts, codes, nobody, rows=rows)
    if group is None:
        together, _ = near_copies(source, np.zeros_like(codes), counted)
    once = values.copy()
    once[~counted] = None
    return once, together, copy_warnings(texts, codes, rows=rows, counted=counted)


def _classes(search: _Search) -> tuple[list[str], list[str]]:
    """The classes to search, and a warning if these are not all."""
    values, least = search.values, search.min_support
    names, counts = np.unique(values[is_labelled(values)].astype(str), return_counts=True)
    is_large = (counts >= least) & (counts.sum() - counts >= least)
    if search.group is not None and search.clusters is not None:
        of_class = [search.clusters[values == name] for name in names]
        is_large &= np.array([len(np.unique(own)) >= LEAST_CLUSTERS for own in of_class])
    largest = np.argsort(-counts * is_large, kind="stable")[:_MOST_CLASSES]
    chosen = np.sort(largest[is_large[largest]])
    if len(chosen) == len(names):
        return names.tolist(), []
    if len(names) == 2:  # A class cannot be compared without the other.
        chosen = chosen[:0]
    warning = (
        f"{len(chosen)} of {len(names)} classes were searched for shortcuts: the largest, with "
        f"at least {least} documents"
        + ("" if search.group is None else f" of {LEAST_CLUSTERS} values of {search.group!r}")
    )
    return names[chosen].tolist(), [warning]


def _of_features(
    search: _Search, value: str, *, q: float, two: Sequence[str] | None
) -> tuple[list[Shortcut], list[str]]:
    """Features more frequent in the class, or in either of two classes; with warnings."""
    source, values, min_support = search.source, search.values, search.min_support
    other = two[0] if two else "others"
    by = np.array([name if name is None else (value if name == value else other)
                   for name in values], dtype=object)  # fmt: skip
    settings = ComparisonSettings(
        count_copies=search.count_copies, min_support=min_support, seed=search.seed
    )
    settings.check(q=q)
    setup = set_up_two_groups(
        source, by=by, target=value, reference=other, pair=None, group=search.group, strata=(),
        settings=settings,
    )  # fmt: skip
    held = [one for one in _significant(setup, q) if two or one.z > 0][:_MOST_JUDGED]
    found: list[Shortcut] = []
    for side, mine in ((value, [one for one in held if one.z > 0]),
                       (other, [one for one in held if one.z <= 0])):  # fmt: skip
        if mine:
            is_own = by == side
            is_other = is_labelled(by) & ~is_own
            of = ClassFeatures(source, is_own, is_other, min_support)
            found += most_suspect(mine, side, of)
    return found, list(setup.dependence_warnings)


def _significant(setup: Setup[Groups], q: float) -> list[SignificantFamily]:
    """Families with a significant and replicated difference, unadjusted, by absolute z-score."""
    candidates = find_candidates(setup, measure_all(setup), adjust=False, q=q)
    again = replication_of_leaders(setup, candidates)
    found = []
    for at, family in enumerate(candidates.families):
        if candidates.q[at] <= q and again.replicated[at]:
            leader, members = members_of(setup.source, setup.columns, family)
            z, q_value = float(candidates.z[at]), float(candidates.q[at])
            difference = abs(candidates.raw.at(at)[0])
            found.append((difference, SignificantFamily((leader, *members), z, q_value)))
    found.sort(key=lambda one: (-abs(one[1].z), -one[0]))
    return [held for _, held in found]


def most_suspect(
    findings: Sequence[SignificantFamily], value: str, of: ClassFeatures
) -> list[Shortcut]:
    """Each family represented by its most suspect feature, not necessarily its leader."""
    least_z = min(abs(one.z) for one in findings)
    found = []
    for one in findings:
        best: Shortcut | None = None
        for at, member in enumerate(one.members[: 1 + _MOST_RIVALS]):
            counted = of.counted(member.feature)
            # A rival must be significant itself, and able to win even if fully isolated.
            bar = 0.0 if best is None else _MORE_SUSPECT * suspicion(best)[0]
            if at and (
                counted.z < least_z or counted.z * purity(counted.rate, counted.elsewhere) <= bar
            ):
                continue
            rest = one.members[:at] + one.members[at + 1 :]
            predictability = of.predictability(member.feature)
            rival = _shortcut(value, member, rest, counted=counted, predictability=predictability)
            if best is None or suspicion(rival)[0] > bar:
                best = replace(rival, q_value=_q_at(findings, counted.z) if at else one.q_value)
        assert best is not None
        found.append(best)
    return found


def _q_at(findings: Sequence[SignificantFamily], z: float) -> float:
    """The q-value at this z-score: the largest among findings with no larger z."""
    return max(one.q_value for one in findings if abs(one.z) <= z)


def _shortcut(
    value: str,
    one: Member,
    others: Sequence[Member],
    *,
    counted: Counted,
    predictability: ContextPredictability,
) -> Shortcut:
    bar = isolated_below(predictability.error, is_kind=False)
    return Shortcut(
        value=value,
        feature=one.feature,
        label=one.label,
        label_source=one.label_source,
        members=tuple(other.label for other in others),
        member_features=tuple(other.feature for other in others),
        nature=_nature(one.feature, is_isolated=not predictability.auroc >= bar),
        rate=counted.rate,
        rate_elsewhere=counted.elsewhere,
        auroc=0.5 + (counted.rate - counted.elsewhere) / 2,
        context_auroc=predictability.auroc,
        isolated_below=bar,
        z=counted.z,
        q_value=1.0,
    )


def _nature(feature: int | str, *, is_isolated: bool) -> Nature:
    is_mark = isinstance(feature, str) and feature_kind(feature) == "mark"
    if is_mark and feature not in _NO_FORM:
        return "form"
    return "isolated" if is_isolated else "content"
