"""The sparse autoencoder (SAE): encoder, decoder, a firing rule and an input scale."""

from dataclasses import dataclass, replace
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Threshold
from corpuscope.sae.token_norm import TokenNorm
from corpuscope.tensor_shapes import Activations, FeatureVectors, PerFeatureTensor, States, Vector


@dataclass(frozen=True)
class SAE:
    """A sparse autoencoder.

    pre = (scale(x) - b_dec) W_enc^T + b_enc;  f = firing(pre);  scale(x)^ = f W_dec + b_dec

    Both matrices have one row per feature. `scale` normalises to unit length where `unit_norm`
    is set, or as `token_norm` says, and multiplies by `input_scale`; decoding undoes only the
    latter, and `reconstructed` undoes both.

    Attributes:
        encoder: One row per feature.
        decoder: One row per feature, of unit length after training.
        encoder_bias: Added to the pre-activations.
        decoder_bias: The reconstruction when no feature is active, in scaled units.
        firing: The rule by which pre-activations become activations.
        input_scale: What states are multiplied by.
        unit_norm: Whether states are first normalised to unit length, layer by layer.
        n_layers: How many layers' states are concatenated.
        token_norm: How each state is first normalised by its own moments; None for not at all.
    """

    encoder: FeatureVectors
    decoder: FeatureVectors
    encoder_bias: PerFeatureTensor
    decoder_bias: Vector
    firing: FiringRule
    input_scale: float = 1.0
    unit_norm: bool = False
    n_layers: int = 1
    token_norm: TokenNorm | None = None

    @property
    def n_features(self) -> int:
        """The number of features."""
        return len(self.encoder)

    @property
    def width(self) -> int:
        """The dimension of a state."""
        return self.encoder.shape[1]

    def scaled(self, states: States) -> States:
        """The states in the units that encoder and decoder work in."""
        if states.shape[-1] != self.width:
            raise DictionaryError(
                f"states of width {states.shape[-1]}",
                expected=f"width {self.width}, which this dictionary was trained on",
                next_step="use the reader and layer that the dictionary names",
            )
        if self.unit_norm:
            states = of_length_one(states, self.n_layers)
        elif self.token_norm:
            states = self.token_norm.applied(states, self.n_layers)
        return states * self.input_scale

    def centred(self, states: States) -> States:
        """The encoder's input: scaled states minus the decoder bias, in the encoder's dtype."""
        return (self.scaled(states.float()) - self.decoder_bias).to(self.encoder.dtype)

    def pre_activations(self, states: States) -> Activations:
        """The input of the firing rule, in float32."""
        return (self.centred(states) @ self.encoder.T).float() + self.encoder_bias

    def encode(self, states: States) -> Activations:
        """The activations, at least 0."""
        return self.firing(self.pre_activations(states))

    def decode(self, activations: Activations) -> States:
        """The reconstructed states, normalised ones where the SAE takes normalised states."""
        scaled = activations.to(self.decoder.dtype) @ self.decoder + self.decoder_bias
        return scaled.float() / self.input_scale

    def reconstructed(self, states: States) -> States:
        """The states encoded and decoded, in their own units."""
        return self.restored(self.decode(self.encode(states)), states)

    def restored(self, decoded: States, states: States) -> States:
        """What `decode` gave for `states`, in the units of `states`."""
        exact = states.float()
        if self.unit_norm:
            lengths = torch.linalg.vector_norm(_by_layer(exact, self.n_layers), dim=-1)
            found: torch.Tensor = _by_layer(decoded, self.n_layers) * lengths[..., None]
            return found.flatten(-2)
        if self.token_norm:
            return self.token_norm.undone(decoded, exact, self.n_layers)
        return decoded

    def in_scale(self, input_scale: float) -> "SAE":
        """The same autoencoder with another input scale.

        Activations, thresholds and biases scale along; reconstructions stay the same.
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
        """The same autoencoder with decoder rows of unit length.

        With `TopK` and `BatchTopK` it is equivalent only if all rows had equal norms before, since
        pre-activations are rescaled and may be ranked differently.
        """
        # If decoder row i is divided by s_i, activation i must be multiplied by s_i.
        lengths = self.decoder.norm(dim=1).clamp_min(1e-12)
        return replace(
            self,
            encoder=self.encoder * lengths[:, None],
            decoder=self.decoder / lengths[:, None],
            encoder_bias=self.encoder_bias * lengths,
            firing=_times(self.firing, lengths),
        )

    def to(self, place: torch.device | torch.dtype) -> "SAE":
        """The same autoencoder on another device, or with its two matrices in another dtype."""
        moved: dict[str, Any] = {n: getattr(self, n).to(place) for n in ("encoder", "decoder")}
        if isinstance(place, torch.device):
            moved |= {n: getattr(self, n).to(place) for n in ("encoder_bias", "decoder_bias")}
            if isinstance(self.firing, Threshold):
                moved["firing"] = Threshold(self.firing.theta.to(place))
        return replace(self, **moved)


def _times(firing: FiringRule, factor: float | PerFeatureTensor) -> FiringRule:
    """The rule for pre-activations multiplied by `factor`; only thresholds depend on it."""
    return Threshold(firing.theta * factor) if isinstance(firing, Threshold) else firing


def of_length_one(states: States, n_layers: int) -> States:
    """The states with each layer's slice normalised to unit length."""
    layers = _by_layer(states, n_layers)
    lengths = torch.linalg.vector_norm(layers, dim=-1, keepdim=True).clamp_min(1e-12)
    taken: torch.Tensor = layers / lengths
    return taken.flatten(-2)


def _by_layer(states: States, n_layers: int) -> torch.Tensor:
    found: torch.Tensor = states.reshape(*states.shape[:-1], n_layers, -1)
    return found
