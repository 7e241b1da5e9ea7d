"""Pairs of features that are together too often, at equal lengths, each thing told once.

A pair is looked at if its NPMI reaches the bar as it is, within strata of like documents and
within large parts of the corpus. One strata at a time, not both crossed: ten texts of one part
and one length would be most of a stratum of their own, and count as explained.
Pairs that peak at one place say one thing in two ways, and features that peak inside words are
about spelling: both are dropped, and counted.
Pairs that share most of their documents are one family, told by the least alike of the best.
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

# So many are folded at most; the surest come first.
_MOST_FOLDED = 4000

SURE_NAME = 0.5
"""Of a name that finds its feature less often it cannot be said what would be expected."""

# What is in different sentences less than half as often as chance has it is mostly a phrase.
_MOSTLY_APART = 0.5

# So much of an NPMI counts the likeness of a pair that is as alike as the most alike, and a name
# that does not find its feature.
_COST_OF_LIKENESS, _COST_OF_BAD_NAME = 0.25, 0.1

# More than any sureness: what is no discovery comes last.
_LAST = 9.0

# A feature that peaks inside words in half of the documents is about spelling.
_MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class FoundPairs:
    """Families of pairs, surest first.

    Attributes:
        pairs: The pairs that tell them.
        q: Their q-values, where every pair that could have reached the NPMI counts as a test.
        is_again: Whether both halves of the documents have it more often than chance would.
        members: For each of them the pairs told with it.
        apart: In which share of the documents with both they are in different sentences.
        is_phrase: Whether that is far less than chance would have it.
        n_possible: How many pairs could have reached the NPMI, by their rates.
        n_reaching: How many did.
        n_explained: How many of these do not among documents of like length and strata.
        n_sure: How many of those that do have a small p-value there.
        n_divided: How many of these have none, or no such NPMI, within parts.
        n_same_places: How many were dropped since their features peak at the same places.
        n_spelling: How many were dropped since a feature peaks inside words.
        n_left_out: How many were not folded, since there were too many.
    """

    pairs: PairStatistics
    q: NumberPerPair
    is_again: PairMask
    members: tuple[PairStatistics, ...]
    apart: NumberPerPair
    is_phrase: PairMask
    n_possible: int
    n_reaching: int
    n_explained: int
    n_sure: int
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
    is_held: DocumentMask,
    min_npmi: float,
    q: float,
    similarity: Similarity,
    settings: CorrelateSettings,
) -> FoundPairs:
    """What is together, folded, with q-values.

    Pairs that are alike, or mostly in one sentence, come last: there are many of them, and they
    are no discovery. Of the others, the less alike come before the more alike, and good names
    before bad ones.
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
    together = strictest(within)
    if clusters is not None:
        supported = np.flatnonzero(together.support >= settings.min_support)
        together, within = together.among(supported), [one.among(supported) for one in within]
    reached = np.flatnonzero(together.adjusted >= min_npmi)
    expected_false = _expected_false(
        left, right, pairs, divisions=divisions, clusters=clusters, min_npmi=min_npmi,
        min_support=settings.min_support,
    )  # fmt: skip
    # No pair with a larger p-value can become a finding, whatever the others are.
    reached = reached[expected_false(together.p[reached]) <= q * len(reached)]
    alike = within[0].adjusted >= min_npmi
    n_sure = int((expected_false(within[0].p[alike]) <= q * alike.sum()).sum())
    every = together.among(reached)
    if parts is not None:
        left_over = np.minimum(every.adjusted, left_in_parts(left, right, every, parts))
        every = replace(every, adjusted=left_over)
        every = every.among(np.flatnonzero(left_over >= min_npmi))
    n_divided = max(n_sure - len(every), 0)
    rank = similarity.rank(every.left, every.right)
    is_last = (rank > settings.unexpected_below) | similarity.share_a_word(every.left, every.right)
    cost = _COST_OF_LIKENESS * np.where(np.isnan(rank), 0.5, rank)
    is_unsure = _is_unsure(left, every.left) | _is_unsure(right, every.right)
    cost += _COST_OF_BAD_NAME * is_unsure
    first = np.lexsort((cost - every.confidence, is_last))[:_MOST_FOLDED]
    chosen = every.among(first)
    places = _places(left, right, chosen)
    confidence = chosen.confidence_apart(places.apart, n=len(left.rows))
    is_told_last = is_last[first] | places.is_phrase
    cost_apart = cost[first] - confidence + _LAST * is_told_last
    ranked = np.argsort(cost_apart, kind="stable")
    ranked = ranked[~(places.is_one | places.is_spelling)[ranked]]
    ranked_pairs = chosen.among(ranked)
    is_again = _seen_again(left, right, ranked_pairs, divisions=divisions, is_held=is_held)
    told = pair_families(
        joint_documents(left.presence, right.presence, ranked_pairs.left, ranked_pairs.right),
        both=ranked_pairs.both, p=np.where(is_again, ranked_pairs.p, 1.0),
        cost=cost_apart[ranked], expected_false=expected_false, q=q,
        alike=lambda some: similarity.among_likes(
            ranked_pairs.left[some], ranked_pairs.right[some]
        ),
    )  # fmt: skip
    tellers = np.array([family.representative for family in told], dtype=np.int64)
    leaders, at = ranked_pairs.among(tellers), ranked[tellers]
    return FoundPairs(
        pairs=leaders,
        q=q_values(leaders.p, expected_false),
        is_again=is_again[tellers],
        members=tuple(ranked_pairs.among(family.others) for family in told),
        apart=places.apart[at],
        is_phrase=places.is_phrase[at],
        n_possible=pairs.n_possible,
        n_reaching=len(together),
        n_explained=int((~alike).sum()),
        n_divided=n_divided,
        n_sure=n_sure,
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
    """How many pairs chance brings to each p-value."""
    if clusters is not None:
        # How many documents are worth one is another number for each pair that is found.
        return lambda p: p * pairs.n_possible
    return null_pairs(
        [division_of(left, right, strata) for strata in divisions],
        is_same=left is right, min_npmi=min_npmi, min_support=min_support,
    ).at  # fmt: skip


def _seen_again(
    left: View,
    right: View,
    pairs: PairStatistics,
    *,
    divisions: Sequence[PerDocument],
    is_held: DocumentMask,
) -> PairMask:
    """Whether both halves have each pair more often than chance would.

    Not with a small p-value in the one held out, as findings of one feature: of a pair in five
    documents the halves have two and three.
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


def _is_unsure(view: View, columns: PerPair) -> PairMask:
    """Whether the dictionary's name finds a feature too seldom to say what it means."""
    # Words are what they are called.
    scores = np.append(view.source.scores, np.inf)
    features = np.append(view.columns.features, np.full(len(view.columns.words), len(scores) - 1))
    is_unsure: PairMask = scores[features[columns]] < SURE_NAME
    return is_unsure


@dataclass(frozen=True, eq=False)
class _Places:
    """What the places of pairs say, an entry for each pair.

    Attributes:
        is_one: Whether the two peak at one place.
        is_spelling: Whether one of them peaks inside words.
        apart: In which share of the documents with both they are in different sentences; 1 where
            they are of two texts.
        is_phrase: Whether that is far less than chance would have it.
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
    """A few of many, from all over."""
    ordered = np.sort(places).astype(np.int64)
    at = np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_PEAKS))
    return ordered[np.unique(at.round().astype(np.int64))]
