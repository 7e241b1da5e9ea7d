"""How alike two features are, beside random pairs of the same corpus.

By their names, by the sentences in which each is strongest, and by their usual companions:
`"idiot"` and `"fools"` share no letter, but their sentences are alike; `"java"` and a factorial
share no sentence, but the texts where they are. A cosine means nothing by itself, since in a
narrow corpus all names are alike; so it is told as a rank among pairs of features drawn at random
from those that the corpus has.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.comparison.tested_features import own_label_of
from corpuscope.analyses.correlate.views import View
from corpuscope.labels.meanings import Meanings, embedded_names, is_name
from corpuscope.shapes import FeatureMeanings, NumberPerDraw, NumberPerPair, PairMask, PerPair

_DRAWN = 500

# Words of names that begin with the same letters are one word. One that is in more than such a
# share of the names, and in so many, says how names are made: "forms of", "after", "the".
_BEGINNING, _LEAST_LETTERS = 5, 3
_SHARE_OF_NAMES, _LEAST_NAMES = 0.01, 10
_PAIRS_AT_ONCE = 20_000

# A feature that is less alike by so much, as a share of random pairs, counts a third of another.
_LIKE = 0.1


@dataclass(frozen=True, eq=False)
class Similarity:
    """Compares features of two views.

    Attributes:
        left: Features of the one side, and documents.
        right: Of the other side.
        seed: Of the drawing of random pairs.
    """

    left: View
    right: View
    seed: int = 0

    def of_names(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The cosine of the two names of each pair; NaN where one has none."""
        fresh = sorted({name for pair in pairs for name in pair} - self._known.keys())
        self._known.update(zip(fresh, embedded_names(fresh), strict=True))
        return [
            float(self._known[a] @ self._known[b]) if is_name(a) and is_name(b) else np.nan
            for a, b in pairs
        ]

    @cached_property
    def _known(self) -> dict[str, npt.NDArray[np.float32]]:
        """Vectors of names by name: the dictionary's own, and those that were embedded since."""
        found = {}
        for view in (self.left, self.right):
            vectors = view.source.meanings.names
            for column, feature in enumerate(view.columns.features.tolist()):
                if vectors[feature].any():
                    found[own_label_of(view.source, view.columns, column)] = vectors[feature]
        return found

    def rank(
        self, lefts: PerPair, rights: PerPair, *, names: npt.ArrayLike | None = None
    ) -> NumberPerPair:
        """The share of random pairs that are less alike; NaN where nothing is known.

        By the names, by the sentences or by the companions, whichever is most.

        Args:
            lefts: A column of the left view for each pair.
            rights: One of the right view.
            names: The cosines of their names; by default of the dictionary's own.
        """
        cosines = self._cosines(_of_names, lefts, rights) if names is None else np.asarray(names)
        rank: NumberPerPair = np.fmax.reduce([
            _rank(cosines, self._random_names),
            _rank(self._cosines(_of_contexts, lefts, rights), self._random_contexts),
            _rank(self._cosines(_of_companions, lefts, rights), self._random_companions),
        ])  # fmt: skip
        return rank

    def among_likes(self, lefts: PerPair, rights: PerPair) -> NumberPerPair:
        """How alike each pair is: the mean over all features of these pairs that are like its own.

        One likeness is easily wrong; those between two kinds of features are all low.
        """
        if self.left is self.right:
            one = other = np.unique(np.concatenate([lefts, rights]))
        else:
            one, other = np.unique(lefts), np.unique(rights)
        own, others = (
            _shares_of_likes(within._square(some, some))
            for within, some in zip(self._within, (one, other), strict=True)
        )
        mean = own @ self._square(one, other) @ others.T
        found: NumberPerPair = mean[np.searchsorted(one, lefts), np.searchsorted(other, rights)]
        return found

    @cached_property
    def _within(self) -> tuple["Similarity", "Similarity"]:
        """The same between features of one side."""
        if self.left is self.right:
            return self, self
        left, right = (Similarity(view, view, self.seed) for view in (self.left, self.right))
        return left, right

    def _square(self, lefts: PerPair, rights: PerPair) -> npt.NDArray[np.float64]:
        """Of all pairs of two lists of columns; a half where nothing is known."""
        grid = np.meshgrid(lefts, rights, indexing="ij")
        rank = self.rank(*(side.ravel() for side in grid)).reshape(grid[0].shape)
        is_itself = (grid[0] == grid[1]) & (self.left is self.right)
        return np.where(is_itself, 1.0, np.where(np.isnan(rank), 0.5, rank))

    def share_a_word(self, lefts: PerPair, rights: PerPair) -> PairMask:
        """Whether two names have a word in common, or two that begin alike, that few names have."""
        return _share_a_word(self.left, self.right, lefts, rights)

    @cached_property
    def _random_names(self) -> NumberPerDraw:
        return self._random(_of_names)

    @cached_property
    def _random_contexts(self) -> NumberPerDraw:
        return self._random(_of_contexts)

    @cached_property
    def _random_companions(self) -> NumberPerDraw:
        return self._random(_of_companions)

    def _random(self, kind: "_Kind") -> NumberPerDraw:
        """Cosines of random pairs, ascending; a feature with itself is no pair."""
        generator = np.random.default_rng(self.seed)
        drawn = []
        for view in (self.left, self.right):
            known = np.flatnonzero(kind(view.source.meanings)[view.columns.features].any(axis=1))
            drawn.append(generator.permutation(known)[:_DRAWN])
        lefts, rights = (grid.ravel() for grid in np.meshgrid(*drawn, indexing="ij"))
        names = [view.columns.features[at] for view, at in
                 ((self.left, lefts), (self.right, rights))]  # fmt: skip
        is_other = names[0] != names[1]
        return np.sort(self._cosines(kind, lefts[is_other], rights[is_other]))

    def _cosines(self, kind: "_Kind", lefts: PerPair, rights: PerPair) -> NumberPerPair:
        answer = np.full(len(lefts), np.nan)
        one, two = (kind(view.source.meanings) for view in (self.left, self.right))
        n_features = [len(view.columns.features) for view in (self.left, self.right)]
        inside = np.flatnonzero((lefts < n_features[0]) & (rights < n_features[1]))
        for first in range(0, len(inside), _PAIRS_AT_ONCE):
            some = inside[first : first + _PAIRS_AT_ONCE]
            a = one[self.left.columns.features[lefts[some]]]
            b = two[self.right.columns.features[rights[some]]]
            is_known = a.any(axis=1) & b.any(axis=1)
            answer[some] = np.where(is_known, np.einsum("ij,ij->i", a, b), np.nan)
        return answer


