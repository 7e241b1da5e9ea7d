"""Statistical power of a comparison by simulation: the smallest effect it would have found.

Differences are planted in null features of the documents that were compared, and the complete
decision rule is applied to them: the raw and the adjusted test, replication in the held-out half,
pairs and clusters, at the p-value needed if no other feature differs. Power thus reflects the
lengths and the dependence of these documents, and not the assumptions of a formula.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.shapes import (
    FeatureMask,
    NumberPerDocument,
    PerDocument,
    PerFeature,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.rates.counts import present_counts

BASE_RATE = 0.1
"""The base rate of a planted feature."""

_POWER = 0.8

# Features in this range of rates with p above 0.2 serve as null features; if there are fewer than
# 15 of them, independent draws do.
_NEAR, _SHOWS_NONE, _LEAST = (0.06, 0.16), 0.2, 15

# Number of planted features, and the most matrix entries held in memory.
_PLANTED, _MOST_HELD = 240, 60_000_000
# Bisection steps: a precision of 0.9 / 2**9, about 0.2 points.
_STEPS = 9

# With fewer documents than this, a warning reports the power.
_FEW = 40

Rule = Callable[[PresenceMatrix], FeatureMask]
"""The decision rule: which planted features the analysis would report."""


def smallest_detectable(
    presence: PresenceMatrix,
    p: PerFeature,
    lift: NumberPerDocument,
    is_found: Rule,
    *,
    places: PerDocument | None,
) -> float:
    """The smallest increase from a base rate of 10 % that is detected with 80 % power.

    Args:
        presence: Documents compared x features.
        p: The raw p-value of each feature.
        lift: The share of the increase that each document receives, from 0 to 1: 1 in the
            target and 0 in other groups; in a trend, the relative position of its group.
        is_found: The decision rule.
        places: Exchangeability block of each document, such as documents of similar length;
            null features are permuted within blocks, so that a few of them yield many distinct
            ones. None if documents are clustered: no permutation.

    Returns:
        The difference in rate between full and no lift, in (0, .9]; NaN if even that is not
        detected.

    Cost: about ten comparisons of 240 features.
    """
    rng = np.random.default_rng(0)
    base = _without_difference(presence, p, rng)
    n_documents, n_base = base.shape
    n_planted = int(np.clip(_MOST_HELD // max(n_documents, 1), n_base, _PLANTED))
    base = base[:, np.arange(max(n_planted // n_base, 1) * n_base) % n_base]
    if places is not None:
        base = _permuted(base, places, rng)
    # One draw for all differences (common random numbers): presence only grows with the difference.
    uniform = rng.random(base.shape, dtype=np.float32)

    def power(difference: float) -> float:
        # P(add | absent) = d / (1 - base rate) raises the expected rate by d.
        chance = np.minimum(difference * lift / (1 - BASE_RATE), 1.0)
        planted = base | (uniform < chance[:, None])
        return float(is_found(sp.csr_array(planted)).mean())

    low, high = 0.0, 1 - BASE_RATE
    if power(high) < _POWER:
        return float("nan")
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= _POWER else (middle, high)
    return high


def detectable_difference(
    presence: sp.csr_array,
    rows: Rows,
    p: PerFeature,
    lift: NumberPerDocument,
    *,
    rule: Rule,
    places: PerDocument | None,
) -> float:
    """The smallest detectable difference for a subset of documents and a rule on all of them.

    Args:
        presence: All documents x features.
        rows: The documents compared.
        p: The raw p-value of each feature.
        lift: As in `smallest_detectable`, for `rows`.
        rule: The decision rule, on a matrix of all documents.
        places: As in `smallest_detectable`, for `rows`.
    """

    def is_found(planted: PresenceMatrix) -> FeatureMask:
        return rule(_among_all(planted, rows, presence.shape[0]))

    return smallest_detectable(presence[rows], p, lift, is_found, places=places)


def few_documents_warnings(
    n_tested: int, n_documents: int, detectable: Callable[[], float]
) -> list[str]:
    """Warnings about low power, if there are few documents or no feature could be tested."""
    if not n_tested:
        return [
            f"no feature was tested: with {n_documents:,} documents none can reach significance "
            "after correcting for the number of features; add documents, or test fewer features "
            "(words=False, or a larger min_support)"
        ]
    if n_documents >= _FEW:
        return []
    least = detectable()
    if np.isnan(least):
        return [
            f"low power with {n_documents:,} documents: from a base rate of 10 % not even an "
            "increase to 100 % would be found"
        ]
    return [
        f"low power with {n_documents:,} documents: from a base rate of 10 %, differences below "
        f"{100 * least:.0f} points are likely to be missed"
    ]


def _among_all(planted: PresenceMatrix, rows: Rows, n_documents: int) -> sp.csr_array:
    """All documents x features: `rows` as planted, all other documents empty."""
    # Adding empty rows to a CSR matrix changes the row pointers only.
    sizes = np.zeros(n_documents, dtype=np.int64)
    sizes[rows] = np.diff(planted.indptr)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    shape = (n_documents, planted.shape[1])
    return sp.csr_array((planted.data, planted.indices, starts), shape=shape)


def _without_difference(
    presence: PresenceMatrix, p: PerFeature, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Documents x null features at about the base rate."""
    n_documents = presence.shape[0]
    everyone = np.ones(n_documents, dtype=bool)
    rates = present_counts(presence, everyone) / max(n_documents, 1)
    usable = np.flatnonzero((rates > _NEAR[0]) & (rates < _NEAR[1]) & (p > _SHOWS_NONE))
    if len(usable) < _LEAST:
        drawn: npt.NDArray[np.bool_] = rng.random((n_documents, _PLANTED)) < BASE_RATE
        return drawn
    chosen = np.sort(rng.permutation(usable)[:_PLANTED])
    dense: npt.NDArray[np.bool_] = presence[:, chosen].toarray() != 0
    return _at_base_rate(dense, rng)


def _permuted(
    base: npt.NDArray[np.bool_], places: PerDocument, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Each feature, permuted among the documents of each block."""
    order = np.argsort(places, kind="stable")
    moved = np.empty_like(base)
    for column in range(base.shape[1]):
        moved[order, column] = base[np.lexsort((rng.random(len(places)), places)), column]
    return moved


def _at_base_rate(dense: npt.NDArray[np.bool_], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """The features, thinned or filled at random to the base rate."""
    rates = dense.mean(axis=0)
    uniform = rng.random(dense.shape, dtype=np.float32)
    kept = np.where(rates > BASE_RATE, BASE_RATE / np.maximum(rates, 1e-9), 1.0)
    added = np.where(rates < BASE_RATE, (BASE_RATE - rates) / (1 - rates), 0.0)
    resampled: npt.NDArray[np.bool_] = np.where(dense, uniform < kept, uniform < added)
    return resampled
