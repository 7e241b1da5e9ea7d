"""Fits a linear probe: the penalty by cross-validation, then a fit to all training rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.probing.models.linear_solver import TOLERANCE, Loss, Problems, Solved, solve
from corpuscope.probing.models.standardisation import Matrix, Standardisation, design_of
from corpuscope.statistics.scores.discrimination import mean_auroc

Array = npt.NDArray[Any]

PENALTIES = tuple(float(c) for c in np.logspace(5, -1, 10))
"""L2 penalties c, strong to weak: the objective is sum of losses + c / 2 * |weights|^2, with
weights of standardised columns."""

# Among validation scores within this of the best, the strongest penalty is taken.
_AS_GOOD = 1e-4

# Penalties solved together, and how many may bring no gain before the path ends.
_AT_ONCE, _PATIENCE = 2, 2

ROUGHLY = 1e-5
"""Relative tolerance of the fits to folds; it moves validation scores by about 1e-5."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What all probes are trained on.

    Attributes:
        targets: Training rows x columns.
        folds: The fold of each training row.
        loss: Logistic for classes, squared for a number.
    """

    targets: Array
    folds: Array
    loss: Loss

    @property
    def n_folds(self) -> int:
        """How many folds there are."""
        return int(self.folds.max()) + 1

    def validation(self, scores: Array) -> float:
        """The AUROC of scores, or their correlation with a number; the mean over folds."""
        found = [
            self._fold_score(scores[self.folds == fold], self.targets[self.folds == fold])
            for fold in range(self.n_folds)
        ]
        return float(np.mean(found))

    def _fold_score(self, scores: Array, targets: Array) -> float:
        if self.loss == "logistic":
            return mean_auroc(scores.astype(np.float64), targets > 0.5)
        return correlation(scores[:, 0], targets[:, 0])

    def gain(self, scores: Array) -> float:
        """The criterion for penalties: validation AUROC, or for a number the R^2."""
        if self.loss == "logistic":
            return self.validation(scores)
        error = float(((scores - self.targets) ** 2).mean())
        return 1 - error / max(float(self.targets.var()), 1e-12)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted linear probe.

    Attributes:
        scores: Maps rows, with the columns trained on, to scores.
        weights: Input columns x target columns, per standard deviation of the input.
        out_of_fold: Training rows x columns: scores by fits to the other folds.
        validation: How well these predict the targets; the mean over folds.
        penalty: The one chosen.
        solution: Coefficients, then intercepts, in the solver's coordinates, for warm starts.
        is_converged: Whether the final fit converged.
    """

    scores: Callable[[Matrix], Array]
    weights: Array
    out_of_fold: Array
    validation: float
    penalty: float
    solution: Array
    is_converged: bool


def fitted(given: Matrix, training_set: TrainingSet) -> Fitted:
    """A probe of all columns; several penalties and all folds are solved at once."""
    standardised = design_of(given)
    start: Array | None = None

    def tried(penalties: Array) -> Array:
        nonlocal start
        shape = (len(penalties), training_set.n_folds, training_set.targets.shape[1])
        penalty, fold, column = (axis.ravel() for axis in np.indices(shape))
        # Weight 0 leaves a fold out, so that all folds are problems on one matrix.
        solved = solve(
            Problems(
                standardised.matrix,
                standardised.curvature,
                training_set.targets[:, column],
                (training_set.folds[:, None] != fold).astype(np.float32),
                penalties[penalty],
                training_set.loss,
                None if start is None else np.tile(start, len(penalties)),
                ROUGHLY,
            )
        )
        # Warm start: the next, weaker penalties start from the weakest of these.
        last = slice(-training_set.n_folds * training_set.targets.shape[1], None)
        start = np.vstack([solved.coefficients[:, last], solved.intercepts[last]])
        by_fold = solved.fitted.reshape(-1, *shape)
        found: Array = by_fold[np.arange(len(by_fold)), :, training_set.folds]
        return found

    return _with_penalty(standardised, training_set, *_along_penalties(training_set, tried))


