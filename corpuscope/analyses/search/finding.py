"""A text that was found, and the features that speak for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpuscope.analyses.comparison.tested_features import FeatureKind
from corpuscope.ranges import Method

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class SearchedFeature:
    """A feature that was searched for.

    Attributes:
        feature: Its number.
        kind: What it is a feature of.
        label: Its name for people.
        label_score: How often the name finds it, in [0, 1]; NaN where that is not known.
        label_source: Where the name is from, as in a finding of `diff`.
        weight: How much it counts: the first 1, others less; below 0 against a text.
        n_documents: In how many documents it is present.
    """

    feature: int
    kind: FeatureKind
    label: str
    label_score: float
    label_source: str
    weight: float
    n_documents: int


@dataclass(frozen=True)
class HitFeature:
    """What a feature did for a hit.

    Attributes:
        feature: Its number.
        label: Its name for people.
        label_source: Where the name is from, as in a finding of `diff`.
        weight: How much it counts in the search.
        strength: How strong it is in the text, in units of the dictionary.
        share: Its part of all that features gave to the text, in [0, 1].
        span: Where in the text it peaks: first character and the one after the last.
    """

    feature: int
    label: str
    label_source: str
    weight: float
    strength: float
    share: float
    span: tuple[int, int]


@dataclass(frozen=True)
class Hit:
    """A text that matches.

    Attributes:
        rank: From 1.
        id: Of the document.
        score: In (0, 1]; 1 is the first by every method.
        text: The whole text.
        features: The five features that gave it most, most first.
        given: What features gave it together: the sum of weight times strength, where a
            strength of 1 is the 90th percentile of the feature's.
        words: The searched words that are in it, as they stand there.
        spans: Where the first three features peak and the first three words are first, in the
            order of the text.
        ranks: Its rank by each method; a method that knows nothing of the text is left out.
    """

    rank: int
    id: str
    score: float
    text: str
    features: tuple[HitFeature, ...]
    given: float
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    ranks: Mapping[Method, int]
