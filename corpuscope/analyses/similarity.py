"""How alike two names are, beside random pairs of names of the same corpus.

A cosine means nothing by itself: in a narrow corpus all names are alike. So it is told as a rank
among pairs of features drawn at random from those that the corpus has.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corpuscope.phrases import load_phrase_embedder
from corpuscope.shapes import PhraseVectors

_DRAWN = 250


@dataclass(frozen=True, eq=False)
class Similarity:
    """Compares names.

    Attributes:
        left: Names of the features of the one side; those pairs are drawn from.
        right: Of the other side.
        seed: Of the drawing.
    """

    left: Sequence[str]
    right: Sequence[str]
    seed: int = 0

    def of(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The cosine of the two names of each pair; NaN where one has none."""
        names = sorted({name for pair in pairs for name in pair})
        place = {name: at for at, name in enumerate(names)}
        vectors = _embedded(names)
        return [
            float(vectors[place[a]] @ vectors[place[b]]) if _is_name(a) and _is_name(b) else np.nan
            for a, b in pairs
        ]

    def rank(self, cosine: float) -> float:
        """The share of random pairs that are less alike; NaN where that is not known."""
        if np.isnan(cosine) or not len(self._random):
            return np.nan
        return float(np.searchsorted(self._random, cosine) / len(self._random))

    def quantile(self, share: float) -> float:
        """The cosine below which this share of random pairs lies."""
        return float(np.quantile(self._random, share)) if len(self._random) else 1.0

    @cached_property
    def _random(self) -> npt.NDArray[np.float32]:
        """Cosines of random pairs, ascending; two features of one name are no pair."""
        generator = np.random.default_rng(self.seed)
        sides = [sorted(set(filter(_is_name, names))) for names in (self.left, self.right)]
        drawn = [
            [names[at] for at in generator.permutation(len(names))[:_DRAWN]] for names in sides
        ]
        one, two = (_embedded(names) for names in drawn)
        is_other = np.array([[a != b for b in drawn[1]] for a in drawn[0]], dtype=bool)
        return np.sort((one @ two.T)[is_other]) if is_other.size else np.empty(0, np.float32)


def _is_name(label: str) -> bool:
    """Whether it is more than the number of a feature."""
    return re.fullmatch(r"feature \d+", label) is None


def _embedded(names: Sequence[str]) -> PhraseVectors:
    return load_phrase_embedder().embed([name.strip('"‹›') for name in names])
