"""Sparsity penalties of JumpReLU dictionaries, and the two steps they are made of.

Both steps look at pre-activations, on both sides of the threshold. Looking at activations
instead, which are 0 below it, sees half of the window and halves the gradient.
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
    return (pre - theta).abs() < bandwidth / 2


def jump(pre: Activations, theta: PerFeatureTensor, bandwidth: float) -> Activations:
    """The pre-activations above their thresholds, with straight-through gradients to these.

    df/dz = [z > theta]; df/dtheta := -(theta / eps) [abs(z - theta) < eps / 2].

    Source: Rajamanoharan et al., 2024, arXiv 2407.14435, equations 9 to 11.
    """
    return _Jump.apply(pre, theta, bandwidth)  # type: ignore[no-any-return,no-untyped-call]


def step(pre: Activations, theta: PerFeatureTensor, bandwidth: float) -> Activations:
    """Which are above, as 0 and 1: dH/dz := 0, dH/dtheta := -(1 / eps) [abs(z - theta) < eps / 2].

    Source: as for `jump`.
    """
    return _Step.apply(pre, theta, bandwidth)  # type: ignore[no-any-return,no-untyped-call]


@runtime_checkable
class Penalty(Protocol):
    """What an objective adds for firing much."""

    def __call__(
        self, pre: Activations, theta: PerFeatureTensor, activations: Activations, bandwidth: float
    ) -> torch.Tensor:
        """A scalar, before its coefficient and warm-up.

        Args:
            pre: Pre-activations.
            theta: Thresholds.
            activations: What `jump` makes of them.
            bandwidth: The width of the window around a threshold.
        """


@dataclass(frozen=True, slots=True)
class L0:
    """How many features fire, averaged over units: sum_i w_i, w_i being densities."""

    def __call__(
        self, pre: Activations, theta: PerFeatureTensor, activations: Activations, bandwidth: float
    ) -> torch.Tensor:
        """The mean number of features that fire."""
        return step(pre, theta, bandwidth).sum(dim=1).mean()


@dataclass(frozen=True, slots=True)
class TargetL0:
    """(2 / target) (L0 - target)^2 of each unit, averaged: holds each near the target.

    Source: Gemma Scope 2 technical report, equation 5, with the factor as printed there; at
    1 / (2 target) its slope at twice the target would be that of `L0`.
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

    Like L0 with a coefficient of its own for each feature, 1 + 2 w_i / omega: a feature that
    fires often pays more. Removes features of high density. Batches of 2,048 units or more:
    the square of a batch's density is too large by w (1 - w) / batch.

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
