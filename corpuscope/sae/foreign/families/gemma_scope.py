"""Gemma Scope: `layer_L/width_W/average_l0_N/params.npz`, JumpReLU dictionaries of Gemma 2.

There is no configuration: model and site are in the repository's name, layer and expected L0 in
the folders'. Weights are stored canonically, and scales are folded into them.

Source: Lieberum et al., 2024, arXiv 2408.05147; SAELens, `gemma_2_sae_huggingface_loader`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found, jump_relu
from corpuscope.sae.foreign.hooks import Hook
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable, reject_transcoder
from corpuscope.sites import Site

_SITES: dict[str, Site] = {"res": "residual", "mlp": "mlp", "att": "attention-heads"}
_CONTEXT = 1024


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a folder of Gemma Scope."""
    repo = re.search(r"gemma-scope-(\d+b)-(pt|it)-(res|mlp|att|transcoders)", artifact.location)
    if repo and repo[3] == "transcoders":
        raise reject_transcoder("this part of Gemma Scope", "repository gemma-scope-*-transcoders")
    layer = re.search(r"layer_(\d+)/", f"{artifact.location}/")
    is_embedding = re.search(r"embedding/width_", artifact.location) is not None
    l0 = re.search(r"average_l0_(\d+)", artifact.location)
    tensors = TensorTable(artifact.state(weights), weights.name).any_case()
    encoder = tensors.matrix("w_enc", transposed=True)
    # Embeddings as they are stored; the model multiplies them by sqrt(width) before block 1.
    scale = encoder.shape[1] ** -0.5 if is_embedding else 1.0
    draft = Draft(
        encoder=encoder,
        decoder=tensors.matrix("w_dec"),
        encoder_bias=tensors.vector("b_enc"),
        decoder_bias=tensors.vector("b_dec"),
        firing=jump_relu(tensors.vector("threshold")),
        subtracts_bias=False,
        input_scale=scale,
    )
    hook = None
    if repo and is_embedding:
        hook = Hook(0)
    elif repo and layer:
        hook = Hook(int(layer[1]) + 1, _SITES[repo[3]])
    return Found(
        draft=draft,
        weights_file=weights.name,
        model=_model(repo),
        hook=hook,
        context_size=_CONTEXT,
        prepends_bos=True,
        expected_l0=(float(l0[1]), float(l0[1])) if l0 else None,
        notes=("trained without the states of the first token, which is masked",),
    )


def _model(repo: re.Match[str] | None) -> str | None:
    if repo is None:
        return None
    return f"google/gemma-2-{repo[1]}{'-it' if repo[2] == 'it' else ''}"
