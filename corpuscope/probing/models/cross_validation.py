"""A probe of given columns: its penalty by cross-validation, then a fit to all training rows."""

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
"""What half the squared length of standardised weights is multiplied by, beside summed losses."""

# Of validation scores so near to each other the stronger penalty is taken.
_AS_GOOD = 1e-4

# How many penalties are solved together, and how many may gain nothing before the path ends.
_AT_ONCE, _PATIENCE = 2, 2

ROUGHLY = 1e-5
"""What fits of folds may leave to gain, as a share of their loss. Validation moves by 1e-5."""


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What all probes learn from.

    Attributes:
        targets: Training rows x columns.
        folds: For each training row its fold.
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
        """The mean over folds of how well scores tell targets: the AUROC, or the correlation."""
        found = [
            self._probe_of(scores[self.folds == fold], self.targets[self.folds == fold])
            for fold in range(self.n_folds)
        ]
        return float(np.mean(found))

    def _probe_of(self, scores: Array, targets: Array) -> float:
        if self.loss == "logistic":
            return mean_auroc(scores.astype(np.float64), targets > 0.5)
        return correlation(scores[:, 0], targets[:, 0])

    def gain(self, scores: Array) -> float:
        """What penalties are chosen by: validation, or the share of a number's variance told."""
        if self.loss == "logistic":
            return self.validation(scores)
        error = float(((scores - self.targets) ** 2).mean())
        return 1 - error / max(float(self.targets.var()), 1e-12)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A probe that has learned.

    Attributes:
        scores: Scores of other rows, given the matrix that was learned from.
        weights: Given columns x target columns, in standard deviations of the former.
        out_of_fold: Training rows x columns: scores by fits that had not seen the row.
        validation: How well these tell the targets; the mean over folds.
        penalty: The one chosen.
        solution: What the solver found, as it may start from: coefficients, then intercepts.
        is_converged: Whether the last fit came to its end.
    """

    scores: Callable[[Matrix], Array]
    weights: Array
    out_of_fold: Array
    validation: float
    penalty: float
    solution: Array
    is_converged: bool


def fitted(given: Matrix, training_set: TrainingSet) -> Fitted:
    """A probe of all columns; some penalties and all folds are solved at once."""
    standardised = design_of(given)
    start: Array | None = None

    def tried(penalties: Array) -> Array:
        nonlocal start
        shape = (len(penalties), training_set.n_folds, training_set.targets.shape[1])
        penalty, fold, column = (axis.ravel() for axis in np.indices(shape))
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
        # The next penalties are weaker: they begin where the weakest of these ended.
        last = slice(-training_set.n_folds * training_set.targets.shape[1], None)
        start = np.vstack([solved.coefficients[:, last], solved.intercepts[last]])
        by_fold = solved.fitted.reshape(-1, *shape)
        found: Array = by_fold[np.arange(len(by_fold)), :, training_set.folds]
        return found

    return _with_penalty(standardised, training_set, *_along_penalties(training_set, tried))


def fitted_to_chosen(
    given: sp.csr_array, chosen: Array, chosen_in: list[Array], training_set: TrainingSet
) -> Fitted:
    """A probe of chosen columns.

    Args:
        given: Training rows x all columns.
        chosen: The columns of the probe.
        chosen_in: Those that the rows outside each fold would choose: the fold judges these.
        training_set: What is learned.
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
    """Scores out of fold by the best penalty, and which that is.

    It goes from strong penalties to weak ones and ends where some have gained nothing: the
    weakest fit what is particular to their folds, and take most steps.
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
    """The probe of all training rows, given the scores out of fold by its penalty."""
    solved = _solved(
        standardised, training_set.targets, np.array([penalty], dtype=np.float32), training_set.loss
    )
    way = standardised.way  # Not the design: that would keep the rows that were learned from.
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
    """Every penalty with every column, by all rows; problems of one penalty stand together."""
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
    """Pearson's correlation, 0 where one side does not vary."""
    left, right = left - left.mean(), right - right.mean()
    lengths = np.sqrt((left * left).sum() * (right * right).sum())
    return float((left * right).sum() / lengths) if lengths > 0 else 0.0
