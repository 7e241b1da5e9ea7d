"""Which features differ between groups, how significantly, and whether the effect replicates.

The rationale is in `diff` and in `docs/diff.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.effects import ContrastEffects, Effect, direction_and_p, measure
from corpuscope.analyses.comparison.groups import Groups
from corpuscope.analyses.comparison.own_length import adds_length, may_add_length
from corpuscope.analyses.comparison.selection import (
    REPLICATED_BELOW,
    Ranked,
    Sides,
    positions_among,
    prescreened,
    ranked_families,
)
from corpuscope.analyses.comparison.setup import Compared, Setup
from corpuscope.shapes import (
    CandidateOrder,
    CountPerFeature,
    FeatureMask,
    PerFeature,
    PresenceMatrix,
)
from corpuscope.statistics.rates.extremes import smallest_difference
from corpuscope.statistics.rates.intervals import normal_quantile


@dataclass(frozen=True, eq=False)
class Candidates(Ranked):
    """Candidate families; direction 1 means that the leader is more frequent in the target.

    Attributes:
        measured: The effects against each reference group, on all documents.
        nearest: Index of the reference group closest to the target.
        raw: Difference from the closest reference, corrected for having selected the closest.
        adjusted: The same after adjusting for length and covariates.
        adds_length: Whether it passes only through its rate per token (`own_length`), not after
            length adjustment.
    """

    measured: tuple[ContrastEffects, ...]
    nearest: CountPerFeature
    raw: Effect
    adjusted: Effect
    adds_length: FeatureMask


@dataclass(frozen=True, eq=False)
class Replication:
    """Replication of the family leaders in the two halves of the holdout split.

    Attributes:
        discovery_difference: The raw difference in the discovery half.
        holdout_difference: The raw difference in the held-out half.
        replicated: Whether both halves agree in sign with the full data, with p < .05 in the
            held-out half.
    """

    discovery_difference: PerFeature
    holdout_difference: PerFeature
    replicated: FeatureMask


def measure_all(compared: Compared[Groups]) -> tuple[ContrastEffects, ...]:
    """The raw effects of all features against each reference group."""
    presence = compared.columns.presence
    return tuple(measure(presence, one, covariates=None) for one in compared.groups.contrasts)


def find_candidates(
    compared: Compared[Groups], raw: Sequence[ContrastEffects], *, adjust: bool, q: float
) -> Candidates:
    """Families of the features that differ, with their p- and q-values.

    Args:
        compared: The documents and features compared.
        raw: The raw effects from `measure_all`.
        adjust: Whether the difference must also hold after adjusting for length and covariates.
        q: The false discovery rate.
    """
    columns, groups = compared.columns, compared.groups
    direction, p = direction_and_p(raw, adjust=False)
    kept = prescreened(p)
    measured = _adjusted_effects(compared, kept) if adjust else None
    found = ranked_families(
        compared.source, columns, raw=(direction, p), kept=kept, sides=_sides(groups),
        adjusted=None if measured is None else direction_and_p(
            measured, adjust=True, may_add=may_add_length(columns, kept)
        ),
    )  # fmt: skip
    if measured is None:
        measured = _adjusted_effects(compared, found.leaders)
    else:
        at = positions_among(found.leaders, kept)
        measured = tuple(one.of(at) for one in measured)
    # p-values without the per-token route: what significance would be by length adjustment alone.
    nothing = np.zeros(len(found.leaders), dtype=bool)
    p_without = direction_and_p(measured, adjust=adjust, may_add=nothing)[1]
    return Candidates(
        families=found.families,
        direction=found.direction,
        p=found.p,
        q=found.q,
        raw_q=found.raw_q,
        measured=measured,
        nearest=nearest_contrast(measured, found.direction),
        raw=_nearest_of(measured, [one.raw for one in measured], found.direction),
        adjusted=_nearest_of(measured, [one.adjusted for one in measured], found.direction),
        adds_length=adds_length(found.q, p_without, n_tests=len(columns), q=q),
    )


def _adjusted_effects(
    compared: Compared[Groups], kept: CandidateOrder
) -> tuple[ContrastEffects, ...]:
    """The raw and adjusted effects of some features against each reference group."""
    presence = compared.columns.presence[:, kept]
    return tuple(
        measure(presence, one, covariates=compared.covariates) for one in compared.groups.contrasts
    )


def replication_of_leaders(setup: Setup[Groups], candidates: Candidates) -> Replication:
    """Replication of the family leaders in each half of the documents."""
    presence = setup.columns.presence[:, candidates.leaders]
    return replication(presence, setup.halves, candidates.direction)


def replication(
    presence: PresenceMatrix, halves: Sequence[Groups], found: CountPerFeature
) -> Replication:
    """Whether the effects replicate in each half; the held-out half comes last."""
    differences, p = [], np.ones(presence.shape[1])
    replicated = np.ones(presence.shape[1], dtype=bool)
    for half in halves:
        measured = [measure(presence, contrast, covariates=None) for contrast in half.contrasts]
        direction, p = direction_and_p(measured, adjust=False)
        differences.append(_of_nearest(measured, found))
        replicated &= direction == found
    return Replication(differences[0], differences[1], replicated & (p < REPLICATED_BELOW))


def nearest_contrast(
    measured: Sequence[ContrastEffects], direction: CountPerFeature
) -> CountPerFeature:
    """For each feature, the index of the contrast whose group is closest to the target."""
    differences = np.array([one.raw.difference for one in measured])
    # Flipping the sign makes the smallest signed difference the closest in either direction.
    nearest: CountPerFeature = np.argmin(differences * np.where(direction < 0, -1, 1), axis=0)
    return nearest


def _nearest_of(
    measured: Sequence[ContrastEffects], effects: Sequence[Effect], direction: CountPerFeature
) -> Effect:
    """The difference from the closest of several groups, bias-corrected; of one group unchanged.

    The minimum of noisy differences understates the smallest true one (selection bias).
    """
    if len(effects) == 1:
        return effects[0]
    sign = np.where(direction < 0, -1.0, 1.0)
    # A contrast without comparable documents (NaN) cannot be the minimum.
    difference = np.array([np.nan_to_num(sign * one.difference, nan=np.inf) for one in effects])
    # Standard errors back-computed from the 95 % intervals.
    error = np.array([(one.upper - one.lower) / (2 * normal_quantile(0.95)) for one in effects])
    # All contrasts share the target; only the reference's part of the error is independent.
    own = error * np.sqrt([[_share_of_reference(one)] for one in measured])
    found = smallest_difference(difference, error, own)
    lower, upper = np.sort(sign * np.array(found.interval), axis=0)
    estimate = np.where(np.isfinite(found.estimate), sign * found.estimate, np.nan)
    p = np.array([one.p_value for one in effects]).max(axis=0)
    return Effect(estimate, np.fmax(lower, -1.0), np.fmin(upper, 1.0), p)


def _share_of_reference(one: ContrastEffects) -> float:
    """The reference group's share of the variance of a difference, from the group sizes."""
    n_target, n_reference = len(one.contrast.target_rows), len(one.contrast.reference_rows)
    return n_target / max(n_target + n_reference, 1)


def _of_nearest(measured: Sequence[ContrastEffects], direction: CountPerFeature) -> PerFeature:
    differences = np.array([one.raw.difference for one in measured])
    at = nearest_contrast(measured, direction)[None]
    difference: PerFeature = np.take_along_axis(differences, at, axis=0)[0]
    return difference


def _sides(groups: Groups) -> Sides:
    is_target = np.zeros(len(groups.rows), dtype=bool)
    is_target[groups.contrasts[0].target_rows] = True
    return Sides(groups.rows, up=is_target, down=~is_target)
