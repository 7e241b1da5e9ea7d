"""Folding leaves what is computed as it was, for every rule that it is exact for."""

from dataclasses import replace

import pytest
import torch

from corpuscope.sae.firing import FiringRule, Relu, Threshold, TopK
from corpuscope.sae.foreign.draft import Draft, gate_by_decoder_norm, gated, jump_relu

N, WIDTH = 24, 8


def draft(rule: FiringRule, *, sub: bool = True, scale: float = 1.0) -> Draft:
    g = torch.Generator().manual_seed(0)
    lengths = 0.3 + torch.rand(N, 1, generator=g)
    return Draft(
        torch.randn(N, WIDTH, generator=g), lengths * torch.randn(N, WIDTH, generator=g),
        torch.randn(N, generator=g), torch.randn(WIDTH, generator=g), rule, sub, scale,
    )  # fmt: skip


STATES = torch.randn(50, WIDTH, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("rule", [Relu(), Threshold(torch.rand(N))])
@pytest.mark.parametrize("sub", [True, False])
@pytest.mark.parametrize("scale", [1.0, 0.2])
def test_unit_rows_change_units_alone(rule: FiringRule, sub: bool, scale: float) -> None:
    one = draft(rule, sub=sub, scale=scale)
    folded = one.with_unit_rows()
    plain, unit = one.sae()[0], folded.sae()[0]
    torch.testing.assert_close(unit.decoder.norm(dim=1), torch.ones(N))
    lengths = one.decoder.norm(dim=1)
    torch.testing.assert_close(unit.encode(STATES), plain.encode(STATES) * lengths)
    torch.testing.assert_close(unit.reconstructed(STATES), plain.reconstructed(STATES),
                               rtol=1e-4, atol=1e-5)  # fmt: skip
    assert len(folded.folds) == 1


def test_choosing_by_decoder_norms_is_top_k_of_unit_rows() -> None:
    one = draft(TopK(4))
    pre = one.sae()[0].pre_activations(STATES)
    lengths = one.decoder.norm(dim=1)
    kept = TopK(4)(pre * lengths)
    torch.testing.assert_close(one.with_unit_rows().sae()[0].encode(STATES), kept)


@pytest.mark.parametrize("rule", [Relu(), TopK(5), Threshold(torch.rand(N))])
def test_an_encoder_that_does_not_subtract_the_bias(rule: FiringRule) -> None:
    one = draft(rule, sub=False, scale=0.5)
    sae, folds = one.sae()
    pre = (STATES * 0.5) @ one.encoder.T + one.encoder_bias
    torch.testing.assert_close(sae.pre_activations(STATES), pre, rtol=1e-5, atol=1e-5)
    expected = (rule(pre) @ one.decoder + one.decoder_bias) / 0.5  # type: ignore[operator]
    torch.testing.assert_close(sae.reconstructed(STATES), expected, rtol=1e-4, atol=1e-4)
    assert "does not subtract" in folds[0]


def test_a_gate_by_decoder_norms_is_the_plain_one_where_norms_are_one() -> None:
    one, theta = draft(Relu()), torch.rand(N)
    rule = gate_by_decoder_norm(theta, one.decoder)
    pre = one.sae()[0].pre_activations(STATES)
    expected = pre * (pre * one.decoder.norm(dim=1) > theta)
    torch.testing.assert_close(rule(pre), expected)
    unit = one.decoder / one.decoder.norm(dim=1, keepdim=True)
    torch.testing.assert_close(gate_by_decoder_norm(theta, unit)(pre), jump_relu(theta)(pre))


def test_a_row_of_zeros_never_passes_its_gate() -> None:
    decoder = draft(Relu()).decoder.clone()
    decoder[3] = 0
    rule = gate_by_decoder_norm(torch.zeros(N), decoder)
    assert torch.isfinite(rule.theta).all()
    assert rule(torch.full((1, N), 1e6))[0, 3] == 0


def test_a_gate_is_a_threshold() -> None:
    one = draft(Relu())
    g = torch.Generator().manual_seed(3)
    gate, magnitude, ratio = (torch.randn(N, generator=g) for _ in range(3))
    encoder, bias, rule = gated(one.encoder, gate, magnitude, ratio)
    sae = replace(one, encoder=encoder, encoder_bias=bias, firing=rule).sae()[0]
    product = (STATES - one.decoder_bias) @ one.encoder.T
    expected = (product + gate > 0) * torch.relu(product * ratio.exp() + magnitude)
    torch.testing.assert_close(sae.encode(STATES), expected, rtol=1e-4, atol=1e-5)


def test_a_threshold_below_zero_passes_nothing_negative() -> None:
    rule = jump_relu(torch.tensor([-1.0]))
    assert rule(torch.tensor([[-0.5]])).item() == 0
    assert rule(torch.tensor([[0.5]])).item() == 0.5
