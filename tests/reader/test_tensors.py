import torch

from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.tensors import usual


def test_a_state_ten_times_the_median_length_is_usual_and_a_longer_one_is_not() -> None:
    states = torch.tensor([[1.0, 0], [0, 1], [0, -1], [10, 0], [10.1, 0]])
    found = usual(MaskPolicy(), [states])
    assert found is not None
    assert found.tolist() == [True, True, True, True, False]
    assert usual(MaskPolicy(), [states[:4]]) is None
    assert usual(MaskPolicy(outlier_norm=None), [states]) is None
