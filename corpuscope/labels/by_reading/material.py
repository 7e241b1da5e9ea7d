"""What a reader is shown of a feature: contexts with it, strong to weak, and near misses.

Labels made from the strongest contexts alone are too narrow and too sure. So contexts are taken
from the whole range, and half of those without the feature are contexts of the features that most
often accompany it, in documents that lack it. Contexts that name are not contexts that test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpuscope.labels.context import FeatureContext, FeatureContexts, UnitKind
from corpuscope.labels.contexts import (
    background,
    collect_contexts,
    kinds_of_features,
    present_rows,
)
from corpuscope.shapes import DocumentMask
from corpuscope.store.store import Store

__all__ = ["BANDS", "FeatureMaterial", "HeldOutWindows", "Trial", "material_of_features"]

_N_CONTEXTS, _EACH_BAND, _N_WITHOUT = 60, 4, 4
_N_NEAR, _NEAR_CONTEXTS, _TOO_NEAR = 6, 8, 0.8
_N_BACKGROUND = 2_000
_RANDOM_FOILS, _NEAR_FOILS = 2, 2
_FROM_BANDS, _N_TEST_FOILS = (7, 7, 6), 10

BANDS = (0.1, 0.4, 0.5)
"""Shares of a feature's documents by strength: strongest tenth, next two fifths, the rest."""


@dataclass(frozen=True)
class Trial:
    """A context with the feature among four without it.

    Attributes:
        contexts: Five contexts in random order.
        right: The position of the one with the feature, from 0.
    """

    contexts: tuple[FeatureContext, ...]
    right: int


@dataclass(frozen=True)
class HeldOutWindows:
    """Contexts that test a name one by one, and that named nothing.

    Attributes:
        bands: Contexts with the feature, by band of strength; twenty at most.
        random: Ten random contexts without it.
        near: Ten near misses.
    """

    bands: tuple[tuple[FeatureContext, ...], ...]
    random: tuple[FeatureContext, ...]
    near: tuple[FeatureContext, ...]


@dataclass(frozen=True)
class FeatureMaterial:
    """What is shown to name a feature, and what tests the name.

    Attributes:
        feature: Its number.
        kind: What it is a feature of.
        with_it: Twelve contexts at most, four each of the strongest, middle and weakest third.
        without: Contexts without it: random ones, then near misses.
        trials: Trials of contexts that name nothing.
        windows: Contexts that name nothing, for detection and fuzzing.
        n_documents: Documents that have it.
    """

    feature: int
    kind: UnitKind
    with_it: tuple[FeatureContext, ...]
    without: tuple[FeatureContext, ...]
    trials: tuple[Trial, ...]
    windows: HeldOutWindows
    n_documents: int


def material_of_features(
    store: Store,
    features: Sequence[int],
    *,
    among: DocumentMask | None = None,
    n_trials: int = 6,
    seed: int = 0,
) -> list[FeatureMaterial]:
    """What a reader is shown of each of these features.

    Args:
        store: The store.
        features: Their numbers.
        among: The documents to use; None for all.
        n_trials: The most trials of a feature.
        seed: The random seed.
    """
    kinds = kinds_of_features(store)
    drawn = collect_contexts(store, features, n=_N_CONTEXTS, among=among, seed=seed)
    used: set[UnitKind] = {"sentence" if kinds[f] == "sentence" else "token" for f in features}
    others = {
        kind: background(store, kind, n=_N_BACKGROUND, among=among, seed=seed) for kind in used
    }
    near = {feature: _near(store, feature, kinds[feature], among) for feature in features}
    near_drawn = collect_contexts(
        store, sorted({one for some in near.values() for one in some}), n=_N_CONTEXTS, among=among,
        seed=seed,
    )  # fmt: skip
    return [
        _material(store, drawn[feature], others, [near_drawn[one] for one in near[feature]],
                  n_trials=n_trials, seed=seed)
        for feature in features
    ]  # fmt: skip


