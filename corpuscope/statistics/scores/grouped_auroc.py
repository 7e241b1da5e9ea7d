"""Confidence interval of an AUROC, or of the mean over classes, for documents in groups.

1. A model gives the variance as a function of the AUROC: the geometric mean of those for normal
   and for exponential scores. The former is exact if both classes are normal with equal variances,
   and too small if their variances differ; the latter errs in the other direction.
2. The cluster-robust variance of DeLong's components shows by how much the model is wrong, in so
   far as there are groups with errors.
3. The interval contains the values from which the observed AUROC is within 1.96 standard errors.

Coverage: see `docs/probe.md`. The width is never zero.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, ndtr, ndtri, owens_t

from corpuscope.shapes import (
    ClassMask,
    DocumentMask,
    NumberPerDocument,
    NumberPerGroup,
    NumberPerValue,
    PerDocument,
    ScorePerClass,
)
from corpuscope.statistics.rates.intervals import normal_quantile
from corpuscope.statistics.scores.discrimination import placements
from corpuscope.statistics.scores.estimates import (
    Estimate,
    effective_number,
    expected_inflation,
    inflation,
    sums_by_group,
)

# Where an end is bracketed: denser near 0 and 1, where standard errors are small.
_VALUES: NumberPerValue = expit(np.linspace(-18.0, 18.0, 601))


def auroc_estimate(scores: ScorePerClass, is_of: ClassMask, groups: PerDocument) -> Estimate:
    """Mean over classes of the one-versus-rest AUROC, and its 95 % interval.

    Args:
        scores: Documents x classes.
        is_of: Documents x classes, class membership. Classes of no or all documents are left out.
        groups: A number for each document; those of one group are not independent.

    Cost: a sort for each class.

    Source: Obuchowski 1997 for the variance with groups; Newcombe 2006, method 5,
    for the form of the interval.

    Example:
        >>> scores = np.array([[0.1], [0.2], [0.7], [0.9]])
        >>> found = auroc_estimate(scores, scores > 0.5, np.arange(4))
        >>> found.value, [round(end, 2) for end in found.interval]
        (1.0, [0.39, 1.0])
    """
    groups = np.unique(groups, return_inverse=True)[1]
    classes = [
        _of_class(own, of, groups)
        for own, of in zip(scores.T, is_of.T, strict=True)
        if of.any() and not of.all()
    ]
    if not classes:
        return Estimate(float("nan"), (float("nan"), float("nan")), np.zeros(0))
    value = float(np.mean([one.value for one in classes]))
    influence: NumberPerGroup = np.mean([one.influence for one in classes], axis=0)
    model = _Model(tuple(one.n_positive for one in classes), tuple(one.n_other for one in classes))
    factor = _inflation(classes, model, value, influence)
    scale = normal_quantile(0.95) ** 2 * factor
    lower = _lowest_within(value, scale, model)
    # The model is symmetric: exchanging the classes turns the AUROC into 1 minus it.
    upper = 1 - _lowest_within(1 - value, scale, model)
    return Estimate(value, (lower, upper), influence)


@dataclass(frozen=True, eq=False)
class _OfClass:
    """The AUROC of one class, and the groups' contributions to its error."""

    value: float
    influence: NumberPerGroup
    n_positive: int
    n_other: int
    n_least: int
    inflations: tuple[float, float]


def _of_class(scores: NumberPerDocument, of: DocumentMask, groups: PerDocument) -> _OfClass:
    found = placements(scores, of)
    n, n_groups = int(of.sum()), int(groups.max()) + 1
    value = float(found[of].mean())
    influence = np.zeros(n_groups)
    for side in (of, ~of):
        sums = sums_by_group((found[side] - value) / side.sum(), groups[side])
        influence[: len(sums)] += sums
    return _OfClass(
        value, influence, n, len(of) - n,
        min(len(np.unique(groups[of])), len(np.unique(groups[~of]))),
        (expected_inflation(groups[of]), expected_inflation(groups[~of])),
    )  # fmt: skip


@dataclass(frozen=True)
class _Model:
    """Variance of a mean of AUROCs as a function of their value, for independent documents.

    Attributes:
        n_positive: Number of documents of each class.
        n_other: Number of other documents for each class.
    """

    n_positive: tuple[int, ...]
    n_other: tuple[int, ...]

    def variance(self, values: NumberPerValue) -> NumberPerValue:
        """Variance of the mean, if all classes have equal AUROCs and independent errors."""
        found, excess = np.zeros(len(values)), _excess_of_normal_scores(values)
        for m, n in zip(self.n_positive, self.n_other, strict=True):
            normal = (values * (1 - values) + (m + n - 2) * excess) / (m * n)
            found += np.sqrt(normal * _of_exponential_scores(values, m, n))
        return found / len(self.n_positive) ** 2


def _excess_of_normal_scores(values: NumberPerValue) -> NumberPerValue:
    """Covariance of beating two others, for normal scores: joint probability minus AUROC squared.

    Source: Bamber 1975 for its place in the variance; Owen 1956 for the bivariate normal
    probability with correlation 1/2.
    """
    h = ndtri(values)
    # P(X < h, Y < h) for standard normals of correlation 1/2, by Owen's T function.
    beats_two = ndtr(h) - 2 * owens_t(h, 1 / np.sqrt(3))
    excess: NumberPerValue = np.maximum(beats_two - values**2, 0.0)
    return excess


def _of_exponential_scores(values: NumberPerValue, m: int, n: int) -> NumberPerValue:
    """Variance of the AUROC for exponential scores.

    Source: Hanley and McNeil 1982, made symmetric by Newcombe 2006, method 5.
    """
    others = (m + n) / 2 - 1
    spread = 1 + others * ((1 - values) / (2 - values) + values / (1 + values))
    variance: NumberPerValue = values * (1 - values) * spread / (m * n)
    return variance


def _inflation(
    classes: list[_OfClass], model: _Model, value: float, influence: NumberPerGroup
) -> float:
    """Factor by which groups, and scores unlike the model's, inflate the variance."""
    shares = [(1 / one.n_positive, 1 / one.n_other) for one in classes]
    expected = np.average([one.inflations for one in classes], weights=shares)
    # A side of one group has no information about its variance, one of two groups little.
    n_effective = min(effective_number(influence), sum(one.n_least - 1 for one in classes))
    of_model = float(model.variance(np.array([value]))[0])
    observed = float((influence**2).sum()) / of_model if of_model > 0 else float(expected)
    return inflation(observed, expected=float(expected), n_effective=n_effective)


def _lowest_within(value: float, scale: float, model: _Model) -> float:
    """The smallest AUROC whose squared distance from `value` is at most `scale` variances."""

    def excess(values: NumberPerValue) -> NumberPerValue:
        return (value - values) ** 2 - scale * model.variance(values)

    # In a large sample all values within reach may lie between two of these, so `value` ends them.
    candidates = np.append(_VALUES[value > _VALUES], value)
    first = int(np.argmax(excess(candidates) <= 0))
    if not first:
        return value
    last = float(candidates[first - 1])
    return brentq(
        lambda one: float(excess(np.array([one]))[0]), last, float(candidates[first]), xtol=1e-12
    )
