"""The reference code of BatchTopK: `sae.pt` and `config.json` with `act_size` and `sae_type`.

For topk and batchtopk b_enc is stored and not used. Batch top-k was saved without a threshold for
use: one has to be given.

Source: bartbussmann/BatchTopK, `sae.py` (2025-05); Bussmann et al., 2024, arXiv 2412.06410.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Relu, TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import LAYER_NORM, Draft, Found, jump_relu, one_threshold
from corpuscope.sae.foreign.hooks import hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a folder of the reference code."""
    tensors = TensorTable(artifact.state(weights), weights.name)
    kind = str(config["sae_type"])
    decoder = tensors.matrix("W_dec")
    uses_bias = kind in ("vanilla", "jumprelu")
    bias = tensors.vector("b_enc") if uses_bias else torch.zeros(len(decoder))
    k = config.get("top_k")
    model, hook = config.get("model_name"), config.get("hook_point")
    return Found(
        draft=Draft(
            encoder=tensors.matrix("W_enc", transposed=True),
            decoder=decoder,
            encoder_bias=bias,
            decoder_bias=tensors.vector("b_dec"),
            firing=_rule(kind, config, tensors, known),
            subtracts_bias=kind != "jumprelu",
            token_norm=LAYER_NORM if config.get("input_unit_norm", True) else None,
            folds=() if uses_bias else ("b_enc is 0: theirs is stored and not used",),
        ),
        weights_file=weights.name,
        model=None if model is None else str(model),
        hook=hook_of(str(hook), model=str(model or "")) if hook and not known.hook else None,
        context_size=config.get("seq_len"),
        expected_l0=(float(k), float(k)) if kind.endswith("topk") and k is not None else None,
        stated_size=(config["dict_size"], config["act_size"]),
    )


def _rule(
    kind: str, config: Mapping[str, Any], tensors: TensorTable, known: Supplement
) -> FiringRule:
    if kind == "vanilla":
        return Relu()
    if kind == "topk":
        return TopK(int(config["top_k"]))
    if kind == "jumprelu":
        return jump_relu(tensors.vector("jumprelu.log_threshold").exp())
    if kind != "batchtopk":
        raise DictionaryError(
            f"sae_type {kind!r} in config.json",
            expected="vanilla, topk, batchtopk or jumprelu",
            next_step="choose another dictionary",
        )
    if known.threshold is not None:
        return one_threshold(known.threshold, len(tensors.matrix("W_dec")))
    if known.k_per_token:
        return TopK(int(config["top_k"]))
    raise DictionaryError(
        "a BatchTopK dictionary that was saved without a threshold: what fires would depend on "
        "the batch",
        expected="a threshold",
        next_step='put {"threshold": ...} into corpuscope.json beside the weights (see '
        '`calibrated_threshold`), or {"k_per_token": true} to keep the k largest of each token',
    )
