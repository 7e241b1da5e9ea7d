"""Goodfire: one `.pth` or `.pt` file, `<model>-SAE-l<layer>`, ReLU, of Llama 3 Instruct models.

The file's name says model and layer. Decoder rows do not have length 1.

Source: Goodfire, model cards of `Llama-3.1-8B-Instruct-SAE-l19` and
`Llama-3.3-70B-Instruct-SAE-l50`; SAELens, `get_goodfire_huggingface_loader`.
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

_L0 = {"Llama-3.1-8B-Instruct": 91.0, "Llama-3.3-70B-Instruct": 121.0}


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a file of Goodfire."""
    tensors = TensorTable(artifact.state(weights), weights.name)
    named = re.search(r"(Llama-[\w.]+?-\w+-Instruct)-SAE-l(\d+)", weights.name)
    model = named[1] if named else None
    draft = Draft(
        encoder=tensors.matrix("encoder_linear.weight"),
        decoder=tensors.matrix("decoder_linear.weight", transposed=True),
        encoder_bias=tensors.vector("encoder_linear.bias"),
        decoder_bias=tensors.vector("decoder_linear.bias"),
        firing=Relu(),
        subtracts_bias=False,
    )
    l0 = _L0.get(model or "")
    return Found(
        draft=draft,
        weights_file=weights.name,
        model=f"meta-llama/{model}" if model else None,
        hook=Hook(int(named[2]) + 1) if named else None,
        prepends_bos=True,
        expected_l0=(l0, l0) if l0 else None,
        notes=("trained on chats (LMSYS-Chat-1M): read chats with their roles",),
    )
