"""Tests of differences and trends in rates for clustered documents, based on clusters.

Documents of one author, prompt or thread are similar, so a hundred of them carry less information
than a hundred independent ones. The statistic is a difference of rates (or a slope) divided by its
cluster-robust standard error. Its null distribution is that under random reassignment of whole
clusters, pooled over all features, so that ten authors a side still have power for three thousand
features. Reassignment assumes that clusters of the two sides have similar sizes. If not, the
ordinary standard error is inflated by the design effect, and compared with a t distribution whose
degrees of freedom are the effective number of clusters.

See `docs/diff.md` for the rationale, and `benchmarks/clustered_rules.py` for a comparison with
other rules.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import ndtr, stdtr

from corpuscope.shapes import (
    DocumentMask,
    NumberPerDocument,
    PerDocument,
    PerFeature,
    PresenceMatrix,
)
from corpuscope.statistics.clusters.cluster_design import (
    SMALLEST,
    ClusterDesign,
    ClusterMatrix,
    ClusterScores,
    blocks,
    effective,
)
from corpuscope.statistics.rates.counts import as_ones

# Statistics drawn in total, minimum number of reassignments, and maximum elements of an array.
_N_DRAWN, _LEAST_REASSIGNED, _MOST_HELD = 2_000_000, 40, 4_000_000

# Statistics within this factor are ties up to rounding.
_TIE = 1 - 1e-6


@dataclass(frozen=True, eq=False)
class ClusterCalibration:
    """What all features of an analysis together show about its clusters.

    Attributes:
        drawn: Absolute statistics under reassignment of clusters, ascending; None if the clusters
            of the two sides have different sizes.
        intraclass_correlation: Intraclass correlation of presence within clusters, averaged over
            features, in [0, 1].
    """

    drawn: npt.NDArray[np.float64] | None
    intraclass_correlation: float

    def p(self, observed: PerFeature) -> PerFeature:
        """p-value: probability of a statistic at least as large under reassignment, in (0, 1]."""
        assert self.drawn is not None
        n_beyond = len(self.drawn) - np.searchsorted(self.drawn, observed * _TIE, side="left")
        p = (1 + n_beyond) / (1 + len(self.drawn))
        # Beyond the largest draw, p decreases like the normal tail, so that the ranking is kept.
        falls = ndtr(-observed) / max(float(ndtr(-self.drawn[-1])), 1e-300)
        return np.where(observed > self.drawn[-1], p * np.minimum(falls, 1.0), p)


def calibrated(
    presence: PresenceMatrix,
    regressor: NumberPerDocument,
    *,
    strata: PerDocument,
    clusters: PerDocument,
    seed: int = 0,
) -> ClusterCalibration:
    """The calibration that `clustered_p` and `design_effect` need.

    Must be computed from all features of an analysis, not from features selected for differing.
    Arguments as of `clustered_p`; `seed` is that of the reassignments.
    """
    return _calibrated(ClusterDesign(regressor, strata, clusters), _as_columns(presence), seed)


def clustered_p(
    presence: PresenceMatrix,
    regressor: NumberPerDocument,
    *,
    strata: PerDocument,
    clusters: PerDocument,
    calibration: ClusterCalibration | None = None,
) -> PerFeature:
    """p-value of the association of each feature with `regressor`, for clustered documents.

    Two-sided, in [0, 1]. Not an exact test for rare features: combine it with a test that takes
    documents as independent; the larger of the two p-values is valid in either case.

    Args:
        presence: Documents x features.
        regressor: What presence may be associated with: 1 and 0 for two groups, positions for
            several.
        strata: Numbers of strata, such as lengths or prompts; only differences within them
            count.
        clusters: Numbers of clusters. A cluster may have documents of several groups.
        calibration: Null distribution; by default estimated from these features. If clusters have
            different sizes, a t distribution with an inflated standard error is used instead.

    Source: cluster-robust score, Liang and Zeger 1986, Biometrika 73:13; reassignment of
    studentised statistics, Janssen 1997, Stat. Probab. Lett. 36:9; p-values pooled over
    features, Tusher, Tibshirani and Chu 2001, PNAS 98:5116; design effect, Moulton 1990, Rev.
    Econ. Stat. 72:334; t distribution, Bell and McCaffrey 2002, Surv. Methodol. 28.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> author = np.repeat(np.arange(12), 5)
        >>> has = rng.random((60, 200)) < 0.2
        >>> has[author < 6, 0] = True
        >>> design = {"regressor": (author < 6).astype(float), "clusters": author,
        ...     "strata": np.zeros(60, dtype=int)}
        >>> known = calibrated(sp.csr_array(has), **design)
        >>> p = clustered_p(sp.csr_array(has), **design, calibration=known)
        >>> int(p.argmin()), bool(p[0] < 0.001)
        (0, True)
    """
    design = ClusterDesign(regressor, strata, clusters)
    ones = _as_columns(presence)
    known = calibration or _calibrated(design, ones, seed=0)
    if known.drawn is None:
        widths = _widths(design, ones)
        error = np.sqrt(widths.variance(design, known.intraclass_correlation))
        return np.asarray(2 * stdtr(design.freedom, -np.abs(widths.total) / error), np.float64)
    observed = np.empty(ones.shape[1])
    for block in blocks(design, ones.shape[1]):
        observed[block] = _studentised(design.scores(ones[:, block]).pull)
    return known.p(observed)


def design_effect(
    presence: PresenceMatrix,
    regressor: NumberPerDocument,
    *,
    strata: PerDocument,
    clusters: PerDocument,
    calibration: ClusterCalibration | None = None,
) -> PerFeature:
    """Design effect of each feature: its variance relative to that of independent documents.

    At least 1, and at least what the average intraclass correlation over features implies.
    Arguments as of `clustered_p`.
    """
    design = ClusterDesign(regressor, strata, clusters)
    ones = _as_columns(presence)
    known = calibration or _calibrated(design, ones, seed=0)
    widths = _widths(design, ones)
    variance = widths.variance(design, known.intraclass_correlation)
    effect: PerFeature = np.maximum(variance / np.maximum(widths.ordinary, SMALLEST), 1.0)
    return effect


def variance_inflation(
    presence: PresenceMatrix,
    regressor: NumberPerDocument,
    *,
    strata: PerDocument,
    clusters: PerDocument,
) -> float:
    """Variance of differences relative to that of independent documents, over all features.

    The cluster-robust variance over the ordinary one: 1 if documents of one cluster are no more
    similar than others. Below 1 if clusters contain documents of several groups, which then differ
    less than independent documents.

    Source: the design effect of Kish 1965, "Survey Sampling", of a difference.

    Example:
        >>> has = sp.csr_array(np.array([[1], [1], [0], [0], [1], [1], [0], [0]]))
        >>> groups, authors = np.array([1, 1, 1, 1, 0, 0, 0, 0]), np.repeat(np.arange(4), 2)
        >>> one_stratum = np.zeros(8, dtype=int)
        >>> variance_inflation(has, groups.astype(float), strata=one_stratum, clusters=authors)
        1.75
    """
    design = ClusterDesign(regressor, strata, clusters)
    robust = ordinary = 0.0
    ones = _as_columns(presence)
    for block in blocks(design, ones.shape[1]):
        scores = design.scores(ones[:, block])
        robust += float((scores.pull**2).sum())
        ordinary += float(scores.ordinary_variance.sum())
    return robust / max(ordinary, SMALLEST)


def clustered_ranks(
    values: NumberPerDocument, is_own: DocumentMask, *, clusters: PerDocument
) -> tuple[float, float]:
    """Rank test of whether some documents have larger values than others: statistic and p-value.

    With a cluster-robust standard error, and as many degrees of freedom as there are effective
    clusters.

    Source: Rosner, Glynn and Lee 2003, Biometrics 59:1089 (ranks of clustered data), with the
    standard error of Liang and Zeger 1986.

    Example:
        >>> values, author = np.array([1.0, 2, 3, 4, 5, 6, 7, 8]), np.repeat(np.arange(4), 2)
        >>> z, p = clustered_ranks(values, author > 1, clusters=author)
        >>> bool(z > 0), 0.01 < p < 0.5
        (True, True)
    """
    design = ClusterDesign(is_own.astype(np.float64), np.zeros(len(values), np.int64), clusters)
    ranks = _ranks(values) / len(values)
    total = float(design.away @ ranks)
    line = np.where(is_own, ranks[is_own].mean(), ranks[~is_own].mean())
    pull = np.bincount(design.clusters, weights=design.away * (ranks - line))
    variance = 0.0
    for side in (design.mean > 0, design.mean <= 0):
        n = effective(design.sizes[side].astype(np.float64))
        variance += float((pull[side] ** 2).sum()) * n / max(n - 1, 0.5)
    z = total / float(np.sqrt(max(variance, SMALLEST)))
    return z, float(2 * stdtr(design.freedom, -abs(z)))


def intraclass_correlation(presence: PresenceMatrix, clusters: PerDocument) -> float:
    """Intraclass correlation of presence within clusters, over all features, from -1 to 1.

    Estimated from pairs of documents of one cluster; features are weighted by their variance. 0 if
    documents of a cluster are no more similar than others.

    Source: Fisher 1925, "Statistical Methods for Research Workers", chapter 7.

    Example:
        >>> has = sp.csr_array(np.array([[1], [1], [0], [0]]))
        >>> intraclass_correlation(has, np.array([0, 0, 1, 1]))
        1.0
    """
    design = ClusterDesign(np.zeros(len(clusters)), np.zeros(len(clusters), np.int64), clusters)
    alike = spread = 0.0
    ones = _as_columns(presence)
    for block in blocks(design, ones.shape[1]):
        scores = design.scores(ones[:, block])
        left = float(scores.within_strata.sum())
        # A squared sum minus the sum of squares leaves the products of all pairs of a cluster.
        alike += float((scores.residual.astype(np.float64) ** 2).sum()) - left
        spread += left
    n_pairs = float((design.sizes * (design.sizes - 1)).sum())
    return alike / max(n_pairs, 1.0) / max(spread / len(clusters), SMALLEST)


def _calibrated(design: ClusterDesign, ones: sp.csc_array, seed: int) -> ClusterCalibration:
    intraclass_correlation = _widths(design, ones).intraclass_correlation
    drawn = None
    if design.sizes_are_like and ones.shape[1]:
        drawn = _reassigned(design, ones, seed)
    return ClusterCalibration(
        drawn, float(intraclass_correlation.mean()) if len(intraclass_correlation) else 0.0
    )


def _reassigned(design: ClusterDesign, ones: sp.csc_array, seed: int) -> npt.NDArray[np.float64]:
    """Absolute statistics under reassignment, ascending; of a sample of features if there are many.

    Clusters are permuted, and signs of the regressor within clusters are flipped at random.
    """
    rng = np.random.default_rng(seed)
    n_features = min(ones.shape[1], max(_MOST_HELD // design.n_clusters, 1))
    chosen = np.sort(rng.permutation(ones.shape[1])[:n_features])
    scores = design.scores(ones[:, chosen])
    residual, weighted = scores.residual, scores.weighted
    n_drawn = min(_N_DRAWN // n_features, _MOST_HELD // design.n_clusters)
    n_drawn = max(n_drawn, _LEAST_REASSIGNED)
    places = rng.permuted(np.tile(design.mean.astype(np.float32), (n_drawn, 1)), axis=1)
    signs = rng.choice(np.array([-1, 1], dtype=np.float32), size=places.shape)
    # The observed assignment is one of those that are equally likely under the null hypothesis.
    places[0], signs[0] = design.mean, 1
    total = places @ residual + signs @ weighted
    # Sum over clusters of (place * residual + sign * weighted)^2, expanded into matrix products.
    variance = places**2 @ residual**2 + 2 * (places * signs) @ (residual * weighted)
    variance += (weighted**2).sum(axis=0)
    drawn = np.abs(total) / np.sqrt(np.maximum(variance, SMALLEST))
    return np.sort(drawn, axis=None).astype(np.float64)


def _studentised(pull: ClusterMatrix) -> npt.NDArray[np.float64]:
    error = np.sqrt(np.maximum((pull.astype(np.float64) ** 2).sum(axis=0), SMALLEST))
    found: npt.NDArray[np.float64] = np.abs(pull.sum(axis=0, dtype=np.float64)) / error
    return found


@dataclass(frozen=True, eq=False)
class _Widths:
    """Score of each feature, and what its variance depends on.

    Attributes:
        total: The score, a sum over clusters.
        ordinary: Its variance, if documents were independent.
        robust: Its cluster-robust variance.
        intraclass_correlation: Intraclass correlation of presence within clusters.
    """

    total: PerFeature
    ordinary: PerFeature
    robust: PerFeature
    intraclass_correlation: PerFeature

    def variance(self, design: ClusterDesign, intraclass_correlation: float) -> PerFeature:
        """The larger of the robust variance and of the ordinary one times the design effect.

        Few clusters give a poor estimate of the intraclass correlation of one feature: no less than
        `intraclass_correlation` is assumed.
        """
        widening = (
            1 + np.maximum(self.intraclass_correlation, intraclass_correlation) * design.moulton
        )
        widened = self.ordinary * np.maximum(widening, 1.0)
        variance: PerFeature = np.maximum(np.maximum(widened, self.robust), SMALLEST)
        return variance


def _widths(design: ClusterDesign, ones: sp.csc_array) -> _Widths:
    total, ordinary, robust, intraclass_correlation = (np.empty(ones.shape[1]) for _ in range(4))
    for block in blocks(design, ones.shape[1]):
        scores = design.scores(ones[:, block])
        total[block] = scores.pull.sum(axis=0)
        ordinary[block] = scores.ordinary_variance
        robust[block], intraclass_correlation[block] = _around_the_line(design, scores)
    return _Widths(total, ordinary, robust, np.clip(intraclass_correlation, 0, 1))


def _around_the_line(design: ClusterDesign, scores: ClusterScores) -> tuple[Any, Any]:
    """Robust variance, and intraclass correlation, of residuals from the estimated association.

    The correlation is estimated from pairs of documents of one cluster; at most 1.
    """
    total = scores.pull.sum(axis=0, dtype=np.float64)
    slope = total / max(design.spread, SMALLEST)
    # The fitted association is removed from residuals and contributions.
    residual = scores.residual - np.outer(design.total, slope)
    own = np.bincount(design.clusters, weights=design.away**2)
    pull = scores.pull - np.outer(own, slope)
    robust = np.zeros(len(slope))
    for side in (design.mean > 0, design.mean <= 0):
        n = effective(design.sizes[side].astype(np.float64))
        # Small-sample correction by the effective number of clusters of each side.
        robust += (pull[side] ** 2).sum(axis=0) * n / max(n - 1, 0.5)
    left = np.maximum(scores.within_strata - slope * total, SMALLEST)
    n_pairs = float((design.sizes * (design.sizes - 1)).sum())
    variance = left / len(design.clusters)
    alike = ((residual**2).sum(axis=0) - left) / max(n_pairs, 1.0) / variance
    return robust, alike


def _as_columns(presence: PresenceMatrix) -> sp.csc_array:
    return sp.csc_array(as_ones(presence), dtype=np.float32)


def _ranks(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Ranks from 1; ties share their mean rank."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: npt.NDArray[np.float64] = (last - (counts - 1) / 2)[codes]
    return ranks
