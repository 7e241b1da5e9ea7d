"""Features, words, marks, lengths and kinds of sentences that give a label away.

That a feature goes with a label is what labels are for. What makes it suspect is its nature: a
mark of form, the length of the text, or a thing that has no company, which nothing else in the
text goes with. Those come first; what the texts are about comes after, for a label may well mean
it.
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
from corpuscope.analyses.comparison.candidates import find_candidates, look_again, measure_all
from corpuscope.analyses.comparison.dependence import LEAST_CLUSTERS, numbered
from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.comparison.two_groups import set_up_two_groups
from corpuscope.analyses.results.feature_findings import Member, members_of
from corpuscope.corpus.texts.words import feature_kind
from corpuscope.duplicates.votes import copy_warnings, counted_once, near_copies, text_numbers
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import GroupNames, PerDocument

# Of so many of the surest findings of each class the company is looked at, and of so many of the
# features that each of them tells; one that is so much more suspect is told in its place.
_MOST_JUDGED, _MOST_RIVALS, _MORE_SUSPECT = 4000, 6, 1.1

# Marks that say what a text is about.
_NO_FORM = ("‹currency›", "‹percent›")

_MOST_CLASSES = 12

# Of what may be reported by chance such shares are for longer texts, for texts that were cut and
# for kinds of sentences, the rest for features.
_LONGER, _CUT, _KINDS = 0.1, 0.1, 0.1


@dataclass(frozen=True, eq=False)
class HeldFamily:
    """A family that differs: its features, the leader first, how surely, and which way (`z`)."""

    told: tuple[Member, ...]
    z: float
    q_value: float


@dataclass(frozen=True, eq=False)
class _Asked:
    """How shortcuts are searched: as the arguments of `find_shortcuts`.

    Attributes:
        clusters: The number of what each document belongs to; None where they are independent.
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
    """Shortcuts of each class, the most suspect first, and what to be careful about.

    Args:
        source: The texts.
        values: The class of each document; None leaves it out.
        group: The column of what documents belong to, such as their author.
        count_copies: Whether each copy of a text counts; else a text counts once in its class.
        q: The share of findings that may be false.
        min_support: Documents that must have a feature, and lack it.
        seed: Of halves and draws.
    """
    values, clusters, warnings = _independent(
        source, values, group=group, count_copies=count_copies
    )
    asked = _Asked(source, values, group, count_copies, min_support, seed, clusters)
    classes, left_out = _classes(asked)
    warnings += left_out
    found = cut_texts(source, values, classes, min_support=min_support, alpha=_CUT * q)
    # Of two classes each has what the other lacks.
    are_two = len({name for name in values if name is not None}) == 2
    for value in classes[-1:] if are_two else classes:
        found += longer_texts(
            source, values, value, clusters=clusters, alpha=_LONGER * q / len(classes)
        )
        of_class, told = _of_features(
            asked, value, q=(1 - _LONGER - _CUT - _KINDS) * q, two=classes if are_two else None
        )
        found += of_class
        warnings += [one for one in told if one not in warnings]
    kinds = kinds_of_sentences(
        source, values, classes, clusters=clusters, min_support=min_support,
        alpha=_KINDS * q, seed=seed,
    )  # fmt: skip
    if (n := int(kinds.rows.sum())) < (n_labelled := int(is_labelled(values).sum())):
        warnings.append(f"kinds of sentences were looked for in {n:,} of {n_labelled:,} documents")
    found = sorted([*found, *kinds.found], key=suspicion, reverse=True)
    return without_repeats(source, found, kinds, values, min_support), warnings


