"""An autoencoder in the conventions of SAELens computes the same numbers."""

from dataclasses import fields, replace

import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.export.saelens_weights import SAELensWeights, saelens_weights
from corpuscope.sae.firing import BatchTopK, FiringRule, Relu, Threshold, TopK
from corpuscope.sae.model import SAE
from corpuscope.sae.token_norm import TokenNorm
from tests.sae.worlds import random_sae

RULES = {
    "relu": Relu(),
    "top-k": TopK(5),
    "more than there are": TopK(99),
    "threshold": Threshold(torch.linspace(0, 2, 24)),
}


NORMS = {
    "constant_norm_rescale": TokenNorm(is_centred=False, divisor="root-mean-square"),
    "layer_norm": TokenNorm(is_centred=True, divisor="deviation", epsilon=1e-5),
}


def computed(found: SAELensWeights, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Activations and reconstructions, as the documentation of SAELens gives them."""
    t, length, mean = found.tensors, torch.ones(len(x), 1), torch.zeros(len(x), 1)
    if found.normalisation == "layer_norm":
        mean, length = x.mean(dim=1, keepdim=True), x.std(dim=1, keepdim=True)
    if found.normalisation == "constant_norm_rescale":
        length = x.norm(dim=1, keepdim=True) / x.shape[1] ** 0.5
    pre = ((x - mean) / length - t["b_dec"]) @ t["W_enc"] + t["b_enc"]
    if found.architecture == "topk":
        values, places = pre.topk(found.options["k"], dim=1)
        activations = torch.zeros_like(pre).scatter_(1, places, values.relu())
    else:
        activations = pre.relu() * (pre > t.get("threshold", torch.zeros(())))
    return activations, (activations @ t["W_dec"] + t["b_dec"]) * length + mean


@pytest.mark.parametrize("unit_norm", [False, True])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_activations_and_reconstructions_are_the_same(rule: FiringRule, unit_norm: bool) -> None:
    sae = random_sae(firing=rule, unit_norm=unit_norm)
    x = 3 * torch.randn(200, 16, generator=torch.Generator().manual_seed(1)) + 1
    activations, reconstructions = computed(saelens_weights(sae), x)
    expected = sae.encode(x)
    assert 0.01 < (expected > 0).float().mean() < 0.9
    torch.testing.assert_close(activations, expected, atol=1e-5, rtol=1e-5)
    length = x.norm(dim=1, keepdim=True) if unit_norm else torch.ones(1)
    torch.testing.assert_close(reconstructions, sae.decode(expected) * length, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", NORMS)
def test_normalisations_of_each_state_are_named(name: str) -> None:
    sae = replace(random_sae(firing=Relu()), token_norm=NORMS[name])
    x = 3 * torch.randn(200, 16, generator=torch.Generator().manual_seed(1)) + 1
    found = saelens_weights(sae)
    assert found.normalisation == name
    activations, reconstructions = computed(found, x)
    torch.testing.assert_close(activations, sae.encode(x), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(reconstructions, sae.reconstructed(x), atol=1e-4, rtol=1e-4)


def test_other_normalisations_cannot_be_expressed() -> None:
    sae = replace(random_sae(), token_norm=TokenNorm(is_centred=True))
    with pytest.raises(DictionaryError, match="normalised by"):
        saelens_weights(sae)


def test_tensors_are_contiguous_float32_and_apart_from_the_autoencoder() -> None:
    sae = random_sae()
    found = saelens_weights(sae)
    assert {name: tuple(t.shape) for name, t in found.tensors.items()} == {
        "W_enc": (16, 24), "W_dec": (24, 16), "b_enc": (24,), "b_dec": (16,), "threshold": (24,),
    }  # fmt: skip
    assert all(t.is_contiguous() and t.dtype == torch.float32 for t in found.tensors.values())
    assert found.tensors["b_enc"].data_ptr() != sae.encoder_bias.data_ptr()


def test_layers_that_are_normalised_apart_cannot_be_expressed() -> None:
    sae = replace(random_sae(unit_norm=True), n_layers=2)
    with pytest.raises(DictionaryError, match="states of 2 layers") as caught:
        saelens_weights(sae)
    assert "one length" in caught.value.expected


def test_layers_that_are_only_concatenated_can_be() -> None:
    assert saelens_weights(replace(random_sae(), n_layers=2)).normalisation == "none"


@pytest.mark.parametrize(
    ("rule", "found"),
    [(BatchTopK(3), "BatchTopK"), (Threshold(torch.full((24,), -0.1)), "thresholds below 0")],
)
def test_rules_that_saelens_lacks_are_named(rule: FiringRule, found: str) -> None:
    with pytest.raises(DictionaryError, match=found):
        saelens_weights(random_sae(firing=rule))


def test_every_field_of_an_autoencoder_is_expressed() -> None:
    """A field that is added to `SAE` must be folded, or refused, in `saelens_weights`."""
    assert {field.name for field in fields(SAE)} == {
        "encoder", "decoder", "encoder_bias", "decoder_bias", "firing", "input_scale",
        "unit_norm", "n_layers", "token_norm",
    }  # fmt: skip
