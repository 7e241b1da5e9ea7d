"""Differences in a feature's rate per token, and in the length of its texts.

If a sentence is added to texts of equal length, nothing remains after length adjustment: all texts
of the new length have the feature, and all others lack it. Its rate per token still differs, since
the other sentences of a text do not change with the one that is added; and texts that are merely
longer have proportionally more tokens and more of everything.

Measured: `python -m benchmarks.own_length`; see `docs/diff.md`.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.special import stdtr

from corpuscope.shapes import NumberPerDocument, PerDocument, PerFeature, PresenceMatrix
from corpuscope.statistics.rates.counts import as_ones

# Lengths and variances below this are 0 up to rounding.
_NOTHING = 1e-12

# The 95th percentile of the normal distribution.
_ONE_SIDED = 1.645


class TokenRate(NamedTuple):
    """Association of each feature's rate per token with the regressor.

    Attributes:
        z: In standard errors; 0 if the variance is 0.
        p_value: Two-sided.
    """

    z: PerFeature
    p_value: PerFeature


def token_rate(
    presence: PresenceMatrix,
    regressor: NumberPerDocument,
    *,
    lengths: PerDocument,
    strata: PerDocument,
    clusters: PerDocument | None = None,
) -> TokenRate:
    """Whether presence is associated with `regressor` beyond proportionality to length.

    Each document contributes its presence minus what is expected from its length at the feature's
    rate per token in its stratum. The standard error is robust, and cluster-robust with `clusters`.
    It is not an exact test for rare features: combine it with one and use the larger p-value.

    Args:
        presence: Documents x features.
        regressor: What presence may be associated with: 1 and 0 for two groups, positions for
            several.
        lengths: Tokens of each document.
        strata: Numbers of strata from 0; only differences within them count.
        clusters: Numbers of clusters from 0; without them, documents are taken as independent.

    Source: score of a Poisson rate with exposure; standard error of Liang and Zeger 1986,
    Biometrika 73:13.

    Example:
        >>> has = sp.csr_array(np.array([[1], [1], [1], [1], [0], [0], [0], [1]]))
        >>> group = np.repeat([1.0, 0.0], 4)
        >>> alone = np.zeros(8, dtype=int)
        >>> found = token_rate(has, group, lengths=np.repeat([10, 9], 4), strata=alone)
        >>> found.z.round(1).tolist(), found.p_value.round(3).tolist()
        ([2.1], [0.079])
    """
    size = lengths.astype(np.float64)
    membership = _sums(np.ones(len(strata)), strata)
    all_tokens = np.maximum(membership @ size, _NOTHING)
    away = _within(regressor, strata)
    # With these weights, sum(weight * presence) = sum(away * (presence - length * rate)).
    weight = away - ((membership @ (away * size)) / all_tokens)[strata]
    ones = as_ones(presence).astype(np.float64)
    rate = (membership @ ones).toarray() / all_tokens[:, None]
    own = np.arange(len(strata)) if clusters is None else clusters
    pull = _sums(weight, own)
    seen, expected = pull @ ones, pull @ sp.diags_array(size) @ membership.T
    variance = (
        # Sum over clusters of (observed - expected)^2, expanded so that `seen` stays sparse.
        np.asarray(seen.multiply(seen).sum(axis=0)).reshape(-1)
        - 2 * ((expected.T @ seen).toarray() * rate).sum(axis=0)
        + (rate * ((expected.T @ expected) @ rate)).sum(axis=0)
    )
    score = ones.T @ weight
    is_known = variance > _NOTHING
    z = np.where(is_known, score / np.sqrt(np.where(is_known, variance, 1.0)), 0.0)
    n_clusters = len(np.unique(own))
    return TokenRate(z, np.asarray(2 * stdtr(max(n_clusters - 1, 1), -np.abs(z)), np.float64))


class LengthDifference(NamedTuple):
    """Difference in length between documents with the largest and the smallest regressor.

    Attributes:
        difference: Negative if documents with the largest regressor are shorter.
        at_least: Lower end of a one-sided 95 % interval of its absolute value; at least 0.
    """

    difference: float
    at_least: float


def length_difference(
    lengths: PerDocument, regressor: NumberPerDocument, *, strata: PerDocument
) -> LengthDifference:
    """Difference in length over the range of the regressor, by least squares within strata.

    Example:
        >>> group = np.repeat([1.0, 0.0], 50)
        >>> lengths = np.tile([2, 4], 50) + 3 * group.astype(int)
        >>> found = length_difference(lengths, group, strata=np.zeros(100, dtype=int))
        >>> round(found.difference, 2), round(found.at_least, 2)
        (3.0, 2.67)
    """
    away = _within(regressor, strata)
    spread = float((away**2).sum())
    if spread < _NOTHING:
        return LengthDifference(0.0, 0.0)
    own = _within(lengths.astype(np.float64), strata)
    slope = float(away @ own) / spread
    # Heteroscedasticity-robust (HC0) standard error of the slope.
    error = float(np.sqrt((away**2 * (own - slope * away) ** 2).sum())) / spread
    reach = float(np.ptp(regressor))
    return LengthDifference(slope * reach, max(abs(slope) - _ONE_SIDED * error, 0.0) * reach)


def _within(values: NumberPerDocument, strata: PerDocument) -> NumberPerDocument:
    """The values minus the mean of their stratum."""
    size = np.maximum(np.bincount(strata), 1)
    away: NumberPerDocument = values - (np.bincount(strata, weights=values) / size)[strata]
    return away


def _sums(weights: NumberPerDocument, numbers: PerDocument) -> sp.csr_array:
    """A matrix that sums documents, with weights, by their numbers."""
    n = len(numbers)
    shape = (int(numbers.max(initial=-1)) + 1, n)
    return sp.csr_array((weights, (numbers, np.arange(n))), shape=shape)
