"""Pairs that share most of their documents are one family: which of them tells it?

Where two things meet, each of them has pairs of its own in the same documents. So of the pairs
that are nearly as good as the best, in nearly as many documents, the least alike tells the family;
and always one that is a finding by itself, if any of the family is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from corpuscope.shapes import NumberPerPair, PerPair, PerTest
from corpuscope.statistics.multiplicity import q_values
from corpuscope.statistics.pairs.folding import fold

# Pairs that have half of their documents in common are told once, by one that costs hardly more
# than the best and is in nearly as many documents.
_SAME_DOCUMENTS, _NEARLY_AS_GOOD, _NEARLY_AS_MANY = 0.5, 0.1, 0.75


@dataclass(frozen=True, eq=False)
class PairFamily:
    """Pairs in the same documents, by their places among all pairs.

    Attributes:
        representative: The pair that tells it.
        others: The pairs that it is told with.
    """

    representative: int
    others: PerPair


def pair_families(
    joint: sp.csc_array,
    *,
    both: PerPair,
    p: NumberPerPair,
    cost: NumberPerPair,
    alike: Callable[[PerPair], NumberPerPair],
    expected_false: Callable[[PerTest], PerTest],
    q: float,
) -> list[PairFamily]:
    """Families of pairs that come in the order of their cost, in the order of the best of each.

    Args:
        joint: Documents x pairs: 1 where both of a pair are present.
        both: In how many documents each pair is.
        p: Its p-value; 1 where it can be no finding.
        cost: The smaller, the better; ascending.
        alike: Of all pairs of a family, by their places: how alike the two features of each are.
        expected_false: How many pairs chance brings to each p-value.
        q: The share of findings that may be false.
    """
    order = np.arange(len(both))
    leader_of = fold(
        joint.tocsr(), order, min_jaccard=_SAME_DOCUMENTS, min_containment=_SAME_DOCUMENTS
    )
    leaders = np.flatnonzero(leader_of == order)
    best_p = np.ones(len(both))
    np.minimum.at(best_p, leader_of, p)
    is_found = q_values(best_p[leaders], expected_false) <= q
    largest_p = best_p[leaders][is_found].max(initial=0.0)
    told = []
    for leader in leaders.tolist():
        family = np.flatnonzero(leader_of == leader)
        able = family[p[family] <= largest_p]
        able = able if len(able) else family[:1]
        is_good = (cost[able] <= cost[able[0]] + _NEARLY_AS_GOOD) & (
            both[able] >= _NEARLY_AS_MANY * both[able[0]]
        )
        good = able[is_good]
        likeness = alike(family)[np.searchsorted(family, good)] if len(good) > 1 else np.zeros(1)
        representative = int(good[likeness.argmin()])
        told.append(PairFamily(representative, family[family != representative]))
    return told