def _near(store: Store, feature: int, kind: str, among: DocumentMask | None) -> list[int]:
    """The features of its kind that most often accompany it without being the same."""
    presence: Any = store.presence()
    if among is not None:
        presence = presence[np.flatnonzero(among)]
    own = np.asarray(presence[:, [feature]].todense()).astype(bool).reshape(-1)
    n_present = np.asarray((presence != 0).sum(axis=0)).reshape(-1)
    both = np.asarray((presence[np.flatnonzero(own)] != 0).sum(axis=0)).reshape(-1)
    cosine = both / np.maximum(np.sqrt(n_present * max(int(own.sum()), 1)), 1)
    is_kind = kinds_of_features(store) == kind
    may_be = is_kind & (cosine < _TOO_NEAR) & (n_present > both + _NEAR_CONTEXTS)
    may_be[feature] = False
    order = np.argsort(np.where(may_be, -cosine, np.inf), kind="stable")[:_N_NEAR]
    return [int(one) for one in order if may_be[one] and cosine[one] > 0]


def _material(
    store: Store,
    own: FeatureContexts,
    others: dict[UnitKind, list[FeatureContext]],
    near: Sequence[FeatureContexts],
    *,
    n_trials: int,
    seed: int,
) -> FeatureMaterial:
    rng = np.random.default_rng([seed, own.feature, 4])
    present = np.zeros(store.n_documents, dtype=bool)
    present[present_rows(store, own.feature)] = True
    random = [one for one in others[own.kind] if not present[one.row]]
    random = [random[at] for at in rng.permutation(len(random))]
    misses = [
        one for some in near for one in (*some.training, *some.held_out) if not present[one.row]
    ]
    misses = [misses[at] for at in rng.permutation(len(misses))]
    without = (*random[:_N_WITHOUT], *misses[:_N_WITHOUT])
    # What named it must not test it.
    random, misses = random[_N_WITHOUT:], misses[_N_WITHOUT:]
    trials = []
    for at in rng.permutation(len(own.held_out))[:n_trials].tolist():
        foils = [*_take(misses, _NEAR_FOILS), *_take(random, _RANDOM_FOILS)]
        foils += _take(random, _NEAR_FOILS + _RANDOM_FOILS - len(foils))
        if len(foils) < _NEAR_FOILS + _RANDOM_FOILS:
            break
        order = rng.permutation(len(foils) + 1)
        shown = [own.held_out[at], *foils]
        trials.append(Trial(tuple(shown[place] for place in order), int(np.argmin(order))))
    windows = HeldOutWindows(
        _banded(store, own),
        tuple(_take(random, _N_TEST_FOILS)),
        tuple(_take(misses, _N_TEST_FOILS)),
    )
    return FeatureMaterial(
        own.feature, own.kind, _in_bands(own.training), tuple(without), tuple(trials), windows,
        own.n_documents,
    )  # fmt: skip


def _banded(store: Store, own: FeatureContexts) -> tuple[tuple[FeatureContext, ...], ...]:
    """Held-out contexts by band of strength among all documents with the feature."""
    found = store.strengths().of_feature(own.feature)
    strengths = found.strengths[found.strengths > store.thresholds[own.feature]]
    if not len(strengths):
        return ((), (), ())
    edges = np.quantile(strengths, [1 - BANDS[0], BANDS[2]])
    bands: list[list[FeatureContext]] = [[], [], []]
    for one in own.held_out:
        bands[int((one.strength < edges).sum())].append(one)
    return tuple(tuple(band[:n]) for band, n in zip(bands, _FROM_BANDS, strict=True))


def _take(pool: list[FeatureContext], n: int) -> list[FeatureContext]:
    """The first of a list, which loses them."""
    taken = pool[:n]
    del pool[:n]
    return taken


def _in_bands(contexts: Sequence[FeatureContext]) -> tuple[FeatureContext, ...]:
    """Four contexts each of the strongest, middle and weakest third, strongest first."""
    ordered = sorted(contexts, key=lambda one: -one.strength)
    bands = np.array_split(np.arange(len(ordered)), 3)
    return tuple(
        ordered[at]
        for band in bands
        for at in band[np.linspace(0, len(band) - 1, min(len(band), _EACH_BAND)).astype(int)]
    ) if ordered else ()  # fmt: skip
