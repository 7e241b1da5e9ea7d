"""A hit, and the features of a query and of a hit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpuscope.analyses.comparison.tested_features import FeatureKind
from corpuscope.ranges import Method

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class SearchedFeature:
    """A feature of the query.

    Attributes:
        feature: Its number.
        kind: What it is a feature of: a token or a sentence.
        label: Its name.
        label_score: How often the label identifies the feature, in [0, 1]; NaN if unknown.
        label_source: Origin of the label, as in a finding of `diff`.
        weight: Its weight: 1 for the first, less for others; negative counts against a text.
        n_documents: Number of documents in which it is present.
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
    """The contribution of a feature to a hit.

    Attributes:
        feature: Its number.
        label: Its name.
        label_source: Origin of the label, as in a finding of `diff`.
        weight: Its weight in the query.
        strength: Its strength in the text, in units of the dictionary.
        share: Its share of the text's feature score, in [0, 1].
        span: Where in the text it peaks, as [start, end) characters.
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
    """A matching text.

    Attributes:
        rank: Its rank, from 1.
        id: Id of the document.
        score: Fused score in (0, 1]; 1 if it ranks first by every method.
        text: The whole text.
        features: The five features that contributed most, in descending order.
        given: Feature score: sum of weight times strength, with strengths in units of each
            feature's 90th percentile.
        words: The query's words as they occur in the text.
        spans: Peaks of the first three features and first occurrences of the first three words,
            in the order of the text.
        ranks: Its rank by each method; methods without evidence for the text are omitted.
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
