"""Normalisation of each state by its own moments, which a reconstruction takes back."""

from dataclasses import dataclass
from typing import Literal

import torch

from corpuscope.tensor_shapes import States

_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class TokenNorm:
    """How each state is normalised on its own, layer by layer.

    normalised(x) = (x - m) / (s + epsilon), and a reconstruction y of it becomes y s + m. This is
    how the dictionaries meant that were trained so; that epsilon is not added back is theirs.

    Attributes:
        is_centred: Whether m is the mean over the width; otherwise it is 0.
        divisor: "deviation": s is the standard deviation over the width (with n - 1);
            "root-mean-square": s is the root mean square of x - m; None: s is 1.
        epsilon: Added to s.
    """

    is_centred: bool
    divisor: Literal["deviation", "root-mean-square"] | None = None
    epsilon: float = 0.0

    def applied(self, states: States, n_layers: int = 1) -> States:
        """The normalised states."""
        layers = _by_layer(states, n_layers)
        shift, scale = self._moments(layers)
        normalised: torch.Tensor = (layers - shift) / (scale + self.epsilon).clamp_min(_SMALLEST)
        return normalised.flatten(-2)

    def undone(self, normalised: States, states: States, n_layers: int = 1) -> States:
        """Reconstructions of normalised `states`, in the units of `states`."""
        shift, scale = self._moments(_by_layer(states, n_layers))
        found: torch.Tensor = _by_layer(normalised, n_layers) * scale + shift
        return found.flatten(-2)

    def _moments(self, layers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean = layers.mean(dim=-1, keepdim=True)
        shift = mean if self.is_centred else torch.zeros_like(mean)
        if self.divisor == "deviation":
            return shift, layers.std(dim=-1, keepdim=True)
        if self.divisor == "root-mean-square":
            return shift, (layers - shift).square().mean(dim=-1, keepdim=True).sqrt()
        return shift, torch.ones_like(mean)


def _by_layer(states: States, n_layers: int) -> torch.Tensor:
    return states.reshape(*states.shape[:-1], n_layers, -1)
