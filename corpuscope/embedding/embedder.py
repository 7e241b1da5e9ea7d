"""Sentence embeddings in numpy, from int8 weights.

The model is all-MiniLM-L6-v2, a six-layer BERT with mean pooling and normalisation. A phrase takes
one or two milliseconds. `docs/phrases.md` compares the vectors with the original's.

Source: Reimers and Gurevych 2019, and the model card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.reader.engines.bert import EPSILON, Bert
from corpuscope.reader.engines.shipped_weights import (
    FOLDER,
    TOKENIZER,
    WEIGHTS,
    in_single_precision,
)
from corpuscope.shapes import PhraseVectors

PHRASE_WIDTH = 384
"""Dimension of the vectors."""

_MOST_TOKENS = 256
"""Maximum length in training; longer texts are truncated."""
_TOKENS_AT_ONCE = 4096
_NEVER = -1e9

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PhraseEmbedder:
    """Weights and tokenizer of the model.

    Attributes:
        model: The layers.
        tokenizer: A tokenizer of the library `tokenizers`.
    """

    model: Bert
    tokenizer: Any

    def embed(self, texts: Sequence[str]) -> PhraseVectors:
        """A unit vector for each text, so that inner products are cosines.

        Up to rounding, a text's vector does not depend on the rest of the batch.
        """
        found = self.tokenizer.encode_batch(list(texts))
        return self.vectors_of([one.ids[:_MOST_TOKENS] for one in found])

    def vectors_of(self, tokens: Sequence[Sequence[int]]) -> PhraseVectors:
        """Unit vectors of texts given as token ids, including [CLS] and [SEP]."""
        answer = np.zeros((len(tokens), self.model.width), dtype=np.float32)
        for rows in _batches([len(one) for one in tokens]):
            answer[rows] = self._vectors([tokens[row] for row in rows])
        return answer

    def _vectors(self, tokens: Sequence[Sequence[int]]) -> Array:
        longest = max(len(one) for one in tokens)
        ids = np.array([[*one, *([0] * (longest - len(one)))] for one in tokens])
        is_read = np.arange(longest) < np.array([[len(one)] for one in tokens])
        states = self.model.first_states(ids)
        mask = np.where(is_read, 0.0, _NEVER).astype(np.float32)[:, None, None, :]
        for layer in range(1, self.model.n_layers + 1):
            states = self.model.after(layer, states, mask)
        total = (states * is_read[:, :, None]).sum(axis=1)
        lengths = np.linalg.norm(total, axis=1, keepdims=True)
        unit: Array = total / np.maximum(lengths, EPSILON)
        return unit


@cache
def load_phrase_embedder() -> PhraseEmbedder:
    """The model that ships with the package; no download."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    stored = load_file(FOLDER / WEIGHTS)
    tokenizer = Tokenizer.from_file(str(FOLDER / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return PhraseEmbedder(Bert(in_single_precision(stored)), tokenizer)


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
