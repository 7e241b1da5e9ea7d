"""What features mean, as vectors: of names, of sentences they are strongest in, of companions.

A name made from words tells how a feature may be recognised (`"perhaps", "might"`), which is not
always what someone would ask for ("hedging"). The sentences in which it is strongest, embedded
and averaged, often are nearer. With which other features it usually is in one text says what it
goes with. Vectors of the built-in dictionary ship with it; those of other names are made once
for each store, and kept in its cache.
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
from corpuscope.labels.contexts import strongest_sentences
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
_FULL = 127
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Meanings:
    """Three vectors for each feature, of length 1; of length 0 where there is none.

    Attributes:
        names: Of its name.
        contexts: Of the sentences in which it is strongest: their mean, less what the means of
            all features of its kind have in common.
        companions: Of the features that it usually is with (`companion_vectors`).
    """

    names: FeatureMeanings
    contexts: FeatureMeanings
    companions: CompanionVectors

    @property
    def is_known(self) -> FeatureMask:
        """Which features have a vector at all."""
        is_known: FeatureMask = np.any(self.names != 0, axis=1) | np.any(self.contexts != 0, axis=1)
        return is_known

    def similarity(self, phrases: Sequence[str]) -> PhraseByFeature:
        """How near each feature is to each phrase: the mean of its two cosines, in [-1, 1].

        A vector that a feature does not have counts as a cosine of 0.
        """
        return self.similarity_to(load_phrase_embedder().embed(phrases))

    def similarity_to(self, vectors: PhraseVectors) -> PhraseByFeature:
        """The same for phrases, or texts, that are vectors already."""
        found: PhraseByFeature = (vectors @ self.names.T + vectors @ self.contexts.T) / 2
        return found


def meanings(store: Store) -> Meanings:
    """The vectors of the features of a store.

    Cost: nothing to speak of for names that came with the built-in dictionary; some ten
    milliseconds, once, for each other name.
    """
    labels = _labels(store.features)
    shipped = load_shipped()
    if _dictionary(store) != shipped.dictionary:
        nothing, unknown = (
            np.zeros((len(labels), found.shape[1]), dtype=np.float32)
            for found in (shipped.meanings.contexts, shipped.meanings.companions)
        )
        return Meanings(_kept(store, labels, nothing), nothing, unknown)
    is_own = np.array([one != other for one, other in zip(labels, shipped.labels, strict=True)])
    if not is_own.any():
        return shipped.meanings
    names = _kept(store, labels, np.where(is_own[:, None], 0, shipped.meanings.names))
    return replace(shipped.meanings, names=names)


def embedded_names(labels: Sequence[str | None]) -> FeatureMeanings:
    """The vectors of names, without the marks that set off quoted words; zeros for None."""
    named = [at for at, label in enumerate(labels) if is_name(label)]
    found = load_phrase_embedder().embed([str(labels[at]).strip(_MARKS) for at in named])
    vectors = np.zeros((len(labels), found.shape[1]), dtype=np.float32)
    vectors[named] = found
    return vectors


def is_name(label: object) -> bool:
    """Whether it is more than the number of a feature."""
    return isinstance(label, str) and re.fullmatch(r"feature \d+|\s*", label) is None


def context_vectors(
    store: Store, embed: Callable[[Sequence[str]], PhraseVectors], *, n: int = 10
) -> FeatureMeanings:
    """The mean vector of the sentences in which each feature is strongest, centred by kind.

    Args:
        store: Where to look.
        embed: Makes a vector of length 1 of each sentence.
        n: From how many documents; a sentence counts once for each feature.
    """
    found = strongest_sentences(store, n=n)
    texts = sorted({text for own in found for text in own})
    place = {text: at for at, text in enumerate(texts)}
    vectors = embed(texts)
    means = np.zeros((store.n_features, vectors.shape[1]), dtype=np.float32)
    for feature, own in enumerate(found):
        if own:
            means[feature] = vectors[[place[text] for text in own]].mean(axis=0)
    return _centred(means, store.features["kind"].to_numpy())


def _centred(means: FeatureMeanings, kinds: npt.NDArray[np.object_]) -> FeatureMeanings:
    is_known = np.any(means != 0, axis=1)
    for kind in np.unique(kinds):
        these = is_known & (kinds == kind)
        if these.any():
            means[these] -= means[these].mean(axis=0)
    return _of_length_one(means)


@dataclass(frozen=True, eq=False)
class Shipped:
    """What ships with the built-in dictionary.

    Attributes:
        dictionary: The digest of the dictionary.
        labels: Its names.
        meanings: Their vectors.
    """

    dictionary: str
    labels: Sequence[str | None]
    meanings: Meanings


@cache
def load_shipped() -> Shipped:
    """The vectors of the built-in dictionary."""
    from safetensors import safe_open

    with safe_open(SHIPPED / _FILE, framework="numpy") as file:
        digest = file.metadata()["dictionary"]
        arrays = [file.get_tensor(name).astype(np.float32) for name in _ARRAYS]
    labels = _labels(pd.read_parquet(SHIPPED / "features.parquet"))
    return Shipped(digest, labels, Meanings(*map(_of_length_one, arrays)))


def ship(found: Meanings, *, dictionary: str, folder: Path = SHIPPED) -> None:
    """Write vectors in eight bits: a row's largest entry becomes 127."""
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
    """Vectors of names, those that are zeros made or taken from the store's cache."""
    fresh = [at for at, label in enumerate(labels) if label is not None and not names[at].any()]

    def build(folder: Path) -> None:
        made = names.copy()
        if fresh:
            made[fresh] = embedded_names([labels[at] for at in fresh])
        saved_array(folder, _ARRAY, made.ravel())

    # The store's digest does not cover names, which may be given anew.
    told = hashlib.sha256(json.dumps(labels).encode()).hexdigest()[:16]
    folder = store.cached_folder(f"names-{told}", arrays=[_ARRAY], build=build)
    return np.asarray(mapped(folder, _ARRAY)).reshape(names.shape)


_ARRAY = "names"
