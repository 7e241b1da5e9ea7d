import pytest

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