def _independent(
    source: NamedStore, values: GroupNames, *, group: str | None, count_copies: bool
) -> tuple[GroupNames, PerDocument | None, list[str]]:
    """The classes of the texts that count, what these belong to, and what to say of copies.

    Of near copies `diff` says it.
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


def _classes(asked: _Asked) -> tuple[list[str], list[str]]:
    """The classes that are searched, and a remark where these are not all."""
    values, least = asked.values, asked.min_support
    names, counts = np.unique(values[is_labelled(values)].astype(str), return_counts=True)
    is_large = (counts >= least) & (counts.sum() - counts >= least)
    if asked.group is not None and asked.clusters is not None:
        of_class = [asked.clusters[values == name] for name in names]
        is_large &= np.array([len(np.unique(own)) >= LEAST_CLUSTERS for own in of_class])
    largest = np.argsort(-counts * is_large, kind="stable")[:_MOST_CLASSES]
    chosen = np.sort(largest[is_large[largest]])
    if len(chosen) == len(names):
        return names.tolist(), []
    if len(names) == 2:  # One alone has nothing to be set against.
        chosen = chosen[:0]
    told = (
        f"{len(chosen)} of {len(names)} classes were searched for shortcuts: the largest, with "
        f"{least} documents or more"
        + ("" if asked.group is None else f" of {LEAST_CLUSTERS} values of {asked.group!r}")
    )
    return names[chosen].tolist(), [told]


def _of_features(
    asked: _Asked, value: str, *, q: float, two: Sequence[str] | None
) -> tuple[list[Shortcut], list[str]]:
    """What the class has more often and, of two classes, what the other has; with remarks."""
    source, values, min_support = asked.source, asked.values, asked.min_support
    other = two[0] if two else "others"
    by = np.array([name if name is None else (value if name == value else other)
                   for name in values], dtype=object)  # fmt: skip
    settings = ComparisonSettings(
        count_copies=asked.count_copies, min_support=min_support, seed=asked.seed
    )
    settings.check(q=q)
    setup = set_up_two_groups(
        source, by=by, target=value, reference=other, pair=None, group=asked.group, strata=(),
        settings=settings,
    )  # fmt: skip
    held = [one for one in _holding(setup, q) if two or one.z > 0][:_MOST_JUDGED]
    found: list[Shortcut] = []
    for side, mine in ((value, [one for one in held if one.z > 0]),
                       (other, [one for one in held if one.z <= 0])):  # fmt: skip
        if mine:
            is_own = by == side
            is_other = is_labelled(by) & ~is_own
            of = ClassFeatures(source, is_own, is_other, min_support)
            found += most_suspect(mine, side, of)
    return found, list(setup.dependence_warnings)


def _holding(setup: Setup[Groups], q: float) -> list[HeldFamily]:
    """The families that differ as things stand and were seen again, surest first."""
    candidates = find_candidates(setup, measure_all(setup), adjust=False, q=q)
    again = look_again(setup, candidates)
    found = []
    for at, family in enumerate(candidates.families):
        if candidates.q[at] <= q and again.replicated[at]:
            leader, members = members_of(setup.source, setup.columns, family)
            z, q_value = float(candidates.z[at]), float(candidates.q[at])
            difference = abs(candidates.raw.at(at)[0])
            found.append((difference, HeldFamily((leader, *members), z, q_value)))
    found.sort(key=lambda one: (-abs(one[1].z), -one[0]))
    return [held for _, held in found]


def most_suspect(findings: Sequence[HeldFamily], value: str, of: ClassFeatures) -> list[Shortcut]:
    """Each finding by the most suspect of its features, which need not be the surest."""
    least_sure = min(abs(one.z) for one in findings)
    found = []
    for one in findings:
        best: Shortcut | None = None
        for at, member in enumerate(one.told[: 1 + _MOST_RIVALS]):
            counted = of.counted(member.feature)
            # A rival must be a finding by itself, and worth a look if it has no company at all.
            bar = 0.0 if best is None else _MORE_SUSPECT * suspicion(best)[0]
            if at and (
                counted.z < least_sure or counted.z * purity(counted.rate, counted.elsewhere) <= bar
            ):
                continue
            rest = one.told[:at] + one.told[at + 1 :]
            predictability = of.predictability(member.feature)
            rival = _shortcut(value, member, rest, counted=counted, predictability=predictability)
            if best is None or suspicion(rival)[0] > bar:
                best = replace(rival, q_value=_q_at(findings, counted.z) if at else one.q_value)
        assert best is not None
        found.append(best)
    return found


def _q_at(findings: Sequence[HeldFamily], z: float) -> float:
    """The q-value of the surest finding that is no surer than this."""
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
