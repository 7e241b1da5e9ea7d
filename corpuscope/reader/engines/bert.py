"""The layers of a BERT encoder in numpy, in float32.

Source: Devlin et al. 2019, arXiv 1810.04805; the exact (erf) form of GELU.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erf

N_HEADS = 12
"""Attention heads of all-MiniLM-L6-v2."""

EPSILON = 1e-12
"""Added to the variance in its norms."""

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Bert:
    """A BERT encoder.

    Attributes:
        weights: Weights by the names that transformers gives them, in float32.
    """

    weights: Mapping[str, Array]

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return sum(name.endswith(".attention.output.dense.weight") for name in self.weights)

    @property
    def width(self) -> int:
        """Dimension of states."""
        return int(self.weights["embeddings.word_embeddings.weight"].shape[1])

    def first_states(self, ids: npt.NDArray[np.integer]) -> Array:
        """The input of the first layer: texts x positions x width."""
        table = self.weights
        states = table["embeddings.word_embeddings.weight"][ids]
        states = states + table["embeddings.position_embeddings.weight"][: ids.shape[1]]
        states = states + table["embeddings.token_type_embeddings.weight"][0]
        return self._normalised("embeddings.LayerNorm", states)

    def after(self, layer: int, states: Array, mask: Array | None = None) -> Array:
        """The states after a layer, counted from 1.

        Args:
            layer: Which.
            states: Those before it.
            mask: Added to attention scores, such as a large negative number at padding.
        """
        name = f"encoder.layer.{layer - 1}."
        attended = self._attended(f"{name}attention.self.", states, mask)
        attended = self._linear(f"{name}attention.output.dense", attended)
        states = self._normalised(f"{name}attention.output.LayerNorm", states + attended)
        inner = self._linear(f"{name}intermediate.dense", states)
        inner = 0.5 * inner * (1 + erf(inner / np.float32(np.sqrt(2))))
        inner = self._linear(f"{name}output.dense", inner)
        return self._normalised(f"{name}output.LayerNorm", states + inner)

    def _attended(self, name: str, states: Array, mask: Array | None) -> Array:
        n, length, width = states.shape

        def heads(what: str) -> Array:
            flat = self._linear(f"{name}{what}", states)
            return flat.reshape(n, length, N_HEADS, width // N_HEADS).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.swapaxes(2, 3) / np.float32(np.sqrt(width // N_HEADS))
        scores = scores if mask is None else scores + mask
        # Softmax, with the maximum subtracted to avoid overflow.
        scores = np.exp(scores - scores.max(axis=3, keepdims=True))
        scores /= scores.sum(axis=3, keepdims=True)
        attended: Array = (scores @ value).transpose(0, 2, 1, 3).reshape(n, length, width)
        return attended

    def _linear(self, name: str, states: Array) -> Array:
        # Products of stacks of matrices are slow in numpy: one product of all rows.
        rows = states.reshape(-1, states.shape[-1])
        product: Array = rows @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return product.reshape(*states.shape[:-1], -1)

    def _normalised(self, name: str, states: Array) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
        scaled: Array = centred / spread * self.weights[f"{name}.weight"]
        return scaled + self.weights[f"{name}.bias"]
