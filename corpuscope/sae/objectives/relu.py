"""ReLU SAE with an L1 penalty on the activations."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from corpuscope.sae.firing import Relu
from corpuscope.sae.objectives.base import (
    Fired,
    Memory,
    NoOwnWeights,
    StepResult,
    TrainingBatch,
    centred_product,
    decoded_densely,
    rate_for,
)


@dataclass(frozen=True, slots=True)
class ReluL1Objective(NoOwnWeights):
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

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The squared error and the penalty."""
        activations = centred_product(weights, batch, weights["encoder_bias"]).relu()
        penalty = self.coefficient * batch.warmth * activations.sum(dim=1).mean()
        return decoded_densely(weights, batch, activations, [penalty])

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """The encoder as trained, with ReLU."""
        return Fired(weights["encoder"], weights["encoder_bias"], Relu())
