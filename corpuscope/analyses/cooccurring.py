"""Pairs of features that are together too often, at equal lengths, each thing told once.

A pair is looked at if its NPMI reaches the bar as it is and within strata of like documents.
Pairs that peak at one place say one thing in two ways, and features that peak inside words are
about spelling: both are dropped, and counted.
Pairs that share most of their documents are one family, told by the least alike of the best.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.groups import Rows
from corpuscope.analyses.peaks import (
    MOST_DOCUMENTS,
    Peaks,
    is_one_place,
    share_apart,
    share_inside_words,
)
from corpuscope.analyses.similarity import Similarity
from corpuscope.analyses.views import View
from corpuscope.shapes import (
    DocumentMask,
    NumberPerPair,
    PairMask,
    PerDocument,
    PerPair,
    PresenceMatrix,
)
from corpuscope.statistics import (
    Pairs,
    benjamini_hochberg,
    fold,
    frequent_pairs,
    npmi,
    npmi_interval,
    together_p,
)
from corpuscope.statistics.rates import as_ones

# So many are folded at most; the surest come first.
_MOST_FOLDED = 4000

# Pairs that have half of their documents in common are told once, by one that costs hardly more
# than the first and is in nearly as many documents.
_SAME_DOCUMENTS, _NEARLY_AS_GOOD, _NEARLY_AS_MANY = 0.5, 0.1, 0.75

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

_PAIRS_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class Together:
    """Pairs with their figures; each array has an entry for each pair.

    Attributes:
        left: A column of the left view.
        right: A column of the right view.
        both: Documents with both.
        n_left: Documents with the left one.
        n_right: Documents with the right one.
        npmi: As it is.
        lower: Lower end of its 95 % interval.
        upper: Upper end.
        adjusted: The NPMI against what the strata alone would give.
        p: Within strata, one-sided.
    """

    left: PerPair
    right: PerPair
    both: PerPair
    n_left: PerPair
    n_right: PerPair
    npmi: NumberPerPair
    lower: NumberPerPair
    upper: NumberPerPair
    adjusted: NumberPerPair
    p: NumberPerPair

    def __len__(self) -> int:
        return len(self.both)

    @property
    def sureness(self) -> NumberPerPair:
        """The lower end of the interval, moved down by what lengths and strata explain."""
        moved: NumberPerPair = self.lower - np.maximum(self.npmi - self.adjusted, 0.0)
        return moved

    def sureness_apart(self, apart: NumberPerPair, *, n: int) -> NumberPerPair:
        """The same where only documents count in which the two are apart.

        Args:
            apart: Their share of the documents with both.
            n: How many documents there are.
        """
        both = np.round(self.both * apart).astype(np.int64)
        lower, _ = npmi_interval(both, self.n_left, self.n_right, n)
        moved: NumberPerPair = lower - np.maximum(self.npmi - self.adjusted, 0.0)
        return moved

    def as_tuples(self) -> list[tuple[int, int]]:
        """The two columns of each pair."""
        return list(zip(self.left.tolist(), self.right.tolist(), strict=True))

    def among(self, chosen: PerPair) -> "Together":
        """Some of the pairs, in the order given."""
        return Together(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Found:
    """Families of pairs, surest first.

    Attributes:
        pairs: The pairs that tell them.
        q: Their q-values, where every pair that could have reached the NPMI counts as a test.
        members: For each of them the pairs told with it.
        apart: In which share of the documents with both they are in different sentences.
        is_phrase: Whether that is far less than chance would have it.
        n_possible: How many pairs could have reached the NPMI, by their rates.
        n_reaching: How many did.
        n_explained: How many of these do not among documents of like length and strata.
        n_same_places: How many were dropped since their features peak at the same places.
        n_spelling: How many were dropped since a feature peaks inside words.
        n_left_out: How many were not folded, since there were too many.
    """

    pairs: Together
    q: NumberPerPair
    members: tuple[Together, ...]
    apart: NumberPerPair
    is_phrase: PairMask
    n_possible: int
    n_reaching: int
    n_explained: int
    n_same_places: int
    n_spelling: int
    n_left_out: int


def find_pairs(
    left: View,
    right: View,
    *,
    strata: PerDocument,
    min_npmi: float,
    min_support: int,
    q: float,
    similarity: Similarity,
    unexpected_below: float,
) -> Found:
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
        min_support=min_support,
    )
    together = measured(left, right, pairs, strata=strata)
    reached = np.flatnonzero(together.adjusted >= min_npmi)
    n_explained = len(together) - len(reached)
    # No pair with a larger p-value can become a finding, whatever the others are.
    reached = reached[together.p[reached] <= q * len(reached) / max(pairs.n_possible, 1)]
    every = together.among(reached)
    rank = similarity.rank(every.left, every.right)
    is_last = (rank > unexpected_below) | similarity.share_a_word(every.left, every.right)
    alike = np.where(np.isnan(rank), 0.5, rank)
    cost = _COST_OF_LIKENESS * alike
    is_unsure = _is_unsure(left, every.left) | _is_unsure(right, every.right)
    cost += _COST_OF_BAD_NAME * is_unsure
    first = np.lexsort((cost - every.sureness, is_last))[:_MOST_FOLDED]
    chosen = every.among(first)
    places = _places(left, right, chosen)
    sureness = chosen.sureness_apart(places.apart, n=len(left.rows))
    is_told_last = is_last[first] | places.is_phrase
    cost_apart = cost[first] - sureness + _LAST * is_told_last
    ranked = np.argsort(cost_apart, kind="stable")
    ranked = ranked[~(places.is_one | places.is_spelling)[ranked]]
    told = zip(places.apart.tolist(), places.is_phrase.tolist(), strict=True)
    told_of = dict(zip(chosen.as_tuples(), told, strict=True))
    leaders, members = _folded(
        left, right, chosen.among(ranked), alike=alike[first][ranked], cost=cost_apart[ranked],
        is_found=lambda p: _q_values(p, pairs.n_possible) <= q,
    )  # fmt: skip
    return Found(
        pairs=leaders,
        q=_q_values(leaders.p, pairs.n_possible),
        members=members,
        n_possible=pairs.n_possible,
        n_reaching=len(together),
        n_explained=n_explained,
        apart=np.array([told_of[key][0] for key in leaders.as_tuples()], dtype=np.float64),
        is_phrase=np.array([told_of[key][1] for key in leaders.as_tuples()], dtype=bool),
        n_same_places=int(places.is_one.sum()),
        n_spelling=int((places.is_spelling & ~places.is_one).sum()),
        n_left_out=max(len(every) - _MOST_FOLDED, 0),
    )


def measured(
    left: View,
    right: View,
    pairs: Pairs,
    *,
    strata: PerDocument,
    among: DocumentMask | None = None,
) -> Together:
    """The figures of some pairs, on all documents or on some."""
    one, two = as_ones(left.presence), as_ones(right.presence)
    both = pairs.both
    if among is not None:
        one, two, strata = one[among], two[among], strata[among]
        both = joint_counts(one, two, pairs)
    counted = [_by_stratum(matrix, strata) for matrix in (one, two)]
    size = np.bincount(strata, minlength=len(counted[0])).astype(np.int64)
    is_used = size > 0
    lefts, rights, size = counted[0][is_used], counted[1][is_used], size[is_used]
    n = int(size.sum())
    n_left, n_right = lefts.sum(axis=0)[pairs.left], rights.sum(axis=0)[pairs.right]
    p, by_chance = np.ones(len(pairs)), np.zeros(len(pairs))
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = slice(first, first + _PAIRS_AT_ONCE)
        a = lefts[:, pairs.left[some]].astype(np.int64)
        b = rights[:, pairs.right[some]].astype(np.int64)
        p[some] = together_p(both[some], a, b, size)
        by_chance[some] = (a * b / size[:, None]).sum(axis=0)
    share = np.clip(both, 1, max(n - 1, 1)) / max(n, 1)
    adjusted = np.log(share * n / np.maximum(by_chance, 1e-12)) / -np.log(share)
    lower, upper = npmi_interval(both, n_left, n_right, n)
    return Together(
        left=pairs.left,
        right=pairs.right,
        both=both,
        n_left=n_left,
        n_right=n_right,
        npmi=npmi(both, n_left, n_right, n),
        lower=lower,
        upper=upper,
        adjusted=np.where(both > 0, np.clip(adjusted, -1.0, 1.0), -1.0),
        p=p,
    )


def joint_counts(left: PresenceMatrix, right: PresenceMatrix, pairs: Pairs) -> PerPair:
    """In how many documents each pair is."""
    counts: PerPair = np.asarray(
        joint_documents(left, right, pairs.left, pairs.right).sum(axis=0), dtype=np.int64
    )
    return counts


def joint_documents(
    left: PresenceMatrix, right: PresenceMatrix, lefts: PerPair, rights: PerPair
) -> sp.csc_array:
    """Documents x pairs: 1 where both of the pair are present."""
    one, two = as_ones(left).tocsc(), as_ones(right).tocsc()
    return sp.csc_array(one[:, lefts].multiply(two[:, rights]))


def as_pairs(together: Together, n_possible: int = 0) -> Pairs:
    """The same pairs without their figures."""
    return Pairs(together.left, together.right, together.both, n_possible)


def _by_stratum(ones: PresenceMatrix, strata: PerDocument) -> np.ndarray:
    n_strata = int(strata.max(initial=-1)) + 1
    member = sp.csr_array(
        (np.ones(len(strata), np.int32), (strata, np.arange(len(strata)))),
        shape=(n_strata, len(strata)),
    )
    counts: np.ndarray = (member @ ones).toarray()
    return counts


def _folded(
    left: View,
    right: View,
    chosen: Together,
    *,
    cost: NumberPerPair,
    alike: NumberPerPair,
    is_found: Callable[[NumberPerPair], PairMask],
) -> tuple[Together, tuple[Together, ...]]:
    """The pair that tells each family, in the order given, and the pairs that it is told with.

    Of pairs that are nearly as good as the first of a family, in nearly as many documents, and
    as significant as findings are, the least alike tells it: where two things meet, each of them
    has pairs of its own in the same documents.
    """
    if not len(chosen):
        return chosen, ()
    joint = joint_documents(left.presence, right.presence, chosen.left, chosen.right).tocsr()
    leader_of = fold(
        joint, np.arange(len(chosen)), min_jaccard=_SAME_DOCUMENTS, min_containment=_SAME_DOCUMENTS
    )
    leaders = np.flatnonzero(leader_of == np.arange(len(chosen)))
    largest_p = chosen.p[leaders][is_found(chosen.p[leaders])].max(initial=0.0)
    tellers, members = [], []
    for leader in leaders.tolist():
        family = np.flatnonzero(leader_of == leader)
        is_good = (
            (cost[family] <= cost[leader] + _NEARLY_AS_GOOD)
            & (chosen.both[family] >= _NEARLY_AS_MANY * chosen.both[leader])
            & (chosen.p[family] <= largest_p)
        )
        good = family[is_good | (family == leader)]
        teller = int(good[alike[good].argmin()])
        tellers.append(teller)
        members.append(chosen.among(family[family != teller]))
    return chosen.among(np.array(tellers, dtype=np.int64)), tuple(members)


def _q_values(p: NumberPerPair, n_possible: int) -> NumberPerPair:
    """Where all pairs that could have been found count as tests."""
    silent = np.ones(max(n_possible - len(p), 0))
    q: NumberPerPair = benjamini_hochberg(np.concatenate([p, silent]))[: len(p)]
    return q


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


def _places(left: View, right: View, chosen: Together) -> _Places:
    n = len(chosen)
    nothing = np.zeros((3, n), dtype=bool)
    answer = _Places(nothing[0], nothing[1], np.ones(n), nothing[2])
    joint = joint_documents(left.presence, right.presence, chosen.left, chosen.right)
    documents = [_spread(joint.indices[joint.indptr[at] : joint.indptr[at + 1]]) for at in range(n)]
    one = Peaks(left)
    other = one if left is right else Peaks(right)
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
    at = np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_DOCUMENTS))
    return ordered[np.unique(at.round().astype(np.int64))]


def rows_with_both(left: View, right: View, pair: tuple[int, int]) -> Rows:
    """Which of the documents that take part have both features of a pair."""
    found = joint_documents(left.presence, right.presence, np.array([pair[0]]), np.array([pair[1]]))
    rows: Rows = np.sort(found.indices).astype(np.int64)
    return rows
