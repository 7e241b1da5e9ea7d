"""Features that make their texts longer themselves, told from those that follow length.

A sentence that is added makes a text longer. At equal lengths little or nothing is left of it,
though length is its consequence. What tells it from a feature of longer texts: it is more frequent
a token, and all texts of one group together are no more than a sentence longer than those of the
other. Beyond a sentence a text nothing is said: rates a token change with the kind of text that
much longer ones are.

The test at equal lengths and this one share the chance of a false finding, nine to one, so that to
have two ways of being found costs no promise and hardly any finding.

Why so: `docs/diff.md`, and `benchmarks/own_length.py`.
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
    """The chance of so many a token if features were in proportion to length.

    1 where a feature does not go with more tokens; None where the groups differ by more than a
    sentence a text, or sentences are not known.

    Args:
        presence: The documents `rows` x features.
        regressor: What they are compared by, as in `token_rate`.
        rows: Which documents these are.
        covariates: Lengths and strata of all documents.
        clusters: What the documents `rows` belong to, if they are not independent.
    """
    if covariates.sentences is None or not len(rows):
        return None
    strata = np.unique(covariates.strata[rows], return_inverse=True)[1].reshape(-1).astype(np.int64)
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
    """The p-value of the two ways together: at equal lengths, or by its own length.

    Source: weighted Bonferroni, Genovese, Roeder and Wasserman 2006, Biometrika 93:509.

    Example:
        >>> may_add = np.array([True, True, False])
        >>> either_p(np.array([0.09, 1.0, 1.0]), np.array([1.0, 0.01, 0.01]), may_add).round(3)
        array([0.1, 0.1, 1. ])
    """
    if own is None:
        return equal
    of_own = np.where(may_add, own, 1.0) / _SHARE
    return np.minimum(np.minimum(equal / (1 - _SHARE), of_own), 1.0)


def adds_length(
    q_values: PerFeature, p_without: PerFeature, *, n_tests: int, q: float
) -> FeatureMask:
    """Which findings would be none at equal lengths alone.

    Args:
        q_values: Of the leaders of all families.
        p_without: Their p-values if nothing could hold by its own length.
        n_tests: Features that were tested.
        q: The share of findings that may be false.

    Example:
        >>> adds_length(np.array([0.01, 0.01]), np.array([0.001, 0.2]), n_tests=2, q=0.05)
        array([False,  True])
    """
    holds: FeatureMask = benjamini_hochberg(p_without, n_tests=n_tests) > np.maximum(q_values, q)
    return holds


def may_add_length(columns: TestedFeatures, kept: CandidateOrder) -> FeatureMask:
    """Which of some columns could be in a sentence that is added.

    Lists, tables and paragraphs take several lines: they grow faster than in proportion to length,
    whatever is written in them.
    """
    names = [columns.name(int(column)) for column in kept]
    return np.array([name not in MARKS_OF_SEVERAL_LINES for name in names], dtype=bool)
