"""L2-penalised linear models, many at once: all penalties, folds and classes in one batch.

Problems on the same matrix share its products, so these are matrix-matrix products, several times
as fast as solving one problem after another. Each problem is minimised by L-BFGS, preconditioned
in coordinates in which a bound of the Hessian is diagonal; about twenty steps suffice.

Source: Nocedal and Wright 2006, algorithm 7.4; the bound of the logistic Hessian by a quarter of
the Gram matrix, Boehning and Lindsay 1988.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Loss = Literal["logistic", "squared"]
Array = npt.NDArray[Any]

# L-BFGS: pairs kept, most steps, and the halvings and Armijo constant of the line search.
_MEMORY = 8
_STEPS = 300
_HALVINGS = 12
_SUFFICIENT = 1e-4

# Rows that are summed in float32 before sums go on in float64.
_BLOCK = 64
TOLERANCE = 1e-6

# Upper bounds of the second derivative of each loss.
_CURVATURE = {"logistic": 0.25, "squared": 1.0}

# Attributes of `_State` with a column per problem.
_BY_PROBLEM = (
    "x", "z", "_penalties", "_inverse", "_targets", "_weights", "_slope", "_direction",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Problems:
    """Linear models over the rows of one matrix.

    Attributes:
        matrix: Rows x columns, as an array or linear operator; columns should be near orthogonal.
        curvature: The sum of squares of each column.
        targets: Rows x problems: 0 or 1, or numbers where the loss is squared.
        weights: Rows x problems: the weight of each row; 0 leaves it out.
        penalties: The penalty c of each problem: c / 2 * |coefficients|^2 is added to the loss.
            Intercepts are not penalised.
        loss: Summed over rows.
        start: Coefficients, then intercepts, to start from: (columns + 1) x problems; by default
            zeros.
        tolerance: The solver stops when the predicted decrease is below this share of the loss.
    """

    matrix: Any
    curvature: Array
    targets: Array
    weights: Array
    penalties: Array
    loss: Loss = "logistic"
    start: Array | None = None
    tolerance: float = TOLERANCE


@dataclass(frozen=True, eq=False)
class Solved:
    """Coefficients, intercepts and fitted values.

    Attributes:
        coefficients: Columns x problems.
        intercepts: One for each problem.
        fitted: Rows x problems, including rows of weight 0.
        is_converged: Whether each problem converged.
    """

    coefficients: Array
    intercepts: Array
    fitted: Array
    is_converged: Array


def solve(problems: Problems) -> Solved:
    """The minimiser of each problem.

    Cost: per step two products of the matrix with rows or columns x problems; about twenty
    steps, at most 300.
    """
    n_problems = problems.targets.shape[1]
    n_columns = problems.matrix.shape[1]
    state = _State(problems, np.arange(n_problems))
    coefficients = np.zeros((n_columns, n_problems), dtype=np.float32)
    intercepts = np.zeros(n_problems, dtype=np.float32)
    fitted = np.zeros(problems.targets.shape, dtype=np.float32)
    is_converged = np.zeros(n_problems, dtype=bool)
    for step in range(_STEPS):
        state.step()
        done = state.is_done()
        # Compact the state only when a quarter is done: copying it costs time, too.
        if step < _STEPS - 1 and done.sum() * 4 < len(done):
            continue
        out = np.ones_like(done) if step == _STEPS - 1 else done
        at = state.numbers[out]
        coefficients[:, at], intercepts[at] = state.x[:-1, out], state.x[-1, out]
        fitted[:, at] = state.z[:, out]
        is_converged[at] = done[out]
        if out.all():
            break
        state.keep(~out)
    return Solved(coefficients, intercepts, fitted, is_converged)


@dataclass(eq=False)
class _State:
    """The state of all searches: `x` (coefficients, last row intercepts) and `z` (fitted)."""

    problems: Problems
    numbers: Array
    x: Array = field(init=False)
    z: Array = field(init=False)

    def __post_init__(self) -> None:
        p = self.problems
        n_rows, n_problems = p.targets.shape
        share = p.weights.sum(axis=0) / max(n_rows, 1)
        # Diagonal of the Hessian's bound, the preconditioner; each fold sees its share of rows.
        bound = np.append(p.curvature, n_rows)[:, None] * share[None, :] * _CURVATURE[p.loss]
        bound[:-1] += p.penalties
        self._penalties = np.repeat(p.penalties[None, :], len(bound), axis=0).astype(np.float32)
        self._penalties[-1] = 0.0
        self._inverse = (1 / np.maximum(bound, 1e-12)).astype(np.float32)
        self._targets = p.targets.astype(np.float32)
        self._weights = p.weights.astype(np.float32)
        self.x = np.zeros((len(bound), n_problems), dtype=np.float32)
        self.x[-1] = _level(self._targets, self._weights, p.loss)
        self.z = np.repeat(self.x[-1:], n_rows, axis=0)
        lost = self._loss(self.z)
        if p.start is not None:
            self.x = p.start.astype(np.float32)
            self.z = p.matrix @ self.x[:-1] + self.x[-1]
            lost = self._loss(self.z)
        self._pairs: list[tuple[Array, Array, Array]] = []
        self._value, self._slope = self._value_at(self.x, lost[0]), self._slope_at(self.x, lost[1])
        self._direction = -self._newton()
        self._is_stuck = np.zeros(n_problems, dtype=bool)

    def _loss(self, z: Array) -> tuple[Array, Array]:
        return _loss(z, self._targets, self.problems.loss)

    def _value_at(self, x: Array, lost: Array) -> Array:
        """The objective of each problem, given the loss of each row."""
        return _sums(self._weights * lost) + 0.5 * _sums(self._penalties * x * x)

    def _slope_at(self, x: Array, change: Array) -> Array:
        """The gradient, given the derivative of the loss of each row."""
        residual = self._weights * change
        gradient = np.empty_like(x)
        gradient[:-1] = self.problems.matrix.T @ residual
        gradient[-1] = _sums(residual)
        gradient += self._penalties * x
        return gradient

    def is_done(self) -> Array:
        """Which problems are done: little left to gain (Newton decrement), or no step helps."""
        left = -_sums(self._direction * self._slope)
        is_done: Array = (left < self.problems.tolerance * self._value) | self._is_stuck
        return is_done

    def step(self) -> None:
        """One L-BFGS step of every problem, with a backtracking line search."""
        direction = self._direction
        gain = _sums(direction * self._slope)
        moved = self.problems.matrix @ direction[:-1] + direction[-1]
        size = np.ones(len(self.numbers), dtype=np.float32)
        is_good = gain >= 0
        size[is_good] = 0.0
        for _ in range(_HALVINGS):
            loss = self._loss(self.z + size * moved)
            x = self.x + size * direction
            total = self._value_at(x, loss[0])
            # Armijo's condition of sufficient decrease.
            is_good |= total <= self._value + _SUFFICIENT * size * gain
            if is_good.all():
                break
            size[~is_good] /= 2
        if not is_good.all():
            size[~is_good] = 0.0
            loss = self._loss(self.z + size * moved)
            x = self.x + size * direction
            total = self._value_at(x, loss[0])
        self._is_stuck |= size == 0
        before_x, before_slope = self.x, self._slope
        self.x, self._value = x, total
        self.z = self.z + size * moved
        self._slope = self._slope_at(x, loss[1])
        self._remember(self.x - before_x, self._slope - before_slope)
        self._direction = -self._newton()

    def _remember(self, step: Array, change: Array) -> None:
        product = _dots(step, change)
        # A pair without positive curvature gets weight 0, which skips it in `_newton`.
        inverse = np.where(product > 1e-12, 1 / np.maximum(product, 1e-12), 0.0)
        self._pairs = [*self._pairs[1 - _MEMORY :], (step, change, inverse.astype(np.float32))]

    def _newton(self) -> Array:
        """The approximate inverse Hessian times the gradient: the L-BFGS two-loop recursion."""
        q, alphas = self._slope.copy(), []
        for step, change, inverse in reversed(self._pairs):
            alpha = inverse * _dots(step, q)
            q -= alpha * change
            alphas.append(alpha)
        q *= self._inverse
        for (step, change, inverse), alpha in zip(self._pairs, reversed(alphas), strict=True):
            q += (alpha - inverse * _dots(change, q)) * step
        return q

    def keep(self, which: Array) -> None:
        """Continue with some of the problems."""
        self.numbers = self.numbers[which]
        for name in _BY_PROBLEM:
            setattr(self, name, np.ascontiguousarray(getattr(self, name)[:, which]))
        for name in ("_value", "_is_stuck"):
            setattr(self, name, getattr(self, name)[which])
        self._pairs = [(s[:, which], c[:, which], i[which]) for s, c, i in self._pairs]


def _dots(left: Array, right: Array) -> Array:
    """The dot product of each column with its counterpart."""
    found: Array = np.einsum("ij,ij->j", left, right)
    return found


def _sums(values: Array) -> Array:
    """Column sums: float32 within blocks of rows, float64 across blocks."""
    blocks = np.add.reduceat(values, np.arange(0, len(values), _BLOCK), axis=0)
    found: Array = blocks.sum(axis=0, dtype=np.float64)
    return found


def _level(targets: Array, weights: Array, loss: Loss) -> Array:
    """The best intercept where all coefficients are zero."""
    total = np.maximum(_sums(weights), 1e-12)
    mean = _sums(weights * targets) / total
    if loss == "squared":
        return mean
    chance = np.clip(mean, 1e-6, 1 - 1e-6)
    level: Array = np.log(chance / (1 - chance))
    return level


def _loss(z: Array, targets: Array, loss: Loss) -> tuple[Array, Array]:
    """The loss of each row, and its derivative."""
    if loss == "squared":
        residual = z - targets
        return 0.5 * residual * residual, residual
    # log(1 + exp(z)) - z * target, written so that exp cannot overflow.
    small = np.exp(-np.abs(z))
    chance = np.where(z >= 0, 1.0, small) / (1.0 + small)
    value = np.maximum(z, 0.0) - z * targets + np.log1p(small)
    return value, chance - targets
