"""Gated SAE: a gate decides whether a feature fires, separate weights how strongly."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    squared_error,
)
from corpuscope.tensor_shapes import PerFeatureTensor


@dataclass(frozen=True, slots=True)
class GatedObjective:
    """With u = (x - b_dec) W_enc^T: fires where u + b_gate > 0, with ReLU(e^r u + b_mag).

    The gate's step function has no gradient; it is trained by the penalty and by an auxiliary
    reconstruction from ReLU(u + b_gate) through a frozen decoder. Because e^r > 0 the trained SAE
    is equivalent to one with thresholds max(0, b_mag - e^r b_gate) and encoder rows e^r W_enc.

    Attributes:
        coefficient: Coefficient of the L1 penalty on ReLU(u + b_gate), a mean over units.

    Source: Rajamanoharan et al., 2024, arXiv 2404.16014.
    """

    coefficient: float

    betas = (0.0, 0.999)
    revives = False

    def learning_rate(self, n_features: int, n_steps: int) -> float:
        """The same for any number of features, adapted to the run's length."""
        return rate_for(3e-4, n_steps)

    def begin(self, weights: Weights, thresholds: PerFeatureTensor | None) -> Weights:
        """The gate's bias and the log scale r of the magnitudes, both 0.

        With thresholds, the gate's bias is set so that it opens above them.
        """
        bias = weights["encoder_bias"].detach()
        gate = torch.zeros_like(bias) if thresholds is None else bias - thresholds
        return {"gate_bias": gate, "log_scale": torch.zeros_like(bias)}

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The squared error, the penalty, and the auxiliary reconstruction error."""
        shared = centred_product(weights, batch)
        gate = shared + weights["gate_bias"]
        magnitude = shared * weights["log_scale"].exp() + weights["encoder_bias"]
        activations = (gate > 0) * magnitude.relu()
        opened = gate.relu()
        # The decoder is detached, so this term trains only the gate (and the encoder it shares).
        frozen = opened @ weights["decoder"].detach() + weights["decoder_bias"].detach()
        penalty = self.coefficient * batch.warmth * opened.sum(dim=1).mean()
        auxiliary = squared_error(batch.inputs, frozen)
        return decoded_densely(weights, batch, activations, [penalty, auxiliary])

    def keep_valid(self, weights: Weights) -> None:
        """Its weights are unconstrained."""

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """The equivalent encoder with thresholds."""
        scale = weights["log_scale"].exp()
        # u + b_gate > 0 is the same as e^r u + b_mag > b_mag - e^r b_gate.
        theta = weights["encoder_bias"] - scale * weights["gate_bias"]
        encoder = weights["encoder"] * scale[:, None]
        return Fired(encoder, weights["encoder_bias"], Threshold(theta.clamp_min(0)))
