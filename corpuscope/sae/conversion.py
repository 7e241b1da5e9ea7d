"""From weights as arrays to an SAE that computes with torch, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import BatchTopK, FiringRule, GroupMax, Relu, Threshold, TopK
from corpuscope.sae.model import SAE
from corpuscope.sae.token_norm import TokenNorm
from corpuscope.sae.weights import NAMES, Weights


def sae_of(weights: Weights) -> SAE:
    """The SAE of these weights, on the processor, in float32."""
    tensors = {name: torch.from_numpy(values) for name, values in weights.arrays.items()}
    rule = _firing(weights.firing, tensors.pop("theta", None))
    norm = None if weights.token_norm is None else TokenNorm(**weights.token_norm)
    return SAE(
        **tensors,
        firing=rule,
        input_scale=weights.input_scale,
        unit_norm=weights.unit_norm,
        n_layers=weights.n_layers,
        token_norm=norm,
    )


def weights_of(sae: SAE) -> Weights:
    """The weights of an SAE.

    Raises:
        DictionaryError: Its firing rule is for training only.
    """
    return Weights(
        {name: tensor.float().cpu().numpy() for name, tensor in tensors_of(sae).items()},
        firing_config(sae.firing),
        sae.input_scale,
        sae.unit_norm,
        sae.n_layers,
        asdict(sae.token_norm) if sae.token_norm else None,
    )


def tensors_of(sae: SAE) -> dict[str, torch.Tensor]:
    """The arrays that make up an SAE, by the names they are stored under."""
    tensors: dict[str, torch.Tensor] = {name: getattr(sae, name) for name in NAMES}
    if isinstance(sae.firing, Threshold):
        tensors["theta"] = sae.firing.theta
    return tensors


def firing_config(rule: FiringRule) -> dict[str, Any]:
    """The rule as JSON values, without its thresholds.

    Raises:
        DictionaryError: The rule is for training only.
    """
    match rule:
        case Relu():
            return {"rule": "relu"}
        case TopK(k):
            return {"rule": "top-k", "k": k}
        case GroupMax(n_groups):
            return {"rule": "group-max", "n_groups": n_groups}
        case Threshold():
            return {"rule": "threshold"}
        case BatchTopK():
            raise DictionaryError(
                "an SAE with batch top-k as its firing rule",
                expected="a rule that treats each unit on its own",
                next_step="replace the rule by thresholds, as training does at the end",
            )


def _firing(config: Mapping[str, Any], theta: torch.Tensor | None) -> FiringRule:
    rule = config["rule"]
    if rule == "relu":
        return Relu()
    if rule == "top-k":
        return TopK(int(config["k"]))
    if rule == "group-max":
        return GroupMax(int(config["n_groups"]))
    if rule == "threshold" and theta is not None:
        return Threshold(theta)
    raise ValueError(f"the firing rule {rule!r}, theta {'missing' if theta is None else 'there'}")
