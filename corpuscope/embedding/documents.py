"""Document embeddings of a store, comparable with embeddings of phrases.

A document's vector is the normalised mean of its sentence embeddings by all-MiniLM-L6-v2. With the
built-in dictionary it is stored at extraction, as a by-product of the reader. For other readers,
and older stores, the sentences are embedded on the CPU at the first search, and cached in the
store. They are not embedded at extraction, which would run a second model on stores that may
never be searched.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from corpuscope.embedding.dot_product_kernel import products
from corpuscope.embedding.embedder import PHRASE_WIDTH, load_phrase_embedder
from corpuscope.shapes import (
    DocumentDirections,
    NumberPerDocument,
    PhraseVector,
    Rows,
)
from corpuscope.statistics.similarity.directions import at_length_one, direction_sums
from corpuscope.store.cache import mapped, new_array, saved_array
from corpuscope.store.joined import JoinedStore
from corpuscope.store.store import Store

EmbeddingProgress = Callable[[int, int], None]

_ROWS_AT_ONCE = 256
_VERSION = 1

_OPENED: WeakKeyDictionary[Store, "DocumentVectors"] = WeakKeyDictionary()

# Maximum number of sentences embedded per document, evenly spaced.
_MOST_SENTENCES = 64


@dataclass(frozen=True, eq=False)
class DocumentVectors:
    """Document vectors quantised to eight bits, with a scale per document.

    Attributes:
        steps: Quantised vectors, documents x width.
        scales: Scale of each document: vector = steps * scale.
        mean: Mean vector of all documents.
    """

    steps: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    mean: PhraseVector

    def similarity(self, vector: PhraseVector) -> NumberPerDocument:
        """Inner product of each document with a vector; the cosine if that has unit norm.

        Accurate to about .002 times the vector's norm.

        Cost: 5 ms for 100,000 documents.
        """
        found: NumberPerDocument = products(self.steps, vector) * self.scales
        return found

    def mean_of(self, rows: npt.NDArray[np.int64]) -> PhraseVector:
        """Mean vector of some documents."""
        vectors = self.steps[rows].astype(np.float32) * self.scales[rows, None]
        mean: PhraseVector = vectors.mean(axis=0)
        return mean

    def of(self, rows: npt.NDArray[np.int64]) -> "DocumentVectors":
        """The vectors of some documents; `mean` remains that of all."""
        return DocumentVectors(self.steps[rows], self.scales[rows], self.mean)


def are_at_hand(store: Store) -> bool:
    """Whether the store (or every part of it) contains vectors comparable with phrases."""
    return store.vector_width == PHRASE_WIDTH


def open_document_vectors(
    store: Store, progress: EmbeddingProgress | None = None
) -> DocumentVectors:
    """Document vectors of a store; cached on the first call, and opened once for each store.

    Joined stores are cached separately, and concatenated in memory.

    Args:
        store: The store.
        progress: Callback (n_done, n_total) while sentences are embedded.

    Cost: negligible if the store contains them; otherwise some milliseconds per sentence, once.

    Raises:
        StoreDamaged: A shard cannot be read.
        StorageFull: There is no disk space for the cache.
    """
    if store not in _OPENED:
        _OPENED[store] = _opened(store, progress)
    return _OPENED[store]


def _opened(store: Store, progress: EmbeddingProgress | None) -> DocumentVectors:
    if len(store.parts) > 1:
        return _end_to_end([open_document_vectors(part, progress) for part in store.parts])
    folder = store.cached_folder(
        f"vectors-{_VERSION}",
        arrays=("steps", "scales", "mean"),
        build=lambda into: _build(into, store, progress),
    )
    steps = mapped(folder, "steps").reshape(-1, PHRASE_WIDTH)
    return DocumentVectors(steps, mapped(folder, "scales"), mapped(folder, "mean"))


def _end_to_end(parts: Sequence[DocumentVectors]) -> DocumentVectors:
    sizes = np.array([len(part.scales) for part in parts])
    means = np.stack([part.mean for part in parts]).astype(np.float64)
    mean = sizes @ means / max(int(sizes.sum()), 1)
    return DocumentVectors(
        steps=np.concatenate([part.steps for part in parts]),
        scales=np.concatenate([part.scales for part in parts]),
        mean=mean.astype(np.float32),
    )


def _build(folder: Path, store: Store, progress: EmbeddingProgress | None) -> None:
    n = store.n_documents
    steps = new_array(folder, "steps", dtype=np.int8, length=n * PHRASE_WIDTH)
    scales = new_array(folder, "scales", dtype=np.float32, length=n)
    total = np.zeros(PHRASE_WIDTH)
    by_row, first = steps.reshape(n, PHRASE_WIDTH), 0
    for vectors in _stored(store) if are_at_hand(store) else _embedded(store, progress):
        here = slice(first, first + len(vectors))
        largest = np.abs(vectors).max(axis=1, initial=1e-12)
        by_row[here] = np.round(vectors * (127 / largest[:, None]))
        scales[here] = largest / 127
        total += vectors.sum(axis=0)
        first += len(vectors)
    saved_array(folder, "mean", (total / max(n, 1)).astype(np.float32))


def _stored(store: Store) -> Iterator[npt.NDArray[np.float32]]:
    for vectors in store.vector_batches():
        yield vectors.astype(np.float32)


def _embedded(
    store: Store, progress: EmbeddingProgress | None
) -> Iterator[npt.NDArray[np.float32]]:
    embedder, n = load_phrase_embedder(), store.n_documents
    for first in range(0, n, _ROWS_AT_ONCE):
        last = min(n, first + _ROWS_AT_ONCE)
        documents = store.documents(np.arange(first, last))
        sentences = [_sentences(one.text, one.sentence_spans) for one in documents]
        starts = np.cumsum([0, *map(len, sentences[:-1])])
        vectors = embedder.embed([text for of_one in sentences for text in of_one])
        yield at_length_one(direction_sums(vectors, starts)).astype(np.float32)
        if progress is not None:
            progress(last, n)


def _sentences(text: str, spans: npt.NDArray[np.int64]) -> list[str]:
    if len(spans) > _MOST_SENTENCES:
        spans = spans[np.linspace(0, len(spans) - 1, _MOST_SENTENCES).astype(np.int64)]
    # A text without sentences is embedded as a whole.
    return [text[start:end] for start, end in spans.tolist()] or [text]


def vectors_at_hand(source: JoinedStore, rows: Rows) -> DocumentDirections | None:
    """Unit vectors of some documents; None unless all stores contain them."""
    if not all(are_at_hand(store) for store in source.stores):
        return None
    found = [open_document_vectors(store) for store in source.stores]
    return at_length_one(np.concatenate([one.steps * one.scales[:, None] for one in found])[rows])
