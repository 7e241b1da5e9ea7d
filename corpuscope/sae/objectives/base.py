"""What an architecture is to the trainer: weights of its own, a loss, and how it ends."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch

from corpuscope.sae.firing import FiringRule
from corpuscope.tensor_shapes import FeatureVectors, PerFeatureTensor, States

_PUBLISHED_STEPS, _HIGHEST_RATE = 244_000, 0.01

Weights = dict[str, torch.Tensor]
"""`encoder`, `decoder` (a row for each feature), `encoder_bias`, `decoder_bias`, and others."""

Memory = dict[str, torch.Tensor]
"""What is carried from step to step beside weights; goes into checkpoints."""


@dataclass(frozen=True, eq=False)
class TrainingBatch:
    """Units to learn from.

    Attributes:
        inputs: Their states, in scaled units; float32.
        step: Which step this is, from 0.
        warmth: How much of the sparsity penalty counts, from 0 to 1.
        products: The number type in which encoder products are computed.
    """

    inputs: States
    step: int
    warmth: float
    products: torch.dtype


@dataclass(frozen=True, eq=False)
class StepResult:
    """What a step came to.

    Attributes:
        loss: What is lowered: squared error summed over the width and averaged over units,
            and whatever the objective adds.
        left: What the reconstruction leaves over, without gradient.
        n_firing: For each feature at how many of the units it fired.
    """

    loss: torch.Tensor
    left: States
    n_firing: torch.Tensor


@dataclass(frozen=True, eq=False)
class Fired:
    """What replaces the encoder and its bias in the learned SAE, and how that fires."""

    encoder: FeatureVectors
    encoder_bias: PerFeatureTensor
    firing: FiringRule


@runtime_checkable
class Objective(Protocol):
    """A way to learn. A new one is a frozen dataclass in a file of its own.

    Attributes:
        betas: Of Adam.
        revives: Whether the trainer adds the loss that revives dead features (AuxK).
    """

    @property
    def betas(self) -> tuple[float, float]:
        """Of Adam."""

    @property
    def revives(self) -> bool:
        """Whether the trainer adds the loss that revives dead features (AuxK)."""

    def learning_rate(self, n_features: int, n_steps: int) -> float:
        """Of Adam at its height, where the recipe names none."""

    def begin(self, weights: Weights, thresholds: PerFeatureTensor | None) -> Weights:
        """Weights beside the two maps and their biases, at their first values.

        Args:
            weights: The maps and biases.
            thresholds: Of the pre-activations, in a dictionary that is gone on with.
        """

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The loss of a batch, with gradient to the weights; may change `memory`."""

    def keep_valid(self, weights: Weights) -> None:
        """After a step, bring its own weights back to where they must be."""

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """How the learned SAE fires at one unit at a time."""


def centred_product(
    weights: Mapping[str, torch.Tensor], batch: TrainingBatch, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """`(inputs - decoder_bias) @ encoder.T + bias`, all of it, in float32 and with gradient."""
    centred = (batch.inputs - weights["decoder_bias"]).to(batch.products)
    pre = (centred @ weights["encoder"].to(batch.products).T).float()
    return pre if bias is None else pre + bias


def rate_for(published: float, n_steps: int) -> float:
    """A learning rate published for a run of 500 million units in batches of 2,048, for this run.

    It grows with the root of how much shorter the run is, up to 0.01. Measured on states of the
    built-in reader, 4,096 features, k = 32: of 0.003, 0.006 and 0.01 the best after 1,000 steps
    is 0.006, which is what the rate that dictionary_learning takes at 244,000 steps becomes; at
    250 steps 0.01 is.
    """
    return min(_HIGHEST_RATE, published * math.sqrt(_PUBLISHED_STEPS / n_steps))


def squared_error(inputs: States, reconstruction: States) -> torch.Tensor:
    """Summed over the width, averaged over units."""
    return (inputs - reconstruction).square().sum(dim=1).mean()
