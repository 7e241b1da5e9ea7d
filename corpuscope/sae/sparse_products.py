"""The few pre-activations of a batch that count, and products that touch only these.

Of a batch of 2,048 units and a dictionary of 16,384 features, 33 million pre-activations are
computed and perhaps 65,000 kept; no other has an effect on the reconstruction or carries
gradient. All sums over the kept ones are bags of embeddings, by far the fastest of torch's sums
over rows that are picked here and there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from corpuscope.tensor_shapes import FeatureVectors, PerFeatureTensor, States, Vector


@dataclass(frozen=True, eq=False)
class Entries:
    """Which feature counts at which unit, by feature and then by unit.

    Attributes:
        features: The feature of each entry, ascending.
        units: Its unit.
        n_features: How many features there are.
        n_units: How many units there are.
    """

    features: torch.Tensor
    units: torch.Tensor
    n_features: int
    n_units: int

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.features)

    @cached_property
    def feature_offsets(self) -> torch.Tensor:
        """Where the entries of each feature begin."""
        return _starts(self.features, self.n_features)

    @property
    def n_firing(self) -> torch.Tensor:
        """For each feature at how many units it counts."""
        return torch.bincount(self.features, minlength=self.n_features)


def kept_pre_activations(
    values: torch.Tensor,
    entries: Entries,
    states: States,
    encoder: FeatureVectors,
    encoder_bias: PerFeatureTensor,
    decoder_bias: Vector,
) -> torch.Tensor:
    """`(states - decoder_bias) @ encoder.T + encoder_bias` at the entries, as known already.

    Args:
        values: What the product is there, without gradient.
        entries: Where.
        states: In scaled units; no gradient goes there.
        encoder: One row a feature.
        encoder_bias: Of the product.
        decoder_bias: Taken off the states.
    """
    return _Kept.apply(  # type: ignore[no-any-return,no-untyped-call]
        values, entries, states, encoder, encoder_bias, decoder_bias
    )


class _Kept(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        values: torch.Tensor,
        entries: Entries,
        states: torch.Tensor,
        encoder: torch.Tensor,
        _encoder_bias: torch.Tensor,
        decoder_bias: torch.Tensor,
    ) -> torch.Tensor:
        ctx.save_for_backward(states, encoder, decoder_bias)
        ctx.entries = entries
        return values.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        (gradient,) = gradients
        states, encoder, decoder_bias = ctx.saved_tensors
        entries: Entries = ctx.entries
        bias = torch.zeros(entries.n_features, device=gradient.device, dtype=gradient.dtype)
        bias.index_add_(0, entries.features, gradient)
        # The states are centred here by linearity, so that no centred copy need be kept.
        rows = _bags(states, entries.units, entries.feature_offsets, gradient)
        rows.addr_(bias, decoder_bias, alpha=-1)
        return None, None, None, rows, bias, -(bias @ encoder)


def decoded(
    values: torch.Tensor, entries: Entries, decoder: FeatureVectors, ends: Sequence[int]
) -> tuple[States, ...]:
    """`activations @ decoder` for each level of features, activations being `values` at entries.

    Args:
        values: At the entries.
        entries: Where activations are not 0.
        decoder: One row a feature.
        ends: The feature after the last of each level, ascending; the last ends them all.
    """
    bounds = torch.tensor([0, *ends], device=entries.features.device)
    places = torch.searchsorted(entries.features, bounds).tolist()
    levels = [
        _Level(first, end, slice(start, stop))
        for first, end, start, stop in zip([0, *ends], ends, places, places[1:], strict=False)
    ]
    plain = [_level_of(values, entries, decoder.detach(), level) for level in levels]
    return _ToDecoder.apply(  # type: ignore[no-any-return,no-untyped-call]
        decoder, values.detach(), entries, levels, *plain
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """Features from `first` up to `end`, and where their entries stand."""

    first: int
    end: int
    here: slice


def _level_of(
    values: torch.Tensor, entries: Entries, decoder: torch.Tensor, level: _Level
) -> torch.Tensor:
    units = entries.units[level.here]
    order = torch.argsort(units, stable=True)
    offsets = _starts(units[order], entries.n_units)
    return _bags(decoder, entries.features[level.here][order], offsets, values[level.here][order])


class _ToDecoder(torch.autograd.Function):
    """Hands reconstructions on; backward adds what the decoder gets, all levels in one go."""

    @staticmethod
    def forward(
        ctx: Any,
        _decoder: torch.Tensor,
        values: torch.Tensor,
        entries: Entries,
        levels: list[_Level],
        *reconstructions: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        ctx.save_for_backward(values)
        ctx.entries, ctx.levels = entries, levels
        return tuple(each.view_as(each) for each in reconstructions)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        if not ctx.needs_input_grad[0]:
            return None, None, None, None, *gradients
        (values,) = ctx.saved_tensors
        entries: Entries = ctx.entries
        offsets = entries.feature_offsets
        rows = []
        for level, gradient in zip(ctx.levels, gradients, strict=True):
            starts = offsets[level.first : level.end] - level.here.start
            units = entries.units[level.here]
            rows.append(_bags(gradient.contiguous(), units, starts, values[level.here]))
        return torch.cat(rows) if len(rows) > 1 else rows[0], None, None, None, *gradients


def _bags(
    rows: torch.Tensor, which: torch.Tensor, offsets: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """For each bag the weighted sum of its rows."""
    return torch.nn.functional.embedding_bag(
        which, rows, offsets, mode="sum", per_sample_weights=weights
    )


def _starts(ascending: torch.Tensor, n: int) -> torch.Tensor:
    return torch.searchsorted(ascending, torch.arange(n, device=ascending.device))
