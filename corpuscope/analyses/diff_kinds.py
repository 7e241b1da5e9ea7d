"""Sentences of a kind that one group has more often than others (`sentence_kinds`)."""

from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.alike import Alike
from corpuscope.analyses.candidates import nearest_contrast
from corpuscope.analyses.columns import Columns
from corpuscope.analyses.effects import direction_and_p, measure
from corpuscope.analyses.groups import Groups
from corpuscope.analyses.names import Names
from corpuscope.analyses.sentence_kinds import (
    Learned,
    SentenceKind,
    is_enough,
    learned_both_ways,
    looked_at,
    parts_of,
)
from corpuscope.analyses.source import Source


@dataclass(frozen=True)
class KindDifference(SentenceKind):
    """Sentences of the kind that sets the target apart, or of that which sets the others apart.

    `side` is `target` or `reference`.

    Attributes:
        rate_target: Share of the target's documents with such a sentence, in [0, 1].
        rate_reference: Share of those of `against`.
        difference: The first minus the second.
        interval: Its 95 % interval.
        adjusted_difference: The difference at equal lengths and strata; NaN where no documents
            are alike.
        adjusted_interval: Its 95 % interval.
        against: The other group that comes nearest to the target.
    """

    rate_target: float
    rate_reference: float
    difference: float
    interval: tuple[float, float]
    adjusted_difference: float
    adjusted_interval: tuple[float, float]
    against: str


def kinds_of_groups(
    source: Source,
    columns: Columns,
    groups: Groups,
    *,
    alike: Alike,
    adjust: bool,
    level: float | None,
    names: Names,
    n_evidence: int,
    seed: int,
) -> tuple[KindDifference, ...]:
    """The target's kind of sentence and that of the others; none where too little is there.

    Args:
        source: The texts.
        columns: The features; those of the dictionary count.
        groups: The documents.
        alike: What is held equal in the adjusted difference.
        adjust: Whether it must hold at equal lengths and strata, too.
        level: Multiplies the strength above which a feature is present.
        names: What features are called here.
        n_evidence: How many sentences are shown.
        seed: Of the parts and of what is drawn.
    """
    some = looked_at(source, groups.rows, groups.codes, groups.together, seed)
    groups = groups.among(some).calibrated(columns.presence)
    mask, rows = groups.rows, np.flatnonzero(groups.rows)
    if not is_enough(groups.codes[rows], columns.features):
        return ()
    is_target = np.isin(rows, groups.contrasts[0].target_rows).astype(np.float64)
    both = learned_both_ways(
        source, rows, columns.features, is_target, alike=alike, keys=groups.keys[rows],
        clusters=None if groups.clusters is None else groups.clusters[rows],
        level=level, seed=seed,
        parts=parts_of(source, mask, groups.codes, groups.together, seed)[rows],
    )  # fmt: skip
    return tuple(
        _measured(groups, learned, sign, alike if adjust else None, names, n_evidence)
        for sign, learned in zip((1, -1), both, strict=True)
    )


def _measured(
    groups: Groups, learned: Learned, sign: int, alike: Alike | None, names: Names, n_evidence: int
) -> KindDifference:
    """Rates and differences of one direction, and its p-value."""
    presence = learned.presence()
    measured = [measure(presence, contrast, alike=alike) for contrast in groups.contrasts]
    direction, p = direction_and_p(measured, adjust=alike is not None)
    nearest = measured[int(nearest_contrast(measured, direction)[0])]
    (difference, interval), (adjusted_difference, adjusted_interval) = (
        learned.wider(one.difference, one.lower, one.upper)
        for one in (nearest.raw, nearest.adjusted)
    )
    return KindDifference(
        side="target" if sign > 0 else "reference",
        p_value=learned.sure(float(p[0])) if direction[0] == sign else 1.0,
        n_documents=len(learned.sentences.rows),
        learned=learned,
        names=names,
        n_evidence=n_evidence,
        rate_target=float(nearest.rate_target[0]),
        rate_reference=float(nearest.rate_reference[0]),
        difference=difference,
        interval=interval,
        adjusted_difference=adjusted_difference,
        adjusted_interval=adjusted_interval,
        against=nearest.contrast.reference,
    )
