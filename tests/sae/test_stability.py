"""Two autoencoders agree on what both have."""

from dataclasses import replace

import pytest
import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.firing import Threshold
from corpuscope.sae.stability import agreement
from tests.sae.worlds import random_sae

STATES = torch.randn(500, 16, generator=torch.Generator().manual_seed(5))


def test_one_agrees_with_itself_in_another_order() -> None:
    sae = random_sae()
    order = torch.randperm(24, generator=torch.Generator().manual_seed(1))
    assert isinstance(sae.firing, Threshold)
    shuffled = replace(
        sae,
        encoder=sae.encoder[order],
        decoder=sae.decoder[order],
        encoder_bias=sae.encoder_bias[order],
        firing=Threshold(sae.firing.theta[order]),
    )
    found = agreement(sae, shuffled, STATES.split(100))
    assert found.cosine == pytest.approx(1)
    assert found.overlap == found.weighted_overlap == found.shared == 1
    assert len(found.overlaps) == int((sae.encode(STATES) > 0).any(dim=0).sum())


def test_strangers_agree_on_little() -> None:
    found = agreement(random_sae(seed=1), random_sae(seed=2), [STATES])
    assert found.cosine < 0.8
    assert found.overlap < 0.5


def test_overlap_is_the_jaccard_overlap_of_firing() -> None:
    one = random_sae(n_features=6)
    other = replace(one, encoder_bias=one.encoder_bias - 0.5)
    found = agreement(one, other, [STATES])
    first, second = one.encode(STATES) > 0, other.encode(STATES) > 0
    wanted = (first & second).sum(dim=0) / (first | second).sum(dim=0)
    torch.testing.assert_close(torch.from_numpy(found.overlaps), wanted[first.any(dim=0)].double())


def test_what_cannot_be_compared_is_told() -> None:
    with pytest.raises(DictionaryError, match="widths 16 and 32"):
        agreement(random_sae(), random_sae(width=32), [STATES])
    silent = replace(random_sae(), firing=Threshold(torch.full((24,), 1e6)))
    with pytest.raises(NotEnoughData, match="no feature fires"):
        agreement(silent, random_sae(), [STATES])
