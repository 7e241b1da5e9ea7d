"""Where in the texts two features peak: at one place, or inside words.

A pair that peaks at one place says one thing under two names. A feature that peaks inside words
is about spelling, which no reader asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.columns import kind_of
from corpuscope.analyses.views import View
from corpuscope.shapes import PerDocument
from corpuscope.store import StoredDocument

# In so many documents with both a pair is looked at.
MOST_DOCUMENTS = 20

# Tokens so near, or one sentence, in half of the documents: one place, if chance would give far
# fewer. In texts of one sentence nothing can be told.
_NEIGHBOURS = 1
_MIN_SHARE = 0.5
_MIN_LIFT = 2.5


@dataclass(frozen=True, eq=False)
class Peaks:
    """Looks up where features of a view peak.

    Attributes:
        view: The features and the documents.
    """

    view: View
    _units: dict[int, PerDocument] = field(default_factory=dict)
    _documents: dict[int, StoredDocument] = field(default_factory=dict)

    def read(self, places: npt.NDArray[np.int64]) -> None:
        """Fetch the documents at these places among those that take part, in one go."""
        fresh = np.setdiff1d(places, np.fromiter(self._documents, np.int64))
        found = self.view.source.documents(self.view.rows[fresh])
        self._documents.update(zip(fresh.tolist(), found, strict=True))

    def of(self, column: int, places: npt.NDArray[np.int64]) -> "list[Peak] | None":
        """Where a feature peaks in each document; None for a word feature."""
        kind = kind_of(self.view.source, self.view.columns, column)
        if kind == "word":
            return None
        feature = int(self.view.columns.features[column])
        if feature not in self._units:
            self._units[feature] = self.view.source.peaks(feature, self.view.rows)
        units = self._units[feature][places]
        return [
            Peak(self._documents[place], int(unit), is_token=kind == "token")
            for place, unit in zip(places.tolist(), units, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Peak:
    """The unit at which a feature is strongest in a document."""

    document: StoredDocument
    unit: int
    is_token: bool

    @cached_property
    def sentence(self) -> int:
        """The number of its sentence."""
        if not self.is_token:
            return self.unit
        start = self.document.token_spans[self.unit, 0]
        starts = self.document.sentence_spans[:, 0]
        return int(np.searchsorted(starts, start, side="right")) - 1

    @property
    def is_inside_word(self) -> bool:
        """Whether it is a token that is a part of a longer word."""
        if not self.is_token:
            return False
        text = self.document.text
        start, end = self.document.token_spans[self.unit].tolist()
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        return text[start:end].isalnum() and (before.isalnum() or after.isalnum())


def share_inside_words(peaks: list[Peak] | None) -> float:
    """Of the documents, in how many the feature peaks inside a word."""
    return float(np.mean([peak.is_inside_word for peak in peaks])) if peaks else 0.0


def is_one_place(one: list[Peak] | None, other: list[Peak] | None) -> bool:
    """Whether two features peak at one place in most documents, and not by chance."""
    if not one or not other:
        return False
    hits, chances = zip(*_meetings(one, other), strict=True)
    return bool(sum(hits) >= max(_MIN_SHARE * len(hits), _MIN_LIFT * sum(chances)))


def _meetings(one: list[Peak], other: list[Peak]) -> Iterator[tuple[bool, float]]:
    """For each document whether the two meet, and how likely that is at random places."""
    for a, b in zip(one, other, strict=True):
        if a.is_token and b.is_token:
            window = 2 * _NEIGHBOURS + 1
            chance = window / max(len(a.document.token_spans), 1)
            yield abs(a.unit - b.unit) <= _NEIGHBOURS, min(chance, 1.0)
        else:
            chance = 1 / max(len(a.document.sentence_spans), 1)
            yield a.sentence == b.sentence, chance
