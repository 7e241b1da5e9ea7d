"""OpenAI's autoencoders of GPT-2 small: `<location>/autoencoders/<layer>.pt`, ReLU or TopK.

Those with TopK normalise each state; the name of the activation is the only sign of it. The file's
place says where states are taken.

Source: openai/sparse_autoencoder, `model.py`, `paths.py` (2024-06); Gao et al., 2024,
arXiv 2406.04093.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Relu, TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import LAYER_NORM, Draft, Found
from corpuscope.sae.foreign.hooks import Hook
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable
from corpuscope.sites import Site

_SITES: dict[str, Site] = {
    "mlp_post_act": "mlp-hidden",
    "resid_delta_attn": "attention",
    "resid_delta_mlp": "mlp",
    "resid_post_attn": "residual-mid",
    "resid_post_mlp": "residual",
}
_CONTEXT = 64


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a file of OpenAI's."""
    state = artifact.state(weights)
    tensors = TensorTable(state, weights.name)
    encoder = tensors.matrix("encoder.weight")
    rule = _rule(state)
    location = "|".join(_SITES)
    place = re.search(rf"({location})[^/]*/autoencoders/(\d+)\.pt", f"{artifact.location}")
    k = (float(rule.k), float(rule.k)) if isinstance(rule, TopK) else None
    return Found(
        draft=Draft(
            encoder=encoder,
            decoder=_decoder(tensors, encoder),
            encoder_bias=tensors.vector("latent_bias"),
            decoder_bias=tensors.vector("pre_bias"),
            firing=rule,
            token_norm=LAYER_NORM if isinstance(rule, TopK) else None,
        ),
        weights_file=weights.name,
        model="gpt2-small",
        hook=Hook(int(place[2]) + 1, _SITES[place[1]]) if place else None,
        context_size=_CONTEXT,
        expected_l0=k,
    )


def _rule(state: Mapping[str, Any]) -> FiringRule:
    name = str(state.get("activation", "ReLU"))
    settings = state.get("activation_state_dict") or {}
    after = str(settings.get("postact_fn", "ReLU"))
    if name == "ReLU":
        return Relu()
    if name == "TopK" and after == "ReLU" and "k" in settings:
        return TopK(int(settings["k"]))
    raise DictionaryError(
        f"the activation {name!r} with {dict(settings)}",
        expected="ReLU, or TopK with k and ReLU after it",
        next_step="choose another dictionary",
    )


def _decoder(tensors: TensorTable, encoder: torch.Tensor) -> torch.Tensor:
    for name in ("decoder.weight", "decoder.linear.weight"):
        if name in tensors:
            # A tied decoder is kept as the encoder's own layer.
            is_tied = name == "decoder.linear.weight"
            return tensors.matrix(name, transposed=not is_tied)
    return encoder
