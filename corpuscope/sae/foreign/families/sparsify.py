"""EleutherAI sparsify: `<hookpoint>/{cfg.json, sae.safetensors}`, TopK or group max.

The folder's name is the submodule whose output is reconstructed (`layers.10`, `layers.5.mlp`); a
`config.json` beside these folders names the model. `num_latents` of 0 means width times
`expansion_factor`. W_dec is stored with one row per feature.

Source: sparsify, `sparse_coder.py`, `fused_encoder.py`, `config.py` (1.3.3).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, GroupMax, TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found
from corpuscope.sae.foreign.hooks import Hook, hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable, reject_transcoder


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in the folder of a hook point."""
    tensors = TensorTable(artifact.state(weights), weights.name)
    if config.get("transcode") or config.get("skip_connection") or "W_skip" in tensors:
        raise reject_transcoder("it", "transcode or skip_connection in cfg.json")
    if config.get("signed"):
        raise DictionaryError(
            "a signed dictionary, whose features may be negative",
            expected="features that are at least 0",
            next_step="choose another dictionary",
        )
    run = artifact.config("config.json", above=1) or {}
    model = run.get("model")
    k = int(config["k"])
    draft = Draft(
        encoder=tensors.matrix("encoder.weight"),
        decoder=tensors.matrix("W_dec"),
        encoder_bias=tensors.vector("encoder.bias"),
        decoder_bias=tensors.vector("b_dec"),
        firing=_rule(str(config.get("activation", "topk")), k),
    )
    width = config.get("d_in")
    n_features = config.get("num_latents") or (width and width * config["expansion_factor"])
    return Found(
        draft=draft,
        weights_file=weights.name,
        model=None if model is None else str(model),
        hook=None if known.hook else _hook(artifact.folder.name, str(model or "")),
        context_size=run.get("ctx_len"),
        # Texts are packed into windows, without a first token at each.
        prepends_bos=None,
        expected_l0=(float(k), float(k)),
        stated_size=(n_features, width),
    )


def _rule(activation: str, k: int) -> FiringRule:
    rules: dict[str, FiringRule] = {"topk": TopK(k), "groupmax": GroupMax(k)}
    if activation in rules:
        return rules[activation]
    raise DictionaryError(
        f"the activation {activation!r} in cfg.json",
        expected="topk or groupmax",
        next_step="choose another dictionary",
    )


def _hook(folder: str, model: str) -> Hook | None:
    """The place that a folder's name means; None for one that is no place, such as a project's."""
    if "layers." not in folder and "h." not in folder and folder != "embed_tokens":
        return None
    return hook_of(folder, model=model)
