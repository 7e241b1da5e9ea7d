"""Context and companion vectors of any dictionary, computed from a store's own texts and cached.

The built-in dictionary ships with vectors from other texts; another dictionary has none, so that
what its features mean is read off the store that is queried.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpuscope.embedding.embedder import PHRASE_WIDTH, load_phrase_embedder
from corpuscope.labels.contexts import kinds_of_features, strongest_sentences
from corpuscope.shapes import FeatureMeanings, PhraseVectors
from corpuscope.store.cache import mapped, saved_array
from corpuscope.store.store import Store

__all__ = ["centred_means", "own_context_vectors", "within_budget"]

_N_SENTENCES = 10
_MOST_SENTENCES = 4_000
_AT_ONCE = 256
_VERSION = 1
_ARRAY = "contexts"
_LEAST = 1e-6

Embed = Callable[[Sequence[str]], PhraseVectors]


def own_context_vectors(
    store: Store, progress: Callable[[int, int], None] | None = None
) -> FeatureMeanings:
    """Mean embeddings of the strongest sentences of each feature in this store, centred by kind.

    Computed once, and cached in the store. At most 4,000 distinct sentences are embedded, those
    that are among the strongest of most features; a feature without one of these has zeros.

    Args:
        store: The store.
        progress: Callback (n_done, n_total) over sentences while they are embedded.

    Cost: some milliseconds for each sentence, the first time; a minute or two for a large store.
    """

    def build(folder: Path) -> None:
        found = within_budget(strongest_sentences(store, n=_N_SENTENCES), _MOST_SENTENCES)
        means = centred_means(found, kinds_of_features(store), _embedder(progress))
        saved_array(folder, _ARRAY, means.ravel())

    folder = store.cached_folder(f"contexts-{_VERSION}", arrays=[_ARRAY], build=build)
    return np.asarray(mapped(folder, _ARRAY)).reshape(store.n_features, PHRASE_WIDTH)


def within_budget(sentences: Sequence[Sequence[str]], most: int) -> list[list[str]]:
    """The sentences of each feature that are among the `most` that serve features best.

    A sentence serves a feature by 1 if it is its strongest, by 1/2 if it is the second, and so on.

    Example:
        >>> within_budget([["a", "b"], ["c", "b"], ["b"]], 2)
        [['a', 'b'], ['b'], ['b']]
    """
    worth: dict[str, float] = {}
    for own in sentences:
        for rank, text in enumerate(own, start=1):
            worth[text] = worth.get(text, 0.0) + 1 / rank
    chosen = set(sorted(worth, key=lambda text: (-worth[text], text))[:most])
    return [[text for text in own if text in chosen] for own in sentences]


def centred_means(
    sentences: Sequence[Sequence[str]], kinds: npt.NDArray[np.object_], embed: Embed
) -> FeatureMeanings:
    """Mean embedding of each feature's sentences, less the mean of its kind, at unit length.

    Zeros for features without sentences.

    Args:
        sentences: The sentences of each feature.
        kinds: The kind of each.
        embed: Function that returns a unit vector for each sentence.
    """
    texts = sorted({text for own in sentences for text in own})
    place = {text: at for at, text in enumerate(texts)}
    vectors = embed(texts)
    means = np.zeros((len(sentences), vectors.shape[1]), dtype=np.float32)
    for feature, own in enumerate(sentences):
        if own:
            means[feature] = vectors[[place[text] for text in own]].mean(axis=0)
    is_known = np.array([bool(own) for own in sentences], dtype=bool)
    for kind in np.unique(kinds):
        these = is_known & (kinds == kind)
        if these.any():
            means[these] -= means[these].mean(axis=0)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    unit: FeatureMeanings = means / np.maximum(lengths, _LEAST)
    return unit.astype(np.float32)


def _embedder(progress: Callable[[int, int], None] | None) -> Embed:
    """The phrase embedder, which reports as it goes."""

    def embed(texts: Sequence[str]) -> PhraseVectors:
        vectors = np.zeros((len(texts), PHRASE_WIDTH), dtype=np.float32)
        for first in range(0, len(texts), _AT_ONCE):
            some = texts[first : first + _AT_ONCE]
            vectors[first : first + len(some)] = load_phrase_embedder().embed(some)
            if progress is not None:
                progress(first + len(some), len(texts))
        return vectors

    return embed
