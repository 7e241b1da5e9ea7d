"""Learning: right gradients, planted features recovered, dead ones revived, clear refusals."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.config import Moments, Recipe, StepReport
from corpuscope.sae.firing import Threshold
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import (
    BatchTopKObjective,
    GatedObjective,
    JumpReLUObjective,
    Objective,
    QuadraticFrequency,
    ReluL1Objective,
    TopKObjective,
)
from corpuscope.sae.train import Trainer, trained_steps

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
    found = list(trained_steps(batches(states, recipe.batch_size), recipe))
    assert isinstance(found[-1], SAE)
    return [one for one in found if isinstance(one, StepReport)], found[-1]


RECIPE = Recipe(
    n_features=32,
    objective=BatchTopKObjective(2),
    n_steps=400,
    batch_size=256,
    learning_rate=3e-3,
    dead_after=25_600,
)
SPARSE = replace(RECIPE, n_steps=60)
OBJECTIVES: dict[str, Objective] = {
    "relu": ReluL1Objective(0.1),
    "top-k": TopKObjective(2),
    "batch-top-k": BatchTopKObjective(2),
    "gated": GatedObjective(0.3),
    "l0": JumpReLUObjective(0.05),
    "quadratic-frequency": JumpReLUObjective(0.05, QuadraticFrequency()),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_planted_directions_are_recovered(name: str) -> None:
    states, truth = planted_states(8000)
    reports, sae = learned(states, replace(RECIPE, objective=OBJECTIVES[name]))
    similarity = (truth @ sae.decoder.T).max(dim=1).values
    assert reports[-1].unexplained < 0.2
    assert (similarity > 0.85).float().mean() > 0.8


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_run_that_goes_on_ends_like_one_that_never_stopped(name: str) -> None:
    states, _ = planted_states(4000)
    recipe = replace(RECIPE, objective=OBJECTIVES[name], n_steps=30, dead_after=1500)
    seen = [batch for batch, _ in zip(batches(states, 256), range(30), strict=False)]
    whole = Trainer(recipe, Moments.of(seen[0]))
    broken = Trainer(recipe, Moments.of(seen[0]))
    for step, batch in enumerate(seen):
        if step == 17:
            kept = {name: tensor.clone() for name, tensor in broken.state().items()}
            broken = Trainer.resumed(recipe, kept)
        assert whole.learn(batch) == broken.learn(batch)
    assert whole.state().keys() == broken.state().keys()
    for key, tensor in whole.state().items():
        assert torch.equal(tensor, broken.state()[key]), key


def test_a_checkpoint_of_another_recipe_is_refused() -> None:
    states, _ = planted_states(500)
    trainer = Trainer(RECIPE, Moments.of(states))
    trainer.learn(states)
    with pytest.raises(DictionaryError, match="resume with the recipe"):
        Trainer.resumed(replace(RECIPE, n_features=64), trainer.state())
    with pytest.raises(DictionaryError, match="theta is None"):
        Trainer.resumed(replace(RECIPE, objective=JumpReLUObjective(0.1)), trainer.state())


def test_a_learned_dictionary_fires_about_as_often_as_it_learned_to() -> None:
    states, _ = planted_states(8000)
    _, sae = learned(states, RECIPE)
    assert isinstance(sae.firing, Threshold)
    n_firing = (sae.encode(states) > 0).float().sum(dim=1).mean().item()
    assert n_firing == pytest.approx(2, rel=0.35)


def test_coarse_levels_of_a_nested_dictionary_reconstruct_alone() -> None:
    states, _ = planted_states(8000)
    short = replace(RECIPE, n_steps=200)
    _, plain = learned(states, short)
    _, nested = learned(states, replace(short, objective=BatchTopKObjective(2, (8,))))
    assert _unexplained_by_first(nested, states, 8) < _unexplained_by_first(plain, states, 8)


def _unexplained_by_first(sae: SAE, states: torch.Tensor, n: int) -> float:
    activations = sae.encode(states)
    activations[:, n:] = 0
    left = (states - sae.decode(activations)).square().sum()
    return float(left / (states - states.mean(dim=0)).square().sum())


def test_dead_features_are_revived() -> None:
    states, _ = planted_states(8000, n_true=60)
    recipe = replace(RECIPE, n_features=96, objective=BatchTopKObjective(4), dead_after=20 * 256,
                     n_steps=200)  # fmt: skip
    with_revival, _ = learned(states, replace(recipe, revival_weight=0.5))
    without, _ = learned(states, replace(recipe, revival_weight=0.0))
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
        (torch.ones(600, WIDTH), DictionaryError, "all equal"),
        (torch.full((600, WIDTH), float("nan")), DictionaryError, "non-finite"),
    ],
)
def test_states_that_teach_nothing_are_refused(
    states: torch.Tensor, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        list(trained_steps(batches(states, 256), RECIPE))


def test_batches_that_end_too_early_are_named() -> None:
    states, _ = planted_states(512)
    with pytest.raises(NotEnoughData, match="after 2 batches"):
        list(trained_steps(iter(states.split(256)), RECIPE))


def test_a_frozen_decoder_stays_at_its_first_rows() -> None:
    states, _ = planted_states(4000)
    _, control = learned(states, replace(SPARSE, frozen_decoder=True))
    begun = Trainer(replace(SPARSE, objective=ReluL1Objective(0.1)), Moments.of(states)).finished()
    torch.testing.assert_close(control.decoder, begun.decoder, atol=0, rtol=0)
    assert not torch.equal(control.encoder, begun.encoder)


@pytest.mark.parametrize("name", ["relu", "gated", "l0"])
def test_going_on_begins_with_the_same_function(name: str) -> None:
    states, _ = planted_states(4000)
    recipe = replace(SPARSE, objective=OBJECTIVES[name])
    _, sae = learned(states, recipe)
    other_scale = Moments.of(3 * states)
    goes_on = Trainer(recipe, other_scale, sae).finished()
    assert goes_on.input_scale == pytest.approx(sae.input_scale / 3, rel=0.1)
    fires = sae.encode(states) > 0
    assert ((goes_on.encode(states) > 0) == fires).float().mean() > 0.9999
    torch.testing.assert_close(goes_on.decode(goes_on.encode(states)),
                               sae.decode(sae.encode(states)), atol=1e-4, rtol=1e-4)  # fmt: skip


def test_what_is_gone_on_with_must_fit() -> None:
    states, _ = planted_states(1000)
    _, sae = learned(states, SPARSE)
    with pytest.raises(DictionaryError, match="of 32 features"):
        Trainer(replace(SPARSE, n_features=64), Moments.of(states), sae)
    with pytest.raises(DictionaryError, match="unit_norm"):
        Trainer(replace(SPARSE, unit_norm=True), Moments.of(states), sae)


def test_the_decoder_learns_faster_by_its_own_factor() -> None:
    states, _ = planted_states(2000)
    recipe = replace(SPARSE, first_encoder=1.0, warm_up=0.0, decay_from=1.0)
    moved = {}
    for factor in (1.0, 3.0):
        trainer = Trainer(replace(recipe, decoder_rate=factor), Moments.of(states))
        first = {
            name: trainer.state()[f"weights.{name}"].clone() for name in ("encoder", "decoder")
        }
        trainer.learn(states[:256])
        after = trainer.state()
        moved[factor] = {n: (after[f"weights.{n}"] - first[n]).norm() for n in first}
    torch.testing.assert_close(moved[3.0]["encoder"], moved[1.0]["encoder"])
    assert 2.5 < float(moved[3.0]["decoder"] / moved[1.0]["decoder"]) < 3.1


def test_the_encoder_begins_in_the_directions_of_the_decoder() -> None:
    states, _ = planted_states(2000)
    begun = Trainer(SPARSE, Moments.of(states)).state()
    torch.testing.assert_close(begun["weights.encoder"], 0.3 * begun["weights.decoder"])


@pytest.mark.parametrize("name", OBJECTIVES)
def test_shorter_runs_learn_faster_up_to_a_limit(name: str) -> None:
    rate = OBJECTIVES[name].learning_rate
    assert rate(4096, 4000) == pytest.approx(rate(4096, 1000) / 2) or rate(4096, 1000) == 0.01
    assert rate(4096, 1) == 0.01
