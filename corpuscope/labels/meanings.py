"""Embeddings of features: by label, by strongest sentences, and by companion features.

A label made from words shows how to recognise a feature (`"perhaps", "might"`), which may differ
from what one would search for ("hedging"). The mean embedding of its strongest sentences is often
closer. Companion vectors capture which features it co-occurs with. Vectors of the built-in
dictionary ship with it; those of other labels, and of the sentences of other dictionaries, are
computed once per store, and cached.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.labels.contexts import kinds_of_features, strongest_sentences
from corpuscope.labels.own_vectors import centred_means, own_context_vectors
from corpuscope.shapes import (
    CompanionVectors,
    FeatureMask,
    FeatureMeanings,
    PhraseByFeature,
    PhraseVectors,
)
from corpuscope.store.cache import mapped, saved_array
from corpuscope.store.store import Store

__all__ = [
    "Meanings",
    "context_vectors",
    "embedded_names",
    "is_name",
    "load_shipped",
    "meanings",
    "ship",
]

SHIPPED = Path(__file__).resolve().parents[1] / "builtin" / "minilm"
"""The folder of the built-in dictionary."""

_FILE = "meanings.safetensors"
_ARRAYS = ("names", "contexts", "companions")
_MARKS = '"‹›'
# Largest value of int8.
_FULL = 127
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Meanings:
    """Three unit vectors for each feature; zeros where unknown.

    Attributes:
        names: Embedding of its label.
        contexts: Mean embedding of its strongest sentences, centred over the features of its
            kind.
        companions: Embedding by the features it co-occurs with (`companion_vectors`).
        is_from_these_texts: Whether contexts are of the very texts that are asked: features that
            occur together there have the same sentences.
    """

    names: FeatureMeanings
    contexts: FeatureMeanings
    companions: CompanionVectors
    is_from_these_texts: bool = False

    @property
    def is_known(self) -> FeatureMask:
        """Mask of the features with a label or context vector."""
        is_known: FeatureMask = np.any(self.names != 0, axis=1) | np.any(self.contexts != 0, axis=1)
        return is_known

    def similarity(self, phrases: Sequence[str]) -> PhraseByFeature:
        """Similarity of each feature to each phrase, in [-1, 1].

        The mean of the cosines with its label and its contexts; a missing vector counts as 0. Of a
        dictionary without any labels, or without any contexts, the other cosine alone.
        """
        return self.similarity_to(load_phrase_embedder().embed(phrases))

    def similarity_to(self, vectors: PhraseVectors) -> PhraseByFeature:
        """Similarity of each feature to each of the given unit vectors."""
        n_known = bool(self.names.any()) + bool(self.contexts.any())
        found: PhraseByFeature = (vectors @ self.names.T + vectors @ self.contexts.T) / max(
            n_known, 1
        )
        return found


def meanings(store: Store, progress: Callable[[int, int], None] | None = None) -> Meanings:
    """The feature embeddings of a store.

    Of another dictionary than the built-in one, context vectors are computed from the store's own
    sentences, once. It has no companion vectors: from the same texts they would call every pair
    expected that these texts have (`docs/phrases.md`).

    Args:
        store: The store.
        progress: Callback (n_done, n_total) over sentences while they are embedded.

    Cost: negligible for the built-in dictionary; about ten milliseconds, once, for each label that
    is not its own, and a minute or two, once, for the sentences of another dictionary.
    """
    labels = _labels(store.features)
    shipped = load_shipped()
    if _dictionary(store) != shipped.dictionary:
        contexts = own_context_vectors(store, progress)
        names = _kept(store, labels, np.zeros_like(contexts))
        width = shipped.meanings.companions.shape[1]
        nothing = np.zeros((len(labels), width), dtype=np.float32)
        return Meanings(names, contexts, nothing, is_from_these_texts=True)
    # Only labels that differ from the shipped ones have to be embedded.
    is_own = np.array([one != other for one, other in zip(labels, shipped.labels, strict=True)])
    if not is_own.any():
        return shipped.meanings
    names = _kept(store, labels, np.where(is_own[:, None], 0, shipped.meanings.names))
    return replace(shipped.meanings, names=names)


def embedded_names(labels: Sequence[str | None]) -> FeatureMeanings:
    """Embeddings of labels, with quotation marks stripped; zeros for None."""
    named = [at for at, label in enumerate(labels) if is_name(label)]
    found = load_phrase_embedder().embed([str(labels[at]).strip(_MARKS) for at in named])
    vectors = np.zeros((len(labels), found.shape[1]), dtype=np.float32)
    vectors[named] = found
    return vectors


def is_name(label: object) -> bool:
    """Whether a label is more than a feature number."""
    return isinstance(label, str) and re.fullmatch(r"feature \d+|\s*", label) is None


def context_vectors(
    store: Store, embed: Callable[[Sequence[str]], PhraseVectors], *, n: int = 10
) -> FeatureMeanings:
    """Mean embedding of each feature's strongest sentences, centred by kind.

    Args:
        store: The store.
        embed: Function that returns a unit vector for each sentence.
        n: Number of documents per feature; copies of a sentence count once.
    """
    return centred_means(strongest_sentences(store, n=n), kinds_of_features(store), embed)


@dataclass(frozen=True, eq=False)
class Shipped:
    """Feature embeddings shipped with the built-in dictionary.

    Attributes:
        dictionary: Digest of the dictionary.
        labels: Its labels.
        meanings: Its feature embeddings.
    """

    dictionary: str
    labels: Sequence[str | None]
    meanings: Meanings


@cache
def load_shipped() -> Shipped:
    """The feature embeddings of the built-in dictionary."""
    from safetensors import safe_open

    with safe_open(SHIPPED / _FILE, framework="numpy") as file:
        digest = file.metadata()["dictionary"]
        arrays = [file.get_tensor(name).astype(np.float32) for name in _ARRAYS]
    labels = _labels(pd.read_parquet(SHIPPED / "features.parquet"))
    names, contexts, companions = map(_of_length_one, arrays)
    return Shipped(digest, labels, Meanings(names, contexts, companions))


def ship(found: Meanings, *, dictionary: str, folder: Path = SHIPPED) -> None:
    """Write embeddings quantised to int8, with the largest entry of a row at 127."""
    from safetensors.numpy import save_file

    arrays = {name: _in_eight_bits(getattr(found, name)) for name in _ARRAYS}
    save_file(arrays, folder / _FILE, metadata={"dictionary": dictionary})


def _in_eight_bits(vectors: FeatureMeanings) -> npt.NDArray[np.int8]:
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    whole: npt.NDArray[np.int8] = np.round(vectors / np.maximum(largest, _LEAST) * _FULL).astype(
        np.int8
    )
    return whole


def _of_length_one(vectors: FeatureMeanings) -> FeatureMeanings:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FeatureMeanings = vectors / np.maximum(lengths, _LEAST)
    return unit.astype(np.float32)


def _labels(features: pd.DataFrame) -> list[str | None]:
    if "label" not in features:
        return [None] * len(features)
    return [label if is_name(label) else None for label in features["label"]]


def _dictionary(store: Store) -> str | None:
    found = store.provenance.get("dictionary")
    return found.get("digest") if isinstance(found, dict) else None


def _kept(store: Store, labels: Sequence[str | None], names: FeatureMeanings) -> FeatureMeanings:
    """Label embeddings, with missing ones (zeros) computed or read from the store's cache."""
    fresh = [at for at, label in enumerate(labels) if label is not None and not names[at].any()]

    def build(folder: Path) -> None:
        made = names.copy()
        if fresh:
            made[fresh] = embedded_names([labels[at] for at in fresh])
        saved_array(folder, _ARRAY, made.ravel())

    # The store's digest does not cover labels, which may be changed.
    key = hashlib.sha256(json.dumps(labels).encode()).hexdigest()[:16]
    folder = store.cached_folder(f"names-{key}", arrays=[_ARRAY], build=build)
    return np.asarray(mapped(folder, _ARRAY)).reshape(names.shape)


_ARRAY = "names"
