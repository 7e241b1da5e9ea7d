"""Features that themselves lengthen their texts, as opposed to features of longer texts.

An added sentence makes a text longer, so adjusting for length removes its effect although length
is its consequence (overadjustment for a mediator). Such a feature differs from a mere correlate of
length in that its rate per token is higher, while the texts of one group are on average at most
one sentence longer than those of the other. For larger differences the test makes no claim: much
longer texts are often of another kind, with other rates per token.

The length-adjusted test and this one split the error rate nine to one (weighted Bonferroni), so
that the second route to significance keeps the false discovery rate and costs hardly any power.

Rationale: `docs/diff.md`, and `benchmarks/own_length.py`.
"""

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.corpus.texts.marks import MARKS_OF_SEVERAL_LINES
from corpuscope.shapes import (
    CandidateOrder,
    FeatureMask,
    NumberPerDocument,
    PerDocument,
    PerFeature,
    PresenceMatrix,
)
from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.token_rates import length_difference, token_rate

# The share of the error rate spent on this test, and the largest difference in sentences per text.
_SHARE = 0.1
_MOST_LONGER = 1.0


def own_length_p(
    presence: PresenceMatrix,
    regressor: NumberPerDocument,
    *,
    rows: npt.NDArray[np.int64],
    covariates: Covariates,
    clusters: PerDocument | None,
) -> PerFeature | None:
    """The p-value of the rate per token, under the null that presence is proportional to length.

    1 if the feature is not more frequent on the side with more tokens; None if the groups differ
    significantly by more than one sentence per text, or if sentences are unknown.

    Args:
        presence: The documents `rows` x features.
        regressor: The group indicator or position of each, as in `token_rate`.
        rows: The documents compared.
        covariates: Lengths and strata of all documents.
        clusters: Cluster numbers of `rows`; None if they are independent.
    """
    if covariates.sentences is None or not len(rows):
        return None
    strata = np.unique(covariates.strata[rows], return_inverse=True)[1].reshape(-1).astype(np.int64)
    # `at_least` is a lower confidence bound.
    in_sentences = length_difference(covariates.sentences[rows], regressor, strata=strata)
    if in_sentences.at_least > _MOST_LONGER:
        return None
    if clusters is not None:
        clusters = np.unique(clusters, return_inverse=True)[1].reshape(-1).astype(np.int64)
    lengths = covariates.lengths[rows]
    found = token_rate(presence, regressor, lengths=lengths, strata=strata, clusters=clusters)
    longer = length_difference(lengths, regressor, strata=strata).difference
    return np.where(np.sign(found.z) == np.sign(longer), found.p_value, 1.0)


def either_p(equal: PerFeature, own: PerFeature | None, may_add: FeatureMask) -> PerFeature:
    """The combined p-value of two tests: length-adjusted, or by the rate per token.

    Source: weighted Bonferroni, Genovese, Roeder and Wasserman 2006, Biometrika 93:509.

    Example:
        >>> may_add = np.array([True, True, False])
        >>> either_p(np.array([0.09, 1.0, 1.0]), np.array([1.0, 0.01, 0.01]), may_add).round(3)
        array([0.1, 0.1, 1. ])
    """
    if own is None:
        return equal
    weighted_own = np.where(may_add, own, 1.0) / _SHARE
    return np.minimum(np.minimum(equal / (1 - _SHARE), weighted_own), 1.0)


def adds_length(
    q_values: PerFeature, p_without: PerFeature, *, n_tests: int, q: float
) -> FeatureMask:
    """Which findings are significant only through their rate per token.

    Args:
        q_values: The q-values of all family leaders.
        p_without: Their p-values by length adjustment alone.
        n_tests: Number of features tested.
        q: The false discovery rate.

    Example:
        >>> adds_length(np.array([0.01, 0.01]), np.array([0.001, 0.2]), n_tests=2, q=0.05)
        array([False,  True])
    """
    holds: FeatureMask = benjamini_hochberg(p_without, n_tests=n_tests) > np.maximum(q_values, q)
    return holds


def may_add_length(columns: TestedFeatures, kept: CandidateOrder) -> FeatureMask:
    """Which of some columns are eligible for the per-token test.

    Marks of several lines (lists, tables, paragraphs) are not: their presence grows faster than
    in proportion to length, whatever the content.
    """
    names = [columns.name(int(column)) for column in kept]
    return np.array([name not in MARKS_OF_SEVERAL_LINES for name in names], dtype=bool)
