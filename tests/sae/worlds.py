"""Small dictionaries made on the spot."""

from typing import Any, Literal

import pyarrow as pa
import torch

from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.firing import FiringRule, Threshold
from corpuscope.sae.model import SAE


def random_sae(
    n_features: int = 24,
    width: int = 16,
    *,
    seed: int = 0,
    firing: FiringRule | None = None,
    unit_norm: bool = False,
) -> SAE:
    generator = torch.Generator().manual_seed(seed)
    encoder = torch.randn(n_features, width, generator=generator)
    encoder /= encoder.norm(dim=1, keepdim=True)
    theta = torch.rand(n_features, generator=generator)
    return SAE(
        encoder=encoder,
        decoder=encoder.clone(),
        encoder_bias=torch.randn(n_features, generator=generator) / 10,
        decoder_bias=torch.randn(width, generator=generator) / 10,
        firing=Threshold(theta) if firing is None else firing,
        input_scale=1.25,
        unit_norm=unit_norm,
    )


def random_dictionary(
    *,
    reader: str = "tiny/bert",
    context: Literal["sentence", "passage"] = "sentence",
    max_tokens: int = 32,
    roles: list[str] | None = None,
    threshold: float = 0.8,
    seed: int = 0,
) -> Dictionary:
    """24 features of tokens after layer 2, 12 of sentences after layers 3 and 4."""
    parts = (
        Part("token", (2,), random_sae(seed=seed)),
        Part("sentence", (3, 4), random_sae(12, 32, seed=seed + 1)),
    )
    masks: dict[str, Any] = {
        "special_tokens": "out",
        "template": "out",
        "roles": roles,
        "outlier_norm": 10.0,
    }
    return Dictionary(
        reader_name=reader,
        revision="1",
        context=context,
        max_tokens=max_tokens,
        masks=masks,
        parts=parts,
        features=feature_table(24, 12, threshold),
        training={"n_tokens": 10},
        about={"licence": "Apache-2.0", "presence": "strength above the feature's threshold"},
    )


def feature_table(n_token: int, n_sentence: int, threshold: float | None) -> pa.Table:
    n = n_token + n_sentence
    return pa.table(
        {
            "feature": pa.array(range(n), pa.int32()),
            "kind": ["token"] * n_token + ["sentence"] * n_sentence,
            "label": [f"feature {i}" for i in range(n)],
            "threshold": pa.array([threshold] * n, pa.float32()),
        }
    )
