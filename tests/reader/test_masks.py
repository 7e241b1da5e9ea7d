import pytest
import torch

from corpuscope.errors import ReaderError
from corpuscope.reader.masks import MaskPolicy


@pytest.mark.parametrize("masks", [MaskPolicy(), MaskPolicy(frozenset({"b", "a"}), None)])
def test_a_policy_comes_back_from_its_record(masks: MaskPolicy) -> None:
    assert MaskPolicy.from_config(masks.to_config()) == masks


def test_roles_that_are_asked_for_take_the_place_of_recorded_ones() -> None:
    config = MaskPolicy(frozenset({"user"})).to_config()
    assert MaskPolicy.from_config(config, roles=["assistant"]).roles == {"assistant"}


def test_a_mask_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ReaderError, match="special_tokens"):
        MaskPolicy.from_config({"special_tokens": "in"})


def test_a_state_ten_times_the_median_length_is_usual_and_a_longer_one_is_not() -> None:
    states = torch.tensor([[1.0, 0], [0, 1], [0, -1], [10, 0], [10.1, 0]])
    usual = MaskPolicy().usual([states])
    assert usual is not None
    assert usual.tolist() == [True, True, True, True, False]
    assert MaskPolicy().usual([states[:4]]) is None
    assert MaskPolicy(outlier_norm=None).usual([states]) is None
