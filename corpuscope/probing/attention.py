"""A probe that learns which tokens to look at.

The score of a document is v . sum_t a_t h_t + b with a = softmax_t(q . h_t), where h_t is the
state of a token or, for the probe of features, what is active on it. It begins as the probe of
means (q = 0), so learning can only add to it, and it stops where the folds that are held out gain
no more. All folds, classes and the final probe are learned side by side.

Source: Kantamneni et al. 2025, appendix (attention probes); the beginning and the number of
passes are ours, there are 1,000 full steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.probing.design import Matrix, design_of
from corpuscope.probing.fitting import Lesson
from corpuscope.probing.solver import Loss, Problems, solve
from corpuscope.probing.sparse_rows import SparseRows

Array = npt.NDArray[Any]

_PASSES = 12
_DOCUMENTS = 256

# Of states, and of features: rare ones are few documents' own, and their steps are as large.
_RATE, _RATE_OF_FEATURES = 0.01, 0.0001
_MOMENTS = (0.9, 0.99)
_PATIENCE = 3


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of some documents.

    Attributes:
        states: All tokens of a store x width, or x features; rows are taken from it.
        starts: Where each document's begin.
        counts: How many it has.
    """

    states: Array | SparseRows
    starts: Array
    counts: Array

    def of(self, rows: Array) -> "Tokens":
        """Some of the documents."""
        return Tokens(self.states, self.starts[rows], self.counts[rows])

    def batches(self, order: Array) -> Iterator[tuple[Array, Matrix, Array]]:
        """Some documents at a time: which, their tokens in float32, and where each begins."""
        for first in range(0, len(order), _DOCUMENTS):
            which = order[first : first + _DOCUMENTS]
            counts = self.counts[which]
            begins = np.cumsum(counts) - counts
            places = np.repeat(self.starts[which] - begins, counts) + np.arange(counts.sum())
            yield which, self.states[places].astype(np.float32), begins


def tokens_of(states: Array | SparseRows, counts: Array) -> Tokens:
    """All documents of a store."""
    return Tokens(states, np.cumsum(counts) - counts, np.asarray(counts))


@dataclass(eq=False)
class AttentionPool:
    """Queries, values and levels of several problems; `mean` and `scale` standardise tokens.

    Features are divided alone, their mean is 0 here: the level does the centring.
    """

    query: Array
    value: Array
    level: Array
    mean: Array
    scale: Array

    def scores(self, tokens: Tokens) -> Array:
        """Documents x problems."""
        found = np.empty((len(tokens.counts), self.query.shape[1]), dtype=np.float32)
        for which, states, begins in tokens.batches(np.arange(len(tokens.counts))):
            found[which] = self.forward(self.standardised(states), begins)[0]
        return found

    def standardised(self, states: Matrix) -> Matrix:
        """Tokens in the scale of the weights."""
        if not sp.issparse(states):
            return (states - self.mean) / self.scale
        given: Any = states
        values = given.data / self.scale[given.indices]
        return sp.csr_array((values, given.indices, given.indptr), shape=given.shape)

    def forward(self, states: Matrix, begins: Array) -> tuple[Array, Array, Array]:
        """Scores of documents, attention of tokens, and what each token would score alone."""
        counts = np.diff(begins, append=states.shape[0])
        pull, told = states @ self.query, states @ self.value
        largest = np.repeat(np.maximum.reduceat(pull, begins), counts, axis=0)
        grown = np.exp(pull - largest)
        total = np.repeat(np.add.reduceat(grown, begins), counts, axis=0)
        attention = grown / total
        return np.add.reduceat(attention * told, begins) + self.level, attention, told

    def columns(self, which: slice) -> "AttentionPool":
        """Some of the problems, as they are now."""
        return AttentionPool(
            self.query[:, which].copy(), self.value[:, which].copy(), self.level[which].copy(),
            self.mean, self.scale,
        )  # fmt: skip


