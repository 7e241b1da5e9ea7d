from dataclasses import replace

import numpy as np
import pytest
import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.evaluate import evaluated
from corpuscope.sae.firing import Relu, Threshold
from corpuscope.sae.model import SAE
from tests.sae.worlds import random_sae

WIDTH = 16


def states_of(n: int = 5000, *, mean: float = 3.0, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    scale = torch.linspace(0.1, 2, WIDTH)
    return torch.randn(n, WIDTH, generator=generator) * scale + mean


def silent(states: torch.Tensor) -> SAE:
    """Says the mean, whatever it sees."""
    return replace(
        random_sae(),
        decoder_bias=states.double().mean(dim=0).float(),
        firing=Threshold(torch.full((24,), 1e9)),
        input_scale=1.0,
    )


def test_predicting_the_mean_leaves_everything_unexplained() -> None:
    states = states_of()
    found = evaluated(silent(states), states.split(700))
    assert found.unexplained_variance == pytest.approx(1, abs=1e-9)
    assert (found.l0, found.dead_share, found.dense_share) == (0, 1, 0)


def test_a_perfect_autoencoder_leaves_nothing() -> None:
    eye = torch.cat([torch.eye(WIDTH), -torch.eye(WIDTH)])
    sae = SAE(eye, eye, torch.zeros(2 * WIDTH), torch.full((WIDTH,), 3.0), Relu())
    found = evaluated(sae, states_of().split(700))
    assert found.unexplained_variance == pytest.approx(0, abs=1e-12)
    assert found.relative_bias == pytest.approx(1)
    assert found.length_ratio == pytest.approx(1)
    assert found.cosine == pytest.approx(1)
    assert found.l0 == pytest.approx(WIDTH)
    assert found.dense_share == 1


def test_it_equals_the_formulas_on_all_states_at_once_however_they_are_cut() -> None:
    sae, states = random_sae(), states_of()
    x = states.double() * sae.input_scale
    activations = sae.encode(states)
    y = (activations @ sae.decoder + sae.decoder_bias).double()
    mean = x.mean(dim=0)
    left = (x - y).square().sum() / (x - mean).square().sum()
    bias = (y - mean).square().sum() / ((x - mean) * (y - mean)).sum()
    for size in (1, 333, 5000):
        found = evaluated(sae, states[:5000].split(size) if size > 1 else states.split(50))
        assert found.unexplained_variance == pytest.approx(left.item(), rel=1e-6)
        assert found.relative_bias == pytest.approx(bias.item(), rel=1e-5)
        assert found.l0 == pytest.approx((activations > 0).sum().item() / 5000)
        np.testing.assert_allclose(found.densities, (activations > 0).double().mean(dim=0))
        assert found.length_ratio == pytest.approx((y.norm(dim=1) / x.norm(dim=1)).mean().item())


def test_it_is_not_the_mean_of_the_ratios_of_batches() -> None:
    """Batches that differ in their means: within each the mean explains what is left to it."""
    batches = [states_of(500, mean=mean) for mean in (-5.0, 0.0, 5.0)]
    sae = silent(torch.cat(batches))
    assert evaluated(sae, batches).unexplained_variance == pytest.approx(1, abs=1e-9)
    ratios = [
        (b - sae.decoder_bias).square().sum() / (b - b.mean(dim=0)).square().sum() for b in batches
    ]
    assert torch.stack(ratios).mean() > 5


def test_a_long_mean_does_not_cost_digits() -> None:
    near, far = states_of(mean=0.0), states_of(mean=300.0)
    sae = replace(random_sae(), input_scale=1.0)
    moved = replace(sae, decoder_bias=sae.decoder_bias + 300.0)
    one, other = evaluated(sae, [near]), evaluated(moved, [far])
    assert other.unexplained_variance == pytest.approx(one.unexplained_variance, rel=1e-3)


def test_shrunken_reconstructions_show() -> None:
    eye = torch.cat([torch.eye(WIDTH), -torch.eye(WIDTH)])
    sae = SAE(eye, 0.8 * eye, torch.zeros(2 * WIDTH), torch.full((WIDTH,), 3.0), Relu())
    assert evaluated(sae, [states_of()]).relative_bias == pytest.approx(0.8, rel=1e-3)


def test_the_cosine_of_decoder_rows() -> None:
    sae = random_sae(n_features=3, width=2)
    rows = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0]])
    found = evaluated(replace(sae, decoder=rows), [torch.randn(10, 2)])
    assert found.decoder_cosine == pytest.approx(2 * 0.5**0.5 / 3)


def test_many_decoder_rows_are_sampled() -> None:
    found = evaluated(random_sae(n_features=3000), [states_of(100)])
    rows = random_sae(n_features=3000).decoder.double()
    exact = ((rows @ rows.T).abs().sum() - 3000) / (3000 * 2999)
    assert found.decoder_cosine == pytest.approx(exact.item(), rel=5e-3)


def test_the_histogram_counts_every_live_feature_once() -> None:
    found = evaluated(random_sae(), [states_of()])
    bounds, counts = found.histogram()
    assert counts.sum() == (found.densities > 0).sum()
    assert bounds[-1] == 0


@pytest.mark.parametrize("states", [torch.ones(50, WIDTH), torch.full((50, WIDTH), torch.nan)])
def test_states_that_say_nothing_are_refused(states: torch.Tensor) -> None:
    with pytest.raises(DictionaryError, match="all equal, or not finite"):
        evaluated(random_sae(), [states])


def test_too_few_states_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="1 units"):
        evaluated(random_sae(), [torch.ones(1, WIDTH)])
