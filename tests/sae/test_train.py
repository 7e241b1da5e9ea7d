"""Learning: right gradients, planted features recovered, dead ones revived, clear refusals."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae import SAE, BatchTopK, Threshold
from corpuscope.sae.train import (
    Recipe,
    StepReport,
    _KeptPreActivations,
    _largest,
    _nested_loss,
    _start,
    train,
)

WIDTH = 16


def planted_states(n: int, *, n_true: int = 24, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """States that are sums of few true directions, and those directions."""
    generator = torch.Generator().manual_seed(seed)
    truth = torch.randn(n_true, WIDTH, generator=generator)
    truth = truth / truth.norm(dim=1, keepdim=True)
    fires = torch.rand(n, n_true, generator=generator) < 0.08
    strength = 1 + torch.rand(n, n_true, generator=generator)
    return (fires * strength) @ truth, truth


def batches(states: torch.Tensor, size: int) -> Iterator[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    while True:
        for chosen in torch.randperm(len(states), generator=generator).split(size):
            if len(chosen) == size:
                yield states[chosen]


def learned(states: torch.Tensor, recipe: Recipe) -> tuple[list[StepReport], SAE]:
    found = list(train(batches(states, recipe.batch_size), recipe))
    assert isinstance(found[-1], SAE)
    return [one for one in found if isinstance(one, StepReport)], found[-1]


RECIPE = Recipe(n_features=32, k=2, n_steps=600, batch_size=256, learning_rate=3e-3)


def test_planted_directions_are_recovered() -> None:
    states, truth = planted_states(8000)
    reports, sae = learned(states, RECIPE)
    similarity = (truth @ sae.decoder.T).max(dim=1).values
    assert reports[-1].unexplained < 0.2
    assert (similarity > 0.9).float().mean() > 0.7


def test_a_learned_dictionary_fires_about_as_often_as_it_learned_to() -> None:
    states, _ = planted_states(8000)
    _, sae = learned(states, RECIPE)
    assert isinstance(sae.firing, Threshold)
    n_firing = (sae.encode(states) > 0).float().sum(dim=1).mean().item()
    assert n_firing == pytest.approx(RECIPE.k, rel=0.35)


def test_the_gradient_equals_that_of_the_dense_formula() -> None:
    states, _ = planted_states(64)
    recipe = replace(RECIPE, prefixes=(8,), batch_size=64)
    learner = _start(states, recipe)
    weights = learner.weights
    inputs = states * learner.input_scale
    centred = inputs - weights["decoder_bias"].detach()
    with torch.no_grad():
        pre = centred @ weights["encoder"].T + weights["encoder_bias"]
        units, features = _largest(pre, recipe.k * len(states), learner)
    kept = _KeptPreActivations.apply(
        pre[units, features], centred, weights["encoder"], weights["encoder_bias"], units, features
    )
    loss, _ = _nested_loss(recipe, weights, inputs, kept, units, features)
    loss.backward()
    sparse = {name: weight.grad.clone() for name, weight in weights.items()}

    dense = {name: weight.detach().double().requires_grad_() for name, weight in weights.items()}
    pre64 = (inputs.double() - dense["decoder_bias"].detach()) @ dense["encoder"].T
    activations = BatchTopK(recipe.k)(pre64 + dense["encoder_bias"])
    errors = []
    for end in (8, recipe.n_features):
        guess = activations[:, :end] @ dense["decoder"][:end] + dense["decoder_bias"]
        errors.append((inputs.double() - guess).square().sum(dim=1).mean())
    expected = torch.stack(errors).mean()
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for name, weight in dense.items():
        torch.testing.assert_close(sparse[name].double(), weight.grad, rtol=1e-4, atol=1e-6)


def test_coarse_levels_of_a_nested_dictionary_reconstruct_alone() -> None:
    states, _ = planted_states(8000)
    _, plain = learned(states, RECIPE)
    _, nested = learned(states, replace(RECIPE, prefixes=(8,)))
    assert _unexplained_by_first(nested, states, 8) < _unexplained_by_first(plain, states, 8)


def _unexplained_by_first(sae: SAE, states: torch.Tensor, n: int) -> float:
    activations = sae.encode(states)
    activations[:, n:] = 0
    left = (states - sae.decode(activations)).square().sum()
    return float(left / (states - states.mean(dim=0)).square().sum())


def test_dead_features_are_revived() -> None:
    states, _ = planted_states(8000, n_true=60)
    recipe = replace(RECIPE, n_features=96, k=4, dead_after=20)
    with_revival, _ = learned(states, replace(recipe, auxiliary_weight=0.5))
    without, _ = learned(states, replace(recipe, auxiliary_weight=0.0))
    assert with_revival[-1].n_dead < without[-1].n_dead


def test_the_same_seed_learns_the_same_weights() -> None:
    states, _ = planted_states(2000)
    recipe = replace(RECIPE, n_steps=20)
    _, first = learned(states, recipe)
    _, second = learned(states, recipe)
    assert torch.equal(first.encoder, second.encoder)


def test_decoder_rows_have_length_one() -> None:
    states, _ = planted_states(2000)
    _, sae = learned(states, replace(RECIPE, n_steps=20))
    torch.testing.assert_close(sae.decoder.norm(dim=1), torch.ones(RECIPE.n_features))


@pytest.mark.parametrize(
    ("states", "error", "message"),
    [
        (torch.ones(600, WIDTH), DictionaryError, "all the same"),
        (torch.full((600, WIDTH), float("nan")), DictionaryError, "not finite"),
    ],
)
def test_states_that_teach_nothing_are_refused(
    states: torch.Tensor, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        list(train(batches(states, 256), RECIPE))


def test_batches_that_end_too_early_are_named() -> None:
    states, _ = planted_states(512)
    with pytest.raises(NotEnoughData, match="after 2 batches"):
        list(train(iter(states.split(256)), RECIPE))
