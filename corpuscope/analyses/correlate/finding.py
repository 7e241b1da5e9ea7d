"""Two features that travel together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpuscope.analyses.comparison.tested_features import FeatureKind

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class PairMember:
    """A pair that is told by another, since it is in the same documents."""

    feature_a: int | str
    feature_b: int | str
    label_a: str
    label_b: str


@dataclass(frozen=True)
class PairFinding:
    """Two features that are in the same documents more often than chance would have it.

    Attributes:
        feature_a: The number of a dictionary feature, or the name of a word feature; with two
            stores, of the first.
        feature_b: The other; with two stores, of the second.
        kind_a: What the one is a feature of.
        kind_b: What the other is.
        label_a: Its name for people: what it means in the documents asked about.
        label_b: That of the other.
        label_score_a: How often the name finds the feature, in [0, 1]; NaN for words.
        label_score_b: That of the other.
        label_source_a: Where the name is from, as in a finding of `diff`.
        label_source_b: That of the other.
        members: Pairs in the same documents that are told by this one.
        n_both: Documents with both.
        share_apart: In which share of these the two are strongest in different sentences, in
            [0, 1]; 1 where they are of two texts.
        rate_a: Share of the documents with the one, in [0, 1].
        rate_b: Share with the other.
        rate_both: Share with both.
        npmi: Normalised pointwise mutual information, in [-1, 1].
        interval: Its 95 % interval.
        npmi_adjusted: Against what documents of like length (and strata) would have by chance,
            or those of one part of the corpus, whichever explains more.
        lift: How many times as often the two are together as chance would have it.
        lift_within: The same within the parts that were held; NaN where none were.
        p_value: One-sided, within documents of like length (and strata), or within parts.
        q_value: The share of false findings among those at least as sure as this one.
        replicated: Whether both halves of the documents have it more often than chance would.
        label_similarity: Cosine of the two names, as sentence embeddings; NaN without names.
        similarity_rank: Share of random pairs of this corpus' features that are less alike, in
            [0, 1]: in their names, in the sentences where they are strongest or in their usual
            companions, whichever is most.
        unexpected: Whether they are no more alike than most random pairs, and no phrase: in
            different sentences at least half as often as chance would have it.
        groups: With `by`: for each group its NPMI; NaN where it has too few documents.
        groups_p: With `by`: the p-value of all groups having one NPMI; NaN else.
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
    """A family of pairs before it has names.

    Attributes:
        columns: Of the leader, in the left and in the right view.
        members: Columns of the pairs told with it.
        finding: All that is not in a name.
        is_phrase: Whether the two are mostly in one sentence.
    """

    columns: tuple[int, int]
    members: tuple[tuple[int, int], ...]
    finding: PairFinding
    is_phrase: bool
