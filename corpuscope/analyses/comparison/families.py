"""One line for what many features say: families of features that sit in the same documents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from corpuscope.corpus.texts.words import feature_kind
from corpuscope.shapes import CandidateOrder, DocumentMask, PerFeature, PresenceMatrix, SamePairs
from corpuscope.statistics.pairs.folding import fold

# The same thing under another name: what shares two thirds of its documents with the leader.
# A correlation and no Jaccard index, for of two frequent words most documents have both.
_MIN_CORRELATION = 0.6

# Narrow features that split one kind of text: each in a third of it, chance apart, reaches .45.
_MIN_NPMI = 0.45
_MIN_SHARED = 5

# A word that says it nearly as well says it more plainly than any label.
_WORD_IS_ENOUGH = 0.9


@dataclass(frozen=True)
class Family:
    """Columns that are told as one: the leader, and the others from strong to weak."""

    leader: int
    members: tuple[int, ...]

    @property
    def columns(self) -> tuple[int, ...]:
        """The leader and the others."""
        return (self.leader, *self.members)

    def renumbered(self, numbers: CandidateOrder) -> "Family":
        """The same family with `numbers[column]` for each column."""
        return Family(int(numbers[self.leader]), tuple(int(numbers[m]) for m in self.members))


def families(
    presence: PresenceMatrix,
    z: PerFeature,
    *,
    names: Sequence[int | str],
    documents: DocumentMask,
    same_places: SamePairs,
) -> list[Family]:
    """Families of the columns of `presence`, strongest first by the size of `z`.

    All columns must differ in one direction. What is merely a part of a broad leader's
    documents stays apart, for it says more than the leader, unless it says it at the leader's
    own places.

    Args:
        presence: Documents x candidates.
        z: How strongly each differs.
        names: Numbers of dictionary features, names of word features.
        documents: The side on which the candidates are more frequent: what sits in the same
            of these documents far more than chance would have it is one kind of text.
        same_places: Leaders x candidates that have their place where the leader has its own.
    """
    strength = np.abs(z)
    order = np.lexsort((np.arange(len(z)), -strength))
    same = _in_the_same_documents(presence[np.flatnonzero(documents)])
    same = same + _pairs_of_words(names) + same_places
    leader_of = fold(presence, order, min_jaccard=1.0, same=same)
    grouped: dict[int, list[int]] = {}
    for column in order:
        grouped.setdefault(int(leader_of[column]), []).append(int(column))
    return [_led(members, strength, names) for members in grouped.values()]


def _led(members: Sequence[int], strength: PerFeature, names: Sequence[int | str]) -> Family:
    """The strongest leads, unless a word is nearly as strong."""
    enough = _WORD_IS_ENOUGH * strength[members[0]]
    words = (c for c in members if isinstance(names[c], str) and strength[c] >= enough)
    leader = next(words, members[0])
    return Family(leader, tuple(column for column in members if column != leader))


def _pairs_of_words(names: Sequence[int | str]) -> SamePairs:
    """Not zero in the row of a word and the column of a pair that the word is in."""
    place = {name: at for at, name in enumerate(names)}
    found = [
        (place[word], at)
        for at, name in enumerate(names)
        if isinstance(name, str) and feature_kind(name) == "pair"
        for word in name.split(" ")
        if word in place
    ]
    rows, columns = np.array(found, dtype=np.int64).reshape(-1, 2).T
    ones = np.ones(len(found), dtype=np.int8)
    return sp.csr_array((ones, (rows, columns)), shape=(len(names), len(names)))


def _in_the_same_documents(presence: PresenceMatrix) -> SamePairs:
    """Which candidates are correlated, or have a high NPMI, in these documents.

    Source: Bouma 2009, normalised pointwise mutual information.
    """
    n_documents = max(presence.shape[0], 1)
    ones = sp.csc_array(presence, dtype=np.int32)
    shared = (ones.T @ ones).toarray()
    both = shared.astype(np.float32) / np.float32(n_documents)
    rate = np.diag(both)
    by_chance = np.outer(rate, rate)
    spread = np.sqrt(rate * (1 - rate))
    is_same = both - by_chance >= _MIN_CORRELATION * np.maximum(np.outer(spread, spread), 1e-12)
    some = np.clip(both, 1 / n_documents, 1 - 1e-6)
    npmi = np.log(some / np.maximum(by_chance, 1e-12)) / -np.log(some)
    is_same |= (npmi >= _MIN_NPMI) & (shared >= _MIN_SHARED)
    return sp.csr_array(is_same.astype(np.int8))
