"""Llama Scope: `hyperparams.json` and `checkpoints/final.safetensors`, JumpReLU, of Llama 3.1 8B.

With s = sqrt(width) / mean norm of the states, f = pre where pre |W_dec| > theta s, for states
that are multiplied by s: the published threshold is in units of the states, with the norm of the
decoder's row in it. `top_k` is left over from training.

Source: He et al., 2024, arXiv 2410.20526; OpenMOSS/Language-Model-SAEs; SAELens,
`get_llama_scope_config_from_hf`, which has the same factor and takes rows for unit ones.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Relu, TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found, gate_by_decoder_norm, jump_relu
from corpuscope.sae.foreign.hooks import hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable, reject_transcoder

_CONTEXT = 1024
_L0 = 50.0


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a folder of Llama Scope."""
    if config.get("hook_point_out", config["hook_point_in"]) != config["hook_point_in"]:
        raise reject_transcoder(
            "it", f"from {config['hook_point_in']} to {config['hook_point_out']}"
        )
    if config.get("use_glu_encoder"):
        raise glu_encoder()
    tensors = TensorTable(artifact.state(weights), weights.name)
    model = re.search(r"Llama3_1-8B-Base", artifact.location)
    decoder = tensors.matrix("decoder.weight", transposed=True)
    width = decoder.shape[1]
    scale = _scale(config, known, width)
    draft = Draft(
        encoder=tensors.matrix("encoder.weight"),
        decoder=decoder,
        encoder_bias=tensors.vector("encoder.bias"),
        decoder_bias=tensors.vector_or_zeros("decoder.bias", width),
        firing=_rule(config, decoder, scale),
        subtracts_bias=bool(config.get("apply_decoder_bias_to_pre_encoder", False)),
        input_scale=scale,
        folds=("|W_dec| of the gate is in the thresholds",)
        if config.get("sparsity_include_decoder_norm")
        else (),
    )
    return Found(
        draft=draft,
        weights_file=weights.relative_to(artifact.folder).as_posix(),
        model=config.get("model_name") or ("meta-llama/Llama-3.1-8B" if model else None),
        hook=None if known.hook else hook_of(str(config["hook_point_in"])),
        context_size=_CONTEXT,
        prepends_bos=True,
        expected_l0=(_L0, _L0) if config["act_fn"] == "jumprelu" else None,
        stated_size=(config.get("d_sae"), config.get("d_model")),
    )


def _rule(config: Mapping[str, Any], decoder: torch.Tensor, scale: float) -> FiringRule:
    kind, by_norm = config["act_fn"], bool(config.get("sparsity_include_decoder_norm"))
    if kind == "relu":
        return Relu()
    if kind == "topk" and not by_norm:
        return TopK(int(config["top_k"]))
    if kind != "jumprelu":
        raise DictionaryError(
            f"act_fn {kind!r}{' by decoder norms' if by_norm else ''} in hyperparams.json",
            expected="jumprelu or relu, or topk without decoder norms",
            next_step="choose another dictionary",
        )
    theta = torch.full((len(decoder),), float(config["jump_relu_threshold"]) * scale)
    return gate_by_decoder_norm(theta, decoder) if by_norm else jump_relu(theta)


def _scale(config: Mapping[str, Any], known: Supplement, width: int) -> float:
    if known.input_scale is not None:
        return float(known.input_scale)
    kind = config.get("norm_activation", "dataset-wise")
    norm = (config.get("dataset_average_activation_norm") or {}).get("in")
    if kind == "dataset-wise" and norm:
        return float(width**0.5 / float(norm))
    if kind == "inference":
        return 1.0
    raise DictionaryError(
        f"norm_activation {kind!r} with the norm {norm!r} in hyperparams.json",
        expected="dataset-wise, with dataset_average_activation_norm",
        next_step="give input_scale in corpuscope.json beside the weights, or choose another",
    )


def glu_encoder() -> DictionaryError:
    """The error for an encoder with a gated linear unit."""
    return DictionaryError(
        "an encoder with a gated linear unit (use_glu_encoder)",
        expected="a linear encoder",
        next_step="choose another dictionary",
    )