def fitted_to_chosen(
    given: sp.csr_array, chosen: Array, chosen_in: list[Array], training_set: TrainingSet
) -> Fitted:
    """A probe of selected columns.

    Args:
        given: Training rows x all columns.
        chosen: The columns of the probe.
        chosen_in: For each fold, the columns selected without it, so that validation is
            unbiased by selection.
        training_set: Targets and folds.
    """
    parts = []
    for fold, own in enumerate(chosen_in):
        columns, inside = given[:, own].toarray(), training_set.folds != fold
        parts.append((design_of(columns[inside]), columns[~inside], inside))

    def tried(penalties: Array) -> Array:
        out = np.empty(
            (len(training_set.targets), len(penalties), training_set.targets.shape[1]), np.float32
        )
        for standardised, outside, inside in parts:
            solved = _solved(
                standardised,
                training_set.targets[inside],
                penalties,
                training_set.loss,
                tolerance=ROUGHLY,
            )
            scores = standardised.way.scores(outside, solved.coefficients, solved.intercepts)
            out[~inside] = scores.reshape(len(outside), len(penalties), -1)
        return out

    standardised = design_of(given[:, chosen].toarray())
    return _with_penalty(standardised, training_set, *_along_penalties(training_set, tried))


def _along_penalties(
    training_set: TrainingSet, tried: Callable[[Array], Array]
) -> tuple[Array, float]:
    """Out-of-fold scores at the best penalty, and which that is.

    The path goes from strong to weak penalties and ends after some without a gain: the weakest
    overfit, and take the most solver steps.
    """
    out: list[Array] = []
    gains: list[float] = []
    for first in range(0, len(PENALTIES), _AT_ONCE):
        found = tried(np.array(PENALTIES[first : first + _AT_ONCE], dtype=np.float32))
        out += [found[:, i] for i in range(found.shape[1])]
        gains += [training_set.gain(one) for one in out[first:]]
        best = int(np.flatnonzero(np.array(gains) >= max(gains) - _AS_GOOD)[0])
        if len(gains) - 1 - best >= _PATIENCE:
            break
    return out[best], PENALTIES[best]


def _with_penalty(
    standardised: Standardisation, training_set: TrainingSet, out: Array, penalty: float
) -> Fitted:
    """The probe fitted to all training rows, given the out-of-fold scores at its penalty."""
    solved = _solved(
        standardised, training_set.targets, np.array([penalty], dtype=np.float32), training_set.loss
    )
    way = standardised.way  # Close over this alone: `standardised` would keep the training rows.
    return Fitted(
        lambda rows: way.scores(rows, solved.coefficients, solved.intercepts),
        way.weights(solved.coefficients),
        out,
        training_set.validation(out),
        penalty,
        np.vstack([solved.coefficients, solved.intercepts]),
        bool(solved.is_converged.all()),
    )


def _solved(
    standardised: Standardisation,
    targets: Array,
    penalties: Array,
    loss: Loss,
    tolerance: float = TOLERANCE,
) -> Solved:
    """Every penalty x every target column, fitted to all rows; columns vary fastest."""
    penalty, column = (a.ravel() for a in np.indices((len(penalties), targets.shape[1])))
    weights = np.ones((len(targets), len(column)), dtype=np.float32)
    return solve(
        Problems(
            standardised.matrix, standardised.curvature, targets[:, column], weights,
            penalties[penalty],
            loss, tolerance=tolerance,
        )
    )  # fmt: skip


def correlation(left: Array, right: Array) -> float:
    """Pearson's correlation, 0 where one side is constant."""
    left, right = left - left.mean(), right - right.mean()
    lengths = np.sqrt((left * left).sum() * (right * right).sum())
    return float((left * right).sum() / lengths) if lengths > 0 else 0.0