_Kind = Callable[[Meanings], FeatureMeanings]


def _of_names(found: Meanings) -> FeatureMeanings:
    return found.names


def _of_contexts(found: Meanings) -> FeatureMeanings:
    return found.contexts


def _of_companions(found: Meanings) -> FeatureMeanings:
    return found.companions


def _shares_of_likes(likeness: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How much of the mean of each row is owed to each column: most to those most like it."""
    weights = np.exp((likeness - 1) / _LIKE)
    shares: npt.NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _rank(cosines: NumberPerPair, ascending: NumberPerDraw) -> NumberPerPair:
    if not len(ascending):
        return np.full(len(cosines), np.nan)
    rank = np.searchsorted(ascending, cosines) / len(ascending)
    return np.where(np.isnan(cosines), np.nan, rank)


def _share_a_word(left: View, right: View, lefts: PerPair, rights: PerPair) -> PairMask:
    """Which pairs have names with a word in common, or with two words that begin alike."""
    vocabulary: dict[str, int] = {}
    placed = [_words_of_names(view, vocabulary) for view in (left, right)]
    one, other = (
        sp.csr_array(
            (np.ones(len(found), np.int8), tuple(found.T)),
            shape=(len(view.columns), len(vocabulary)),
        )
        for view, found in zip((left, right), placed, strict=True)
    )
    n_with = np.maximum(*(np.asarray(side.sum(axis=0)).ravel() for side in (one, other)))
    n_names = max(one.shape[0], other.shape[0])
    tells = n_with <= max(_SHARE_OF_NAMES * n_names, _LEAST_NAMES)
    one, other = one[:, tells], other[:, tells]
    shared: PairMask = np.asarray(one[lefts].multiply(other[rights]).sum(axis=1)) > 0
    return shared


def _words_of_names(view: View, vocabulary: dict[str, int]) -> npt.NDArray[np.int64]:
    """A row for each column and the beginning of a word in its name; short words do not count."""
    found = {
        (column, vocabulary.setdefault(word[:_BEGINNING], len(vocabulary)))
        for column in range(len(view.columns))
        for word in re.findall(r"\w+", own_label_of(view.source, view.columns, column).lower())
        if len(word) >= _LEAST_LETTERS
    }
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
