"""A probe that learns which tokens to look at.

The score of a document is v . sum_t a_t h_t + b with a = softmax_t(q . h_t), where h_t is the
state of a token or, for the probe of features, what is active on it. It begins as the probe of
means (q = 0), so learning can only add to it, and it stops where the folds that are held out gain
no more. All folds, classes and the final probe are learned side by side.

Source: Kantamneni et al. 2025, appendix (attention probes); the beginning and the number of
rounds are ours, there are 1,000 full steps.
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

# A round is one pass over the documents, or as many as make some four hundred steps.
_ROUNDS, _STEPS = 12, 400

# Documents of a step, and, where nothing is learned, those whose tokens stay near the processor.
_DOCUMENTS, _AT_ONCE = 16, 64

# Of states, and of features: rare ones are few documents' own, and their steps are as large.
_RATE, _RATE_OF_FEATURES = 0.0005, 0.0001
_MOMENTS = (0.9, 0.99)
_PATIENCE = 2


@dataclass(frozen=True, eq=False)
class TokenMatrix:
    """The tokens of some documents.

    Attributes:
        states: All tokens of a store x width, or x features; rows are taken from it.
        starts: Where each document's begin.
        counts: How many it has.
    """

    states: Array | SparseRows
    starts: Array
    counts: Array

    def of(self, rows: Array) -> "TokenMatrix":
        """Some of the documents."""
        return TokenMatrix(self.states, self.starts[rows], self.counts[rows])

    def batches(self, order: Array, size: int) -> Iterator[tuple[Array, Matrix, Array]]:
        """Some documents at a time: which, their tokens in float32, and where each ends."""
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
    """All documents of a store."""
    return TokenMatrix(states, np.cumsum(counts) - counts, np.asarray(counts))


@dataclass(eq=False)
class AttentionPool:
    """Several problems. Features are divided alone, their mean is 0: the level does the centring.

    Attributes:
        both: Columns x twice the problems: queries, then values; of standardised tokens.
        level: For each problem what is added.
        mean: What is subtracted from each column.
        scale: What each is divided by.
    """

    both: Array
    level: Array
    mean: Array
    scale: Array

    @property
    def query(self) -> Array:
        """Columns x problems."""
        return self.both[:, : len(self.level)]

    @property
    def value(self) -> Array:
        """Columns x problems."""
        return self.both[:, len(self.level) :]

    def scores(self, tokens: TokenMatrix) -> Array:
        """Documents x problems."""
        found = np.empty((len(tokens.counts), len(self.level)), dtype=np.float32)
        weights, constant = self.weights, self.constant
        for which, states, ends in tokens.batches(np.arange(len(tokens.counts)), _AT_ONCE):
            found[which] = attended(states @ weights, ends)[0] + constant
        return found

    @property
    def weights(self) -> Array:
        """What states are multiplied by, for how strongly tokens pull, then for what each tells.

        Nothing is subtracted from states: of pulls that changes nothing, of the rest `constant`.
        """
        return self.both / self.scale[:, None]

    @property
    def constant(self) -> Array:
        """What is added to what the tokens of a document tell."""
        return self.level - (self.mean / self.scale) @ self.value

    def last(self, n: int) -> "AttentionPool":
        """The last problems, as they are now."""
        both = np.hstack([self.query[:, -n:], self.value[:, -n:]])
        return AttentionPool(both, self.level[-n:].copy(), self.mean, self.scale)


def fit_attention(
    tokens: TokenMatrix, means: Matrix, training_set: TrainingSet, *, before: Fitted, seed: int
) -> tuple[AttentionPool, Array]:
    """The probe, and scores of training rows by fits that had not seen them.

    Args:
        tokens: Those of the training documents.
        means: Their means over tokens.
        training_set: What is learned.
        before: The probe of means.
        seed: In which order documents come.
    """
    pool, weights, scores = _from_means(tokens, means, training_set, before)
    n_columns = training_set.targets.shape[1]
    targets = np.tile(training_set.targets, training_set.n_folds + 1)
    best, best_out, best_told = pool.last(n_columns), np.empty(0), -np.inf
    is_sparse = isinstance(tokens.states, SparseRows)
    rate = _RATE_OF_FEATURES if is_sparse else _RATE
    adam, waited = _Adam(pool, rate, before.penalty / len(targets)), 0
    for number in range(_ROUNDS + 1):
        if number:
            order = _order(len(targets), np.random.default_rng([seed, number]))
            _learn(pool, adam, tokens, order, targets, weights, training_set.loss)
            scores = pool.scores(tokens)
        by_fold = scores.reshape(len(targets), -1, n_columns)
        out = by_fold[np.arange(len(targets)), training_set.folds]
        every = training_set.gain(out)
        waited = 0 if every > best_told else waited + 1
        if every > best_told:
            best, best_out, best_told = pool.last(n_columns), out, every
        if waited == _PATIENCE:
            break
    return best, best_out


def _order(n: int, generator: np.random.Generator) -> Array:
    """All documents, as often as they make a round."""
    times = max(1, round(_STEPS * _DOCUMENTS / n))
    return np.concatenate([generator.permutation(n) for _ in range(times)])


def _from_means(
    tokens: TokenMatrix, means: Matrix, training_set: TrainingSet, before: Fitted
) -> tuple[AttentionPool, Array, Array]:
    """Queries of zero, and the values of a probe of means for each fold and for all.

    Returns:
        They, how much each row counts in each problem, and its score.
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


def _learn(
    pool: AttentionPool, adam: "_Adam", tokens: TokenMatrix, order: Array, targets: Array,
    weights: Array, loss: Loss,
) -> None:  # fmt: skip
    """One round."""
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
        both[:, n:] -= centre * level
        adam.step(both, level)


class _Adam:
    """What is kept from step to step."""

    def __init__(self, pool: AttentionPool, rate: float, penalty: float) -> None:
        self._pool, self._rate, self._penalty = pool, rate, penalty
        self._of_both = (np.zeros_like(pool.both), np.zeros_like(pool.both))
        self._of_level = (np.zeros_like(pool.level), np.zeros_like(pool.level))
        self._n = 0

    def step(self, both: Array, level: Array) -> None:
        """A step, given the slopes of the pool's arrays without their penalty."""
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
