"""The loss of dead features against dense products in double precision."""

from collections.abc import Mapping

import pytest
import torch

from corpuscope.sae.revival import revival_loss

WIDTH, N_FEATURES, N_UNITS = 12, 30, 20


def weights_of(seed: int = 0, dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = {"encoder": (N_FEATURES, WIDTH), "decoder": (N_FEATURES, WIDTH),
              "encoder_bias": (N_FEATURES,)}  # fmt: skip
    return {
        name: torch.randn(shape, generator=generator).to(dtype) for name, shape in shapes.items()
    }


def states_of(seed: int, width: int = WIDTH) -> torch.Tensor:
    return torch.randn(N_UNITS, width, generator=torch.Generator().manual_seed(seed))


def dead_of(*features: int) -> torch.Tensor:
    found = torch.zeros(N_FEATURES, dtype=torch.bool)
    found[list(features)] = True
    return found


def plainly(
    weights: Mapping[str, torch.Tensor],
    centred: torch.Tensor,
    left: torch.Tensor,
    dead: torch.Tensor,
    k: int,
) -> torch.Tensor:
    """The same with all activations in memory, unit by unit."""
    pre = centred @ weights["encoder"].T + weights["encoder_bias"]
    error = torch.zeros((), dtype=centred.dtype)
    for own, wanted in zip(pre, left, strict=True):
        ranked = [i for i in own.detach().argsort(descending=True).tolist() if dead[i]]
        guess = torch.zeros(centred.shape[1], dtype=centred.dtype)
        for feature in ranked[:k]:
            guess = guess + torch.relu(own[feature]) * weights["decoder"][feature]
        error = error + (wanted - guess).square().sum()
    return error / (left - left.mean(dim=0)).square().sum()


@pytest.mark.parametrize(
    ("dead", "k"),
    [(dead_of(*range(0, 30, 2)), 8), (dead_of(*range(30)), 8), (dead_of(4), 1),
     (dead_of(3, 9, 20), 3)],
    ids=["half", "all", "one", "three"],
)  # fmt: skip
@pytest.mark.parametrize("seed", [0, 1])
def test_loss_and_slopes_are_those_of_dense_products(dead: torch.Tensor, k: int, seed: int) -> None:
    """Half the width is 6; the power of two nearest to it is 8 on the scale of logarithms."""
    centred, left = states_of(seed + 5), states_of(seed + 6)
    weights = {name: one.requires_grad_() for name, one in weights_of(seed).items()}
    exact = {name: one.detach().double().requires_grad_() for name, one in weights.items()}
    loss = revival_loss(weights, centred, left, dead)
    expected = plainly(exact, centred.double(), left.double(), dead, k)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    loss.backward()
    expected.backward()
    for name, one in weights.items():
        assert one.grad is not None
        torch.testing.assert_close(one.grad.double(), exact[name].grad, rtol=1e-4, atol=1e-5)
        # Features that are alive are left alone.
        assert not one.grad[~dead].any()


@pytest.mark.parametrize(("width", "k"), [(1, 1), (2, 1), (4, 2), (8, 4), (10, 4), (16, 8)])
def test_as_many_features_are_used_as_half_the_width(width: int, k: int) -> None:
    n = 20
    weights = {"encoder": torch.zeros(n, width), "decoder": torch.eye(n, width) + 1.0,
               "encoder_bias": torch.ones(n)}  # fmt: skip
    decoder = weights["decoder"].requires_grad_()
    left = states_of(0, width)
    every = torch.ones(n, dtype=torch.bool)
    revival_loss(weights, torch.zeros(N_UNITS, width), left, every).backward()
    assert decoder.grad is not None
    assert int((decoder.grad != 0).any(dim=1).sum()) == k


def test_a_residual_that_dead_features_are_is_explained_whole() -> None:
    weights = {"encoder": torch.eye(WIDTH), "decoder": torch.eye(WIDTH),
               "encoder_bias": torch.zeros(WIDTH)}  # fmt: skip
    left = torch.zeros(N_UNITS, WIDTH)
    left[:, 2] = torch.arange(N_UNITS) / 4
    dead = torch.ones(WIDTH, dtype=torch.bool)
    assert float(revival_loss(weights, left, left, dead)) == pytest.approx(0.0, abs=1e-9)


def test_silent_features_explain_no_more_than_the_mean_does() -> None:
    weights = weights_of() | {"encoder_bias": torch.full((N_FEATURES,), -1e3)}
    left = states_of(8)
    left -= left.mean(dim=0)
    loss = revival_loss(weights, states_of(7), left, dead_of(1, 2))
    assert float(loss) == pytest.approx(1.0)


def test_a_residual_without_variance_is_no_division_by_zero() -> None:
    weights = weights_of() | {"encoder_bias": torch.full((N_FEATURES,), -1e3)}
    loss = revival_loss(weights, states_of(7), torch.zeros(N_UNITS, WIDTH), dead_of(1, 2))
    assert float(loss) == 0.0
