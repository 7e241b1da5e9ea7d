"""Llama Scope R1-Distill: `config.json` and `sae_weights.safetensors`, JumpReLU.

Of DeepSeek-R1-Distill-Llama-8B. The factor of the states is not in the files; SAELens' catalogue
has it as `norm_scaling_factor`.

Source: OpenMOSS, `fnlp/Llama-Scope-R1-Distill`; SAELens,
`llama_scope_r1_distill_sae_huggingface_loader`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpuscope.errors import DictionaryError
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found, jump_relu
from corpuscope.sae.foreign.hooks import hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable

_CONTEXT = 1024


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a folder of Llama Scope R1-Distill."""
    if known.input_scale is None:
        raise DictionaryError(
            "a dictionary of normalised states, and the factor is in none of its files",
            expected="the factor by which states are multiplied",
            next_step="give it as input_scale in corpuscope.json beside the weights; the "
            "catalogue of SAELens has it as norm_scaling_factor",
        )
    tensors = TensorTable(artifact.state(weights), weights.name)
    draft = Draft(
        encoder=tensors.matrix("encoder.weight"),
        decoder=tensors.matrix("decoder.weight", transposed=True),
        encoder_bias=tensors.vector("encoder.bias"),
        decoder_bias=tensors.vector("decoder.bias"),
        firing=jump_relu(tensors.vector("log_jumprelu_threshold").exp()),
        subtracts_bias=False,
        input_scale=float(known.input_scale),
    )
    width, factor = config["d_model"], config.get("expansion_factor")
    return Found(
        draft=draft,
        weights_file=weights.name,
        model=config.get("model_name") or "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
        hook=None if known.hook else hook_of(str(config["hook_point_in"])),
        context_size=_CONTEXT,
        prepends_bos=True,
        stated_size=(int(width * factor) if factor else None, width),
    )
