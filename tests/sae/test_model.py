"""Units inside an SAE are its own business: what it computes does not depend on them."""

import pytest
import torch

from corpuscope.sae.firing import Relu, Threshold
from corpuscope.sae.model import SAE
from tests.sae.worlds import random_sae

STATES = torch.randn(300, 16, generator=torch.Generator().manual_seed(5))


def same(one: SAE, other: SAE) -> None:
    first, second = one.encode(STATES), other.encode(STATES)
    assert 0.01 < float((first > 0).float().mean()) < 0.9
    torch.testing.assert_close(first > 0, second > 0)
    torch.testing.assert_close(one.decode(first), other.decode(second), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-3, 0.7, 40.0])
@pytest.mark.parametrize("unit_norm", [False, True])
def test_the_input_scale_is_no_part_of_the_function(scale: float, unit_norm: bool) -> None:
    sae = random_sae(unit_norm=unit_norm)
    moved = sae.in_scale(scale)
    assert moved.input_scale == scale
    same(sae, moved)


@pytest.mark.parametrize("rule", ["relu", "threshold"])
def test_neither_are_the_lengths_of_decoder_rows(rule: str) -> None:
    sae = random_sae(firing=Relu() if rule == "relu" else None)
    lengths = 0.2 + torch.rand(sae.n_features, generator=torch.Generator().manual_seed(2))
    stretched = SAE(
        encoder=sae.encoder / lengths[:, None],
        decoder=sae.decoder * lengths[:, None],
        encoder_bias=sae.encoder_bias / lengths,
        decoder_bias=sae.decoder_bias,
        firing=Threshold(sae.firing.theta / lengths)
        if isinstance(sae.firing, Threshold)
        else sae.firing,
        input_scale=sae.input_scale,
    )
    same(sae, stretched)
    same(stretched, stretched.with_unit_rows())
    rows = stretched.with_unit_rows().decoder.norm(dim=1)
    torch.testing.assert_close(rows, torch.ones(sae.n_features))
