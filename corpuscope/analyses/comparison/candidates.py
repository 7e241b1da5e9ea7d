"""Which features differ between groups, how sure that is, and whether it is seen again.

Why it is done so is told in `diff` and in `docs/diff.md`.
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
    places_of,
    ranked_families,
    worth_a_look,
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
    """Families that may differ; direction 1 is where the target has the leader more often.

    Attributes:
        measured: For each other group what it shows, on all documents.
        nearest: Which of these comes nearest to the target.
        raw: The difference from the nearest, without the luck of its having been chosen.
        adjusted: The same at equal lengths and strata.
        adds_length: Whether it holds by its own length, and not at equal lengths alone.
    """

    measured: tuple[ContrastEffects, ...]
    nearest: CountPerFeature
    raw: Effect
    adjusted: Effect
    adds_length: FeatureMask


@dataclass(frozen=True, eq=False)
class SeenAgain:
    """The leaders on the two halves of the documents.

    Attributes:
        discovery_difference: The raw difference on the one half.
        holdout_difference: The raw difference on the half that was held out.
        replicated: Whether both have the direction found, and the held-out one p < .05.
    """

    discovery_difference: PerFeature
    holdout_difference: PerFeature
    replicated: FeatureMask


def measure_all(compared: Compared[Groups]) -> tuple[ContrastEffects, ...]:
    """What each other group shows of all features, as things stand."""
    presence = compared.columns.presence
    return tuple(measure(presence, one, covariates=None) for one in compared.groups.contrasts)


def find_candidates(
    compared: Compared[Groups], raw: Sequence[ContrastEffects], *, adjust: bool, q: float
) -> Candidates:
    """Families of the features that differ, with their p- and q-values.

    Args:
        compared: What is compared.
        raw: What `measure_all` says of it.
        adjust: Whether they must hold at equal lengths and strata too.
        q: The share of findings that may be false.
    """
    columns, groups = compared.columns, compared.groups
    direction, p = direction_and_p(raw, adjust=False)
    kept = worth_a_look(p)
    measured = _at_equal_lengths(compared, kept) if adjust else None
    found = ranked_families(
        compared.source, columns, raw=(direction, p), kept=kept, sides=_sides(groups),
        adjusted=None if measured is None else direction_and_p(
            measured, adjust=True, may_add=may_add_length(columns, kept)
        ),
    )  # fmt: skip
    if measured is None:
        measured = _at_equal_lengths(compared, found.leaders)
    else:
        at = places_of(found.leaders, kept)
        measured = tuple(one.of(at) for one in measured)
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


def _at_equal_lengths(
    compared: Compared[Groups], kept: CandidateOrder
) -> tuple[ContrastEffects, ...]:
    """What each other group shows of some features, raw and adjusted."""
    presence = compared.columns.presence[:, kept]
    return tuple(
        measure(presence, one, covariates=compared.covariates) for one in compared.groups.contrasts
    )


def look_again(setup: Setup[Groups], candidates: Candidates) -> SeenAgain:
    """The leaders of the families, on each half of the documents alone."""
    presence = setup.columns.presence[:, candidates.leaders]
    return seen_again(presence, setup.halves, candidates.direction)


def seen_again(
    presence: PresenceMatrix, halves: Sequence[Groups], found: CountPerFeature
) -> SeenAgain:
    """Whether features have the direction found on each half alone, the one held out last."""
    differences, p = [], np.ones(presence.shape[1])
    replicated = np.ones(presence.shape[1], dtype=bool)
    for half in halves:
        measured = [measure(presence, contrast, covariates=None) for contrast in half.contrasts]
        direction, p = direction_and_p(measured, adjust=False)
        differences.append(_of_nearest(measured, found))
        replicated &= direction == found
    return SeenAgain(differences[0], differences[1], replicated & (p < REPLICATED_BELOW))


def nearest_contrast(
    measured: Sequence[ContrastEffects], direction: CountPerFeature
) -> CountPerFeature:
    """For each feature the number of the contrast whose group comes nearest to the target."""
    differences = np.array([one.raw.difference for one in measured])
    nearest: CountPerFeature = np.argmin(differences * np.where(direction < 0, -1, 1), axis=0)
    return nearest


def _nearest_of(
    measured: Sequence[ContrastEffects], effects: Sequence[Effect], direction: CountPerFeature
) -> Effect:
    """The difference from the nearest of several groups; of one group as it is."""
    if len(effects) == 1:
        return effects[0]
    sign = np.where(direction < 0, -1.0, 1.0)
    # What is not known at equal lengths is not in the running.
    difference = np.array([np.nan_to_num(sign * one.difference, nan=np.inf) for one in effects])
    error = np.array([(one.upper - one.lower) / (2 * normal_quantile(0.95)) for one in effects])
    own = error * np.sqrt([[_share_of_reference(one)] for one in measured])
    found = smallest_difference(difference, error, own)
    lower, upper = np.sort(sign * np.array(found.interval), axis=0)
    estimate = np.where(np.isfinite(found.estimate), sign * found.estimate, np.nan)
    p = np.array([one.p_value for one in effects]).max(axis=0)
    return Effect(estimate, np.fmax(lower, -1.0), np.fmin(upper, 1.0), p)


def _share_of_reference(one: ContrastEffects) -> float:
    """How much of the variance of a difference is the other group's, by the sizes of both."""
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