def fit_attention(
    tokens: Tokens, means: Matrix, lesson: Lesson, *, penalty: float, seed: int
) -> tuple[AttentionPool, Array]:
    """The probe, and scores of training rows by fits that had not seen them.

    Args:
        tokens: Those of the training documents.
        means: Their means over tokens.
        lesson: What is learned.
        penalty: That of the probe of means.
        seed: In which order documents come.
    """
    pool, weights = _from_means(tokens, means, lesson, penalty)
    n_columns = lesson.targets.shape[1]
    final = slice(-n_columns, None)
    targets = np.tile(lesson.targets, lesson.n_folds + 1)
    best, best_out, best_told = pool.columns(final), np.empty(0), -np.inf
    is_sparse = isinstance(tokens.states, SparseRows)
    adam, waited = _Adam(pool, _RATE_OF_FEATURES if is_sparse else _RATE), 0
    for number in range(_PASSES + 1):
        if number:
            order = np.random.default_rng([seed, number]).permutation(len(targets))
            _learn(pool, adam, tokens, order, targets, weights, penalty, lesson.loss)
        scores = pool.scores(tokens).reshape(len(targets), -1, n_columns)
        out = scores[np.arange(len(targets)), lesson.folds]
        told = lesson.validation(out) if lesson.loss == "logistic" else -lesson.error(out)
        waited = 0 if told > best_told else waited + 1
        if told > best_told:
            best, best_out, best_told = pool.columns(final), out, told
        if waited == _PATIENCE:
            break
    return best, best_out


def _from_means(
    tokens: Tokens, means: Matrix, lesson: Lesson, penalty: float
) -> tuple[AttentionPool, Array]:
    """Queries of zero, and the values of a probe of means for each fold and for all."""
    design = design_of(means)
    n_columns = lesson.targets.shape[1]
    fold, column = (a.ravel() for a in np.indices((lesson.n_folds + 1, n_columns)))
    weights = (lesson.folds[:, None] != fold).astype(np.float32)
    solved = solve(
        Problems(
            design.matrix, design.curvature, lesson.targets[:, column], weights,
            np.full(len(fold), penalty, dtype=np.float32), lesson.loss,
        )
    )  # fmt: skip
    raw = design.weights(solved.coefficients) / design.scale[:, None]
    mean, scale = _token_moments(tokens)
    level = solved.intercepts + (mean - design.mean) @ raw
    return AttentionPool(np.zeros_like(raw), raw * scale[:, None], level, mean, scale), weights


def _token_moments(tokens: Tokens) -> tuple[Array, Array]:
    n = 0
    total = square = np.zeros(tokens.states.shape[1])
    for _, states, _ in tokens.batches(np.arange(len(tokens.counts))):
        exact = states.astype(np.float64)
        n += states.shape[0]
        total = total + exact.sum(axis=0)
        square = square + (exact * exact).sum(axis=0)
    mean = total / max(n, 1)
    deviation = np.sqrt(np.maximum(square / max(n, 1) - mean * mean, 0))
    scale = np.where(deviation > 1e-8, deviation, 1.0)
    if isinstance(tokens.states, SparseRows):
        mean = np.zeros_like(mean)
    return mean.astype(np.float32), scale.astype(np.float32)


def _learn(
    pool: AttentionPool, adam: "_Adam", tokens: Tokens, order: Array, targets: Array,
    weights: Array, penalty: float, loss: Loss,
) -> None:  # fmt: skip
    """One pass over the documents."""
    for which, states, begins in tokens.batches(order):
        states = pool.standardised(states)
        scores, attention, told = pool.forward(states, begins)
        expected = scores if loss == "squared" else 1 / (1 + np.exp(-scores))
        residual = (expected - targets[which]) * weights[which] / len(which)
        counts = np.diff(begins, append=states.shape[0])
        of_token = attention * np.repeat(residual, counts, axis=0)
        surplus = told + pool.level - np.repeat(scores, counts, axis=0)
        shrink = penalty / len(order)
        adam.step(
            (
                states.T @ (of_token * surplus) + shrink * pool.query,
                states.T @ of_token + shrink * pool.value,
                residual.sum(axis=0),
            )
        )


class _Adam:
    """Kingma and Ba 2015, over the three arrays of a pool, in place."""

    def __init__(self, pool: AttentionPool, rate: float) -> None:
        self._rate = rate
        self._arrays = (pool.query, pool.value, pool.level)
        self._first = [np.zeros_like(a) for a in self._arrays]
        self._second = [np.zeros_like(a) for a in self._arrays]
        self._n = 0

    def step(self, slopes: tuple[Array, Array, Array]) -> None:
        self._n += 1
        one, two = _MOMENTS
        for array, first, second, slope in zip(
            self._arrays, self._first, self._second, slopes, strict=True
        ):
            first += (1 - one) * (slope - first)
            second += (1 - two) * (slope * slope - second)
            corrected = np.sqrt(second / (1 - two**self._n)) + 1e-8
            array -= (self._rate * first / (1 - one**self._n) / corrected).astype(array.dtype)
