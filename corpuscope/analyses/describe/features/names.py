"""The names of a feature: the one that is shown, and all others that it has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from corpuscope.analyses.comparison.tested_features import FeatureKind
from corpuscope.analyses.describe.described_store import DescribedStore
from corpuscope.analyses.results.naming import Name, name_given

_N_RENAMED = 30


@dataclass(frozen=True)
class FeatureName:
    """A name of a feature.

    Attributes:
        label: The name.
        source: Where it is from: `here`, `dictionary`, `word` and `number` as in findings; else
            its author, as recorded in the store.
        score: How often it picks out the feature, in [0, 1]; chance is 1/11; NaN if unknown.
        low: Lower end of the score's 95 % interval; NaN if unknown.
        high: Upper end of it.
    """

    label: str
    source: str
    score: float
    low: float
    high: float


@dataclass(frozen=True)
class NamedFeature:
    """A feature and its name, as they stand in lists.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: Whether it is a token, sentence or word feature.
        label: Its name.
        label_source: Where that is from.
        label_score: How often it picks out the feature; NaN if unknown.
    """

    feature: int | str
    kind: FeatureKind
    label: str
    label_source: str
    label_score: float


def named_features(
    here: DescribedStore, features: Sequence[int | str], *, rename: bool = False
) -> list[NamedFeature]:
    """Features with their names, in order.

    Args:
        here: The store.
        features: The features.
        rename: Whether to name the first thirty dictionary features from these documents; others
            have the dictionary's name.
    """
    numbers = [one for one in features if isinstance(one, int)][: _N_RENAMED if rename else 0]
    known = here.names().of(numbers) if numbers else {}
    return [_named(here, one, known.get(one)) for one in features]


def _named(here: DescribedStore, feature: int | str, made: Name | None) -> NamedFeature:
    if isinstance(feature, str):
        return NamedFeature(feature, "word", word_label(feature), "word", np.nan)
    name = made or name_given(here.source, feature)
    return NamedFeature(feature, kind_of(here, feature), name.label, name.source, name.score)


def kind_of(here: DescribedStore, feature: int | str) -> FeatureKind:
    """Whether it is a word, token or sentence feature."""
    if isinstance(feature, str):
        return "word"
    return "sentence" if here.source.kind(feature) == "sentence" else "token"


def word_label(name: str) -> str:
    """How a word feature is shown: in quotes, unless it is a format mark."""
    return name if name.startswith("‹") else f'"{name}"'


def feature_name(here: DescribedStore, feature: int | str, *, rename: bool) -> FeatureName:
    """The name to show.

    Args:
        here: The store.
        feature: The feature.
        rename: Whether to name it from these documents, as questions do, unless a person or a
            language model named it; otherwise it has the dictionary's name.

    Cost: with `rename` a tenth of a second, and some seconds for the first feature of a store.
    """
    if isinstance(feature, str):
        return FeatureName(word_label(feature), "word", np.nan, np.nan, np.nan)
    if rename:
        return _as_shown(here.names().of([feature])[feature])
    return _as_shown(name_given(here.source, feature))


def _as_shown(name: Name) -> FeatureName:
    return FeatureName(name.label, name.source, name.score, name.low, name.high)


def other_names(
    here: DescribedStore, feature: int | str, shown: FeatureName
) -> tuple[FeatureName, ...]:
    """All other names of a feature: given ones, the dictionary's own, those of others."""
    if isinstance(feature, str):
        return ()
    every = {(one.label, one.source): one for one in reversed(list(_all_names(here, feature)))}
    every.pop((shown.label, shown.source), None)
    return tuple(reversed(every.values()))


def _all_names(here: DescribedStore, feature: int) -> Iterator[FeatureName]:
    if (given := here.given.get(feature)) is not None:
        score = np.nan if given.score is None else given.score
        yield FeatureName(given.label, given.label_source, score, np.nan, np.nan)
    row = here.store.dictionary_features.iloc[feature]
    if isinstance(row.get("label"), str) and row["label"].strip():
        yield _own_name(row)
    if here.attached is not None:
        for _, one in here.attached[here.attached["feature"] == feature].iterrows():
            if isinstance(one["label"], str) and one["label"].strip():
                yield FeatureName(
                    one["label"], str(one["source"]), _number(one["score"]), np.nan, np.nan
                )


def _own_name(row: "pd.Series[Any]") -> FeatureName:
    """The dictionary's own name; one made from words of other texts is `dictionary`'s."""
    source = row.get("label_source")
    low, high = _number(row.get("score_low")), _number(row.get("score_high"))
    known = source if isinstance(source, str) else "unknown"
    name = "dictionary" if known == "words" else known
    return FeatureName(str(row["label"]), name, _number(row.get("score")), low, high)


def _number(value: Any) -> float:
    return np.nan if value is None or pd.isna(value) else float(value)
