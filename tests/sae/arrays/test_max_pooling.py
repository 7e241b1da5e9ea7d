"""Peaks on arrays are those that torch finds."""

import numpy as np
import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.arrays import max_pooling
from corpuscope.sae.arrays.max_pooling import ArrayEncoder, Multiply, of_length_one
from corpuscope.sae.conversion import weights_of
from corpuscope.sae.firing import FiringRule, Relu, Threshold, TopK
from corpuscope.sae.max_pooling import max_pooled
from corpuscope.sae.model import of_length_one as of_length_one_by_torch
from corpuscope.workers import Workers
from tests.sae.test_max_pooling import as_set
from tests.sae.worlds import random_sae

FLOOR = np.linspace(0, 0.5, 24, dtype=np.float32)


def multiplier(matrix: np.ndarray) -> Multiply:
    return lambda rows: rows @ matrix.T


@pytest.mark.parametrize("rule", [Relu(), Threshold(torch.linspace(-1, 2, 24))])
@pytest.mark.parametrize("unit_norm", [True, False])
@pytest.mark.parametrize("rows", [3, 512])
def test_they_are_those_of_torch(
    rule: FiringRule, unit_norm: bool, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sae = random_sae(firing=rule, unit_norm=unit_norm)
    states = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    groups = np.sort(np.random.default_rng(1).integers(0, 6, size=50))
    monkeypatch.setattr(max_pooling, "_ROWS", rows)
    for n in (1, 3):
        encoder = ArrayEncoder(weights_of(sae), FLOOR, multiplier, Workers(n))
        found = encoder.peaks(states, groups)
        expected = max_pooled(sae, torch.from_numpy(states), groups, floor=torch.from_numpy(FLOOR))
        assert len(found.features) > 20
        np.testing.assert_allclose(found.strengths, expected.strengths, atol=1e-5)
        for name in ("groups", "features", "units"):
            assert np.array_equal(getattr(found, name), getattr(expected, name)), name


def test_no_units_have_no_peaks() -> None:
    encoder = ArrayEncoder(weights_of(random_sae()), FLOOR, multiplier, Workers(1))
    empty = encoder.peaks(np.zeros((0, 16), np.float32), np.zeros(0, np.int64))
    assert as_set(empty) == set()


def test_features_that_do_not_fire_on_their_own_are_refused() -> None:
    with pytest.raises(DictionaryError, match="top-k"):
        ArrayEncoder(weights_of(random_sae(firing=TopK(2))), FLOOR, multiplier, Workers(1))


def test_each_layer_is_normalised_on_its_own() -> None:
    states = np.random.default_rng(0).normal(size=(9, 12)).astype(np.float32)
    states[4] = 0
    expected = of_length_one_by_torch(torch.from_numpy(states), 3).numpy()
    np.testing.assert_allclose(of_length_one(states, 3), expected, atol=1e-6)
