"""Two features that co-occur."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpuscope.analyses.comparison.tested_features import FeatureKind

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class PairMember:
    """A pair in the family of another, since it is in the same documents."""

    feature_a: int | str
    feature_b: int | str
    label_a: str
    label_b: str


@dataclass(frozen=True)
class PairFinding:
    """Two features that co-occur in documents more often than expected by chance.

    Attributes:
        feature_a: Number of a dictionary feature, or name of a word feature; with two stores, of
            the first.
        feature_b: The other feature; with two stores, of the second.
        kind_a: What feature a is a feature of: a token, a sentence, a word.
        kind_b: The same for b.
        label_a: Name of feature a, as it applies to these documents.
        label_b: Name of feature b.
        label_score_a: How often the label identifies the feature, in [0, 1]; NaN for words.
        label_score_b: The same for b.
        label_source_a: Origin of the label, as in a finding of `diff`.
        label_source_b: The same for b.
        members: Other pairs of the family, in the same documents.
        n_both: Number of documents with both features.
        share_apart: Share of these in which the two peak in different sentences, in [0, 1]; 1
            with two stores.
        rate_a: Share of the documents with feature a, in [0, 1].
        rate_b: Share with feature b.
        rate_both: Share with both.
        npmi: Normalised pointwise mutual information, in [-1, 1].
        interval: Its 95 % interval.
        npmi_adjusted: NPMI relative to the expectation within similar lengths (and strata), or
            within parts of the corpus, whichever is smaller.
        lift: Observed over expected number of documents with both.
        lift_within: The same within the parts of the corpus; NaN if there are none.
        p_value: One-sided, conditional on length (and strata), or on parts.
        q_value: FDR-adjusted p-value.
        replicated: Whether the pair co-occurs more often than expected in both halves.
        label_similarity: Cosine of the two labels' sentence embeddings; NaN without labels.
        similarity_rank: Share of random pairs of this corpus' features that are less similar, in
            [0, 1]; the largest over labels, strongest sentences and companion features.
        unexpected: Whether they are no more similar than most random pairs, and not a phrase: in
            different sentences at least half as often as expected.
        groups: With `by`: NPMI in each group; NaN if it has too few documents.
        groups_p: With `by`: p-value of equal NPMI in all groups; NaN otherwise.
    """

    feature_a: int | str
    feature_b: int | str
    kind_a: FeatureKind
    kind_b: FeatureKind
    label_a: str
    label_b: str
    label_score_a: float
    label_score_b: float
    label_source_a: str
    label_source_b: str
    members: tuple[PairMember, ...]
    n_both: int
    share_apart: float
    rate_a: float
    rate_b: float
    rate_both: float
    npmi: float
    interval: tuple[float, float]
    npmi_adjusted: float
    lift: float
    lift_within: float
    p_value: float
    q_value: float
    replicated: bool
    label_similarity: float
    similarity_rank: float
    unexpected: bool
    groups: Mapping[str, float]
    groups_p: float


@dataclass(frozen=True)
class Candidate:
    """A family of pairs before features are named.

    Attributes:
        columns: Columns of the representative pair, in the left and in the right view.
        members: Columns of the other pairs of the family.
        finding: The finding, with the dictionary's labels.
        is_phrase: Whether the two are mostly in the same sentence.
    """

    columns: tuple[int, int]
    members: tuple[tuple[int, int], ...]
    finding: PairFinding
    is_phrase: bool
