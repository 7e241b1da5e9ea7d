"""Trains each probe on the training rows, sharing design matrices and feature selections."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.probing.matrices.design_matrices import DesignMatrices
from corpuscope.probing.models.attention import fit_attention
from corpuscope.probing.models.cross_validation import Fitted, TrainingSet, fitted, fitted_to_chosen
from corpuscope.probing.models.feature_selection import chosen_features
from corpuscope.probing.models.standardisation import Matrix
from corpuscope.probing.probe_names import Spec, parsed

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]
_Base = tuple[str, str, str, frozenset[int]]


@dataclass(frozen=True, eq=False)
class FittedProbe:
    """A trained probe, applicable to any store of the same dictionary.

    Attributes:
        spec: Which probe.
        without: Excluded features.
        scores: Scores of some rows of some store: rows x target columns.
        out_of_fold: Scores of the training rows by fits to the other folds.
        validation: How well these predict the targets.
        penalty: The one chosen.
        n_features: Number of inputs.
        features: Indices of its features, for an SAE probe; else empty.
        weights: Features x target columns, per standard deviation of the features.
        is_converged: Whether its fit converged.
    """

    spec: Spec
    without: frozenset[int]
    scores: Callable[[DesignMatrices, Rows], Array]
    out_of_fold: Array
    validation: float
    penalty: float
    n_features: int
    features: Array
    weights: Array
    is_converged: bool


@dataclass(eq=False)
class Learner:
    """Trains probes on the training rows of one store.

    Attributes:
        matrices: The store trained on.
        rows: Which of its documents.
        training_set: Their targets and folds.
        specs: All probes that will be requested.
        seed: Random seed.
    """

    matrices: DesignMatrices
    rows: Rows
    training_set: TrainingSet
    specs: Sequence[Spec]
    seed: int
    _matrices: dict[_Base, tuple[Any, Matrix]] = field(default_factory=dict)
    _chosen: dict[tuple[_Base, str], list[dict[int, Array]]] = field(default_factory=dict)
    _known: dict[tuple[str, frozenset[int]], FittedProbe] = field(default_factory=dict)
    _of_means: dict[tuple[str, frozenset[int]], Fitted] = field(default_factory=dict)

    def learn(self, spec: Spec, without: frozenset[int] = frozenset()) -> FittedProbe:
        """The fitted probe, without the excluded features; each is fitted once."""
        if (spec.name, without) not in self._known:
            learned = self._attention if spec.pooling == "attention" else self._linear
            self._known[spec.name, without] = learned(spec, without)
        return self._known[spec.name, without]

    def _linear(self, spec: Spec, without: frozenset[int]) -> FittedProbe:
        columns, matrix = self._matrix(spec, without)
        if spec.k is None:
            one, chosen = fitted(matrix, self.training_set), columns
        else:
            choices = self._choices(spec, without)
            at = choices[-1][spec.k]
            one = fitted_to_chosen(
                matrix, at, [own[spec.k] for own in choices[:-1]], self.training_set
            )
            chosen = columns[at]
        if spec.pooling == "mean" and spec.k is None:
            self._of_means[spec.name, without] = one
        return self._learned(spec, without, one, chosen, n_columns=len(one.weights))

    def _learned(
        self, spec: Spec, without: frozenset[int], one: Fitted, chosen: Any, *, n_columns: int
    ) -> FittedProbe:
        def scores(matrices: DesignMatrices, rows: Rows) -> Array:
            given = matrices.matrix(spec, rows, chosen)
            return one.scores(given if spec.k is None else given.toarray())

        return FittedProbe(
            spec, without, scores, one.out_of_fold, one.validation, one.penalty, n_columns,
            *self._listed(spec, chosen, one.weights), is_converged=one.is_converged,
        )  # fmt: skip

    def _matrix(self, spec: Spec, without: frozenset[int]) -> tuple[Any, Matrix]:
        base = _base(spec, without)
        if base not in self._matrices:
            # Keep one: consecutive probes share it, and dense ones are large.
            self._matrices.clear()
            columns = self.matrices.columns(spec, self.rows, without)
            self._matrices[base] = (columns, self.matrices.matrix(spec, self.rows, columns))
        return self._matrices[base]

    def _choices(self, spec: Spec, without: frozenset[int]) -> list[dict[int, Array]]:
        """Features selected on the rows outside each fold, and last those selected on all rows."""
        base = _base(spec, without)
        if (base, spec.choice) not in self._chosen:
            _, matrix = self._matrix(spec, without)
            # One L1 path serves every k of the same matrix, so all ks are selected at once.
            peers = [o for o in self.specs if _base(o, without) == base and o.choice == spec.choice]
            ks = sorted({one.k for one in (*peers, spec) if one.k is not None})
            inside = [self.training_set.folds != fold for fold in range(self.training_set.n_folds)]
            self._chosen[base, spec.choice] = [
                chosen_features(
                    matrix[own], self.training_set.targets[own], ks=ks, choice=spec.choice,
                    loss=self.training_set.loss,
                )
                for own in (*inside, np.ones(len(self.rows), dtype=bool))
            ]  # fmt: skip
        return self._chosen[base, spec.choice]

    def _attention(self, spec: Spec, without: frozenset[int]) -> FittedProbe:
        """An attention probe, initialised from the mean-pooling probe and with its penalty."""
        of_means = parsed(spec.name.replace("attention", "mean"))
        self.learn(of_means, without)
        before = self._of_means[of_means.name, without]
        columns, means = self._matrix(of_means, without)
        pool, out = fit_attention(
            self.matrices.tokens(spec, self.rows, columns), means, self.training_set,
            before=before, seed=self.seed,
        )  # fmt: skip

        def scores(matrices: DesignMatrices, rows: Rows) -> Array:
            return pool.scores(matrices.tokens(spec, rows, columns))

        return FittedProbe(
            spec, without, scores, out, self.training_set.validation(out), before.penalty,
            means.shape[1],
            *self._listed(spec, columns, pool.value), is_converged=True,
        )  # fmt: skip

    def _listed(self, spec: Spec, columns: Any, weights: Array) -> tuple[Array, Array]:
        """Indices and weights of an SAE probe's features; empty for other probes."""
        if spec.kind != "sae":
            return np.empty(0, dtype=np.int64), np.empty((0, self.training_set.targets.shape[1]))
        assert self.matrices.pooled is not None
        return columns + self.matrices.pooled.parts[spec.unit][0], weights


def _base(spec: Spec, without: frozenset[int]) -> _Base:
    return (spec.kind, spec.unit, spec.pooling, without)
