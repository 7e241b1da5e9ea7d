"""BatchTopK, plain or nested (Matryoshka): the largest of a batch, `k` per unit on average."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from corpuscope.sae.batch_top_k_selection import largest
from corpuscope.sae.firing import Threshold
from corpuscope.sae.objectives.base import (
    Fired,
    Memory,
    NoOwnWeights,
    StepResult,
    TrainingBatch,
    rate_by_width,
    squared_error,
)
from corpuscope.sae.sparse_products import decoded, kept_pre_activations

_THRESHOLD_MEMORY = 0.95
"""Decay of the running inference threshold per step."""


@dataclass(frozen=True, slots=True)
class BatchTopKObjective(NoOwnWeights):
    """The largest positive pre-activations of the batch fire, `k` per unit on average.

    The trained SAE has one threshold for all features: the running mean of the smallest value
    kept in a batch.

    Attributes:
        k: Active features per unit, on average.
        prefixes: Sizes of the coarse levels of a nested dictionary; the loss is the mean of the
            reconstruction errors of all levels and of the whole.

    Source: Bussmann, Leask, Nanda, 2024, arXiv 2412.06410; nested: Bussmann et al., 2025,
    arXiv 2503.17547.
    """

    k: float
    prefixes: tuple[int, ...] = ()

    betas = (0.9, 0.999)
    revives = True

    def learning_rate(self, n_features: int, n_steps: int) -> float:
        """dictionary_learning's rate for this number of features, adapted to the run's length."""
        return rate_by_width(n_features, n_steps)

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The squared error, averaged over the levels."""
        n_kept = max(1, round(self.k * len(batch.inputs)))
        with torch.no_grad():
            chosen = largest(
                (batch.inputs - weights["decoder_bias"]).to(batch.products),
                weights["encoder"].to(batch.products),
                weights["encoder_bias"],
                n_kept,
                cut=float(memory["cut"]) if "cut" in memory else None,
            )
        memory["cut"] = torch.tensor(chosen.cut, dtype=torch.float64)
        _remember_smallest(memory, chosen.values)
        kept = kept_pre_activations(
            chosen.values, chosen.entries, batch.inputs,
            weights["encoder"], weights["encoder_bias"], weights["decoder_bias"],
        )  # fmt: skip
        ends = sorted({*self.prefixes, chosen.entries.n_features})
        levels = decoded(kept, chosen.entries, weights["decoder"], ends)
        losses, reconstruction = [], weights["decoder_bias"].expand_as(batch.inputs)
        # Levels are cumulative: each adds its features to the reconstruction of those before.
        for level in levels:
            reconstruction = reconstruction + level
            losses.append(squared_error(batch.inputs, reconstruction))
        left = (batch.inputs - reconstruction).detach()
        return StepResult(torch.stack(losses).mean(), left, chosen.entries.n_firing)

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """One threshold for all features."""
        theta = torch.full_like(weights["encoder_bias"], float(memory["threshold"]))
        return Fired(weights["encoder"], weights["encoder_bias"], Threshold(theta))


def _remember_smallest(memory: Memory, values: torch.Tensor) -> None:
    if not len(values):
        return
    # The smallest kept value is the effective threshold of the batch.
    smallest = values.min().double().cpu()
    before = memory.get("threshold", smallest)
    memory["threshold"] = _THRESHOLD_MEMORY * before + (1 - _THRESHOLD_MEMORY) * smallest
