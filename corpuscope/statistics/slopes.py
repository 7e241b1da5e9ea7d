"""How much a rate changes from one ordered group to the next, with intervals.

A slope is that of the straight line through the rates of all groups, in rate a step: groups lie
one step apart, each weighs as many documents as it has. The tests are in `trends`; the p-values
here are those of the adjusted slope within keys, where lengths are modelled and not stratified.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.shapes import (
    CountPerGroup,
    CountPerGroupAndFeature,
    PerDocument,
    PerFeature,
    PresenceMatrix,
)
from corpuscope.statistics.intervals import normal_quantile, wilson_interval
from corpuscope.statistics.paired_length import LengthModel, at_equal_lengths
from corpuscope.statistics.rates import as_ones

# Rounding must not pass for a difference of lengths.
_NO_CHANGE = 1e-12

# So many numbers are held at a time.
_BLOCK = 4_000_000


class Slope(NamedTuple):
    """The change of a rate from one group to the next, for each feature; NaN where unknown."""

    slope: PerFeature
    lower: PerFeature
    upper: PerFeature


class TestedSlope(NamedTuple):
    """A slope with its two-sided p-value."""

    slope: PerFeature
    lower: PerFeature
    upper: PerFeature
    p_value: PerFeature


def slope_of_rates(
    present: CountPerGroupAndFeature, sizes: CountPerGroup, *, level: float = 0.95
) -> Slope:
    """The slope through the rates of separate groups.

    `present` counts the documents with the feature, `sizes` all documents. The interval is
    built from Wilson's interval of each rate; with two groups it is Newcombe's.

    Source: Zou, Huang and Zhang 2009, Comput. Stat. Data Anal. 53:1080, equation 5.

    Example:
        >>> found = slope_of_rates(np.array([[10], [20], [30]]), np.array([100, 100, 100]))
        >>> [end.round(3).tolist() for end in found]
        [[0.1], [0.045], [0.153]]
    """
    places = np.arange(len(sizes))
    away = places - (sizes * places).sum() / max(sizes.sum(), 1)
    spread = float((sizes * away**2).sum())
    n_features = present.shape[1]
    if spread == 0:
        return Slope(*(np.full(n_features, end) for end in (np.nan, -1.0, 1.0)))
    slope, below, above = (np.zeros(n_features) for _ in range(3))
    for x, n, weight in zip(present, sizes.tolist(), sizes * away / spread, strict=True):
        if n:
            lower, upper = wilson_interval(x, n, level=level)
            down, up = weight * (x / n - lower), weight * (upper - x / n)
            slope += weight * x / n
            below += (down if weight > 0 else up) ** 2
            above += (up if weight > 0 else down) ** 2
    return _clipped(slope, slope - np.sqrt(below), slope + np.sqrt(above))


def stratified_slope(
    presence: PresenceMatrix,
    positions: PerDocument,
    *,
    strata: PerDocument,
    level: float = 0.95,
) -> Slope:
    """The slope among documents of one stratum, put together over strata.

    Least squares of presence on position with a constant for each stratum; with two groups the
    Mantel-Haenszel difference. The error is robust to rates that differ in spread, and corrected
    for the constant that each stratum takes.

    Source: White 1980, Econometrica 48; Greenland and Robins 1985, Biometrics 41:55 (weights).

    Example:
        >>> presence = sp.csr_array(np.array([[0], [1], [1], [0], [1], [1]]))
        >>> found = stratified_slope(
        ...     presence, np.array([0, 1, 2, 0, 1, 2]), strata=np.array([0, 0, 0, 1, 1, 1]))
        >>> found.slope
        array([0.5])
    """
    n, size = len(strata), np.bincount(strata)
    away = positions - np.bincount(strata, weights=positions)[strata] / size[strata]
    spread = float((away**2).sum())
    n_features = presence.shape[1]
    if spread < _NO_CHANGE:
        return Slope(*(np.full(n_features, end) for end in (np.nan, -1.0, 1.0)))
    ones = as_ones(presence).tocsc()
    slope: PerFeature = ones.T @ away / spread
    membership = sp.csr_array((1 / size[strata], (strata, np.arange(n))))
    freedom = size[strata] / np.maximum(size[strata] - 1, 1)
    variance = np.empty(n_features)
    width = max(_BLOCK // max(n, 1), 1)
    for start in range(0, n_features, width):
        block = slice(start, start + width)
        has = ones[:, block].toarray()
        left = has - (membership @ has)[strata] - slope[block] * away[:, None]
        variance[block] = (away**2 * freedom) @ left**2 / spread**2
    least = float(np.abs(away).max() / spread) ** 2
    half = normal_quantile(level) * np.sqrt(np.maximum(variance, least))
    return _clipped(slope, slope - half, slope + half)


def slope_within_keys(
    presence: PresenceMatrix,
    positions: PerDocument,
    *,
    keys: PerDocument,
    lengths: PerDocument | None = None,
    level: float = 0.95,
) -> TestedSlope:
    """The slope among documents of one key, such as the answers to one prompt.

    Each key gives a slope of its own; the answer is their mean, weighted by how much each can
    say, with an error from how much they differ (HC3, t distribution). With `lengths`, what
    lengths alone would bring is taken out as `paired_length_adjusted` does; with two groups
    the two functions agree. A key with one document tells nothing.

    Example:
        >>> presence = sp.csr_array(np.array([[0], [1], [1], [0], [0], [1]]))
        >>> found = slope_within_keys(
        ...     presence, np.array([0, 1, 2, 0, 1, 2]), keys=np.array([0, 0, 0, 1, 1, 1]))
        >>> found.slope
        array([0.5])
    """
    within = _within(positions, keys)
    rows, contrasts = within.rows, within.contrasts
    own = np.ones(len(rows), dtype=np.int64) if lengths is None else lengths[rows]
    ones = as_ones(presence)[rows]

    def predicted(density: float) -> npt.NDArray[np.float64]:
        change: npt.NDArray[np.float64] = contrasts @ -np.exp(-density * own)
        return np.where(np.abs(change) < _NO_CHANGE, 0.0, change)

    log_ratio = contrasts @ np.log(np.maximum(own, 1))
    found = at_equal_lengths(
        sp.csc_array(contrasts @ ones),
        np.asarray(ones.sum(axis=0), dtype=np.int64),
        base=np.sqrt(2 * within.spread),
        model=LengthModel(predicted, log_ratio, own),
        least_variance=within.least_variance,
        level=level,
    )
    return TestedSlope(found.difference, found.lower, found.upper, found.p_value)


class _Within(NamedTuple):
    """The documents of keys with several positions, and how each key's slope is made of them.

    Attributes:
        rows: The documents.
        contrasts: Keys x documents; a key's row, times presence, is its slope times its weight.
        spread: For each key the squared distances of its positions from their mean.
        least_variance: Of the slope, were it seen in one document more.
    """

    rows: npt.NDArray[np.int64]
    contrasts: sp.csr_array
    spread: npt.NDArray[np.float64]
    least_variance: float


def _within(positions: PerDocument, keys: PerDocument) -> _Within:
    size = np.maximum(np.bincount(keys), 1)
    away = positions - np.bincount(keys, weights=positions)[keys] / size[keys]
    of_key = np.bincount(keys, weights=away**2)
    rows = np.flatnonzero(of_key[keys] > _NO_CHANGE)
    kept, number = np.unique(keys[rows], return_inverse=True)
    # Half of it is a pair's: so that a pair's row is -1 and 1.
    weights = away[rows] * np.sqrt(2 / of_key[keys[rows]])
    contrasts = sp.csr_array(
        (weights, (number, np.arange(len(rows)))), shape=(len(kept), len(rows))
    )
    spread = of_key[kept]
    largest = np.abs(away[rows]).max(initial=0.0)
    return _Within(rows, contrasts, spread, float(largest / max(spread.sum(), _NO_CHANGE)) ** 2)


def _clipped(slope: PerFeature, lower: PerFeature, upper: PerFeature) -> Slope:
    return Slope(slope, np.maximum(lower, -1.0), np.minimum(upper, 1.0))
