"""Rates of features in a class and in the rest, and their context predictability in the class."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from corpuscope.analyses.audit.context_predictability import ContextPredictability, surroundings
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, PerFeature, PresenceMatrix
from corpuscope.statistics.rates.counts import present_counts
from corpuscope.statistics.rates.rate_tests import two_rates_p

_SMALLEST_P = 1e-300


@dataclass(frozen=True)
class Counted:
    """Rates of a feature in a class and in the rest.

    Attributes:
        rate: Share of the class with the feature, in [0, 1].
        elsewhere: Share of the rest.
        z: Absolute z-score of the difference.
    """

    rate: float
    elsewhere: float
    z: float


class ClassFeatures:
    """Lookup of rates and context predictability of features in one class.

    Args:
        source: The texts.
        is_own: Mask of the documents of the class.
        is_other: Mask of the rest; disjoint from `is_own`.
        min_support: Minimum number of documents with a word.
    """

    def __init__(
        self, source: NamedStore, is_own: DocumentMask, is_other: DocumentMask, min_support: int
    ) -> None:
        self._source = source
        self._surroundings = surroundings(source, np.flatnonzero(is_own))
        words = source.words(min_support)
        self._word = {name: at for at, name in enumerate(words.names)}
        self._of_words = _counted(words.presence, is_own, is_other)
        self._of_features = _counted(source.presence(None), is_own, is_other)

    def counted(self, feature: int | str) -> Counted:
        """Rates of a dictionary feature or a word in the class and in the rest."""
        if isinstance(feature, str):
            table, place = self._of_words, self._word[feature]
        else:
            table, place = self._of_features, feature
        return Counted(*(float(column[place]) for column in table))

    def predictability(self, feature: int | str) -> ContextPredictability:
        """Context predictability of a feature in the texts of the class."""
        place = self._surroundings.place(self._source, feature)
        is_sentence = isinstance(feature, int) and self._source.kind(feature) == "sentence"
        return self._surroundings.context_predictability(place, is_sentence=is_sentence)


def _counted(
    presence: PresenceMatrix, is_own: DocumentMask, is_other: DocumentMask
) -> tuple[PerFeature, PerFeature, PerFeature]:
    n_own, n_other = int(is_own.sum()), int(is_other.sum())
    own, other = (present_counts(presence, mask) for mask in (is_own, is_other))
    p = two_rates_p(own, n_own, other, n_other)
    # ndtri(0) is infinite.
    z: PerFeature = -ndtri(np.maximum(p / 2, _SMALLEST_P))
    return own / n_own, other / n_other, z
