"""A probe of given columns: its penalty by cross-validation, then a fit to all training rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.probing.design import Design, Matrix, design_of
from corpuscope.probing.solver import Loss, Problems, solve
from corpuscope.statistics import mean_auroc

Array = npt.NDArray[Any]

PENALTIES = tuple(float(c) for c in np.logspace(5, -1, 10))
"""What half the squared length of standardised weights is multiplied by, beside summed losses."""

# Of validation scores so near to each other the stronger penalty is taken.
_AS_GOOD = 1e-4


@dataclass(frozen=True, eq=False)
class Lesson:
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
            self._told(scores[self.folds == fold], self.targets[self.folds == fold])
            for fold in range(self.n_folds)
        ]
        return float(np.mean(found))

    def _told(self, scores: Array, targets: Array) -> float:
        if self.loss == "logistic":
            return mean_auroc(scores.astype(np.float64), targets > 0.5)
        return correlation(scores[:, 0], targets[:, 0])

    def error(self, scores: Array) -> float:
        """What penalties of a number are chosen by: the mean squared error."""
        return float(((scores - self.targets) ** 2).mean())


@dataclass(frozen=True, eq=False)
class Fitted:
    """A probe that has learned.

    Attributes:
        scores: Scores of other rows, given the matrix that was learned from.
        weights: Given columns x target columns, in standard deviations of the former.
        out_of_fold: Training rows x columns: scores by fits that had not seen the row.
        validation: How well these tell the targets; the mean over folds.
        penalty: The one chosen.
        is_converged: Whether the last fit came to its end.
    """

    scores: Callable[[Matrix], Array]
    weights: Array
    out_of_fold: Array
    validation: float
    penalty: float
    is_converged: bool


def fitted(given: Matrix, lesson: Lesson) -> Fitted:
    """A probe of all columns; every penalty and fold is solved at once."""
    design = design_of(given)
    n_columns, n_folds = lesson.targets.shape[1], lesson.n_folds
    shape = (len(PENALTIES), n_folds, n_columns)
    penalty, fold, column = (axis.ravel() for axis in np.indices(shape))
    solved = solve(
        Problems(
            design.matrix,
            design.curvature,
            lesson.targets[:, column],
            (lesson.folds[:, None] != fold).astype(np.float32),
            np.array(PENALTIES, dtype=np.float32)[penalty],
            lesson.loss,
        )
    )
    by_fold = solved.fitted.reshape(-1, *shape)
    out = by_fold[np.arange(len(by_fold)), :, lesson.folds]
    return _with_penalty(design, lesson, out)


def fitted_to_chosen(
    given: sp.csr_array, chosen: Array, chosen_in: list[Array], lesson: Lesson
) -> Fitted:
    """A probe of chosen columns.

    Args:
        given: Training rows x all columns.
        chosen: The columns of the probe.
        chosen_in: Those that the rows outside each fold would choose: the fold judges these.
        lesson: What is learned.
    """
    n = len(lesson.targets)
    out = np.empty((n, len(PENALTIES), lesson.targets.shape[1]), dtype=np.float32)
    for fold, own in enumerate(chosen_in):
        inside = lesson.folds != fold
        columns = given[:, own].toarray()
        design = design_of(columns[inside])
        solved = _solved(design, lesson.targets[inside], PENALTIES, lesson.loss)
        scores = design.scores(columns[~inside], solved[0], solved[1])
        out[~inside] = scores.reshape(-1, len(PENALTIES), lesson.targets.shape[1])
    design = design_of(given[:, chosen].toarray())
    return _with_penalty(design, lesson, out)


def _with_penalty(design: Design, lesson: Lesson, out: Array) -> Fitted:
    """The probe of the best penalty, given scores of rows x penalties x columns."""
    best = _best_penalty(lesson, out)
    coefficients, intercepts, is_done = _solved(
        design, lesson.targets, (PENALTIES[best],), lesson.loss
    )
    return Fitted(
        lambda rows: design.scores(rows, coefficients, intercepts),
        design.weights(coefficients),
        out[:, best],
        lesson.validation(out[:, best]),
        PENALTIES[best],
        is_done,
    )


def _best_penalty(lesson: Lesson, out: Array) -> int:
    if lesson.loss == "squared":
        return int(np.argmin([lesson.error(out[:, i]) for i in range(len(PENALTIES))]))
    found = np.array([lesson.validation(out[:, i]) for i in range(len(PENALTIES))])
    return int(np.flatnonzero(found >= found.max() - _AS_GOOD)[0])


def _solved(
    design: Design, targets: Array, penalties: tuple[float, ...], loss: Loss
) -> tuple[Array, Array, bool]:
    penalty, column = (a.ravel() for a in np.indices((len(penalties), targets.shape[1])))
    solved = solve(
        Problems(
            design.matrix,
            design.curvature,
            targets[:, column],
            np.ones((len(targets), len(column)), dtype=np.float32),
            np.array(penalties, dtype=np.float32)[penalty],
            loss,
        )
    )
    return solved.coefficients, solved.intercepts, bool(solved.is_converged.all())


def correlation(left: Array, right: Array) -> float:
    """Pearson's correlation, 0 where one side does not vary."""
    left, right = left - left.mean(), right - right.mean()
    lengths = np.sqrt((left * left).sum() * (right * right).sum())
    return float((left * right).sum() / lengths) if lengths > 0 else 0.0
