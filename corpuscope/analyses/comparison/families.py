"""Feature families: redundant features, present in the same documents, reported as one line."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from corpuscope.corpus.texts.words import feature_kind
from corpuscope.shapes import CandidateOrder, DocumentMask, PerFeature, PresenceMatrix, SamePairs
from corpuscope.statistics.pairs.folding import fold

# Near synonyms share about two thirds of their documents. A correlation rather than the Jaccard
# index, which is high for any two frequent words.
_MIN_CORRELATION = 0.6

# Narrow features that split one kind of text: independent features, each in a third of its
# documents, reach an NPMI of .45.
_MIN_NPMI = 0.45
_MIN_SHARED = 5

# A word leads from 90 % of the largest |z| on: it is easier to interpret than a label.
_WORD_IS_ENOUGH = 0.9


@dataclass(frozen=True)
class Family:
    """Columns reported as one finding: the leader, and its members from strong to weak."""

    leader: int
    members: tuple[int, ...]

    @property
    def columns(self) -> tuple[int, ...]:
        """The leader and the members."""
        return (self.leader, *self.members)

    def renumbered(self, numbers: CandidateOrder) -> "Family":
        """The same family with each column replaced by `numbers[column]`."""
        return Family(int(numbers[self.leader]), tuple(int(numbers[m]) for m in self.members))


def families(
    presence: PresenceMatrix,
    z: PerFeature,
    *,
    names: Sequence[int | str],
    documents: DocumentMask,
    same_places: SamePairs,
) -> list[Family]:
    """Families of the columns of `presence`, by decreasing |z| of their strongest column.

    All columns must differ in one direction. A feature present in only a subset of a broad
    leader's documents is more specific and stays separate, unless its peaks overlap with the
    leader's.

    Args:
        presence: Documents x candidates.
        z: The z-score of each candidate.
        names: Numbers of dictionary features, names of word features.
        documents: The documents of the side on which the candidates are more frequent;
            candidates that co-occur there far above chance describe one kind of text.
        same_places: Leaders x candidates, not zero where their peaks overlap.
    """
    strength = np.abs(z)
    order = np.lexsort((np.arange(len(z)), -strength))
    same = _in_the_same_documents(presence[np.flatnonzero(documents)])
    same = same + _pairs_of_words(names) + same_places
    # With a Jaccard index of 1, `same` alone decides, but for identical columns.
    leader_of = fold(presence, order, min_jaccard=1.0, same=same)
    grouped: dict[int, list[int]] = {}
    for column in order:
        grouped.setdefault(int(leader_of[column]), []).append(int(column))
    return [_led(members, strength, names) for members in grouped.values()]


def _led(members: Sequence[int], strength: PerFeature, names: Sequence[int | str]) -> Family:
    """A family led by its strongest column, or by a word that is nearly as strong."""
    enough = _WORD_IS_ENOUGH * strength[members[0]]
    words = (c for c in members if isinstance(names[c], str) and strength[c] >= enough)
    leader = next(words, members[0])
    return Family(leader, tuple(column for column in members if column != leader))


def _pairs_of_words(names: Sequence[int | str]) -> SamePairs:
    """Candidates x candidates, not zero from a word (row) to a word pair with it (column)."""
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
    """Which candidates have a high correlation or NPMI in these documents.

    Source: Bouma 2009, normalised pointwise mutual information.
    """
    n_documents = max(presence.shape[0], 1)
    ones = sp.csc_array(presence, dtype=np.int32)
    shared = (ones.T @ ones).toarray()
    both = shared.astype(np.float32) / np.float32(n_documents)
    rate = np.diag(both)
    expected = np.outer(rate, rate)
    spread = np.sqrt(rate * (1 - rate))
    # phi >= minimum, multiplied out so that constant columns need no division.
    is_same = both - expected >= _MIN_CORRELATION * np.maximum(np.outer(spread, spread), 1e-12)
    joint = np.clip(both, 1 / n_documents, 1 - 1e-6)
    npmi = np.log(joint / np.maximum(expected, 1e-12)) / -np.log(joint)
    is_same |= (npmi >= _MIN_NPMI) & (shared >= _MIN_SHARED)
    return sp.csr_array(is_same.astype(np.int8))
