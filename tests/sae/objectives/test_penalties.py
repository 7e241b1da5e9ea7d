"""Penalties counted by hand, and straight-through slopes entry by entry."""

import math
from collections.abc import Callable

import pytest
import torch

from corpuscope.sae.objectives.penalties import (
    L0,
    Penalty,
    QuadraticFrequency,
    Tanh,
    TargetL0,
    jump,
    step,
)

N_UNITS, N_FEATURES, BANDWIDTH = 17, 6, 0.5


def some(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def world(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Pre-activations of which many are near their thresholds, and the thresholds."""
    theta = some(N_FEATURES, seed=seed).abs()
    return theta + some(N_UNITS, N_FEATURES, seed=seed + 1) / 2, theta


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("is_jump", [True, False], ids=["jump", "step"])
def test_values_and_slopes_are_those_of_the_formulas(is_jump: bool, seed: int) -> None:
    pre, theta = (one.requires_grad_() for one in world(seed))
    given = some(N_UNITS, N_FEATURES, seed=seed + 5)
    found = (jump if is_jump else step)(pre, theta, BANDWIDTH)
    (found * given).sum().backward()
    of_theta = [0.0] * N_FEATURES
    n_near = 0
    for unit in range(N_UNITS):
        for feature in range(N_FEATURES):
            z, t = pre[unit, feature].item(), theta[feature].item()
            slope, value = given[unit, feature].item(), found[unit, feature].item()
            is_above, is_near = z > t, abs(z - t) < BANDWIDTH / 2
            n_near += is_near
            assert value == pytest.approx((z if is_jump else 1.0) if is_above else 0.0)
            of_theta[feature] -= slope * is_near * (t if is_jump else 1.0) / BANDWIDTH
            if is_jump:
                assert pre.grad is not None
                assert pre.grad[unit, feature].item() == pytest.approx(slope * is_above)
    assert 20 < n_near < N_UNITS * N_FEATURES
    assert theta.grad is not None
    assert theta.grad.tolist() == pytest.approx(of_theta, abs=1e-4)
    assert is_jump or pre.grad is None


def test_a_value_at_its_threshold_does_not_fire_and_the_window_has_no_edges() -> None:
    theta = torch.full((4,), 1.0, requires_grad=True)
    pre = torch.tensor([[1.0, 1.25, 0.75, 1.125]])
    assert jump(pre, theta, 0.5).tolist() == [[0.0, 1.25, 0.0, 1.125]]
    assert step(pre, theta, 0.5).tolist() == [[0.0, 1.0, 0.0, 1.0]]
    step(pre, theta, 0.5).sum().backward()
    assert theta.grad is not None
    assert theta.grad.tolist() == [-2.0, 0.0, 0.0, -2.0]


def counted(pre: torch.Tensor, theta: torch.Tensor) -> list[list[bool]]:
    """Which features fire at which units."""
    return [[z > t for z, t in zip(own, theta.tolist(), strict=True)] for own in pre.tolist()]


def l0(pre: torch.Tensor, theta: torch.Tensor) -> float:
    return sum(map(sum, counted(pre, theta))) / N_UNITS


def target_l0(pre: torch.Tensor, theta: torch.Tensor) -> float:
    off = [sum(own) - 2.5 for own in counted(pre, theta)]
    return sum(2 / 2.5 * one * one for one in off) / N_UNITS


def quadratic(pre: torch.Tensor, theta: torch.Tensor) -> float:
    shares = [sum(own) / N_UNITS for own in zip(*counted(pre, theta), strict=True)]
    return sum(share + share**2 / 0.1 for share in shares)


def tanh(pre: torch.Tensor, theta: torch.Tensor) -> float:
    return sum(
        math.tanh(4 * z)
        for own, fires in zip(pre.tolist(), counted(pre, theta), strict=True)
        for z, is_on in zip(own, fires, strict=True)
        if is_on
    ) / N_UNITS  # fmt: skip


CASES: list[tuple[Penalty, Callable[[torch.Tensor, torch.Tensor], float]]] = [
    (L0(), l0),
    (TargetL0(2.5), target_l0),
    (QuadraticFrequency(), quadratic),
    (Tanh(), tanh),
]


@pytest.mark.parametrize(("penalty", "expected"), CASES, ids=["l0", "target", "quadratic", "tanh"])
@pytest.mark.parametrize("seed", range(3))
def test_penalties_are_as_counted(
    penalty: Penalty, expected: Callable[[torch.Tensor, torch.Tensor], float], seed: int
) -> None:
    pre, theta = world(seed)
    found = penalty(pre, theta, jump(pre, theta, BANDWIDTH), BANDWIDTH)
    assert found.ndim == 0
    assert found.item() == pytest.approx(expected(pre, theta), rel=1e-5)


@pytest.mark.parametrize("penalty", [L0(), QuadraticFrequency(), Tanh()])
def test_nothing_that_fires_costs_nothing(penalty: Penalty) -> None:
    pre, theta = torch.zeros(3, 4), torch.ones(4)
    assert penalty(pre, theta, torch.zeros(3, 4), BANDWIDTH).item() == 0.0


def test_the_target_is_the_cheapest_number_of_features() -> None:
    theta = torch.full((6,), 0.5)
    costs = []
    for n in range(7):
        pre = (torch.arange(6) < n).float()[None]
        costs.append(TargetL0(2)(pre, theta, pre, BANDWIDTH).item())
    assert costs == pytest.approx([float((n - 2) ** 2) for n in range(7)])


def test_frequent_features_pay_more_than_their_share() -> None:
    """Ten features of one unit in a hundred cost less than one feature of ten."""
    often, rarely = torch.zeros(100, 10), torch.zeros(100, 10)
    often[:10, 0] = 1.0
    rarely[0] = 1.0
    theta = torch.full((10,), 0.5)
    costs = [QuadraticFrequency()(pre, theta, pre, BANDWIDTH).item() for pre in (often, rarely)]
    assert costs == pytest.approx([0.1 * (1 + 1), 10 * 0.01 * (1 + 0.1)])
    assert L0()(often, theta, often, BANDWIDTH) == L0()(rarely, theta, rarely, BANDWIDTH)


@pytest.mark.parametrize("penalty", [L0(), TargetL0(0.5), QuadraticFrequency()])
def test_penalties_that_count_raise_thresholds_and_leave_other_weights_alone(
    penalty: Penalty,
) -> None:
    pre, theta = (one.requires_grad_() for one in world())
    penalty(pre, theta, jump(pre, theta, BANDWIDTH), BANDWIDTH).backward()
    assert theta.grad is not None
    assert (theta.grad < 0).all()
    assert pre.grad is None or not pre.grad.any()
