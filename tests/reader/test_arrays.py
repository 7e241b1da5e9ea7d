"""What is done with arrays is what is done with tensors."""

import numpy as np
import torch

from corpuscope.reader.arrays import ArrayOperations
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.tensors import TensorOperations

STATES = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)


def test_outliers_are_the_same() -> None:
    for factor in (1, 1000):
        states = STATES.copy()
        states[[3, 20]] *= factor
        one = ArrayOperations().usual(MaskPolicy(), [states, STATES])
        tensors = [torch.from_numpy(states), torch.from_numpy(STATES)]
        other = TensorOperations().usual(MaskPolicy(), tensors)
        if factor == 1:
            assert one is other is None
        else:
            assert one is not None
            assert other is not None
            assert np.flatnonzero(~one).tolist() == np.flatnonzero(~other).tolist() == [3, 20]


def test_no_policy_and_no_states_exclude_nothing() -> None:
    operations = ArrayOperations()
    assert operations.usual(MaskPolicy(outlier_norm=None), [STATES]) is None
    assert operations.usual(MaskPolicy(), []) is None
    assert operations.usual(MaskPolicy(), [STATES[:0]]) is None


def test_means_of_runs_are_the_same() -> None:
    starts = np.array([0, 1, 17, 39])
    found = ArrayOperations().means(STATES, starts)
    expected = TensorOperations().means(torch.from_numpy(STATES), starts)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)
    assert ArrayOperations().means(STATES[:0], starts[:0]).shape == (0, 6)


def test_kept_states_are_those_of_the_units_kept() -> None:
    keep = np.arange(40) % 3 == 0
    found = ArrayOperations().kept(STATES, keep)
    assert np.array_equal(found, TensorOperations().kept(torch.from_numpy(STATES), keep).numpy())
