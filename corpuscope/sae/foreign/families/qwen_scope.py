"""Qwen Scope: `SAE-Res-<model>-W<N>K-L0_<K>/layer<n>.sae.pt`, TopK, of Qwen 3 and 3.5.

W_enc and W_dec are stored the other way round than elsewhere; which is which is told from the
lengths of the biases.

Source: SAELens, `qwen_scope_sae_huggingface_loader`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found
from corpuscope.sae.foreign.hooks import Hook
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable

_CONTEXT = 1024


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in a file of Qwen Scope."""
    tensors = TensorTable(artifact.state(weights), weights.name)
    repo = re.search(r"SAE-Res-([\w.\-]+?)-W(\d+)K-L0_(\d+)", artifact.location)
    if repo is None:
        raise DictionaryError(
            f"{weights.name} in a folder whose name does not say how many features fire",
            expected="a folder named as the repository, SAE-Res-<model>-W<N>K-L0_<K>",
            next_step="give the folder the repository's name",
        )
    bias, decoder_bias = tensors.vector("b_enc"), tensors.vector("b_dec")
    if len(bias) == len(decoder_bias):
        raise DictionaryError(
            f"{weights.name}: square matrices of {len(bias)}, whose orientation cannot be told",
            expected="more features than the width of the states",
            next_step="choose another dictionary",
        )
    number = re.search(r"layer(\d+)", weights.name)
    k = int(repo[3])
    return Found(
        draft=Draft(
            encoder=tensors.matrix("W_enc"),
            decoder=tensors.matrix("W_dec", transposed=True),
            encoder_bias=bias,
            decoder_bias=decoder_bias,
            firing=TopK(k),
            subtracts_bias=False,
        ),
        weights_file=weights.name,
        model=f"Qwen/{repo[1]}",
        hook=Hook(int(number[1]) + 1) if number else None,
        context_size=_CONTEXT,
        expected_l0=(float(k), float(k)),
        stated_size=(int(repo[2]) * 1024, None),
    )
