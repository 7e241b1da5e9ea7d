"""TopK SAE: the `k` largest pre-activations of each unit fire."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from corpuscope.sae.firing import TopK
from corpuscope.sae.objectives.base import (
    Fired,
    Memory,
    NoOwnWeights,
    StepResult,
    TrainingBatch,
    rate_by_width,
    squared_error,
)
from corpuscope.sae.sparse_products import Entries, decoded, kept_pre_activations
from corpuscope.workers import side_by_side

_UNITS = 256
"""Units per block on a CPU."""


@dataclass(frozen=True, slots=True)
class TopKObjective(NoOwnWeights):
    """The `k` largest positive pre-activations of each unit fire.

    Attributes:
        k: Active features per unit.

    Source: Gao et al., 2024, arXiv 2406.04093.
    """

    k: int

    betas = (0.9, 0.999)
    revives = True

    def learning_rate(self, n_features: int, n_steps: int) -> float:
        """dictionary_learning's rate for this number of features, adapted to the run's length."""
        return rate_by_width(n_features, n_steps)

    def learn(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch, memory: Memory
    ) -> StepResult:
        """The squared error."""
        with torch.no_grad():
            entries, values = self._chosen(weights, batch)
        kept = kept_pre_activations(
            values, entries, batch.inputs,
            weights["encoder"], weights["encoder_bias"], weights["decoder_bias"],
        )  # fmt: skip
        (level,) = decoded(kept, entries, weights["decoder"], [entries.n_features])
        reconstruction = level + weights["decoder_bias"]
        loss = squared_error(batch.inputs, reconstruction)
        return StepResult(loss, (batch.inputs - reconstruction).detach(), entries.n_firing)

    def end(self, weights: Mapping[str, torch.Tensor], memory: Memory) -> Fired:
        """The encoder as trained, with TopK."""
        return Fired(weights["encoder"], weights["encoder_bias"], TopK(self.k))

    def _chosen(
        self, weights: Mapping[str, torch.Tensor], batch: TrainingBatch
    ) -> tuple[Entries, torch.Tensor]:
        encoder = weights["encoder"].to(batch.products)
        centred = (batch.inputs - weights["decoder_bias"]).to(batch.products)
        n_features, n_units = len(encoder), len(centred)
        block = _UNITS if centred.device.type == "cpu" else n_units
        k = min(self.k, n_features)

        def found(first: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            pre = (centred[first : first + block] @ encoder.T).float() + weights["encoder_bias"]
            values, features = pre.topk(k, dim=1, sorted=False)
            units = torch.arange(first, first + len(pre), device=pre.device)[:, None]
            counts = values > 0
            return features[counts], units.expand_as(features)[counts], values[counts]

        parts = side_by_side(found, range(0, n_units, block), device=centred.device)
        features, units, values = (torch.cat(each) for each in zip(*parts, strict=True))
        # `Entries` must be sorted by feature.
        order = torch.argsort(features, stable=True)
        return Entries(features[order], units[order], n_features, n_units), values[order]
