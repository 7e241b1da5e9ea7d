"""Differentiable products that touch only the active entries of a batch.

For 2,048 units and 16,384 features, 33 million pre-activations are computed and perhaps 65,000
kept; only these affect the reconstruction or carry gradient. Sums over kept entries use
`embedding_bag`, by far torch's fastest weighted sum over gathered rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from corpuscope.tensor_shapes import FeatureVectors, PerFeatureTensor, States, Vector


@dataclass(frozen=True, eq=False)
class Entries:
    """Positions of the active entries of a units x features matrix, sorted by feature.

    Attributes:
        features: The feature of each entry, ascending.
        units: The unit of each entry, ascending within a feature.
        n_features: How many features there are.
        n_units: How many units there are.
    """

    features: torch.Tensor
    units: torch.Tensor
    n_features: int
    n_units: int

    def __len__(self) -> int:
        """The number of entries."""
        return len(self.features)

    @cached_property
    def feature_offsets(self) -> torch.Tensor:
        """Index of the first entry of each feature."""
        return _starts(self.features, self.n_features)

    @property
    def n_firing(self) -> torch.Tensor:
        """The number of entries of each feature."""
        return torch.bincount(self.features, minlength=self.n_features)


def kept_pre_activations(
    values: torch.Tensor,
    entries: Entries,
    states: States,
    encoder: FeatureVectors,
    encoder_bias: PerFeatureTensor,
    decoder_bias: Vector,
) -> torch.Tensor:
    """`(states - decoder_bias) @ encoder.T + encoder_bias` at the entries, with gradient.

    The forward pass returns the known values; only the backward pass computes anything.

    Args:
        values: The product at the entries, detached.
        entries: Where.
        states: In scaled units; they get no gradient.
        encoder: One row per feature.
        encoder_bias: Added to the product.
        decoder_bias: Subtracted from the states.
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
        # Gradients of W_enc[f] and b_enc[f] sum over the entries of feature f.
        bias = torch.zeros(entries.n_features, device=gradient.device, dtype=gradient.dtype)
        bias.index_add_(0, entries.features, gradient)
        # Centring is applied to the sums, by linearity, so no centred copy of states is needed.
        rows = _bags(states, entries.units, entries.feature_offsets, gradient)
        rows.addr_(bias, decoder_bias, alpha=-1)
        return None, None, None, rows, bias, -(bias @ encoder)


def decoded(
    values: torch.Tensor, entries: Entries, decoder: FeatureVectors, ends: Sequence[int]
) -> tuple[States, ...]:
    """`activations @ decoder` for each level (range of features), with gradient.

    Args:
        values: The activations at the entries.
        entries: Where activations are not 0.
        decoder: One row per feature.
        ends: One past the last feature of each level, ascending; levels are disjoint and cover
            all features.
    """
    bounds = torch.tensor([0, *ends], device=entries.features.device)
    # Entries are sorted by feature, so each level is a contiguous slice of them.
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
    """Features from `first` up to `end`, and the slice of their entries."""

    first: int
    end: int
    here: slice


def _level_of(
    values: torch.Tensor, entries: Entries, decoder: torch.Tensor, level: _Level
) -> torch.Tensor:
    units = entries.units[level.here]
    # Bags are units here, while entries are sorted by feature.
    order = torch.argsort(units, stable=True)
    offsets = _starts(units[order], entries.n_units)
    return _bags(decoder, entries.features[level.here][order], offsets, values[level.here][order])


class _ToDecoder(torch.autograd.Function):
    """Identity on the reconstructions; backward adds the decoder's gradient, for all levels."""

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
        # d loss / d W_dec[f] sums value * d loss / d reconstruction over the entries of f.
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
    """For each bag (offsets into `which`) the weighted sum of its rows."""
    return torch.nn.functional.embedding_bag(
        which, rows, offsets, mode="sum", per_sample_weights=weights
    )


def _starts(ascending: torch.Tensor, n: int) -> torch.Tensor:
    return torch.searchsorted(ascending, torch.arange(n, device=ascending.device))
