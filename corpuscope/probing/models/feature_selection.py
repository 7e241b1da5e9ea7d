"""Selects the features of a probe of k features: by class mean difference, or an L1 penalty.

Only training rows are used; cross-validation selects anew in each fold.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.probing.models.linear_solver import Loss
from corpuscope.probing.models.standardisation import moments
from corpuscope.probing.probe_names import Choice

Array = npt.NDArray[Any]

# L1 path: the ratio of successive penalties and their number; per penalty, the most proximal
# gradient steps and the relative change at which they end.
_SHRINKS_TO = 0.85
_PENALTIES = 60
_STEPS = 80
_ENOUGH = 1e-4


def chosen_features(
    features: sp.csr_array, targets: Array, *, ks: Sequence[int], choice: Choice, loss: Loss
) -> dict[int, Array]:
    """For each k the columns of the selected features, best first.

    Args:
        features: Training rows x features.
        targets: Training rows x columns.
        ks: How many are wanted; fewer are returned where fewer vary.
        choice: By standardised class mean difference, or by L1.
        loss: The probe's loss.
    """
    order = by_difference(features, targets)
    if choice == "difference":
        return {k: order[:k] for k in ks}
    found = _by_penalty(features, targets, ks=ks, loss=loss)
    # Where the L1 path ended with fewer than k, fill up by class mean difference.
    return {k: np.concatenate([own, order[~np.isin(order, own)]])[:k] for k, own in found.items()}


def by_difference(features: sp.csr_array, targets: Array) -> Array:
    """Non-constant features, in decreasing order of standardised class mean difference.

    For several classes it is the largest one-vs-rest difference; for a number the absolute
    correlation.

    Source: Kantamneni et al. 2025, section 3; Gurnee et al. 2023, 4.2 (there without scaling).
    """
    _, deviation = moments(features)
    centred = targets - targets.mean(axis=0)
    spread = np.maximum((centred * centred).sum(axis=0), 1e-12)
    # For a class this is the difference of its mean from that of the others.
    difference = (features.T @ centred) / spread
    with np.errstate(invalid="ignore", divide="ignore"):
        effect = np.abs(difference).max(axis=1) / deviation
    effect[deviation <= 1e-8] = -1.0
    order = np.argsort(-effect, kind="stable")
    varying: Array = order[effect[order] >= 0]
    return varying


def _by_penalty(
    features: sp.csr_array, targets: Array, *, ks: Sequence[int], loss: Loss
) -> dict[int, Array]:
    """Features with nonzero weight at the largest penalty that leaves k; largest weights first.

    The penalty falls geometrically from the smallest one at which all weights are zero. Each fit
    is restricted to features with a weight or a gradient near the penalty.

    Source: Tibshirani et al. 2012 (sequential strong rule).
    """
    _, deviation = moments(features)
    scale = np.where(deviation > 1e-8, deviation, np.inf)
    columns = sp.csc_array(features)
    weights = np.zeros((features.shape[1], targets.shape[1]), dtype=np.float32)
    fit = _fit_of_nothing(targets, loss)
    found: dict[int, Array] = {}
    penalty = before = 0.0
    for number in range(_PENALTIES):
        slope = (features.T @ (_expected(fit, loss) - targets)) / scale[:, None]
        steepest = np.abs(slope).max(axis=1)
        if number == 0:
            before = float(steepest.max())
        penalty = before * _SHRINKS_TO
        # Strong rule: |gradient| < 2 * penalty - previous penalty predicts a zero weight.
        near = (steepest >= 2 * penalty - before) | (weights != 0).any(axis=1)
        among = np.flatnonzero(near)
        dense = columns[:, among].toarray() / scale[among]
        dense -= dense.mean(axis=0)
        weights[among], fit = _lasso(
            dense.astype(np.float32), targets, weights[among], fit, penalty, loss
        )
        size = np.abs(weights).max(axis=1)
        n_left = int((size > 0).sum())
        for k in ks:
            if n_left >= k and k not in found:
                found[k] = np.argsort(-size, kind="stable")[:k]
        if len(found) == len(set(ks)):
            break
        before = penalty
    left = np.argsort(-size, kind="stable")[:n_left]
    return {k: found.get(k, left) for k in ks}


def _fit_of_nothing(targets: Array, loss: Loss) -> Array:
    mean = targets.mean(axis=0, keepdims=True)
    if loss == "logistic":
        mean = np.clip(mean, 1e-6, 1 - 1e-6)
        mean = np.log(mean / (1 - mean))
    return np.repeat(mean, len(targets), axis=0).astype(np.float32)


def _expected(fit: Array, loss: Loss) -> Array:
    return fit if loss == "squared" else 1 / (1 + np.exp(-fit))


def _lasso(
    matrix: Array, targets: Array, start: Array, fit: Array, penalty: float, loss: Loss
) -> tuple[Array, Array]:
    """Weights with an L1 penalty and the fitted values, by accelerated proximal gradient (FISTA).

    Source: Beck and Teboulle 2009, section 4; restarts of O'Donoghue and Candes 2015.
    """
    curvature = 0.25 if loss == "logistic" else 1.0
    step = 1 / (curvature * _largest_eigenvalue(matrix))
    level = (fit - matrix @ start).mean(axis=0)
    weights, ahead, momentum = start, start, 1.0
    for _ in range(_STEPS):
        residual = _expected(matrix @ ahead + level, loss) - targets
        level = level - residual.mean(axis=0) / curvature
        moved = ahead - step * (matrix.T @ residual)
        # Soft thresholding is the proximal operator of the L1 norm.
        new = np.sign(moved) * np.maximum(np.abs(moved) - step * penalty, 0)
        change = new - weights
        # Gradient restart: drop the momentum when it points uphill.
        if ((ahead - new) * change).sum() > 0:
            momentum = 1.0
        further = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = new + (momentum - 1) / further * change
        weights, momentum = new, further
        if np.abs(change).max(initial=0) < _ENOUGH * max(np.abs(new).max(initial=0), 1e-6):
            break
    return weights, matrix @ weights + level


def _largest_eigenvalue(matrix: Array) -> float:
    """Roughly an upper bound on that of the Gram matrix: power iteration, plus 10 %."""
    vector = np.ones(matrix.shape[1], dtype=np.float32)
    length = 1.0
    for _ in range(15):
        vector = matrix.T @ (matrix @ vector)
        length = max(float(np.linalg.norm(vector)), 1e-9)
        vector /= length
    return 1.1 * length
