"""Gemma Scope 2: `params.safetensors` in `layer_L_width_W_l0_small`, JumpReLU, of Gemma 3.

Names of tensors are in lower case. `config.json` may be missing; then the folders' names say what
it would.

Source: SAELens, `gemma_3_sae_huggingface_loader` and `_infer_gemma_3_raw_cfg_dict`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpuscope.errors import DictionaryError
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found, jump_relu
from corpuscope.sae.foreign.hooks import Hook, hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable, reject_transcoder
from corpuscope.sites import Site

_SITES: dict[str, Site] = {"resid_post": "residual", "attn_out": "attention-heads",
                           "mlp_out": "mlp"}  # fmt: skip
_L0 = {"small": (10.0, 20.0), "medium": (52.0, 60.0), "big": (60.0, 150.0)}
_CONTEXT = 1024


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a folder of Gemma Scope 2."""
    about = artifact.config("config.json") or {}
    tensors = TensorTable(artifact.state(weights), weights.name).any_case()
    place = re.search(
        r"(resid_post|attn_out|mlp_out|transcoder|clt)(?:_all)?/layer_(\d+)_width_\w+?_l0_"
        r"(small|medium|big)", artifact.location,
    )  # fmt: skip
    _check(about, tensors, place)
    repo = re.search(r"gemma-scope-2-(\d+[mb])-(pt|it)", artifact.location)
    model = about.get("model_name") or (f"google/gemma-3-{repo[1]}-{repo[2]}" if repo else None)
    draft = Draft(
        encoder=tensors.matrix("w_enc", transposed=True),
        decoder=tensors.matrix("w_dec"),
        encoder_bias=tensors.vector("b_enc"),
        decoder_bias=tensors.vector("b_dec"),
        firing=jump_relu(tensors.vector("threshold")),
        subtracts_bias=False,
    )
    return Found(
        draft=draft,
        weights_file=weights.name,
        model=None if model is None else str(model),
        hook=None if known.hook else _hook(about, place, str(model or "gemma-3")),
        context_size=_CONTEXT,
        prepends_bos=True,
        expected_l0=_L0[place[3]] if place else None,
        notes=("trained without the states of the first token, which is masked",),
    )


def _check(about: Mapping[str, Any], tensors: TensorTable, place: re.Match[str] | None) -> None:
    points = about.get("hf_hook_point_in"), about.get("hf_hook_point_out")
    if "affine_skip_connection" in tensors or (all(points) and points[0] != points[1]):
        raise reject_transcoder("this part of Gemma Scope 2", f"from {points[0]} to {points[1]}")
    if place and place[1] in ("transcoder", "clt"):
        raise reject_transcoder("this part of Gemma Scope 2", f"folder {place[1]}")
    if about.get("architecture", "jump_relu") not in ("jump_relu", "jumprelu"):
        raise DictionaryError(
            f"the architecture {about['architecture']!r} in config.json",
            expected="jump_relu",
            next_step="choose another dictionary",
        )


def _hook(about: Mapping[str, Any], place: re.Match[str] | None, model: str) -> Hook | None:
    if name := about.get("hf_hook_point_in"):
        return hook_of(str(name), model=model if "gemma" in model else "gemma-3")
    return Hook(int(place[2]) + 1, _SITES[place[1]]) if place else None
