"""ReLU SAE with an L1 penalty on the activations."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from corpuscope.sae.firing import Relu
from corpuscope.sae.objectives.base import (
    Fired,
    Memory,
    StepResult,
    TrainingBatch,
    Weights,
    centred_product,
    rate_for,
    squared_error,
)
from corpuscope.tensor_shapes import PerFeatureTensor


@dataclass(frozen=True, slots=True)
class ReluL1Objective:
    """Every positive pre-activation fires; the sum of the activations is penalised.

    The decoder's rows have length 1, so the sum needs no weights.

    Attributes:
        coefficient: Coefficient of the penalty, which is a mean over units.

    Source: Bricken et al., 2023, "Towards Monosemanticity".
    """

    coefficient: float

    betas = (0.9, 0.999)
    revives = False

    def learning_rate(self, n_features: int, n_steps: int) -> float:
        """The same for any number of features, adapted to the run's length."""
        return rate_for(3e-4, n_steps)

    def begin(self, weights: Weights, thresholds: PerFeatureTensor | None) -> Weights:
        """There are no further weights."""
        return {}

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The squared error and the penalty."""
        activations = centred_product(weights, batch, weights["encoder_bias"]).relu()
        reconstruction = activations @ weights["decoder"] + weights["decoder_bias"]
        error = squared_error(batch.inputs, reconstruction)
        penalty = activations.sum(dim=1).mean()
        return StepResult(
            error + self.coefficient * batch.warmth * penalty,
            (batch.inputs - reconstruction).detach(),
            (activations.detach() > 0).sum(dim=0),
        )

    def keep_valid(self, weights: Weights) -> None:
        """It has no weights of its own."""

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """The encoder as trained, with ReLU."""
        return Fired(weights["encoder"], weights["encoder_bias"], Relu())
