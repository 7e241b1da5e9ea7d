"""The interface of a training objective: its own weights, a loss, and the final firing rule."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch

from corpuscope.sae.firing import FiringRule
from corpuscope.tensor_shapes import FeatureVectors, PerFeatureTensor, States

_PUBLISHED_STEPS, _HIGHEST_RATE = 244_000, 0.01

Weights = dict[str, torch.Tensor]
"""`encoder`, `decoder` (one row per feature), `encoder_bias`, `decoder_bias`, and others."""

Memory = dict[str, torch.Tensor]
"""State that an objective carries from step to step beside weights; saved in checkpoints."""


@dataclass(frozen=True, eq=False)
class TrainingBatch:
    """A batch of units to train on.

    Attributes:
        inputs: Their states, in scaled units; float32.
        step: Which step this is, from 0.
        warmth: Warm-up factor of the sparsity penalty, from 0 to 1.
        products: The dtype in which encoder products are computed.
    """

    inputs: States
    step: int
    warmth: float
    products: torch.dtype


@dataclass(frozen=True, eq=False)
class StepResult:
    """The result of an objective on a batch.

    Attributes:
        loss: Squared error, summed over the width and averaged over units, plus the objective's
            own terms.
        left: The residual of the reconstruction, detached.
        n_firing: For each feature the number of units at which it fired.
    """

    loss: torch.Tensor
    left: States
    n_firing: torch.Tensor


@dataclass(frozen=True, eq=False)
class Fired:
    """The encoder, bias and firing rule of the trained SAE."""

    encoder: FeatureVectors
    encoder_bias: PerFeatureTensor
    firing: FiringRule


@runtime_checkable
class Objective(Protocol):
    """A training objective. A new one is a frozen dataclass in a file of its own.

    Attributes:
        betas: Adam's betas.
        revives: Whether the trainer adds the loss that revives dead features (AuxK).
    """

    @property
    def betas(self) -> tuple[float, float]:
        """Adam's betas."""

    @property
    def revives(self) -> bool:
        """Whether the trainer adds the loss that revives dead features (AuxK)."""

    def learning_rate(self, n_features: int, n_steps: int) -> float:
        """Adam's peak learning rate, where the recipe gives none."""

    def begin(self, weights: Weights, thresholds: PerFeatureTensor | None) -> Weights:
        """Initial values of the weights beyond encoder, decoder and their biases.

        Args:
            weights: Encoder, decoder and biases.
            thresholds: Firing thresholds of the SAE that is finetuned, if it has any.
        """

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The loss of a batch, differentiable in the weights; may change `memory`."""

    def keep_valid(self, weights: Weights) -> None:
        """After a step, project its own weights onto their constraints."""

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """The encoder and firing rule for inference, which treats each unit on its own."""


class NoOwnWeights:
    """The part of an objective that has no weights of its own."""

    __slots__ = ()

    def begin(self, weights: Weights, thresholds: PerFeatureTensor | None) -> Weights:
        """There are no further weights."""
        return {}

    def keep_valid(self, weights: Weights) -> None:
        """It has no weights of its own."""


def centred_product(
    weights: Mapping[str, torch.Tensor], batch: TrainingBatch, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """`(inputs - decoder_bias) @ encoder.T + bias`, dense, in float32 and with gradient."""
    centred = (batch.inputs - weights["decoder_bias"]).to(batch.products)
    pre = (centred @ weights["encoder"].to(batch.products).T).float()
    return pre if bias is None else pre + bias


def rate_for(published: float, n_steps: int) -> float:
    """A learning rate published for 500 million units in batches of 2,048, adapted to this run.

    It is scaled by sqrt(published steps / steps), up to 0.01. Measured on states of the built-in
    reader, 4,096 features, k = 32: of 0.003, 0.006 and 0.01 the best for 1,000 steps is 0.006,
    which is what dictionary_learning's rate for 244,000 steps becomes; for 250 steps it is 0.01.
    """
    return min(_HIGHEST_RATE, published * math.sqrt(_PUBLISHED_STEPS / n_steps))


def rate_by_width(n_features: int, n_steps: int) -> float:
    """dictionary_learning's rate of TopK SAEs for this number of features (see `rate_for`)."""
    return rate_for(2e-4 / math.sqrt(n_features / 2**14), n_steps)


def decoded_densely(
    weights: Mapping[str, torch.Tensor],
    batch: TrainingBatch,
    activations: torch.Tensor,
    penalties: Sequence[torch.Tensor],
) -> StepResult:
    """The result of an objective whose activations are dense: squared error and penalties."""
    reconstruction = activations @ weights["decoder"] + weights["decoder_bias"]
    loss = squared_error(batch.inputs, reconstruction)
    for penalty in penalties:
        loss = loss + penalty
    left = (batch.inputs - reconstruction).detach()
    return StepResult(loss, left, (activations.detach() > 0).sum(dim=0))


def squared_error(inputs: States, reconstruction: States) -> torch.Tensor:
    """Squared error, summed over the width and averaged over units."""
    return (inputs - reconstruction).square().sum(dim=1).mean()
