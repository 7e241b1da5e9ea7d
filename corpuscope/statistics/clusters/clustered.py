"""Does a rate differ, or rise, where documents belong together? Tests that count clusters.

Documents of one author, prompt or thread are alike, so a hundred of them say less than a hundred
of strangers. The statistic is a difference of rates (or a slope) over its cluster-robust error;
what is extreme is read off random reassignments of whole clusters, of all features together, so
that ten authors a side can still tell something of three thousand features. Reassignment supposes
that clusters of the two sides are of like size. Where they are not, the ordinary error is widened
by the design effect and read off a t distribution with as many degrees of freedom as there are
effective clusters.

Why so: `docs/diff.md`, and `benchmarks/clustered_rules.py`, which sets this rule beside others.
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

# Statistics drawn in all, reassignments at least, and numbers held for clusters of all of them.
_N_DRAWN, _LEAST_REASSIGNED, _MOST_HELD = 2_000_000, 40, 4_000_000

# Statistics this close are the same assignment up to rounding.
_TIE = 1 - 1e-6


@dataclass(frozen=True, eq=False)
class ClusterCalibration:
    """What the features of a question say together of its clusters.

    Attributes:
        drawn: The sizes of statistics of reassigned clusters, from small to large; None where
            clusters of the two sides are of unlike size.
        intraclass_correlation: How alike documents of one cluster are in features on the whole, an
            intraclass correlation in [0, 1].
    """

    drawn: npt.NDArray[np.float64] | None
    intraclass_correlation: float

    def p(self, observed: PerFeature) -> PerFeature:
        """The chance of a statistic of reassigned clusters at least as large, in (0, 1]."""
        assert self.drawn is not None
        n_beyond = len(self.drawn) - np.searchsorted(self.drawn, observed * _TIE, side="left")
        p = (1 + n_beyond) / (1 + len(self.drawn))
        # Beyond all that was drawn as the normal tail falls, so that the order is kept.
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
    """What `clustered_p` and `design_effect` need to know.

    To be made of all features of a question, not of those chosen because they differ. Arguments
    as of `clustered_p`; `seed` is that of the reassignments.
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
    """Chance of so strong a relation of each feature to `regressor` if there were none.

    Two-sided, in [0, 1]. To be used beside a test that takes documents as independent, for it
    is no exact test of rare features: the larger of the two p-values holds either way.

    Args:
        presence: Documents x features.
        regressor: What presence may go with: 1 and 0 for two groups, positions for several.
        strata: Numbers of strata, such as lengths or prompts; only differences within them
            count.
        clusters: Numbers of clusters. A cluster may have documents of several groups.
        calibration: What is extreme, by default what these features make of it. Where clusters
            are of unlike size a t distribution with a widened error says so.

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
    """For each feature how many times as large its variance is as if documents were independent.

    At least 1, and at least what the likeness of documents in features on the whole makes of it.
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
    """How many times as large the variance of differences is as if documents were independent.

    Of all features together: the robust variance over the ordinary one, 1 where documents of
    one cluster are no more alike than others. Below 1 where clusters hold documents of several
    groups, which then differ less than documents of strangers.

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
    """Do some documents have larger values than the others? The statistic and its p-value.

    By ranks, with an error from how much clusters differ, and as many degrees of freedom as there
    are effective clusters.

    Source: Rosner, Glynn and Lee 2003, Biometrics 59:1089 (ranks of clustered data), with the
    error of Liang and Zeger 1986.

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
    """How alike documents of one cluster are in features on the whole, from -1 to 1.

    The intraclass correlation, from pairs of documents of one cluster; features weigh as they
    vary. 0 where documents of a cluster are no more alike than others.

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
    """The sizes of statistics of reassigned clusters; of some features where there are many.

    Clusters change places, and those with documents of several groups turn them around.
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
    # The assignment as it is belongs to those that chance could have made.
    places[0], signs[0] = design.mean, 1
    total = places @ residual + signs @ weighted
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
    """How unsure each feature is.

    Attributes:
        total: The sum of pulls.
        ordinary: Its variance, were documents independent.
        robust: Its variance, by how much clusters pull apart.
        intraclass_correlation: How alike documents of one cluster are, an intraclass correlation.
    """

    total: PerFeature
    ordinary: PerFeature
    robust: PerFeature
    intraclass_correlation: PerFeature

    def variance(self, design: ClusterDesign, intraclass_correlation: float) -> PerFeature:
        """The larger of the robust one and of the ordinary one, widened by the design effect.

        Few clusters hardly say how alike documents are in one feature: no less than
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
    """The robust variance, and how alike documents of one cluster are, beside the relation found.

    The second is the intraclass correlation, from pairs of documents of one cluster; up to 1.
    """
    total = scores.pull.sum(axis=0, dtype=np.float64)
    slope = total / max(design.spread, SMALLEST)
    residual = scores.residual - np.outer(design.total, slope)
    own = np.bincount(design.clusters, weights=design.away**2)
    pull = scores.pull - np.outer(own, slope)
    robust = np.zeros(len(slope))
    for side in (design.mean > 0, design.mean <= 0):
        n = effective(design.sizes[side].astype(np.float64))
        robust += (pull[side] ** 2).sum(axis=0) * n / max(n - 1, 0.5)
    left = np.maximum(scores.within_strata - slope * total, SMALLEST)
    n_pairs = float((design.sizes * (design.sizes - 1)).sum())
    variance = left / len(design.clusters)
    alike = ((residual**2).sum(axis=0) - left) / max(n_pairs, 1.0) / variance
    return robust, alike


def _as_columns(presence: PresenceMatrix) -> sp.csc_array:
    return sp.csc_array(as_ones(presence), dtype=np.float32)


def _ranks(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """From 1; equal values share the mean of theirs."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: npt.NDArray[np.float64] = (last - (counts - 1) / 2)[codes]
    return ranks
