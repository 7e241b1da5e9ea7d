"""What objectives share: the dense product, the squared error, and rates for runs of any length."""

import math

import pytest
import torch

from corpuscope.sae.objectives import (
    NAMES,
    Objective,
    StepResult,
    TrainingBatch,
    Weights,
    objective_named,
)
from corpuscope.sae.objectives.base import (
    NoOwnWeights,
    centred_product,
    decoded_densely,
    rate_by_width,
    rate_for,
    squared_error,
)
from corpuscope.sae.objectives.named import sparsity_of

N_UNITS, WIDTH, N_FEATURES = 13, 5, 8


def some(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def weights() -> Weights:
    return {
        "encoder": some(N_FEATURES, WIDTH, seed=1),
        "decoder": some(N_FEATURES, WIDTH, seed=2),
        "encoder_bias": some(N_FEATURES, seed=3),
        "decoder_bias": some(WIDTH, seed=4),
    }


def batch(products: torch.dtype = torch.float32) -> TrainingBatch:
    return TrainingBatch(some(N_UNITS, WIDTH, seed=5), 0, 1.0, products)


def test_the_product_is_that_of_each_unit_and_feature() -> None:
    given, inputs = weights(), batch().inputs
    found = centred_product(given, batch())
    for unit in range(N_UNITS):
        for feature in range(N_FEATURES):
            expected = sum(
                float(inputs[unit, i] - given["decoder_bias"][i])
                * float(given["encoder"][feature, i])
                for i in range(WIDTH)
            )
            assert found[unit, feature].item() == pytest.approx(expected, abs=1e-5)
    torch.testing.assert_close(
        centred_product(given, batch(), given["encoder_bias"]), found + given["encoder_bias"]
    )


def test_a_product_in_half_precision_is_float32_again_and_near() -> None:
    exact = centred_product(weights(), batch())
    found = centred_product(weights(), batch(torch.bfloat16))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, exact, rtol=0.02, atol=0.1)
    assert not torch.equal(found, exact)


def test_the_product_passes_gradients_to_all_that_it_is_made_of() -> None:
    given = {name: one.requires_grad_() for name, one in weights().items()}
    centred_product(given, batch(), given["encoder_bias"]).sum().backward()
    for name in ("encoder", "encoder_bias", "decoder_bias"):
        assert given[name].grad is not None
    expected = -N_UNITS * given["encoder"].detach().sum(dim=0)
    torch.testing.assert_close(given["decoder_bias"].grad, expected)


def test_the_squared_error_is_summed_over_the_width_and_averaged_over_units() -> None:
    inputs, guess = some(N_UNITS, WIDTH, seed=6), some(N_UNITS, WIDTH, seed=7)
    pairs = zip(inputs.tolist(), guess.tolist(), strict=True)
    expected = sum(math.dist(one, other) ** 2 for one, other in pairs) / N_UNITS
    assert squared_error(inputs, guess).item() == pytest.approx(expected, rel=1e-5)
    assert squared_error(inputs, inputs).item() == 0.0


@pytest.mark.parametrize("penalties", [[], [0.5], [0.25, 2.0, 0.0]])
def test_dense_activations_are_decoded_with_their_penalties(penalties: list[float]) -> None:
    given = {name: one.requires_grad_() for name, one in weights().items()}
    activations = some(N_UNITS, N_FEATURES, seed=8).relu().requires_grad_()
    tensors = [torch.tensor(one) for one in penalties]
    found: StepResult = decoded_densely(given, batch(), activations, tensors)
    guess = activations @ given["decoder"] + given["decoder_bias"]
    expected = squared_error(batch().inputs, guess) + sum(penalties)
    torch.testing.assert_close(found.loss, expected)
    torch.testing.assert_close(found.left, batch().inputs - guess)
    assert not found.left.requires_grad
    assert found.n_firing.tolist() == (activations > 0).sum(dim=0).tolist()
    found.loss.backward()
    assert activations.grad is not None


@pytest.mark.parametrize("published", [1e-4, 2e-4, 3e-4])
def test_rates_grow_with_the_root_of_how_much_shorter_a_run_is(published: float) -> None:
    assert rate_for(published, 244_000) == pytest.approx(published)
    assert rate_for(published, 61_000) == pytest.approx(2 * published)
    assert rate_for(published, 2_440_000) == pytest.approx(published / math.sqrt(10))
    assert rate_for(published, 1) == 0.01


@pytest.mark.parametrize(
    ("n_features", "n_steps", "expected"),
    [(4096, 1000, 0.00625), (4096, 250, 0.01), (2**14, 244_000, 2e-4), (2**16, 244_000, 1e-4)],
)
def test_wider_dictionaries_learn_more_slowly(
    n_features: int, n_steps: int, expected: float
) -> None:
    assert rate_by_width(n_features, n_steps) == pytest.approx(expected, rel=1e-3)


def test_an_objective_without_weights_of_its_own_changes_none() -> None:
    given = weights()
    before = {name: one.clone() for name, one in given.items()}
    assert NoOwnWeights().begin(given, torch.ones(N_FEATURES)) == {}
    NoOwnWeights().keep_valid(given)
    assert given.keys() == before.keys()
    assert all(torch.equal(given[name], before[name]) for name in before)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("thresholds", [None, torch.linspace(0.1, 0.8, N_FEATURES)])
def test_an_objective_goes_on_with_the_thresholds_it_is_given(
    name: str, thresholds: torch.Tensor | None
) -> None:
    """Where it has thresholds of its own, it fires at first where they are passed."""
    objective = objective_named(name, n_features=N_FEATURES, **sparsity_of(name, 2.0))
    assert isinstance(objective, Objective)
    given = weights()
    own = objective.begin(given, thresholds)
    assert not own.keys() & given.keys()
    if not own or thresholds is None:
        return
    fired = objective.end(given | own, {})
    pre = some(200, N_FEATURES, seed=9)
    expected = (pre > thresholds) & (pre > 0)
    assert ((fired.firing(pre) > 0) == expected).float().mean() > 0.999
    torch.testing.assert_close(fired.encoder, given["encoder"])
