"""The weights of an SAE as numpy arrays with its settings: what is on disk, without torch."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

NAMES = ("encoder", "decoder", "encoder_bias", "decoder_bias")
"""The arrays that every SAE has; one with thresholds has `theta` too."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of an SAE; `model.SAE` says what they mean.

    Attributes:
        arrays: Arrays by the names they are stored under, in float32.
        firing: The firing rule as JSON values, without its thresholds.
        input_scale: What states are multiplied by.
        unit_norm: Whether states are first normalised to unit length, layer by layer.
        n_layers: How many layers' states are concatenated.
        token_norm: How each state is first normalised by its own moments, as JSON values.
    """

    arrays: Mapping[str, Array]
    firing: Mapping[str, Any]
    input_scale: float = 1.0
    unit_norm: bool = False
    n_layers: int = 1
    token_norm: Mapping[str, Any] | None = None

    @property
    def n_features(self) -> int:
        """The number of features."""
        return len(self.arrays["encoder"])

    @property
    def width(self) -> int:
        """The dimension of a state."""
        return int(self.arrays["encoder"].shape[1])

    @property
    def is_simple(self) -> bool:
        """Whether arrays suffice to encode: each feature fires by its own value alone."""
        return self.firing["rule"] in ("relu", "threshold") and self.token_norm is None

    def count_in(self, running: "hashlib.blake2b") -> None:
        """Add the arrays to a hash."""
        for name, values in self.arrays.items():
            running.update(f"{name} {values.shape}".encode())
            running.update(np.ascontiguousarray(values).tobytes())
