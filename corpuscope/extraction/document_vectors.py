"""Document embeddings, where reading gives them at no extra cost.

The built-in reader is a sentence embedding model: the mean state of a sentence after its last
layer is the sentence's embedding, and is already computed for dictionaries that read sentences
there. Other readers' states are not embeddings, and no second model is run for them here: a search
computes embeddings when first needed, since most stores are never searched.
"""

import numpy as np
import numpy.typing as npt

from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.protocol import Reader
from corpuscope.reader.read import ReadingPlan, Units
from corpuscope.sae.dictionary import Dictionary
from corpuscope.statistics.similarity.directions import at_length_one, direction_sums


def vector_layer(dictionary: Dictionary, reader: Reader, plan: ReadingPlan) -> int | None:
    """The layer after which a sentence's state is its embedding, or None."""
    is_embedder = dictionary.reader_name == BUILTIN_READER and plan.context == "sentence"
    last = reader.n_layers
    return last if is_embedder and last in plan.sentence_layers else None


class VectorCollector:
    """Collects the embeddings of documents: the mean direction of their sentences.

    Args:
        layer: The layer of the sentence states; None for no embeddings.
    """

    def __init__(self, layer: int | None) -> None:
        self._layer = layer
        self._sums: dict[int, npt.NDArray[np.floating]] = {}

    def add(self, sentences: Units) -> None:
        """Add the next sentences."""
        if self._layer is None or not len(sentences):
            return
        # A long document may span several calls, so sums are accumulated.
        starts = np.flatnonzero(np.diff(sentences.documents, prepend=-1))
        states = sentences.states[self._layer]
        if not isinstance(states, np.ndarray):
            states = states.float().cpu().numpy()
        for number, total in zip(
            sentences.documents[starts].tolist(), direction_sums(states, starts), strict=True
        ):
            self._sums[number] = self._sums[number] + total if number in self._sums else total

    def of(self, number: int) -> npt.NDArray[np.float16] | None:
        """The unit-length embedding of a document, or None."""
        if number not in self._sums:
            return None
        vector: npt.NDArray[np.float16] = at_length_one(self._sums[number][None])[0]
        return vector.astype(np.float16)
