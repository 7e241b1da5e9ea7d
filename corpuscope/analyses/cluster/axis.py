"""The features of an axis: selected by phrases, by hand, or all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.cluster.axis_presets import preset_poles
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CandidateOrder, CountPerFeature, PerFeature, PhraseByFeature
from corpuscope.statistics.pairs.folding import fold
from corpuscope.statistics.rates.counts import present_counts

# A feature in most documents distinguishes them only by its absence.
_GENERIC = 0.5

# Minimum cosine for a phrase to match a feature; unrelated plain words reach .35.
_LEAST_SIMILARITY = 0.25
_LEAST_POLES = 2

_SAME_DOCUMENTS = 0.6
_LEAST_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class Axis:
    """The features that documents are clustered by.

    Attributes:
        phrases: The phrases that selected them; with several, each is a pole of the axis.
        is_preset: Whether the phrases come from an axis preset.
        columns: Their positions among the features with enough support.
        weights: IDF weight of each feature.
        pull: Poles x columns: z-score of the similarity of pole and feature over all features; 0
            for features that are not among the pole's nearest.
    """

    phrases: tuple[str, ...]
    is_preset: bool
    columns: CandidateOrder
    weights: PerFeature
    pull: PhraseByFeature

    @property
    def has_poles(self) -> bool:
        """Whether there are several phrases, so that documents can be assigned to them."""
        return len(self.phrases) > 1

    def phrase_of(self, place: int) -> str | None:
        """The phrase nearest to a feature; None if it was selected by none."""
        if not len(self.phrases) or not self.pull[:, place].any():
            return None
        return self.phrases[int(self.pull[:, place].argmax())]


def axis_of(
    source: NamedStore,
    columns: TestedFeatures,
    along: str | Sequence[str] | None,
    *,
    n_features: int,
    features: Sequence[int] = (),
    without: Sequence[int] = (),
) -> Axis:
    """The features selected by `along`, plus `features`, minus `without`.

    Raises:
        InputError: A phrase is empty or matches no feature, or a feature does not exist.
        NotEnoughData: No feature is left.
    """
    _check_features(source, [*features, *without])
    phrases, is_preset = _phrases_of(along)
    counts = present_counts(columns.presence, np.ones(columns.presence.shape[0], dtype=bool))
    rates = counts / max(columns.presence.shape[0], 1)
    is_allowed = ~np.isin(columns.features, list(without))
    is_chosen = np.isin(columns.features, list(features))
    pull = np.zeros((len(phrases), len(columns)))
    if phrases:
        is_eligible = is_allowed & (rates <= _GENERIC)
        similarity = _similarity(source, columns.features[is_eligible], phrases)
        is_matched = similarity.max(axis=1, initial=0.0) >= _LEAST_SIMILARITY
        # A preset may lose poles that these documents lack; a pole of the caller may not.
        if not is_preset or is_matched.sum() < _LEAST_POLES:
            _check_similarity(similarity, phrases)
        phrases = tuple(p for p, is_kept in zip(phrases, is_matched, strict=True) if is_kept)
        pull = pull[is_matched]
        pull[:, is_eligible] = _pull(similarity[is_matched], n=n_features)
        is_kept = pull.any(axis=0) | (is_chosen & is_allowed)
    elif len(features):
        is_kept = is_chosen & is_allowed
    else:
        is_kept = is_allowed & (rates <= _GENERIC)
    kept = np.flatnonzero(is_kept)
    if not phrases and not len(features):
        kept = _one_of_each_family(columns, kept, counts)
    if not len(kept):
        raise NotEnoughData(
            "no feature is left to cluster by",
            expected="at least one with enough support that is not excluded",
            next_step="choose other features, exclude fewer, or lower min_support",
        )
    return Axis(phrases, is_preset, kept, _rarity(rates[kept]), pull[:, kept])


def _phrases_of(along: str | Sequence[str] | None) -> tuple[tuple[str, ...], bool]:
    """Distinct phrases, and whether they are the poles of an axis preset."""
    if along is None:
        return (), False
    parts = along.split(";") if isinstance(along, str) else list(along)
    phrases = tuple(dict.fromkeys(" ".join(part.split()) for part in parts))
    if not phrases or not all(phrases):
        raise InputError(
            f"along is {along!r}",
            expected="one or more non-empty phrases",
            next_step='name an axis, such as "tone", or omit along',
        )
    if len(phrases) == 1 and (poles := preset_poles(phrases[0])):
        return poles, True
    return phrases, False


def _similarity(
    source: NamedStore, features: CandidateOrder, phrases: Sequence[str]
) -> PhraseByFeature:
    known = source.meanings
    found: PhraseByFeature = known.similarity(phrases)[:, features].astype(np.float64)
    return found


def _pull(similarity: PhraseByFeature, *, n: int) -> PhraseByFeature:
    """Positive z-scores of similarity for the `n` nearest features of each phrase, else 0."""
    spread = np.maximum(similarity.std(axis=1, keepdims=True), _LEAST_SPREAD)
    nearer: PhraseByFeature = np.maximum(
        (similarity - similarity.mean(axis=1, keepdims=True)) / spread, 0
    )
    order = np.argsort(-nearer, axis=1, kind="stable")
    np.put_along_axis(nearer, order[:, n:], 0, axis=1)
    return nearer


def _check_similarity(similarity: PhraseByFeature, phrases: Sequence[str]) -> None:
    for phrase, own in zip(phrases, similarity, strict=True):
        if own.max(initial=0.0) < _LEAST_SIMILARITY:
            raise InputError(
                f"no feature of these documents matches {phrase!r} (largest cosine "
                f"{own.max(initial=0.0):.2f})",
                expected=f"a phrase with a cosine of at least {_LEAST_SIMILARITY} to a feature",
                next_step="rephrase it, or choose features by number",
            )


def _check_features(source: NamedStore, features: Sequence[int]) -> None:
    n_features = source.stores[0].n_features
    unknown = [
        f for f in features if not isinstance(f, int | np.integer) or not 0 <= f < n_features
    ]
    if unknown:
        raise InputError(
            f"feature {unknown[0]!r} does not exist",
            expected=f"integers from 0 to {n_features - 1}",
            next_step="take them from the column `feature` of a result",
        )


def _one_of_each_family(
    columns: TestedFeatures, kept: npt.NDArray[np.int64], counts: CountPerFeature
) -> npt.NDArray[np.int64]:
    """The most frequent feature of each co-occurring family, so that a property counts once."""
    order = np.argsort(-counts[kept], kind="stable")
    leaders = fold(columns.presence[:, kept], order, min_jaccard=_SAME_DOCUMENTS)
    chosen: npt.NDArray[np.int64] = kept[np.unique(leaders)]
    return chosen


def _rarity(rates: PerFeature) -> PerFeature:
    weights: PerFeature = -np.log(np.clip(rates, 1e-12, 1 - 1e-3))
    return weights
