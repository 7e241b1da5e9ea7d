"""How similar two features are, relative to random pairs of the same corpus.

Similarity is measured by labels, by the sentences in which each is strongest, and by companion
features: `"idiot"` and `"fools"` share no letters, but occur in similar sentences; `"java"` and a
factorial share no sentences, but occur in similar texts. A raw cosine is not interpretable, since
in a narrow corpus all labels are similar; it is therefore reported as a rank among random pairs.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.comparison.tested_features import own_label_of
from corpuscope.analyses.correlate.views import View
from corpuscope.labels.meanings import Meanings, embedded_names, is_name
from corpuscope.shapes import FeatureMeanings, NumberPerDraw, NumberPerPair, PairMask, PerPair

_DRAWN = 500

# Words of labels with the same first letters count as one. Words in more than this share of the
# labels, and in more than this many, are boilerplate: "forms of", "after", "the".
_BEGINNING, _LEAST_LETTERS = 5, 3
_SHARE_OF_NAMES, _LEAST_NAMES = 0.01, 10
_PAIRS_AT_ONCE = 20_000

# Softmax temperature, in similarity ranks, for averaging over similar features.
_TEMPERATURE = 0.1


@dataclass(frozen=True, eq=False)
class Similarity:
    """Similarity of the features of two views.

    Attributes:
        left: The first view.
        right: The second view.
        seed: Random seed for the reference pairs.
    """

    left: View
    right: View
    seed: int = 0

    def of_names(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Cosine of the two labels of each pair; NaN if one is missing."""
        fresh = sorted({name for pair in pairs for name in pair} - self._known.keys())
        self._known.update(zip(fresh, embedded_names(fresh), strict=True))
        return [
            float(self._known[a] @ self._known[b]) if is_name(a) and is_name(b) else np.nan
            for a, b in pairs
        ]

    @cached_property
    def _known(self) -> dict[str, npt.NDArray[np.float32]]:
        """Embedding of each label: the dictionary's own, and those embedded since."""
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
        """Share of random pairs that are less similar, in [0, 1]; NaN where nothing is known.

        The largest rank of the three: by labels, by sentences and by companion features.

        Args:
            lefts: Column of the left view for each pair.
            rights: Column of the right view.
            names: Cosines of their labels; by default of the dictionary's labels.
        """
        cosines = {kind: self._cosines(kind, lefts, rights) for kind in _KINDS}
        if names is not None:
            cosines[_OF_NAMES] = np.asarray(names)
        rank: NumberPerPair = np.fmax.reduce(
            [_rank(cosines[kind], self._random[kind]) for kind in _KINDS]
        )
        return rank

    def among_likes(self, lefts: PerPair, rights: PerPair) -> NumberPerPair:
        """Smoothed similarity of each pair: a mean over similar features among these pairs.

        A single similarity is noisy; averaging over similar features on both sides is robust.
        """
        if self.left is self.right:
            one = other = np.unique(np.concatenate([lefts, rights]))
        else:
            one, other = np.unique(lefts), np.unique(rights)
        own, others = (
            _softmax_weights(within._square(some, some))
            for within, some in zip(self._within, (one, other), strict=True)
        )
        mean = own @ self._square(one, other) @ others.T
        found: NumberPerPair = mean[np.searchsorted(one, lefts), np.searchsorted(other, rights)]
        return found

    @cached_property
    def _within(self) -> tuple["Similarity", "Similarity"]:
        """Similarity within the left view, and within the right view."""
        if self.left is self.right:
            return self, self
        left, right = (Similarity(view, view, self.seed) for view in (self.left, self.right))
        return left, right

    def _square(self, lefts: PerPair, rights: PerPair) -> npt.NDArray[np.float64]:
        """Matrix of similarity ranks between two lists of columns; .5 where nothing is known."""
        grid = np.meshgrid(lefts, rights, indexing="ij")
        rank = self.rank(*(side.ravel() for side in grid)).reshape(grid[0].shape)
        is_itself = (grid[0] == grid[1]) & (self.left is self.right)
        return np.where(is_itself, 1.0, np.where(np.isnan(rank), 0.5, rank))

    def share_a_word(self, lefts: PerPair, rights: PerPair) -> PairMask:
        """Whether two labels share a distinctive word, or two with the same first letters."""
        return _share_a_word(self.left, self.right, lefts, rights)

    @cached_property
    def _random(self) -> dict["_Kind", NumberPerDraw]:
        return {kind: self._of_random_pairs(kind) for kind in _KINDS}

    def _of_random_pairs(self, kind: "_Kind") -> NumberPerDraw:
        """Cosines of random pairs in ascending order, without pairs of a feature with itself."""
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


_OF_NAMES: _Kind = attrgetter("names")


def _of_contexts(known: Meanings) -> FeatureMeanings:
    """Contexts from other texts; those of the texts at hand would call every pair expected."""
    found: FeatureMeanings = known.contexts
    return np.zeros_like(found) if known.is_from_these_texts else found


_KINDS: tuple[_Kind, ...] = (_OF_NAMES, _of_contexts, attrgetter("companions"))


def _softmax_weights(similarity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Softmax weights of the columns for each row, so that the most similar count most."""
    weights = np.exp((similarity - 1) / _TEMPERATURE)
    shares: npt.NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _rank(cosines: NumberPerPair, ascending: NumberPerDraw) -> NumberPerPair:
    if not len(ascending):
        return np.full(len(cosines), np.nan)
    rank = np.searchsorted(ascending, cosines) / len(ascending)
    return np.where(np.isnan(cosines), np.nan, rank)


def _share_a_word(left: View, right: View, lefts: PerPair, rights: PerPair) -> PairMask:
    """Whether the labels of each pair share a distinctive word."""
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
    is_distinctive = n_with <= max(_SHARE_OF_NAMES * n_names, _LEAST_NAMES)
    one, other = one[:, is_distinctive], other[:, is_distinctive]
    shared: PairMask = np.asarray(one[lefts].multiply(other[rights]).sum(axis=1)) > 0
    return shared


def _words_of_names(view: View, vocabulary: dict[str, int]) -> npt.NDArray[np.int64]:
    """(column, word number) pairs of the words in labels, by first letters; no short words."""
    found = {
        (column, vocabulary.setdefault(word[:_BEGINNING], len(vocabulary)))
        for column in range(len(view.columns))
        for word in re.findall(r"\w+", own_label_of(view.source, view.columns, column).lower())
        if len(word) >= _LEAST_LETTERS
    }
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
