import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.conversion import sae_of, tensors_of, weights_of
from corpuscope.sae.firing import BatchTopK, FiringRule, GroupMax, Relu, Threshold, TopK
from tests.sae.worlds import random_sae


@pytest.mark.parametrize("rule", [Relu(), TopK(3), GroupMax(4), Threshold(torch.ones(24))])
def test_an_sae_comes_back_from_its_weights(rule: FiringRule) -> None:
    sae = random_sae(firing=rule, unit_norm=True)
    again = sae_of(weights_of(sae))
    for name, tensor in tensors_of(sae).items():
        assert torch.equal(tensors_of(again)[name], tensor)
    assert type(again.firing) is type(rule)
    assert (again.input_scale, again.unit_norm) == (sae.input_scale, True)
    states = torch.randn(5, 16)
    assert torch.equal(again.encode(states), sae.encode(states))


def test_a_rule_for_training_has_no_weights() -> None:
    with pytest.raises(DictionaryError, match="batch top-k"):
        weights_of(random_sae(firing=BatchTopK(2)))
