"""JumpReLU: a threshold per feature, trained by straight-through gradients."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from corpuscope.sae.firing import Threshold
from corpuscope.sae.objectives.base import (
    Fired,
    Memory,
    StepResult,
    TrainingBatch,
    Weights,
    centred_product,
    decoded_densely,
    rate_for,
)
from corpuscope.sae.objectives.penalties import L0, Penalty, jump
from corpuscope.tensor_shapes import PerFeatureTensor


@dataclass(frozen=True, slots=True)
class JumpReLUObjective:
    """A pre-activation above its feature's threshold fires unchanged; firing is penalised.

    Thresholds are optimised directly and clamped to be at least 0; optimising their logarithms,
    as the source does, stalled in practice.

    Attributes:
        coefficient: Coefficient of the penalty.
        penalty: The sparsity penalty.
        bandwidth: Width of the window around a threshold in which its gradient is estimated, in
            scaled units.
        first_threshold: Initial threshold, in scaled units.
        silent_coefficient: Coefficient of sum_i ReLU(theta_i - z_i), a mean over units, which
            keeps features from dying.

    Source: Rajamanoharan et al., 2024, arXiv 2407.14435.
    """

    coefficient: float
    penalty: Penalty = field(default_factory=L0)
    bandwidth: float = 0.05
    first_threshold: float = 0.05
    silent_coefficient: float = 0.0

    betas = (0.0, 0.999)
    revives = True

    def learning_rate(self, n_features: int, n_steps: int) -> float:
        """The same for any number of features, adapted to the run's length.

        The source has 7e-5 for batches of 4,096. Three times as much leaves a fifth of the
        features dead.
        """
        return rate_for(1e-4, n_steps)

    def begin(self, weights: Weights, thresholds: PerFeatureTensor | None) -> Weights:
        """The initial thresholds."""
        bias = weights["encoder_bias"].detach()
        if thresholds is None:
            return {"theta": torch.full_like(bias, self.first_threshold)}
        return {"theta": thresholds.clone()}

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The squared error and the penalty."""
        theta = weights["theta"]
        pre = centred_product(weights, batch, weights["encoder_bias"])
        activations = jump(pre, theta, self.bandwidth)
        penalty = self.penalty(pre, theta, activations, self.bandwidth)
        penalties = [self.coefficient * batch.warmth * penalty]
        if self.silent_coefficient:
            # Pulls the pre-activations of silent features up towards their thresholds.
            below = (theta - pre).relu().sum(dim=1).mean()
            penalties.append(self.silent_coefficient * below)
        return decoded_densely(weights, batch, activations, penalties)

    def keep_valid(self, weights: Weights) -> None:
        """Clamp thresholds to be at least 0."""
        weights["theta"].clamp_min_(0)

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """The encoder and thresholds as trained."""
        return Fired(weights["encoder"], weights["encoder_bias"], Threshold(weights["theta"]))
