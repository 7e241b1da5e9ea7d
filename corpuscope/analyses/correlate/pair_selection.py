"""Pairs of features with excess co-occurrence, length-adjusted and folded into families.

A pair is a candidate if its NPMI reaches the minimum raw, within strata of similar documents and
within large parts of the corpus. Strata are not crossed with parts: ten texts of one part and one
length would dominate their own stratum and count as explained.
Pairs that peak at the same positions describe one property twice, and features that peak inside
words reflect spelling: both are dropped and counted.
Pairs that share most of their documents form one family, represented by the least similar of the
best.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.correlate.pair_families import pair_families
from corpuscope.analyses.correlate.pair_statistics import (
    PairStatistics,
    as_pairs,
    division_of,
    joint_documents,
    left_in_parts,
    pair_statistics,
    strictest,
)
from corpuscope.analyses.correlate.peaks import (
    MOST_PEAKS,
    PairPeaks,
    is_one_place,
    share_apart,
    share_inside_words,
)
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.correlate.similarity import Similarity
from corpuscope.analyses.correlate.views import View
from corpuscope.shapes import DocumentMask, NumberPerPair, PairMask, PerDocument, PerPair, PerTest
from corpuscope.statistics.multiplicity import q_values
from corpuscope.statistics.pairs.cooccurrence import Pairs, frequent_pairs
from corpuscope.statistics.pairs.pairs_by_chance import null_pairs

# Maximum number of pairs folded into families, best first.
_MOST_FOLDED = 4000

RELIABLE_LABEL = 0.5
"""Minimum score of a reliable label; with less, unexpectedness cannot be judged."""

# A pair in different sentences less than half as often as expected is mostly a phrase.
_MOSTLY_APART = 0.5

# Penalties in units of NPMI: for a pair of the highest similarity rank, and for an unreliable
# label.
_COST_OF_SIMILARITY, _COST_OF_BAD_NAME = 0.25, 0.1

# Larger than any confidence bound, so that pairs with this penalty come last.
_LAST = 9.0

# A feature that peaks inside words in this share of the documents reflects spelling.
_MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class FoundPairs:
    """Families of pairs, best first.

    Attributes:
        pairs: The representative pair of each family.
        q: Their q-values; every pair that could reach the NPMI counts as a test.
        replicated: Whether both halves of the documents replicate the pair.
        members: The other pairs of each family.
        apart: Share of the documents with both in which they are in different sentences.
        is_phrase: Whether that is far less than expected by chance.
        n_possible: Number of testable pairs: those whose rates allow the NPMI.
        n_reaching: Number of these that reach it.
        n_explained: Number of those explained by length and strata.
        n_significant: Number of the remaining ones that are significant.
        n_divided: Number of those explained by parts of the corpus.
        n_same_places: Number dropped because their features peak at the same positions.
        n_spelling: Number dropped because a feature peaks inside words.
        n_left_out: Number not examined because there were too many.
    """

    pairs: PairStatistics
    q: NumberPerPair
    replicated: PairMask
    members: tuple[PairStatistics, ...]
    apart: NumberPerPair
    is_phrase: PairMask
    n_possible: int
    n_reaching: int
    n_explained: int
    n_significant: int
    n_divided: int
    n_same_places: int
    n_spelling: int
    n_left_out: int


def find_pairs(
    left: View,
    right: View,
    *,
    divisions: Sequence[PerDocument],
    parts: PerDocument | None = None,
    clusters: PerDocument | None,
    is_within_clusters: bool = False,
    is_held: DocumentMask,
    min_npmi: float,
    q: float,
    similarity: Similarity,
    settings: CorrelateSettings,
) -> FoundPairs:
    """Families of co-occurring pairs, with q-values.

    `is_within_clusters` says that one of the divisions keeps documents of a cluster together.

    Similar pairs, and pairs mostly in one sentence, come last: they are many and uninteresting.
    The others are ranked by the lower confidence bound of NPMI, with penalties for similarity and
    for unreliable labels.
    """
    is_same = left is right
    pairs = frequent_pairs(
        left.presence,
        None if is_same else right.presence,
        min_npmi=min_npmi,
        min_support=settings.min_support,
    )
    within = [
        pair_statistics(left, right, pairs, strata=strata, clusters=clusters)
        for strata in divisions
    ]
    pairs_within = strictest(within)
    if clusters is not None:
        supported = np.flatnonzero(pairs_within.support >= settings.min_support)
        pairs_within, within = (
            pairs_within.among(supported),
            [one.among(supported) for one in within],
        )
    reached = np.flatnonzero(pairs_within.adjusted >= min_npmi)
    expected_false = _expected_false(
        left, right, pairs, divisions=divisions,
        # Within clusters documents are independent, and design effects only enlarge p-values.
        clusters=None if is_within_clusters else clusters,
        min_npmi=min_npmi, min_support=settings.min_support,
    )  # fmt: skip
    # A pair with a larger p-value cannot become a finding, whatever the others are.
    reached = reached[expected_false(pairs_within.p[reached]) <= q * len(reached)]
    is_unexplained = within[0].adjusted >= min_npmi
    n_significant = int(
        (expected_false(within[0].p[is_unexplained]) <= q * is_unexplained.sum()).sum()
    )
    every = pairs_within.among(reached)
    if parts is not None:
        left_over = np.minimum(every.adjusted, left_in_parts(left, right, every, parts))
        every = replace(every, adjusted=left_over)
        every = every.among(np.flatnonzero(left_over >= min_npmi))
    n_divided = max(n_significant - len(every), 0)
    rank = similarity.rank(every.left, every.right)
    is_last = (rank > settings.unexpected_below) | similarity.share_a_word(every.left, every.right)
    cost = _COST_OF_SIMILARITY * np.where(np.isnan(rank), 0.5, rank)
    is_unreliable = _is_unreliable(left, every.left) | _is_unreliable(right, every.right)
    cost += _COST_OF_BAD_NAME * is_unreliable
    first = np.lexsort((cost - every.confidence, is_last))[:_MOST_FOLDED]
    chosen = every.among(first)
    places = _places(left, right, chosen)
    confidence = chosen.confidence_apart(places.apart, n=len(left.rows))
    comes_last = is_last[first] | places.is_phrase
    cost_apart = cost[first] - confidence + _LAST * comes_last
    ranked = np.argsort(cost_apart, kind="stable")
    ranked = ranked[~(places.is_one | places.is_spelling)[ranked]]
    ranked_pairs = chosen.among(ranked)
    replicated = _replicated(left, right, ranked_pairs, divisions=divisions, is_held=is_held)
    families = pair_families(
        joint_documents(left.presence, right.presence, ranked_pairs.left, ranked_pairs.right),
        both=ranked_pairs.both, p=np.where(replicated, ranked_pairs.p, 1.0),
        cost=cost_apart[ranked], expected_false=expected_false, q=q,
        alike=lambda some: similarity.among_likes(
            ranked_pairs.left[some], ranked_pairs.right[some]
        ),
    )  # fmt: skip
    representatives = np.array([family.representative for family in families], dtype=np.int64)
    leaders, at = ranked_pairs.among(representatives), ranked[representatives]
    return FoundPairs(
        pairs=leaders,
        q=q_values(leaders.p, expected_false),
        replicated=replicated[representatives],
        members=tuple(ranked_pairs.among(family.others) for family in families),
        apart=places.apart[at],
        is_phrase=places.is_phrase[at],
        n_possible=pairs.n_possible,
        n_reaching=len(pairs_within),
        n_explained=int((~is_unexplained).sum()),
        n_divided=n_divided,
        n_significant=n_significant,
        n_same_places=int(places.is_one.sum()),
        n_spelling=int((places.is_spelling & ~places.is_one).sum()),
        n_left_out=max(len(every) - _MOST_FOLDED, 0),
    )


def _expected_false(
    left: View,
    right: View,
    pairs: Pairs,
    *,
    divisions: Sequence[PerDocument],
    clusters: PerDocument | None,
    min_npmi: float,
    min_support: int,
) -> Callable[[PerTest], PerTest]:
    """Expected number of null pairs at each p-value."""
    if clusters is not None:
        # The design effect differs between pairs, so the exact null distribution is not available.
        return lambda p: p * pairs.n_possible
    return null_pairs(
        [division_of(left, right, strata) for strata in divisions],
        is_same=left is right, min_npmi=min_npmi, min_support=min_support,
    ).at  # fmt: skip


def _replicated(
    left: View,
    right: View,
    pairs: PairStatistics,
    *,
    divisions: Sequence[PerDocument],
    is_held: DocumentMask,
) -> PairMask:
    """Whether each pair co-occurs more often than expected in both halves.

    Significance in the held-out half is not required, unlike for single features: of a pair in
    five documents, the halves have only two and three.
    """
    halves = [
        strictest(
            [
                pair_statistics(left, right, as_pairs(pairs), strata=strata, among=half)
                for strata in divisions
            ]
        ).adjusted
        > 0
        for half in (~is_held, is_held)
    ]
    both: PairMask = halves[0] & halves[1]
    return both


def _is_unreliable(view: View, columns: PerPair) -> PairMask:
    """Whether the score of a feature's label is too low to rely on it."""
    # Words are their own labels.
    scores = np.append(view.source.scores, np.inf)
    features = np.append(view.columns.features, np.full(len(view.columns.words), len(scores) - 1))
    is_unreliable: PairMask = scores[features[columns]] < RELIABLE_LABEL
    return is_unreliable


