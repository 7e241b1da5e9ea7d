"""Which features an axis means: by phrases, by hand, or all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.cluster.axis_presets import preset_poles
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.labels.meanings import meanings
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CandidateOrder, CountPerFeature, PerFeature, PhraseByFeature
from corpuscope.statistics.pairs.folding import fold
from corpuscope.statistics.rates.counts import present_counts

# What is in most documents tells them apart by its absence alone.
_GENERIC = 0.5

# A phrase that resembles no feature more than this resembles none; plain words reach .35.
_LEAST_SIMILARITY = 0.25
_LEAST_POLES = 2

_SAME_DOCUMENTS = 0.6
_LEAST_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class Axis:
    """The features that documents are grouped by.

    Attributes:
        phrases: What they were found by; of several, each is a pole of the axis.
        is_usual: Whether the phrases stand for a word that was asked with.
        columns: Their numbers among the features that enough documents have.
        weights: How much each counts: how rare it is.
        pull: Poles x columns: how much nearer to the pole a feature is than most features are,
            in standard deviations; 0 for those that are not among its nearest.
    """

    phrases: tuple[str, ...]
    is_usual: bool
    columns: CandidateOrder
    weights: PerFeature
    pull: PhraseByFeature

    @property
    def has_poles(self) -> bool:
        """Whether documents can be told apart by which phrase they are nearer to."""
        return len(self.phrases) > 1

    def phrase_of(self, place: int) -> str | None:
        """The phrase that a feature is nearest to; None where it is near to none."""
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
    """The features that `along` means, those that are ticked, less those that are left out.

    Raises:
        InputError: A phrase is empty or is like no feature, or a number is of no feature.
        NotEnoughData: No feature is left.
    """
    _check_features(source, [*features, *without])
    phrases, is_usual = _phrases_of(along)
    counts = present_counts(columns.presence, np.ones(columns.presence.shape[0], dtype=bool))
    rates = counts / max(columns.presence.shape[0], 1)
    is_open = ~np.isin(columns.features, list(without))
    is_ticked = np.isin(columns.features, list(features))
    pull = np.zeros((len(phrases), len(columns)))
    if phrases:
        is_told = is_open & (rates <= _GENERIC)
        similarity = _similarity(source, columns.features[is_told], phrases)
        is_met = similarity.max(axis=1, initial=0.0) >= _LEAST_SIMILARITY
        if not is_usual or is_met.sum() < _LEAST_POLES:
            _check_similarity(similarity, phrases)
        phrases = tuple(p for p, is_kept in zip(phrases, is_met, strict=True) if is_kept)
        pull = pull[is_met]
        pull[:, is_told] = _pull(similarity[is_met], n=n_features)
        is_kept = pull.any(axis=0) | (is_ticked & is_open)
    elif len(features):
        is_kept = is_ticked & is_open
    else:
        is_kept = is_open & (rates <= _GENERIC)
    kept = np.flatnonzero(is_kept)
    if not phrases and not len(features):
        kept = _one_of_each_family(columns, kept, counts)
    if not len(kept):
        raise NotEnoughData(
            "no feature is left to group by",
            expected="at least one that enough documents have, and that is not left out",
            next_step="tick other features, leave out fewer, or lower min_support",
        )
    return Axis(phrases, is_usual, kept, _rarity(rates[kept]), pull[:, kept])


def _phrases_of(along: str | Sequence[str] | None) -> tuple[tuple[str, ...], bool]:
    """Phrases, each once; the poles of a usual axis in place of its name."""
    if along is None:
        return (), False
    parts = along.split(";") if isinstance(along, str) else list(along)
    phrases = tuple(dict.fromkeys(" ".join(part.split()) for part in parts))
    if not phrases or not all(phrases):
        raise InputError(
            f"along is {along!r}",
            expected="a phrase, or several, none of them empty",
            next_step='name what to group by, such as "tone", or leave along out',
        )
    if len(phrases) == 1 and (poles := preset_poles(phrases[0])):
        return poles, True
    return phrases, False


def _similarity(
    source: NamedStore, features: CandidateOrder, phrases: Sequence[str]
) -> PhraseByFeature:
    known = meanings(source.stores[0])
    found: PhraseByFeature = known.similarity(phrases)[:, features].astype(np.float64)
    return found


def _pull(similarity: PhraseByFeature, *, n: int) -> PhraseByFeature:
    """How many standard deviations nearer each of a phrase's `n` nearest is than most are."""
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
                f"no feature of these documents is like {phrase!r} (the likeliest has a cosine "
                f"of {own.max(initial=0.0):.2f})",
                expected=f"a phrase that some feature has a cosine of {_LEAST_SIMILARITY} with",
                next_step="say it in other words, or tick features by their numbers",
            )


def _check_features(source: NamedStore, features: Sequence[int]) -> None:
    n_features = source.stores[0].n_features
    strange = [
        f for f in features if not isinstance(f, int | np.integer) or not 0 <= f < n_features
    ]
    if strange:
        raise InputError(
            f"{strange[0]!r} is the number of no feature",
            expected=f"whole numbers from 0 to {n_features - 1}",
            next_step="take them from the column `feature` of an answer",
        )


def _one_of_each_family(
    columns: TestedFeatures, kept: npt.NDArray[np.int64], counts: CountPerFeature
) -> npt.NDArray[np.int64]:
    """Of features in the same documents the most frequent: one property counts once."""
    order = np.argsort(-counts[kept], kind="stable")
    leaders = fold(columns.presence[:, kept], order, min_jaccard=_SAME_DOCUMENTS)
    chosen: npt.NDArray[np.int64] = kept[np.unique(leaders)]
    return chosen


def _rarity(rates: PerFeature) -> PerFeature:
    weights: PerFeature = -np.log(np.clip(rates, 1e-12, 1 - 1e-3))
    return weights
