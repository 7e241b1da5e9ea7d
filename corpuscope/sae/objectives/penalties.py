"""Sparsity penalties of JumpReLU SAEs, and the two discontinuous functions they are made of.

Straight-through gradients use pre-activations, on both sides of the threshold. Activations, which
are 0 below it, would show only half of the window and halve the gradient.
"""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch

from corpuscope.tensor_shapes import Activations, PerFeatureTensor


class _Jump(torch.autograd.Function):
    """z where z > theta, else 0."""

    @staticmethod
    def forward(ctx: Any, pre: torch.Tensor, theta: torch.Tensor, bandwidth: float) -> torch.Tensor:
        ctx.save_for_backward(pre, theta)
        ctx.bandwidth = bandwidth
        return pre * (pre > theta)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        (gradient,) = gradients
        pre, theta = ctx.saved_tensors
        near = gradient * _window(pre, theta, ctx.bandwidth)
        return gradient * (pre > theta), -(theta / ctx.bandwidth) * near.sum(dim=0), None


class _Step(torch.autograd.Function):
    """1 where z > theta, else 0; gradient to the threshold only."""

    @staticmethod
    def forward(ctx: Any, pre: torch.Tensor, theta: torch.Tensor, bandwidth: float) -> torch.Tensor:
        ctx.save_for_backward(pre, theta)
        ctx.bandwidth = bandwidth
        return (pre > theta).to(pre.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        (gradient,) = gradients
        pre, theta = ctx.saved_tensors
        near = gradient * _window(pre, theta, ctx.bandwidth)
        return None, -near.sum(dim=0) / ctx.bandwidth, None


def _window(pre: torch.Tensor, theta: torch.Tensor, bandwidth: float) -> torch.Tensor:
    # The rectangle kernel: 1 within half a bandwidth of the threshold.
    return (pre - theta).abs() < bandwidth / 2


def jump(pre: Activations, theta: PerFeatureTensor, bandwidth: float) -> Activations:
    """The pre-activations above their thresholds, with straight-through gradients for thresholds.

    df/dz = [z > theta]; df/dtheta := -(theta / eps) [abs(z - theta) < eps / 2].

    Source: Rajamanoharan et al., 2024, arXiv 2407.14435, equations 9 to 11.
    """
    return _Jump.apply(pre, theta, bandwidth)  # type: ignore[no-any-return,no-untyped-call]


def step(pre: Activations, theta: PerFeatureTensor, bandwidth: float) -> Activations:
    """Whether above threshold, 0 or 1: dH/dz := 0, dH/dtheta := -[abs(z - theta) < eps / 2] / eps.

    Source: as for `jump`.
    """
    return _Step.apply(pre, theta, bandwidth)  # type: ignore[no-any-return,no-untyped-call]


@runtime_checkable
class Penalty(Protocol):
    """A sparsity penalty."""

    def __call__(
        self, pre: Activations, theta: PerFeatureTensor, activations: Activations, bandwidth: float
    ) -> torch.Tensor:
        """A scalar, before its coefficient and warm-up.

        Args:
            pre: Pre-activations.
            theta: Thresholds.
            activations: The result of `jump`.
            bandwidth: Width of the window around a threshold.
        """


@dataclass(frozen=True, slots=True)
class L0:
    """The mean number of active features per unit: sum_i w_i, w_i being densities."""

    def __call__(
        self, pre: Activations, theta: PerFeatureTensor, activations: Activations, bandwidth: float
    ) -> torch.Tensor:
        """The mean number of active features."""
        return step(pre, theta, bandwidth).sum(dim=1).mean()


@dataclass(frozen=True, slots=True)
class TargetL0:
    """(2 / target) (L0 - target)^2 of each unit, averaged: keeps the L0 of each near the target.

    Source: Gemma Scope 2 technical report, equation 5, with the factor as printed there; with
    1 / (2 target) its gradient at twice the target would equal that of `L0`.
    """

    target: float

    def __call__(
        self, pre: Activations, theta: PerFeatureTensor, activations: Activations, bandwidth: float
    ) -> torch.Tensor:
        """The mean over units."""
        off = step(pre, theta, bandwidth).sum(dim=1) - self.target
        return 2 / self.target * off.square().mean()


@dataclass(frozen=True, slots=True)
class QuadraticFrequency:
    """sum_i w_i (1 + w_i / omega), w_i being densities over the batch.

    Its gradient is that of L0 with a coefficient per feature, 1 + 2 w_i / omega, so frequent
    features pay more; it removes dense features. Use batches of 2,048 units or more: the squared
    density of a batch is biased upwards by w (1 - w) / batch.

    Attributes:
        omega: The density at which the two terms are equal.

    Source: Smith et al., 2025, "Negative results for SAEs on downstream tasks".
    """

    omega: float = 0.1

    def __call__(
        self, pre: Activations, theta: PerFeatureTensor, activations: Activations, bandwidth: float
    ) -> torch.Tensor:
        """Summed over features."""
        densities = step(pre, theta, bandwidth).mean(dim=0)
        return (densities * (1 + densities / self.omega)).sum()


@dataclass(frozen=True, slots=True)
class Tanh:
    """sum_i tanh(scale f_i), averaged over units, with gradient to all weights.

    Source: Anthropic interpretability team, January 2025 update on dictionary learning.
    """

    scale: float = 4.0

    def __call__(
        self, pre: Activations, theta: PerFeatureTensor, activations: Activations, bandwidth: float
    ) -> torch.Tensor:
        """The mean over units."""
        return torch.tanh(self.scale * activations).sum(dim=1).mean()
