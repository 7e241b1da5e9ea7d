"""How much two groups differ in each feature, raw and at equal lengths, on some documents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.groups import Contrast, Rows
from corpuscope.analyses.source import Source
from corpuscope.shapes import CountPerFeature, DocumentMask, PerDocument, PerFeature, PresenceMatrix
from corpuscope.statistics import (
    cochran_mantel_haenszel_p,
    length_strata,
    mantel_haenszel_difference,
    mcnemar_p,
    newcombe_interval,
    paired_counts,
    paired_length_adjusted,
    paired_newcombe_interval,
    present_counts,
    stratum_counts,
    two_rates_p,
)


@dataclass(frozen=True, eq=False)
class Effect:
    """Target rate minus reference rate for each feature, its 95 % interval and p-value."""

    difference: PerFeature
    lower: PerFeature
    upper: PerFeature
    p_value: PerFeature

    def at(self, feature: int) -> tuple[float, float, float]:
        """Difference and both ends of the interval of one feature."""
        return (
            float(self.difference[feature]),
            float(self.lower[feature]),
            float(self.upper[feature]),
        )


@dataclass(frozen=True, eq=False)
class Measured:
    """What one contrast shows for each feature.

    Attributes:
        contrast: The documents.
        rate_target: Share of the target's documents that have it.
        rate_reference: Share of the other group's.
        raw: The difference as it is.
        adjusted: The difference at equal lengths and strata; the raw one where not asked for.
        overlap: Share of the documents that have one alike in the other group.
    """

    contrast: Contrast
    rate_target: PerFeature
    rate_reference: PerFeature
    raw: Effect
    adjusted: Effect
    overlap: float = 1.0


_RatesAndEffect = tuple[PerFeature, PerFeature, Effect]


@dataclass(frozen=True, eq=False)
class Alike:
    """What makes two documents alike: their lengths, and the strata they are in."""

    lengths: PerDocument
    strata: PerDocument


def measure(presence: PresenceMatrix, contrast: Contrast, *, alike: Alike | None) -> Measured:
    """Rates and differences, with the adjusted ones where `alike` says how to adjust."""
    if contrast.is_paired:
        rate_target, rate_reference, raw = _raw_paired(presence, contrast)
    else:
        rate_target, rate_reference, raw = _raw_unpaired(presence, contrast)
    if alike is None:
        return Measured(contrast, rate_target, rate_reference, raw, raw)
    adjust = _adjusted_paired if contrast.is_paired else _adjusted_unpaired
    adjusted, overlap = adjust(presence, contrast, alike)
    return Measured(contrast, rate_target, rate_reference, raw, adjusted, overlap)


def direction_and_p(
    measured: Sequence[Measured], *, adjust: bool
) -> tuple[CountPerFeature, PerFeature]:
    """On which side of all other groups the target lies (1, -1, or 0 if on neither), and p.

    The p-value is the largest of all contrasts and, with `adjust`, of the raw and the adjusted
    test: each alone must say that the target differs, and all in one direction.

    Source: intersection-union, Berger 1982, Technometrics 24.
    """
    effects = [one.raw for one in measured]
    if adjust:
        effects += [one.adjusted for one in measured]
    signs = np.array([np.sign(np.nan_to_num(effect.difference)) for effect in effects])
    agree = np.all(signs == signs[0], axis=0)
    direction = np.where(agree, signs[0], 0).astype(np.int64)
    p = np.array([effect.p_value for effect in effects]).max(axis=0)
    return direction, np.where(direction == 0, 1.0, p)


def least_p(presence: PresenceMatrix, contrasts: Sequence[Contrast]) -> PerFeature:
    """The least p-value that each feature could have, whichever documents have it.

    Of as many documents with it as there are all would be of one group; of as many pairs that
    differ all would differ one way.
    """
    of_each = [_least_p(presence, contrast) for contrast in contrasts]
    largest: PerFeature = np.max(of_each, axis=0)
    return largest


def _least_p(presence: PresenceMatrix, contrast: Contrast) -> PerFeature:
    target, reference = contrast.target_rows, contrast.reference_rows
    if contrast.is_paired:
        counts = paired_counts(presence[target], presence[reference])
        differing = counts.only_target + counts.only_reference
        return mcnemar_p(differing, np.zeros_like(differing))
    n1, n2 = len(target), len(reference)
    both = _mask(presence, target) | _mask(presence, reference)
    present = present_counts(presence, both)
    most_1, most_2 = np.minimum(present, n1), np.minimum(present, n2)
    least: PerFeature = np.minimum(
        two_rates_p(most_1, n1, present - most_1, n2),
        two_rates_p(present - most_2, n1, most_2, n2),
    )
    return least


def strata_of(source: Source, columns: Sequence[str]) -> PerDocument:
    """A number for each document, equal where all these columns have the same value."""
    strata = np.zeros(source.n_documents, dtype=np.int64)
    for name in columns:
        values = np.array([str(value) for value in source.column(name)])
        strata = crossed(strata, np.unique(values, return_inverse=True)[1].astype(np.int64))
    return strata


def _raw_unpaired(presence: PresenceMatrix, contrast: Contrast) -> _RatesAndEffect:
    n1, n2 = len(contrast.target_rows), len(contrast.reference_rows)
    x1 = present_counts(presence, _mask(presence, contrast.target_rows))
    x2 = present_counts(presence, _mask(presence, contrast.reference_rows))
    lower, upper = newcombe_interval(x1, n1, x2, n2)
    p = two_rates_p(x1, n1, x2, n2)
    rate_1, rate_2 = x1 / max(n1, 1), x2 / max(n2, 1)
    return rate_1, rate_2, Effect(rate_1 - rate_2, lower, upper, p)


def _raw_paired(presence: PresenceMatrix, contrast: Contrast) -> _RatesAndEffect:
    counts = paired_counts(presence[contrast.target_rows], presence[contrast.reference_rows])
    only_1, only_2, both = counts.only_target, counts.only_reference, counts.both
    lower, upper = paired_newcombe_interval(only_1, only_2, both, neither=counts.neither)
    n = max(counts.n_pairs, 1)
    effect = Effect((only_1 - only_2) / n, lower, upper, mcnemar_p(only_1, only_2))
    return (both + only_1) / n, (both + only_2) / n, effect


def _adjusted_unpaired(
    presence: PresenceMatrix, contrast: Contrast, alike: Alike
) -> tuple[Effect, float]:
    """Within strata of nearly equal length; documents without a like one tell nothing."""
    target = _mask(presence, contrast.target_rows)
    reference = _mask(presence, contrast.reference_rows)
    rows = np.flatnonzero(target | reference)
    strata = crossed(length_strata(alike.lengths[rows]), alike.strata[rows])
    counts = stratum_counts(presence[rows], target[rows], reference[rows], strata=strata)
    found = mantel_haenszel_difference(counts)
    p = cochran_mantel_haenszel_p(counts) if found.n_strata else np.ones(presence.shape[1])
    return Effect(found.difference, found.lower, found.upper, p), found.overlap


def _adjusted_paired(
    presence: PresenceMatrix, contrast: Contrast, alike: Alike
) -> tuple[Effect, float]:
    """At equal lengths; pairs whose two documents are in different strata tell nothing."""
    target, reference = contrast.target_rows, contrast.reference_rows
    same = alike.strata[target] == alike.strata[reference]
    target, reference = target[same], reference[same]
    found = paired_length_adjusted(
        presence[target],
        presence[reference],
        lengths_target=alike.lengths[target],
        lengths_reference=alike.lengths[reference],
    )
    effect = Effect(found.difference, found.lower, found.upper, found.p_value)
    return effect, float(same.mean()) if len(same) else 0.0


def crossed(left: PerDocument, right: PerDocument) -> PerDocument:
    """A number for each document, equal where both are; numbers count from 0."""
    together = left * (int(right.max(initial=0)) + 1) + right
    return np.unique(together, return_inverse=True)[1].astype(np.int64)


def _mask(presence: PresenceMatrix, rows: Rows) -> DocumentMask:
    mask = np.zeros(presence.shape[0], dtype=bool)
    mask[rows] = True
    return mask
