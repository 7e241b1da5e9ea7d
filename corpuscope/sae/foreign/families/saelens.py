"""SAELens: `cfg.json` and `sae_weights.safetensors`, since version 6 and before it.

Weights are stored canonically: W_enc is width x features, W_dec features x width. Before version 6
the configuration is flat, and `activation_fn: topk` makes a TopK dictionary whatever
`architecture` says.

Source: SAELens, `saes/{sae,standard_sae,topk_sae,jumprelu_sae,gated_sae,batchtopk_sae}.py` and
`loading/pretrained_sae_loaders.py` (6.54).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Relu, TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import (
    CENTRED,
    LAYER_NORM,
    ROOT_MEAN_SQUARE,
    Draft,
    Found,
    gated,
    jump_relu,
    one_threshold,
)
from corpuscope.sae.foreign.hooks import Hook, hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable, reject_transcoder
from corpuscope.sae.token_norm import TokenNorm

_NORMS: dict[str, TokenNorm | None] = {
    "none": None,
    "layer_norm": LAYER_NORM,
    "constant_norm_rescale": ROOT_MEAN_SQUARE,
}
_BATCH_TOP_K = ("batchtopk", "matryoshka_batchtopk")
_OLD_NAMES = {
    "hook_point": "hook_name",
    "hook_point_head_index": "hook_head_index",
    "activation_fn_str": "activation_fn",
}


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a folder that SAELens saved."""
    cfg = _Config.of(config)
    tensors = TensorTable(artifact.state(weights), weights.name)
    _check_supported(cfg)
    hook = hook_of(cfg.hook, model=cfg.model or "") if cfg.hook and not known.hook else None
    draft = _draft(cfg, tensors, known)
    return Found(
        draft=draft,
        weights_file=weights.name,
        model=cfg.model,
        hook=hook,
        context_size=cfg.context_size,
        prepends_bos=cfg.prepends_bos,
        expected_l0=None if cfg.k is None else (cfg.k, cfg.k),
        notes=_notes(cfg, hook),
        stated_size=(cfg.n_features, cfg.width),
    )


@dataclass(frozen=True, slots=True)
class _Config:
    """The configuration of either version, by one set of names."""

    architecture: str
    width: int | None
    n_features: int | None
    k: int | None
    subtracts_bias: bool
    normalisation: str
    is_rescaled: bool
    is_finetuned: bool
    hook: str | None
    head: int | None
    model: str | None
    centres_states: bool
    prepends_bos: bool | None
    context_size: int | None

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "_Config":
        flat = {_OLD_NAMES.get(key, key): value for key, value in config.items()}
        is_old = "metadata" not in config
        about = flat if is_old else {**(config["metadata"] or {})}
        kwargs = flat.get("activation_fn_kwargs") or {}
        architecture, k = str(flat.get("architecture") or "standard"), flat.get("k")
        if is_old and flat.get("activation_fn") == "topk" and kwargs.get("k") is not None:
            architecture, k = "topk", kwargs["k"]
        model_options = about.get("model_from_pretrained_kwargs") or {}
        hook = about.get("hook_name") or about.get("hf_hook_name")
        return cls(
            architecture=architecture,
            width=flat.get("d_in"),
            n_features=flat.get("d_sae"),
            k=None if architecture != "topk" or k is None else int(k),
            subtracts_bias=bool(flat.get("apply_b_dec_to_input", True)),
            normalisation=_normalisation(flat.get("normalize_activations")),
            is_rescaled=bool(flat.get("rescale_acts_by_decoder_norm", False)),
            is_finetuned=bool(flat.get("finetuning_scaling_factor", False)),
            hook=hook,
            head=about.get("hook_head_index"),
            model=about.get("model_name"),
            centres_states=bool(model_options.get("center_writing_weights", False)),
            prepends_bos=about.get("prepend_bos", True if is_old else None),
            context_size=about.get("context_size"),
        )


def _normalisation(value: object) -> str:
    if isinstance(value, bool):
        return "expected_average_only_in" if value else "none"
    return "none" if value is None else str(value)


def _check_supported(cfg: _Config) -> None:
    if "transcoder" in cfg.architecture or "clt" in cfg.architecture:
        raise reject_transcoder("it", f"architecture {cfg.architecture!r}")
    if cfg.architecture not in ("standard", "topk", "jumprelu", "gated", *_BATCH_TOP_K):
        raise DictionaryError(
            f"the architecture {cfg.architecture!r} of SAELens",
            expected="standard, topk, jumprelu, gated, batchtopk or matryoshka_batchtopk",
            next_step="choose a dictionary of one of these",
        )
    if cfg.head is not None:
        raise DictionaryError(
            f"an SAE of one attention head ({cfg.head}) of {cfg.hook}",
            expected="an SAE of all heads, concatenated",
            next_step="choose another dictionary of that layer",
        )
    if cfg.architecture == "topk" and cfg.k is None:
        raise DictionaryError(
            "a topk dictionary without k in cfg.json",
            expected="k, the number of features that fire at a token",
            next_step="download cfg.json again, or write k into it where it is known",
        )


