"""Llamascopium (Language-Model-SAEs): `config.json` with `sae_type`, tensors W_E, b_E, W_D, b_D.

With `sparsity_include_decoder_norm` (the default) features are chosen by pre |W_D|, and what
passes is pre.

Source: OpenMOSS/Language-Model-SAEs, `models/sae.py`, `activation_functions.py` (2026-05).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Relu, TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import (
    ROOT_MEAN_SQUARE,
    Draft,
    Found,
    gate_by_decoder_norm,
    jump_relu,
)
from corpuscope.sae.foreign.families.llama_scope import glu_encoder
from corpuscope.sae.foreign.hooks import hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable, reject_transcoder
from corpuscope.sae.token_norm import TokenNorm

_LOG_THRESHOLD = "activation_function.log_jumprelu_threshold"


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a folder of Llamascopium."""
    if config["sae_type"] != "sae":
        raise reject_transcoder("it", f"sae_type {config['sae_type']!r}")
    points = config.get("hook_point_in"), config.get("hook_point_out")
    if all(points) and points[0] != points[1]:
        raise reject_transcoder("it", f"from {points[0]} to {points[1]}")
    tensors = TensorTable(artifact.state(weights), weights.name)
    if config.get("use_glu_encoder") or "W_E_glu" in tensors:
        raise glu_encoder()
    decoder = tensors.matrix("W_D")
    n_features, width = decoder.shape
    scale, norm = _normalisation(config, tensors, known, width)
    by_norm = bool(config.get("sparsity_include_decoder_norm", True))
    kind = str(config.get("act_fn", "relu"))
    draft = Draft(
        encoder=tensors.matrix("W_E", transposed=True),
        decoder=decoder,
        encoder_bias=tensors.vector_or_zeros("b_E", n_features),
        decoder_bias=tensors.vector_or_zeros("b_D", width),
        firing=_rule(kind, config, tensors, decoder if by_norm else None),
        subtracts_bias=False,
        input_scale=scale,
        token_norm=norm,
    )
    if kind == "topk" and by_norm:
        draft = draft.with_unit_rows()
    factor, k = config.get("expansion_factor"), config.get("top_k")
    has_k = kind in ("topk", "batchtopk") and k is not None
    return Found(
        draft=draft,
        weights_file=weights.relative_to(artifact.folder).as_posix(),
        model=config.get("model_name"),
        hook=hook_of(str(points[0])) if points[0] and not known.hook else None,
        expected_l0=(float(k), float(k)) if has_k and k is not None else None,
        stated_size=(int(config["d_model"] * factor) if factor else None, config["d_model"]),
    )


def _rule(
    kind: str, config: Mapping[str, Any], tensors: TensorTable, decoder: torch.Tensor | None
) -> FiringRule:
    """The rule; `decoder` is None where decoder norms take no part in it."""
    if kind == "relu":
        return Relu()
    if kind == "topk":
        return TopK(int(config["top_k"]))
    # What training with batch top-k ends as.
    if kind in ("jumprelu", "batchtopk") and _LOG_THRESHOLD in tensors:
        theta = tensors.vector(_LOG_THRESHOLD).exp()
        return jump_relu(theta) if decoder is None else gate_by_decoder_norm(theta, decoder)
    raise DictionaryError(
        f"act_fn {kind!r} in config.json, and no {_LOG_THRESHOLD} among the weights",
        expected="relu, topk, or jumprelu with its thresholds; batch top-k depends on the batch",
        next_step="choose a finished dictionary, with thresholds",
    )


def _normalisation(
    config: Mapping[str, Any], tensors: TensorTable, known: Supplement, width: int
) -> tuple[float, TokenNorm | None]:
    if known.input_scale is not None:
        return float(known.input_scale), None
    kind = config.get("norm_activation", "inference")
    if kind == "inference":
        return 1.0, None
    if kind == "token-wise":
        return 1.0, ROOT_MEAN_SQUARE
    name = f"dataset_average_activation_norm.{config.get('hook_point_in')}"
    if kind == "dataset-wise" and name in tensors:
        return float(width**0.5 / tensors.number(name)), None
    raise DictionaryError(
        f"norm_activation {kind!r} in config.json"
        + (f", and no {name} among the weights" if kind == "dataset-wise" else ""),
        expected="inference, token-wise, or dataset-wise with its norms; batch-wise norms depend "
        "on the batch",
        next_step="give input_scale in corpuscope.json beside the weights, or choose another",
    )
