"""Where in the texts two features peak: at the same position, or inside words.

A pair that peaks at the same position is one property under two names. A feature that peaks
inside words reflects spelling, which is rarely of interest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.comparison.tested_features import FeatureKind, kind_of
from corpuscope.analyses.correlate.views import View
from corpuscope.shapes import PerDocument
from corpuscope.store.lexical import spans
from corpuscope.store.rows import StoredDocument

# Maximum number of documents examined per pair.
MOST_PEAKS = 20

# Two features are at the same position if they are within this many characters (about five
# words), or in one sentence, in this share of the documents, and by this factor more often than
# expected at random positions.
_NEAR = 25
_MIN_SHARE = 0.5
_MIN_LIFT = 2.5


@dataclass(frozen=True, eq=False)
class PairPeaks:
    """Lookup of where the features of a view peak.

    Attributes:
        view: The features and the documents.
    """

    view: View
    _units: dict[int, PerDocument] = field(default_factory=dict)
    _documents: dict[int, StoredDocument] = field(default_factory=dict)

    def read(self, places: npt.NDArray[np.int64]) -> None:
        """Fetch the documents at these positions among the included ones, in one batch."""
        fresh = np.setdiff1d(places, np.fromiter(self._documents, np.int64))
        found = self.view.source.documents(self.view.rows[fresh])
        self._documents.update(zip(fresh.tolist(), found, strict=True))

    def of(self, column: int, places: npt.NDArray[np.int64]) -> "list[Peak]":
        """Where a feature peaks in each document; a word feature peaks at every occurrence."""
        documents = [self._documents[place] for place in places.tolist()]
        name = self.view.columns.name(column)
        if isinstance(name, str):
            return [
                Peak(one, [(start, end) for start, end in spans(one.text, name)], "word")
                for one in documents
            ]
        kind = kind_of(self.view.source, self.view.columns, column)
        if name not in self._units:
            self._units[name] = self.view.source.peaks(name, self.view.rows)
        return [
            Peak(one, [_unit_span(one, int(unit), kind)], kind)
            for one, unit in zip(documents, self._units[name][places], strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Peak:
    """Where a feature peaks in a document: a token, a sentence, or all occurrences of a word."""

    document: StoredDocument
    spans: Sequence[tuple[int, int]]
    kind: FeatureKind

    @cached_property
    def sentences(self) -> set[int]:
        """The numbers of its sentences."""
        starts = self.document.sentence_spans[:, 0]
        firsts = [start for start, _ in self.spans]
        return set((np.searchsorted(starts, firsts, side="right") - 1).tolist())

    @property
    def is_inside_word(self) -> bool:
        """Whether it is a token within a longer word."""
        if self.kind != "token":
            return False
        text, (start, end) = self.document.text, self.spans[0]
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        return text[start:end].isalnum() and (before.isalnum() or after.isalnum())

    @property
    def n_characters_near(self) -> int:
        """Number of characters within the neighbourhood of its spans, spans included."""
        return sum(end - start + 2 * _NEAR for start, end in self.spans)

    def is_beside(self, other: "Peak") -> bool:
        """Whether any spans of the two coincide, or are close enough to be one phrase."""
        return any(
            start <= last + _NEAR and first <= end + _NEAR
            for start, end in self.spans
            for first, last in other.spans
        )


def share_inside_words(peaks: list[Peak]) -> float:
    """Share of the documents in which the feature peaks inside a word, in [0, 1]."""
    return float(np.mean([peak.is_inside_word for peak in peaks])) if peaks else 0.0


def is_one_place(one: list[Peak], other: list[Peak]) -> bool:
    """Whether two features peak at the same position in most documents, and not by chance."""
    meetings = list(_meetings(one, other))
    hits = sum(is_hit for is_hit, _ in meetings)
    chance = sum(chance for _, chance in meetings)
    return bool(hits >= max(_MIN_SHARE * len(meetings), _MIN_LIFT * chance, 1))


def share_apart(one: list[Peak], other: list[Peak]) -> tuple[float, float]:
    """Share of the documents with the two in different sentences, and its expectation."""
    pairs = list(zip(one, other, strict=True))
    if not pairs:
        return 0.0, 0.0
    apart = np.mean([not a.sentences & b.sentences for a, b in pairs])
    by_chance = np.mean([
        1 - min(len(a.sentences) * len(b.sentences) / max(len(a.document.sentence_spans), 1), 1)
        for a, b in pairs
    ])  # fmt: skip
    return float(apart), float(by_chance)


def _meetings(one: list[Peak], other: list[Peak]) -> Iterator[tuple[bool, float]]:
    """For each document, whether the two coincide, and the probability at random positions."""
    for a, b in zip(one, other, strict=True):
        if "sentence" in (a.kind, b.kind):
            n = max(len(a.document.sentence_spans), 1)
            places = len(a.sentences) * len(b.sentences)
            yield bool(a.sentences & b.sentences), min(places / n, 1.0)
        else:
            n = max(len(a.document.text), 1)
            yield a.is_beside(b), min(a.n_characters_near * len(b.spans) / n, 1.0)


def _unit_span(document: StoredDocument, unit: int, kind: FeatureKind) -> tuple[int, int]:
    units = document.token_spans if kind == "token" else document.sentence_spans
    start, end = units[unit].tolist()
    return start, end
