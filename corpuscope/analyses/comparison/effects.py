"""Effect sizes of each feature between two groups, raw and adjusted for length and covariates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.comparison.covariates import Covariates, crossed
from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.analyses.comparison.own_length import either_p, own_length_p
from corpuscope.shapes import (
    CandidateOrder,
    CountPerFeature,
    DocumentMask,
    FeatureMask,
    PerDocument,
    PerFeature,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.clusters.clustered import clustered_p, design_effect
from corpuscope.statistics.rates.counts import (
    as_ones,
    paired_counts,
    present_counts,
    stratum_counts,
)
from corpuscope.statistics.rates.intervals import newcombe_interval, paired_newcombe_interval
from corpuscope.statistics.rates.paired_length import paired_length_adjusted
from corpuscope.statistics.rates.rate_tests import mcnemar_p, two_rates_p
from corpuscope.statistics.rates.stratified import (
    cochran_mantel_haenszel_p,
    mantel_haenszel_difference,
)
from corpuscope.statistics.slopes.key_slopes import slope_within_keys
from corpuscope.statistics.slopes.trends import least_trend_p, trend_p


@dataclass(frozen=True, eq=False)
class Effect:
    """Target rate minus reference rate for each feature, its 95 % interval and p-value."""

    difference: PerFeature
    lower: PerFeature
    upper: PerFeature
    p_value: PerFeature

    def of(self, features: CandidateOrder) -> "Effect":
        """The effect of some of the features."""
        return Effect(
            self.difference[features],
            self.lower[features],
            self.upper[features],
            self.p_value[features],
        )

    def at(self, feature: int) -> tuple[float, float, float]:
        """The difference and the ends of its interval, for one feature."""
        return (
            float(self.difference[feature]),
            float(self.lower[feature]),
            float(self.upper[feature]),
        )


@dataclass(frozen=True, eq=False)
class ContrastEffects:
    """The effects of one contrast on each feature.

    Attributes:
        contrast: The documents of both groups.
        rate_target: Share of the target's documents that have the feature.
        rate_reference: Share of the reference's documents that have it.
        raw: The unadjusted difference.
        adjusted: The difference adjusted for length and covariates; the raw one if no
            adjustment was requested.
        overlap: Share of documents with a comparable document in the other group.
        own: The p-value of the rate per token (`own_length`), for features that themselves
            lengthen their texts; None if not computed.
    """

    contrast: Contrast
    rate_target: PerFeature
    rate_reference: PerFeature
    raw: Effect
    adjusted: Effect
    overlap: float = 1.0
    own: PerFeature | None = None

    @property
    def length_adjusted_p(self) -> PerFeature:
        """The length-adjusted p-value; 1 if adjusting reverses the sign of the difference."""
        signs = [np.sign(np.nan_to_num(one.difference)) for one in (self.raw, self.adjusted)]
        return np.where(signs[0] == signs[1], self.adjusted.p_value, 1.0)

    def of(self, features: CandidateOrder) -> "ContrastEffects":
        """The effects of some of the features."""
        return replace(
            self,
            rate_target=self.rate_target[features],
            rate_reference=self.rate_reference[features],
            raw=self.raw.of(features),
            adjusted=self.adjusted.of(features),
            own=None if self.own is None else self.own[features],
        )


_RatesAndEffect = tuple[PerFeature, PerFeature, Effect]


def measure(
    presence: PresenceMatrix, contrast: Contrast, *, covariates: Covariates | None
) -> ContrastEffects:
    """The rates and differences; adjusted ones too if `covariates` are given."""
    estimators = _estimators_of(contrast)
    rate_target, rate_reference, raw = estimators.raw(presence, contrast)
    if covariates is None:
        return ContrastEffects(contrast, rate_target, rate_reference, raw, raw)
    adjusted, overlap = estimators.adjusted(presence, contrast, covariates)
    own = None
    # The per-token test is defined for unpaired documents only.
    if estimators.adjusted is _adjusted_unpaired:
        own = own_length_p(
            presence[contrast.rows], contrast.is_target, rows=contrast.rows, covariates=covariates,
            clusters=contrast.cluster_numbers,
        )  # fmt: skip
    return ContrastEffects(contrast, rate_target, rate_reference, raw, adjusted, overlap, own)


def direction_and_p(
    measured: Sequence[ContrastEffects], *, adjust: bool, may_add: FeatureMask | None = None
) -> tuple[CountPerFeature, PerFeature]:
    """The sign of the target's difference from all references (0 if they disagree), and p.

    The p-value is the largest over all contrasts and, with `adjust`, over the raw and the
    adjusted test: each must be significant by itself, and all in one direction. Features in
    `may_add` (all by default) may pass the per-token test (`own_length`) in place of the
    length-adjusted one.

    Source: intersection-union, Berger 1982, Technometrics 24.
    """
    signs = np.array([np.sign(np.nan_to_num(one.raw.difference)) for one in measured])
    agree = np.all(signs == signs[0], axis=0)
    p_values = [one.raw.p_value for one in measured]
    if adjust:
        every = np.ones(signs.shape[1], dtype=bool) if may_add is None else may_add
        adjusted = [either_p(one.length_adjusted_p, one.own, every) for one in measured]
        # p = 1 may mark a reversed sign, so no direction holds.
        agree &= np.max(adjusted, axis=0) < 1
        p_values += adjusted
    direction = np.where(agree, signs[0], 0).astype(np.int64)
    return direction, np.where(direction == 0, 1.0, np.max(p_values, axis=0))


def least_difference_p(presence: PresenceMatrix, contrasts: Sequence[Contrast]) -> PerFeature:
    """The smallest p-value that each feature could attain, given its number of documents.

    It is attained if all documents with the feature are in one group, or if all discordant
    pairs differ in one direction.
    """
    per_contrast = [_least_p(presence, contrast) for contrast in contrasts]
    largest: PerFeature = np.max(per_contrast, axis=0)
    return largest


def _least_p(presence: PresenceMatrix, contrast: Contrast) -> PerFeature:
    target, reference = contrast.target_rows, contrast.reference_rows
    if contrast.keys is not None and not contrast.is_paired:
        is_target = contrast.is_target.astype(np.int64)
        return least_trend_p(presence[contrast.rows], is_target, strata=_numbered(contrast.blocks))
    if contrast.is_paired:
        counts = paired_counts(presence[target], presence[reference])
        differing = counts.only_target + counts.only_reference
        return mcnemar_p(differing, np.zeros_like(differing))
    n1, n2 = len(target), len(reference)
    both = _mask(presence, target) | _mask(presence, reference)
    present = present_counts(presence, both)
    # The two extreme tables: as many documents with the feature as possible in one group.
    most_1, most_2 = np.minimum(present, n1), np.minimum(present, n2)
    least: PerFeature = np.minimum(
        two_rates_p(most_1, n1, present - most_1, n2),
        two_rates_p(present - most_2, n1, most_2, n2),
    )
    return least


@dataclass(frozen=True)
class _Estimators:
    """The raw and the adjusted estimator of one comparison design."""

    raw: Callable[[PresenceMatrix, Contrast], _RatesAndEffect]
    adjusted: Callable[[PresenceMatrix, Contrast, Covariates], tuple[Effect, float]]


def _estimators_of(contrast: Contrast) -> _Estimators:
    # McNemar's test needs one-to-one pairs that are independent of each other.
    if contrast.keys is not None and not (contrast.is_paired and contrast.clusters is None):
        return _Estimators(_raw_within_keys, _adjusted_within_keys)
    if contrast.is_paired:
        return _Estimators(_raw_paired, _adjusted_paired)
    return _Estimators(_raw_unpaired, _adjusted_unpaired)


def _raw_unpaired(presence: PresenceMatrix, contrast: Contrast) -> _RatesAndEffect:
    n1, n2 = len(contrast.target_rows), len(contrast.reference_rows)
    x1 = present_counts(presence, _mask(presence, contrast.target_rows))
    x2 = present_counts(presence, _mask(presence, contrast.reference_rows))
    lower, upper = newcombe_interval(x1, n1, x2, n2)
    p = two_rates_p(x1, n1, x2, n2)
    rate_1, rate_2 = x1 / max(n1, 1), x2 / max(n2, 1)
    effect = Effect(rate_1 - rate_2, lower, upper, p)
    return rate_1, rate_2, _cluster_robust(effect, presence, contrast, contrast.blocks)


def _cluster_robust(
    effect: Effect, presence: PresenceMatrix, contrast: Contrast, strata: Rows
) -> Effect:
    """The effect with a cluster-robust interval and p-value; unchanged without clusters."""
    clusters = contrast.cluster_numbers
    if clusters is None:
        return effect
    here, regressor = presence[contrast.rows], contrast.is_target
    p = clustered_p(
        here, regressor, strata=strata, clusters=clusters, calibration=contrast.calibration
    )
    # The design effect inflates the variance; its square root inflates the standard error.
    wider = np.sqrt(
        design_effect(
            here, regressor, strata=strata, clusters=clusters, calibration=contrast.calibration
        )
    )
    below, above = effect.difference - effect.lower, effect.upper - effect.difference
    return Effect(
        effect.difference,
        np.maximum(effect.difference - below * wider, -1.0),
        np.minimum(effect.difference + above * wider, 1.0),
        np.maximum(effect.p_value, p),
    )


def _raw_within_keys(presence: PresenceMatrix, contrast: Contrast) -> _RatesAndEffect:
    """The difference within keys, weighted as in a regression with key fixed effects."""
    here, keys = presence[contrast.rows], _numbered(contrast.blocks)
    found = slope_within_keys(
        here, contrast.is_target.astype(np.int64), keys=keys, clusters=_renumbered(contrast)
    )
    effect = Effect(found.slope, found.lower, found.upper, _within_keys_p(here, contrast, keys))
    target, reference = _rates_within_keys(here, contrast, keys)
    return target, reference, effect


def _within_keys_p(here: PresenceMatrix, contrast: Contrast, keys: PerDocument) -> PerFeature:
    """The larger p-value of permuting documents within keys and of reassigning whole clusters.

    The first is valid if documents of one key and group are independent, the second if the
    groups of a key have equally many documents.
    """
    exact = trend_p(here, contrast.is_target.astype(np.int64), strata=keys)
    clusters = contrast.cluster_numbers
    if clusters is None:
        return exact
    robust = clustered_p(
        here, contrast.is_target, strata=keys, clusters=clusters, calibration=contrast.calibration
    )
    larger: PerFeature = np.maximum(exact, robust)
    return larger


def _rates_within_keys(
    here: PresenceMatrix, contrast: Contrast, keys: PerDocument
) -> tuple[PerFeature, PerFeature]:
    """The rate of each group as a weighted mean over keys."""
    is_target = contrast.is_target.astype(bool)
    sizes = [np.bincount(keys[side], minlength=int(keys.max(initial=0)) + 1)
             for side in (is_target, ~is_target)]  # fmt: skip
    # n1 n2 / (n1 + n2): the precision of a difference within a key, as in fixed effects.
    weight = sizes[0] * sizes[1] / np.maximum(sizes[0] + sizes[1], 1)
    document_weights = [
        weight[keys] / np.maximum(size[keys], 1) * side / max(weight.sum(), 1e-12)
        for size, side in zip(sizes, (is_target, ~is_target), strict=True)
    ]
    ones = as_ones(here)
    return ones.T @ document_weights[0], ones.T @ document_weights[1]


def _adjusted_within_keys(
    presence: PresenceMatrix, contrast: Contrast, covariates: Covariates
) -> tuple[Effect, float]:
    """The length-adjusted difference within keys, between documents of one stratum only."""
    rows = contrast.rows
    keys = crossed(_numbered(contrast.blocks), covariates.strata[rows])
    found = slope_within_keys(
        presence[rows], contrast.is_target.astype(np.int64), keys=keys,
        clusters=_renumbered(contrast), lengths=covariates.lengths[rows],
    )  # fmt: skip
    # Overlap: the share of documents whose key and stratum have both groups.
    n_target = np.bincount(keys, weights=contrast.is_target)
    is_shared = (n_target > 0) & (n_target < np.bincount(keys))
    effect = Effect(found.slope, found.lower, found.upper, found.p_value)
    return effect, float(is_shared[keys].mean()) if len(keys) else 0.0


def _renumbered(contrast: Contrast) -> PerDocument | None:
    return None if contrast.clusters is None else _numbered(contrast.clusters[contrast.rows])


def _numbered(values: PerDocument) -> PerDocument:
    """The values renumbered from 0 without gaps."""
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _raw_paired(presence: PresenceMatrix, contrast: Contrast) -> _RatesAndEffect:
    counts = paired_counts(presence[contrast.target_rows], presence[contrast.reference_rows])
    only_1, only_2, both = counts.only_target, counts.only_reference, counts.both
    lower, upper = paired_newcombe_interval(only_1, only_2, both, neither=counts.neither)
    n = max(counts.n_pairs, 1)
    effect = Effect((only_1 - only_2) / n, lower, upper, mcnemar_p(only_1, only_2))
    return (both + only_1) / n, (both + only_2) / n, effect


def _adjusted_unpaired(
    presence: PresenceMatrix, contrast: Contrast, covariates: Covariates
) -> tuple[Effect, float]:
    """The difference within length strata, by tokens or by sentences: the less significant."""
    rows = np.sort(contrast.rows)
    found = [_within_strata(presence, contrast, rows, strata) for strata in covariates.within(rows)]
    effects = [effect for effect, _ in found]
    weakest = np.argmax([effect.p_value for effect in effects], axis=0)
    parts = (np.stack(one) for one in zip(*(vars(e).values() for e in effects), strict=True))
    chosen = (np.take_along_axis(part, weakest[None], axis=0)[0] for part in parts)
    return Effect(*chosen), min(overlap for _, overlap in found)


def _within_strata(
    presence: PresenceMatrix, contrast: Contrast, rows: Rows, strata: Rows
) -> tuple[Effect, float]:
    """The Mantel-Haenszel difference and the share of documents with a comparable one.

    Strata with documents of only one group carry no information. `strata` number the documents
    of `rows`, which ascend.
    """
    target = _mask(presence, contrast.target_rows)
    reference = _mask(presence, contrast.reference_rows)
    counts = stratum_counts(presence[rows], target[rows], reference[rows], strata=strata)
    found = mantel_haenszel_difference(counts)
    p = cochran_mantel_haenszel_p(counts) if found.n_strata else np.ones(presence.shape[1])
    effect = Effect(found.difference, found.lower, found.upper, p)
    if found.n_strata:
        # `contrast.rows` lists the target first, so strata are looked up by row.
        numbers = np.empty(presence.shape[0], dtype=np.int64)
        numbers[rows] = strata
        effect = _cluster_robust(effect, presence, contrast, numbers[contrast.rows])
    return effect, found.overlap


def _adjusted_paired(
    presence: PresenceMatrix, contrast: Contrast, covariates: Covariates
) -> tuple[Effect, float]:
    """The length-adjusted paired difference; pairs that span two strata are dropped."""
    target, reference = contrast.target_rows, contrast.reference_rows
    same = covariates.strata[target] == covariates.strata[reference]
    target, reference = target[same], reference[same]
    found = paired_length_adjusted(
        presence[target],
        presence[reference],
        lengths_target=covariates.lengths[target],
        lengths_reference=covariates.lengths[reference],
    )
    effect = Effect(found.difference, found.lower, found.upper, found.p_value)
    return effect, float(same.mean()) if len(same) else 0.0


def _mask(presence: PresenceMatrix, rows: Rows) -> DocumentMask:
    mask = np.zeros(presence.shape[0], dtype=bool)
    mask[rows] = True
    return mask
