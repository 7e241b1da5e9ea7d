"""qresearch's dictionary of DeepSeek-R1-Distill-Llama-8B: one file, ReLU, layer in its name.

Source: SAELens, `deepseek_r1_sae_huggingface_loader`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpuscope.sae.firing import Relu
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found
from corpuscope.sae.foreign.hooks import Hook
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in that file."""
    tensors = TensorTable(artifact.state(weights), weights.name)
    number = re.search(r"l(\d+)", weights.name)
    return Found(
        draft=Draft(
            encoder=tensors.matrix("encoder.weight"),
            decoder=tensors.matrix("decoder.weight", transposed=True),
            encoder_bias=tensors.vector("encoder.bias"),
            decoder_bias=tensors.vector("decoder.bias"),
            firing=Relu(),
            subtracts_bias=False,
        ),
        weights_file=weights.name,
        model="deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
        hook=Hook(int(number[1]) + 1) if number else None,
        context_size=1024,
        prepends_bos=True,
    )