@dataclass(frozen=True, eq=False)
class _Places:
    """Where pairs peak; each array has an entry per pair.

    Attributes:
        is_one: Whether the two peak at the same positions.
        is_spelling: Whether one of them peaks inside words.
        apart: Share of the documents with both in which they are in different sentences; 1 with
            two stores.
        is_phrase: Whether that is far less than expected by chance.
    """

    is_one: PairMask
    is_spelling: PairMask
    apart: NumberPerPair
    is_phrase: PairMask


def _places(left: View, right: View, chosen: PairStatistics) -> _Places:
    n = len(chosen)
    nothing = np.zeros((3, n), dtype=bool)
    answer = _Places(nothing[0], nothing[1], np.ones(n), nothing[2])
    joint = joint_documents(left.presence, right.presence, chosen.left, chosen.right)
    documents = [_spread(joint.indices[joint.indptr[at] : joint.indptr[at + 1]]) for at in range(n)]
    one = PairPeaks(left)
    other = one if left is right else PairPeaks(right)
    for peaks in (one,) if left is right else (one, other):
        peaks.read(np.unique(np.concatenate([*documents, np.empty(0, dtype=np.int64)])))
    for at, (a, b) in enumerate(chosen.as_tuples()):
        first, second = one.of(a, documents[at]), other.of(b, documents[at])
        answer.is_spelling[at] = max(map(share_inside_words, (first, second))) >= _MOSTLY
        if left.source is right.source:
            answer.is_one[at] = is_one_place(first, second)
            answer.apart[at], by_chance = share_apart(first, second)
            answer.is_phrase[at] = answer.apart[at] < _MOSTLY_APART * by_chance
    return answer


def _spread(places: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """An evenly spaced subset of the documents."""
    ordered = np.sort(places).astype(np.int64)
    at = np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_PEAKS))
    return ordered[np.unique(at.round().astype(np.int64))]
