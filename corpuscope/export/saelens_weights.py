"""The weights of an autoencoder in the conventions of SAELens, with input scales folded in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Relu, Threshold, TopK
from corpuscope.sae.model import SAE
from corpuscope.sae.token_norm import TokenNorm

__all__ = ["SAELensWeights", "saelens_weights"]

_LAYER_NORM = TokenNorm(is_centred=True, divisor="deviation", epsilon=1e-5)
_ROOT_MEAN_SQUARE = TokenNorm(is_centred=False, divisor="root-mean-square")


@dataclass(frozen=True, eq=False)
class SAELensWeights:
    """An autoencoder as SAELens computes it.

    pre = (norm(x) - b_dec) W_enc + b_enc;  f = activation(pre);  x^ = norm^-1(f W_dec + b_dec)

    Attributes:
        architecture: "standard", "topk" or "jumprelu".
        options: What the architecture asks for beyond the weights.
        normalisation: "none", "constant_norm_rescale" (to the length of the square root of the
            dimension) or "layer_norm" (by mean and standard deviation).
        tensors: float32, contiguous, by name.
        notes: What is computed otherwise than here.
    """

    architecture: str
    options: Mapping[str, Any]
    normalisation: str
    tensors: Mapping[str, torch.Tensor]
    notes: tuple[str, ...] = ()


def saelens_weights(sae: SAE) -> SAELensWeights:
    """The same autoencoder in the conventions of SAELens.

    With scale s: (s x - b) W = (x - b / s) (s W), and the reconstruction (f D + b) / s is
    f (D / s) + b / s. So activations, encoder bias and thresholds stay as they are.

    Raises:
        DictionaryError: SAELens cannot express it exactly.
    """
    architecture, options, extra = _rule(sae.firing, sae.n_features)
    scale, normalisation, notes = _normalisation(sae)
    tensors = {
        "W_enc": (sae.encoder.double() * scale).T,
        "W_dec": sae.decoder.double() / scale,
        "b_enc": sae.encoder_bias,
        "b_dec": sae.decoder_bias.double() / scale,
        **extra,
    }
    whole = {name: tensor.float().cpu().contiguous().clone() for name, tensor in tensors.items()}
    return SAELensWeights(architecture, options, normalisation, whole, notes)


def _rule(rule: FiringRule, n_features: int) -> tuple[str, dict[str, Any], dict[str, torch.Tensor]]:
    """The architecture, its options and its own tensors."""
    match rule:
        case Relu():
            return "standard", {}, {}
        case TopK(k):
            # SAELens cannot choose more features than there are.
            k = min(k, n_features)
            return "topk", {"k": k, "rescale_acts_by_decoder_norm": False}, {}
        case Threshold(theta):
            if bool((theta < 0).any()):
                raise _inexpressible(
                    "thresholds below 0, where activations may be negative",
                    "the activations of SAELens are at least 0",
                )
            return "jumprelu", {}, {"threshold": theta}
        case _:
            raise _inexpressible(
                f"the firing rule {type(rule).__name__}", "relu, top-k or a threshold per feature"
            )


def _normalisation(sae: SAE) -> tuple[float, str, tuple[str, ...]]:
    """By what inputs are still multiplied after SAELens has normalised them, and how it does."""
    if sae.token_norm:
        return sae.input_scale, _token_norm(sae.token_norm, sae.n_layers), ()
    if not sae.unit_norm:
        return sae.input_scale, "none", ()
    if sae.n_layers > 1:
        raise _inexpressible(
            f"states of {sae.n_layers} layers, concatenated, each of which is normalised to unit "
            "length on its own",
            "SAELens normalises a whole state by one length",
        )
    # SAELens normalises to the square root of the dimension.
    scale = sae.input_scale / math.sqrt(sae.width)
    note = "reconstructions have the length of the input, where corpuscope leaves them at about 1"
    return scale, "constant_norm_rescale", (note,)


def _token_norm(norm: TokenNorm, n_layers: int) -> str:
    """The name of a normalisation that SAELens takes back, too."""
    if n_layers == 1 and norm == _LAYER_NORM:
        return "layer_norm"
    if n_layers == 1 and norm == _ROOT_MEAN_SQUARE:
        return "constant_norm_rescale"
    raise _inexpressible(
        f"states that are normalised by {norm}, in {n_layers} layers",
        f"{_LAYER_NORM} or {_ROOT_MEAN_SQUARE}, in one layer",
    )


def _inexpressible(found: str, why: str) -> DictionaryError:
    return DictionaryError(
        found,
        expected=f"what SAELens can compute exactly: {why}",
        next_step="export another part, or use it with corpuscope",
    )
