"""An attention probe, which learns how to weight tokens.

The score of a document is v . sum_t a_t h_t + b with a = softmax_t(q . h_t), where h_t is the
state of a token or, for SAE probes, its feature activations. It is initialised as the mean-pooling
probe (q = 0), so training can only add to it, and stops early when the held-out folds no longer
improve. All folds, all classes and the final probe are trained in parallel.

Source: Kantamneni et al. 2025, appendix (attention probes); the initialisation and the number of
rounds are ours, theirs are 1,000 full-batch steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.probing.models.attention_kernel import adam_step, attended, slopes_of_tokens
from corpuscope.probing.models.cross_validation import ROUGHLY, Fitted, TrainingSet
from corpuscope.probing.models.csr_on_disk import SparseRows
from corpuscope.probing.models.float16 import in_single_precision
from corpuscope.probing.models.linear_solver import Loss, Problems, solve
from corpuscope.probing.models.standardisation import Matrix, design_of

Array = npt.NDArray[Any]

# A round is as many passes over the documents as make about four hundred steps, at least one.
_ROUNDS, _STEPS = 12, 400

# Batch sizes, in documents: of a training step, and of inference (tokens fit in the CPU cache).
_DOCUMENTS, _AT_ONCE = 16, 64

# Learning rates for states and for features. Adam gives rare features steps as large as frequent
# ones, and they would overfit the few documents that have them.
_RATE, _RATE_OF_FEATURES = 0.0005, 0.0001
_MOMENTS = (0.9, 0.99)
_PATIENCE = 2


@dataclass(frozen=True, eq=False)
class TokenMatrix:
    """The tokens of some documents.

    Attributes:
        states: All tokens of a store x width, or x features.
        starts: The row at which each document's tokens begin.
        counts: The number of tokens of each document.
    """

    states: Array | SparseRows
    starts: Array
    counts: Array

    def of(self, rows: Array) -> "TokenMatrix":
        """Some of the documents."""
        return TokenMatrix(self.states, self.starts[rows], self.counts[rows])

    def batches(self, order: Array, size: int) -> Iterator[tuple[Array, Matrix, Array]]:
        """Batches of documents: which, their tokens in float32, and where each document ends."""
        for first in range(0, len(order), size):
            which = order[first : first + size]
            counts = self.counts[which]
            ends = np.cumsum(counts)
            places = np.repeat(self.starts[which] - ends + counts, counts) + np.arange(ends[-1])
            yield which, self._at(places), ends

    def _at(self, places: Array) -> Matrix:
        if isinstance(self.states, SparseRows):
            return self.states[places]
        return in_single_precision(self.states, places)


def tokens_of(states: Array | SparseRows, counts: Array) -> TokenMatrix:
    """The tokens of all documents of a store."""
    return TokenMatrix(states, np.cumsum(counts) - counts, np.asarray(counts))


@dataclass(eq=False)
class AttentionPool:
    """Attention probes for several problems (folds x classes).

    Attributes:
        both: Columns x twice the problems: queries, then values, for standardised tokens.
        level: The intercept of each problem.
        mean: What is subtracted from each column; 0 for features, which stay sparse (the
            intercept absorbs the mean).
        scale: What each column is divided by.
    """

    both: Array
    level: Array
    mean: Array
    scale: Array

    @property
    def query(self) -> Array:
        """Query vectors, columns x problems."""
        return self.both[:, : len(self.level)]

    @property
    def value(self) -> Array:
        """Value vectors, columns x problems."""
        return self.both[:, len(self.level) :]

    def scores(self, tokens: TokenMatrix) -> Array:
        """Scores, documents x problems."""
        found = np.empty((len(tokens.counts), len(self.level)), dtype=np.float32)
        weights, constant = self.weights, self.constant
        for which, states, ends in tokens.batches(np.arange(len(tokens.counts)), _AT_ONCE):
            found[which] = attended(states @ weights, ends)[0] + constant
        return found

    @property
    def weights(self) -> Array:
        """Queries, then values, for raw (not standardised) tokens.

        Tokens need not be centred: softmax ignores a constant shift of the attention logits, and
        `constant` accounts for the shift of the values.
        """
        return self.both / self.scale[:, None]

    @property
    def constant(self) -> Array:
        """The intercept for raw tokens."""
        return self.level - (self.mean / self.scale) @ self.value

    def last(self, n: int) -> "AttentionPool":
        """A copy of the last `n` problems."""
        both = np.hstack([self.query[:, -n:], self.value[:, -n:]])
        return AttentionPool(both, self.level[-n:].copy(), self.mean, self.scale)


def fit_attention(
    tokens: TokenMatrix, means: Matrix, training_set: TrainingSet, *, before: Fitted, seed: int
) -> tuple[AttentionPool, Array]:
    """The probe, and out-of-fold scores of the training rows.

    Args:
        tokens: The tokens of the training documents.
        means: Their means over tokens.
        training_set: Targets and folds.
        before: The mean-pooling probe.
        seed: Random seed of the order of documents.
    """
    pool, weights, scores = _from_means(tokens, means, training_set, before)
    n_columns = training_set.targets.shape[1]
    targets = np.tile(training_set.targets, training_set.n_folds + 1)
    # The last `n_columns` problems are fitted to all training rows: the final probe.
    best, best_out, best_gain = pool.last(n_columns), np.empty(0), -np.inf
    is_sparse = isinstance(tokens.states, SparseRows)
    rate = _RATE_OF_FEATURES if is_sparse else _RATE
    adam, waited = _Adam(pool, rate, before.penalty / len(targets)), 0
    for number in range(_ROUNDS + 1):
        if number:
            order = _order(len(targets), np.random.default_rng([seed, number]))
            _train_round(pool, adam, tokens, order, targets, weights, training_set.loss)
            scores = pool.scores(tokens)
        by_fold = scores.reshape(len(targets), -1, n_columns)
        out = by_fold[np.arange(len(targets)), training_set.folds]
        gain = training_set.gain(out)
        waited = 0 if gain > best_gain else waited + 1
        if gain > best_gain:
            best, best_out, best_gain = pool.last(n_columns), out, gain
        if waited == _PATIENCE:
            break
    return best, best_out


def _order(n: int, generator: np.random.Generator) -> Array:
    """The order of documents in one round: shuffled, with one or more passes."""
    times = max(1, round(_STEPS * _DOCUMENTS / n))
    return np.concatenate([generator.permutation(n) for _ in range(times)])


def _from_means(
    tokens: TokenMatrix, means: Matrix, training_set: TrainingSet, before: Fitted
) -> tuple[AttentionPool, Array, Array]:
    """Queries of zero, and the values of mean-pooling probes: one per fold, and one of all rows.

    Returns:
        The pool; rows x problems, the weight of each row; and its score in each problem.
    """
    standardised = design_of(means)
    n_columns = training_set.targets.shape[1]
    fold, column = (a.ravel() for a in np.indices((training_set.n_folds + 1, n_columns)))
    weights = (training_set.folds[:, None] != fold).astype(np.float32)
    solved = solve(
        Problems(
            standardised.matrix, standardised.curvature, training_set.targets[:, column], weights,
            np.full(len(fold), before.penalty, dtype=np.float32), training_set.loss,
            np.tile(before.solution, training_set.n_folds + 1), ROUGHLY,
        )
    )  # fmt: skip
    # The means were standardised by their own moments: convert weights to those of tokens.
    raw = standardised.way.weights(solved.coefficients) / standardised.way.scale[:, None]
    mean, scale = _token_moments(tokens)
    level = solved.intercepts + (mean - standardised.way.mean) @ raw
    both = np.hstack([np.zeros_like(raw), raw * scale[:, None]])
    return AttentionPool(both, level, mean, scale), weights, solved.fitted


def _token_moments(tokens: TokenMatrix) -> tuple[Array, Array]:
    n = 0
    total = square = np.zeros(tokens.states.shape[1])
    for _, states, _ in tokens.batches(np.arange(len(tokens.counts)), _AT_ONCE):
        n += states.shape[0]
        total = total + states.sum(axis=0, dtype=np.float64)
        square = square + (states * states).sum(axis=0, dtype=np.float64)
    mean = total / max(n, 1)
    deviation = np.sqrt(np.maximum(square / max(n, 1) - mean * mean, 0))
    scale = np.where(deviation > 1e-8, deviation, 1.0)
    if isinstance(tokens.states, SparseRows):
        mean = np.zeros_like(mean)
    return mean.astype(np.float32), scale.astype(np.float32)


def _train_round(
    pool: AttentionPool, adam: "_Adam", tokens: TokenMatrix, order: Array, targets: Array,
    weights: Array, loss: Loss,
) -> None:  # fmt: skip
    """One round of minibatch Adam steps, in place."""
    centre, n = (pool.mean / pool.scale)[:, None], len(pool.level)
    for which, states, ends in tokens.batches(order, _DOCUMENTS):
        given = states @ pool.weights
        every, attention = attended(given, ends)
        scores = every + pool.constant
        expected = scores if loss == "squared" else 1 / (1 + np.exp(-scores))
        slopes = (expected - targets[which]) * weights[which] / np.float32(len(which))
        level = slopes.sum(axis=0)
        of_tokens = slopes_of_tokens(given, ends, every, attention, slopes)
        both = (states.T @ of_tokens) / pool.scale[:, None]
        both[:, n:] -= centre * level  # From `constant`, which depends on the values.
        adam.step(both, level)


class _Adam:
    """Adam's moment estimates for the arrays of a pool."""

    def __init__(self, pool: AttentionPool, rate: float, penalty: float) -> None:
        self._pool, self._rate, self._penalty = pool, rate, penalty
        self._of_both = (np.zeros_like(pool.both), np.zeros_like(pool.both))
        self._of_level = (np.zeros_like(pool.level), np.zeros_like(pool.level))
        self._n = 0

    def step(self, both: Array, level: Array) -> None:
        """One step, given the gradients of the pool's arrays without the penalty."""
        self._n += 1
        rest = (self._rate, _MOMENTS, self._n)
        adam_step(
            self._pool.both.ravel(),
            *map(np.ravel, self._of_both),
            both.ravel(),
            self._penalty,
            *rest,
        )
        adam_step(self._pool.level, *self._of_level, level, 0.0, *rest)
