import pytest
import torch

from corpuscope.errors import NotEnoughData
from corpuscope.sae.firing import BatchTopK, Relu
from corpuscope.sae.foreign.calibration import calibrated_threshold
from tests.sae.worlds import random_sae


def test_it_is_the_mean_of_what_each_batch_keeps_at_least() -> None:
    sae = random_sae(firing=Relu())
    batches = list(torch.randn(300, 16, generator=torch.Generator().manual_seed(0)).split(100))
    smallest = [BatchTopK(4)(sae.pre_activations(one)) for one in batches]
    expected = sum(float(one[one > 0].min()) for one in smallest) / 3
    assert calibrated_threshold(sae, batches, k=4) == pytest.approx(expected)
    n_active = sum(int((sae.pre_activations(one) > expected).sum()) for one in batches)
    assert 3 < n_active / 300 < 5


def test_nothing_to_calibrate_on_is_an_error() -> None:
    with pytest.raises(NotEnoughData):
        calibrated_threshold(random_sae(), [], k=4)
