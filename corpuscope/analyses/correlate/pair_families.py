"""Families of pairs that share most of their documents, and the representative of each.

When two properties co-occur, each also contributes pairs of its own features in the same
documents. So among the pairs that are nearly as good as the best, in nearly as many documents, the
least similar one represents the family; it must itself be significant if any pair of the family
is.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from corpuscope.shapes import NumberPerPair, PerPair, PerTest
from corpuscope.statistics.multiplicity import q_values
from corpuscope.statistics.pairs.folding import fold

# Overlap of documents within a family; tolerances of cost and of support, relative to the best
# pair, for a representative.
_SAME_DOCUMENTS, _NEARLY_AS_GOOD, _NEARLY_AS_MANY = 0.5, 0.1, 0.75


@dataclass(frozen=True, eq=False)
class PairFamily:
    """Pairs in the same documents, as positions among all pairs.

    Attributes:
        representative: The pair that is reported.
        others: The other pairs of the family.
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
    """Families of pairs sorted by cost, in the order of the best pair of each.

    Args:
        joint: Documents x pairs: 1 where both features of a pair are present.
        both: Number of documents with both features of each pair.
        p: p-value of each pair; 1 if it cannot be a finding.
        cost: Ranking criterion, smaller is better; in ascending order.
        alike: Similarity of the two features of each pair, given the positions of a family.
        expected_false: Expected number of null pairs at each p-value.
        q: False discovery rate.
    """
    order = np.arange(len(both))
    leader_of = fold(
        joint.tocsr(), order, min_jaccard=_SAME_DOCUMENTS, min_containment=_SAME_DOCUMENTS
    )
    leaders = np.flatnonzero(leader_of == order)
    best_p = np.ones(len(both))
    np.minimum.at(best_p, leader_of, p)
    is_found = q_values(best_p[leaders], expected_false) <= q
    # Significance threshold of a single pair, implied by the q-values of the families.
    largest_p = best_p[leaders][is_found].max(initial=0.0)
    families = []
    for leader in leaders.tolist():
        family = np.flatnonzero(leader_of == leader)
        eligible = family[p[family] <= largest_p]
        eligible = eligible if len(eligible) else family[:1]
        is_good = (cost[eligible] <= cost[eligible[0]] + _NEARLY_AS_GOOD) & (
            both[eligible] >= _NEARLY_AS_MANY * both[eligible[0]]
        )
        good = eligible[is_good]
        similarity = alike(family)[np.searchsorted(family, good)] if len(good) > 1 else np.zeros(1)
        representative = int(good[similarity.argmin()])
        families.append(PairFamily(representative, family[family != representative]))
    return families
