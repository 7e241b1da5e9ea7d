"""Densities and thresholds against the activations of all units at once."""

import numpy as np
import pytest
import torch

from corpuscope.sae.firing import Relu, Threshold
from corpuscope.sae.model import SAE
from corpuscope.sae.presence import DEAD, densities_and_thresholds
from tests.sae.worlds import random_sae

STATES = torch.randn(200, 16, generator=torch.Generator().manual_seed(3))


def identity(n: int) -> SAE:
    """Activations that are the positive part of the states."""
    return SAE(torch.eye(n), torch.eye(n), torch.zeros(n), torch.zeros(n), Relu())


@pytest.mark.parametrize("level", [0.5, 0.8, 1.0])
@pytest.mark.parametrize("size", [1, 64, 200])
def test_they_are_those_of_all_units_whatever_the_batches(level: float, size: int) -> None:
    sae = random_sae()
    density, threshold = densities_and_thresholds(sae, STATES.split(size), level=level)
    activations = sae.encode(STATES).numpy()
    assert density == pytest.approx((activations > 0).mean(axis=0))
    for feature, own in enumerate(activations.T):
        fires = own[own > 0]
        assert len(fires) >= 5
        expected = level * np.percentile(fires, 95)
        assert threshold[feature] == pytest.approx(expected, rel=1e-5)


def test_features_that_fire_on_fewer_than_five_units_are_dead() -> None:
    states = torch.zeros(40, 4)
    states[:4, 1] = 2.0
    states[:5, 2] = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])
    states[:, 3] = 3.0
    density, threshold = densities_and_thresholds(identity(4), states.split(3), level=0.5)
    assert density == pytest.approx([0.0, 0.1, 0.125, 1.0])
    assert threshold == pytest.approx([DEAD, DEAD, 0.5 * 4.8, 1.5])


def test_a_dead_feature_is_never_above_its_threshold() -> None:
    silent = random_sae(firing=Threshold(torch.full((24,), 1e9)))
    density, threshold = densities_and_thresholds(silent, [STATES], level=0.8)
    assert not density.any()
    assert (threshold == DEAD).all()
    # Strengths are kept in half precision, and few of its numbers are larger.
    assert np.isfinite(threshold.astype(np.float16)).all()
    assert 0.9 * np.finfo(np.float16).max < DEAD


def test_no_unit_at_all_leaves_every_feature_dead() -> None:
    for batches in ([], [torch.empty(0, 16)]):
        density, threshold = densities_and_thresholds(random_sae(), batches, level=0.8)
        assert density.tolist() == [0.0] * 24
        assert threshold.tolist() == [DEAD] * 24


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_states_of_any_precision_are_encoded_as_float32(dtype: torch.dtype) -> None:
    states = STATES.to(dtype)
    found = densities_and_thresholds(random_sae(), [states], level=0.8)
    expected = densities_and_thresholds(random_sae(), [states.float()], level=0.8)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other)
