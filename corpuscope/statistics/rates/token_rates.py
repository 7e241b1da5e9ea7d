"""Is a feature more frequent a token, and how much longer are its texts?

At equal lengths nothing is left of a sentence that is added to short texts: all texts of the new
length have it, and all others lack it. How often a feature is a token is told all the same, for
the other sentences of a text do not change with the one that is added; and texts that are merely
longer have as many more tokens as they have more of everything.

Measured: `python -m benchmarks.own_length`, and `docs/diff.md`.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.special import stdtr

from corpuscope.shapes import NumberPerDocument, PerDocument, PerFeature, PresenceMatrix
from corpuscope.statistics.rates.counts import as_ones

# Lengths and spreads below this are none.
_NOTHING = 1e-12

# The 95th percentile of the normal distribution.
_ONE_SIDED = 1.645


class TokenRate(NamedTuple):
    """How surely each feature is more frequent a token where the regressor is larger.

    Attributes:
        z: In standard errors; 0 where nothing can be said.
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
    """Whether presence goes with `regressor` beyond what it owes to length in proportion.

    A document counts its presence less what its length makes of the feature's rate a token. The
    error is robust, and clustered where `clusters` number what documents belong to from 0. It is
    no exact test of rare features: to be used beside one, the larger of the two p-values.

    Args:
        presence: Documents x features.
        regressor: What presence may go with: 1 and 0 for two groups, positions for several.
        lengths: Tokens of each document.
        strata: Numbers of strata from 0; only differences within them count.
        clusters: Numbers of clusters; documents are taken as independent without.

    Source: score of a Poisson rate with exposure; error of Liang and Zeger 1986, Biometrika 73:13.

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
    weight = away - ((membership @ (away * size)) / all_tokens)[strata]
    ones = as_ones(presence).astype(np.float64)
    rate = (membership @ ones).toarray() / all_tokens[:, None]
    own = np.arange(len(strata)) if clusters is None else clusters
    pull = _sums(weight, own)
    seen, expected = pull @ ones, pull @ sp.diags_array(size) @ membership.T
    variance = (
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
    """How much longer documents are where the regressor is largest than where it is smallest.

    Attributes:
        difference: Below 0 where they are shorter.
        at_least: The lower end of a one-sided 95 % interval of its size; at least 0.
    """

    difference: float
    at_least: float


def length_difference(
    lengths: PerDocument, regressor: NumberPerDocument, *, strata: PerDocument
) -> LengthDifference:
    """The difference in length along the regressor, within strata.

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
    error = float(np.sqrt((away**2 * (own - slope * away) ** 2).sum())) / spread
    reach = float(np.ptp(regressor))
    return LengthDifference(slope * reach, max(abs(slope) - _ONE_SIDED * error, 0.0) * reach)


def _within(values: NumberPerDocument, strata: PerDocument) -> NumberPerDocument:
    """The values less the mean of their stratum."""
    size = np.maximum(np.bincount(strata), 1)
    away: NumberPerDocument = values - (np.bincount(strata, weights=values) / size)[strata]
    return away


def _sums(weights: NumberPerDocument, numbers: PerDocument) -> sp.csr_array:
    """What adds up documents, by their weights, for each number."""
    n = len(numbers)
    shape = (int(numbers.max(initial=-1)) + 1, n)
    return sp.csr_array((weights, (numbers, np.arange(n))), shape=shape)