def _draft(cfg: _Config, tensors: TensorTable, known: Supplement) -> Draft:
    encoder = tensors.matrix("W_enc", transposed=True)
    decoder, decoder_bias = tensors.matrix("W_dec"), tensors.vector("b_dec")
    norm, scale = _token_norm(cfg, known), _scale(cfg, known)
    decoder, folds = _finetuned(cfg, tensors, decoder)
    if cfg.architecture == "gated":
        biases = (tensors.vector(name) for name in ("b_gate", "b_mag", "r_mag"))
        encoder, bias, rule = gated(encoder, *biases)
        folds = (*folds, "the gate is a threshold, b_mag - b_gate exp(r_mag)")
    else:
        bias, rule = tensors.vector("b_enc"), _rule(cfg, tensors)
    draft = Draft(
        encoder=encoder,
        decoder=decoder,
        encoder_bias=bias,
        decoder_bias=decoder_bias,
        firing=rule,
        subtracts_bias=cfg.subtracts_bias,
        input_scale=scale,
        token_norm=norm,
        folds=folds,
    )
    if cfg.is_rescaled and cfg.architecture in ("topk", *_BATCH_TOP_K):
        # Their threshold is in units of pre |W_dec| already.
        return replace(draft.with_unit_rows(), firing=rule)
    return draft


def _rule(cfg: _Config, tensors: TensorTable) -> FiringRule:
    if cfg.architecture == "topk" and cfg.k is not None:
        return TopK(cfg.k)
    if cfg.architecture == "jumprelu":
        if "log_threshold" in tensors:
            return jump_relu(tensors.vector("log_threshold").exp())
        return jump_relu(tensors.vector("threshold"))
    if cfg.architecture in _BATCH_TOP_K:
        n_features = len(tensors.vector("b_enc"))
        return one_threshold(tensors.number("topk_threshold"), n_features)
    return Relu()


def _finetuned(
    cfg: _Config, tensors: TensorTable, decoder: torch.Tensor
) -> tuple[torch.Tensor, tuple[str, ...]]:
    name = next((n for n in ("finetuning_scaling_factor", "scaling_factor") if n in tensors), None)
    if name is None or bool((tensors.vector(name) == 1).all()):
        return decoder, ()
    if not cfg.is_finetuned:
        raise DictionaryError(
            f"a tensor {name!r} that is not 1, and finetuning_scaling_factor is not set",
            expected="both or neither",
            next_step="choose another dictionary, or ask who made this one",
        )
    scaled = (decoder.double() * tensors.vector(name).double()[:, None]).float()
    return scaled, ("W_dec is multiplied by their scaling_factor",)


def _token_norm(cfg: _Config, known: Supplement) -> TokenNorm | None:
    understood = (*_NORMS, "expected_average_only_in")
    if cfg.normalisation not in understood:
        raise DictionaryError(
            f"normalize_activations {cfg.normalisation!r}",
            expected=f"one of {', '.join(understood)}; others are folded into the weights when "
            "SAELens saves a finished SAE",
            next_step="choose a finished SAE instead of a checkpoint of training",
        )
    norm = _NORMS.get(cfg.normalisation)
    is_centred = cfg.centres_states if known.centres_states is None else known.centres_states
    is_hidden = any(part in (cfg.hook or "") for part in ("hook_z", "hook_post"))
    if not is_centred or is_hidden:
        return norm
    return CENTRED if norm is None else replace(norm, is_centred=True)


def _scale(cfg: _Config, known: Supplement) -> float:
    if known.input_scale is not None:
        return float(known.input_scale)
    if cfg.normalisation != "expected_average_only_in":
        return 1.0
    raise DictionaryError(
        "normalize_activations 'expected_average_only_in', and the factor is in none of the files",
        expected="the factor by which states are multiplied, sqrt(width) / mean norm of the states "
        "it was trained on",
        next_step="give it as input_scale in corpuscope.json beside the weights; the catalogue of "
        "SAELens has it as norm_scaling_factor for some releases",
    )


def _notes(cfg: _Config, hook: Hook | None) -> tuple[str, ...]:
    if cfg.centres_states and hook is not None:
        return ("trained on states without their mean over the width (centred writing weights)",)
    return ()
