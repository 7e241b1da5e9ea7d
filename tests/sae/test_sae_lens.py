"""The same weights, the same activations and reconstructions as sae-lens; needs it installed."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

sae_lens = pytest.importorskip("sae_lens", reason="sae-lens is not installed")
sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks.peers import sae_from_sae_lens  # noqa: E402

WIDTH, N = 24, 96


def filled(sae: Any) -> Any:
    """Weights, and thresholds, drawn at random, decoder rows of different lengths."""
    generator = torch.Generator().manual_seed(0)
    for name, weight in sae.named_parameters():
        weight.data = 0.3 * torch.randn(weight.shape, generator=generator)
        if name == "threshold":
            weight.data.abs_()
    if hasattr(sae, "topk_threshold"):
        sae.topk_threshold.fill_(0.5)
    return sae


def made(name: str, *, training: bool, **options: Any) -> Any:
    kind = f"{name}TrainingSAE" if training else f"{name}SAE"
    config = getattr(sae_lens, f"{kind}Config")(d_in=WIDTH, d_sae=N, **options)
    return filled(getattr(sae_lens, kind)(config))


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(
    ("name", "training", "options"),
    [
        ("Standard", False, {}),
        ("TopK", False, {"k": 8}),
        ("TopK", False, {"k": 8, "rescale_acts_by_decoder_norm": True}),
        ("JumpReLU", False, {}),
        ("Gated", False, {}),
    ],
)
def test_equal_activations_and_reconstructions(
    name: str, training: bool, options: dict[str, Any], centred: bool
) -> None:
    theirs = made(name, training=training, apply_b_dec_to_input=centred, **options)
    ours = sae_from_sae_lens(theirs)
    states = torch.randn(200, WIDTH, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        activations = theirs.encode(states)
        reconstruction = theirs.decode(activations)
    assert 0.01 < float((activations > 0).float().mean()) < 0.9
    found = ours.encode(states)
    torch.testing.assert_close(found, activations, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.decode(found), reconstruction, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("by_norm", [True, False])
def test_batch_top_k_as_it_is_saved_for_inference(tmp_path: Path, by_norm: bool) -> None:
    theirs = made("BatchTopK", training=True, k=8, rescale_acts_by_decoder_norm=by_norm)
    ours = sae_from_sae_lens(theirs)
    theirs.save_inference_model(tmp_path)
    saved = sae_lens.SAE.load_from_disk(str(tmp_path))
    states = torch.randn(200, WIDTH, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        activations = saved.encode(states)
        reconstruction = saved.decode(activations)
    assert 0.01 < float((activations > 0).float().mean()) < 0.9
    torch.testing.assert_close(ours.encode(states), activations, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.decode(ours.encode(states)), reconstruction,
                               atol=1e-5, rtol=1e-5)  # fmt: skip
