"""The sparse autoencoder: two linear maps, a firing rule and an input scale; knows no text."""

from dataclasses import dataclass, replace
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Threshold
from corpuscope.tensor_shapes import Activations, FeatureVectors, PerFeatureTensor, States, Vector


@dataclass(frozen=True)
class SAE:
    """States to sparse activations and back.

    pre = (scale(x) - b_dec) W_enc^T + b_enc;  f = firing(pre);  scale(x)^ = f W_dec + b_dec

    Both maps keep one row a feature. `scale` divides by the vector's own length where
    `unit_norm` is set, and multiplies by `input_scale`; decoding undoes the latter.

    Attributes:
        encoder: One row a feature.
        decoder: One row a feature, of length 1 after training.
        encoder_bias: Added to the pre-activations.
        decoder_bias: What is decoded when nothing fires, in scaled units.
        firing: Which pre-activations become activations.
        input_scale: What states are multiplied by.
        unit_norm: Whether each state is first divided by its length, layer by layer.
        n_layers: How many layers' states are put end to end in one.
    """

    encoder: FeatureVectors
    decoder: FeatureVectors
    encoder_bias: PerFeatureTensor
    decoder_bias: Vector
    firing: FiringRule
    input_scale: float = 1.0
    unit_norm: bool = False
    n_layers: int = 1

    @property
    def n_features(self) -> int:
        """How many features it has."""
        return len(self.encoder)

    @property
    def width(self) -> int:
        """How long a state is."""
        return self.encoder.shape[1]

    def scaled(self, states: States) -> States:
        """The states in the units that the two maps were learned in."""
        if states.shape[-1] != self.width:
            raise DictionaryError(
                f"states of width {states.shape[-1]}",
                expected=f"width {self.width}, which this dictionary was trained on",
                next_step="use the reader and layer that the dictionary names",
            )
        if self.unit_norm:
            states = of_length_one(states, self.n_layers)
        return states * self.input_scale

    def centred(self, states: States) -> States:
        """What the encoder's map is applied to, in its number type."""
        return (self.scaled(states.float()) - self.decoder_bias).to(self.encoder.dtype)

    def pre_activations(self, states: States) -> Activations:
        """What the firing rule chooses from; negative where a feature speaks against."""
        return (self.centred(states) @ self.encoder.T).float() + self.encoder_bias

    def encode(self, states: States) -> Activations:
        """The activations, at least 0."""
        return self.firing(self.pre_activations(states))

    def decode(self, activations: Activations) -> States:
        """The states that these activations stand for (of length about 1 where `unit_norm`)."""
        scaled = activations.to(self.decoder.dtype) @ self.decoder + self.decoder_bias
        return scaled.float() / self.input_scale

    def in_scale(self, input_scale: float) -> "SAE":
        """The same function of states, its inner units chosen so that this is its scale.

        Activations, thresholds and biases grow with the scale; what is decoded stays the same.
        """
        ratio = input_scale / self.input_scale
        return replace(
            self,
            encoder_bias=self.encoder_bias * ratio,
            decoder_bias=self.decoder_bias * ratio,
            firing=_times(self.firing, ratio),
            input_scale=input_scale,
        )

    def with_unit_rows(self) -> "SAE":
        """The same function of states, with decoder rows of length 1.

        For `TopK` and `BatchTopK` it is the same only if the rows had one length before: what
        they rank changes with it.
        """
        lengths = self.decoder.norm(dim=1).clamp_min(1e-12)
        return replace(
            self,
            encoder=self.encoder * lengths[:, None],
            decoder=self.decoder / lengths[:, None],
            encoder_bias=self.encoder_bias * lengths,
            firing=_times(self.firing, lengths),
        )

    def to(self, place: torch.device | torch.dtype) -> "SAE":
        """The same dictionary elsewhere, or with its two maps in another number type."""
        moved: dict[str, Any] = {n: getattr(self, n).to(place) for n in ("encoder", "decoder")}
        if isinstance(place, torch.device):
            moved |= {n: getattr(self, n).to(place) for n in ("encoder_bias", "decoder_bias")}
            if isinstance(self.firing, Threshold):
                moved["firing"] = Threshold(self.firing.theta.to(place))
        return replace(self, **moved)


def _times(firing: FiringRule, factor: float | PerFeatureTensor) -> FiringRule:
    """The rule that fires at pre-activations so many times as large."""
    return Threshold(firing.theta * factor) if isinstance(firing, Threshold) else firing


def of_length_one(states: States, n_layers: int) -> States:
    """The states with each layer's share divided by its length."""
    layers: torch.Tensor = states.reshape(*states.shape[:-1], n_layers, -1)
    lengths = torch.linalg.vector_norm(layers, dim=-1, keepdim=True).clamp_min(1e-12)
    taken: torch.Tensor = layers / lengths
    return taken.flatten(-2)
