"""The forward pass of a sentence embedding model in numpy, from int8 weights.

The model is all-MiniLM-L6-v2, a six-layer BERT with mean pooling and normalisation. A phrase takes
one or two milliseconds. `docs/phrases.md` compares the vectors with the original's.

Source: Reimers and Gurevych 2019, and the model card; Devlin et al. 2019 for the layers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from corpuscope.shapes import PhraseVectors

FOLDER = Path(__file__).resolve().parents[1] / "builtin" / "phrases"
"""Folder of the weights."""

PHRASE_WIDTH = 384
"""Dimension of the vectors."""

_N_HEADS = 12
_EPSILON = 1e-12
_MOST_TOKENS = 256
"""Maximum length in training; longer texts are truncated."""
_TOKENS_AT_ONCE = 4096
_NEVER = -1e9

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PhraseEmbedder:
    """Weights and tokenizer of the model.

    Attributes:
        weights: Weights by name, in float32.
        tokenizer: A tokenizer of the library `tokenizers`.
    """

    weights: dict[str, Array]
    tokenizer: Any

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return sum(name.endswith(".attention.output.dense.weight") for name in self.weights)

    def embed(self, texts: Sequence[str]) -> PhraseVectors:
        """A unit vector for each text, so that inner products are cosines.

        Up to rounding, a text's vector does not depend on the rest of the batch.
        """
        found = self.tokenizer.encode_batch(list(texts))
        return self.vectors_of([one.ids[:_MOST_TOKENS] for one in found])

    def vectors_of(self, tokens: Sequence[Sequence[int]]) -> PhraseVectors:
        """Unit vectors of texts given as token ids, including [CLS] and [SEP]."""
        answer = np.zeros((len(tokens), self.weights["embeddings.word_embeddings.weight"].shape[1]),
                          dtype=np.float32)  # fmt: skip
        for rows in _batches([len(one) for one in tokens]):
            answer[rows] = self._vectors([tokens[row] for row in rows])
        return answer

    def _vectors(self, tokens: Sequence[Sequence[int]]) -> Array:
        longest = max(len(one) for one in tokens)
        ids = np.array([[*one, *([0] * (longest - len(one)))] for one in tokens])
        is_read = np.arange(longest) < np.array([[len(one)] for one in tokens])
        states = self._first_states(ids)
        mask = np.where(is_read, 0.0, _NEVER).astype(np.float32)[:, None, None, :]
        for layer in range(self.n_layers):
            states = self._layer(f"encoder.layer.{layer}.", states, mask)
        total = (states * is_read[:, :, None]).sum(axis=1)
        lengths = np.linalg.norm(total, axis=1, keepdims=True)
        unit: Array = total / np.maximum(lengths, _EPSILON)
        return unit

    def _first_states(self, ids: npt.NDArray[np.int64]) -> Array:
        table = self.weights
        states = table["embeddings.word_embeddings.weight"][ids]
        states = states + table["embeddings.position_embeddings.weight"][: ids.shape[1]]
        states = states + table["embeddings.token_type_embeddings.weight"][0]
        return self._normalised("embeddings.LayerNorm", states)

    def _layer(self, name: str, states: Array, mask: Array) -> Array:
        attended = self._attended(f"{name}attention.self.", states, mask)
        attended = self._linear(f"{name}attention.output.dense", attended)
        states = self._normalised(f"{name}attention.output.LayerNorm", states + attended)
        inner = self._linear(f"{name}intermediate.dense", states)
        # The exact (erf) form of GELU, as in BERT.
        inner = 0.5 * inner * (1 + erf(inner / np.float32(np.sqrt(2))))
        inner = self._linear(f"{name}output.dense", inner)
        return self._normalised(f"{name}output.LayerNorm", states + inner)

    def _attended(self, name: str, states: Array, mask: Array) -> Array:
        n, length, width = states.shape

        def heads(what: str) -> Array:
            flat = self._linear(f"{name}{what}", states)
            return flat.reshape(n, length, _N_HEADS, width // _N_HEADS).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scores = query @ key.swapaxes(2, 3) / np.float32(np.sqrt(width // _N_HEADS)) + mask
        # Softmax, with the maximum subtracted to avoid overflow.
        scores = np.exp(scores - scores.max(axis=3, keepdims=True))
        scores /= scores.sum(axis=3, keepdims=True)
        attended: Array = (scores @ value).transpose(0, 2, 1, 3).reshape(n, length, width)
        return attended

    def _linear(self, name: str, states: Array) -> Array:
        product: Array = states @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return product

    def _normalised(self, name: str, states: Array) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
        scaled: Array = centred / spread * self.weights[f"{name}.weight"]
        return scaled + self.weights[f"{name}.bias"]


@cache
def load_phrase_embedder() -> PhraseEmbedder:
    """The model that ships with the package; no download."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    stored = load_file(FOLDER / "weights.safetensors")
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return PhraseEmbedder(in_single_precision(stored), tokenizer)


def in_eight_bits(weights: dict[str, Array]) -> dict[str, npt.NDArray[Any]]:
    """Weights as shipped: matrices quantised to int8, with a scale per row."""
    stored: dict[str, npt.NDArray[Any]] = {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            stored[name] = weight
            continue
        scale = np.abs(weight).max(axis=1, keepdims=True) / 127
        stored[name] = np.round(weight / np.maximum(scale, _EPSILON)).astype(np.int8)
        stored[f"{name}{_SCALE}"] = scale[:, 0]
    return stored


def in_single_precision(stored: dict[str, npt.NDArray[Any]]) -> dict[str, Array]:
    """Weights dequantised to float32."""
    return {
        name: weight.astype(np.float32) * stored[f"{name}{_SCALE}"][:, None]
        if weight.dtype == np.int8
        else weight
        for name, weight in stored.items()
        if not name.endswith(_SCALE)
    }


_SCALE = ".scale"


def _batches(lengths: Sequence[int]) -> list[npt.NDArray[np.int64]]:
    """Batches of rows with similar lengths, bounded by the number of tokens with padding."""
    order = np.argsort(lengths, kind="stable")
    batches, first = [], 0
    for end in range(1, len(order) + 1):
        is_last = end == len(order)
        # Padded size of the batch if the next row, the longest so far, were added.
        if is_last or (end + 1 - first) * lengths[order[end]] > _TOKENS_AT_ONCE:
            batches.append(order[first:end])
            first = end
    return batches
