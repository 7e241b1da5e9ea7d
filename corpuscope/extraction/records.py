"""Turns documents into records: reads, encodes, and max-pools each feature."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from corpuscope.corpus.document import Document
from corpuscope.extraction.document_vectors import VectorCollector, vector_layer
from corpuscope.extraction.memory import give_back
from corpuscope.extraction.pooling import pooling_of
from corpuscope.extraction.progress import Clock
from corpuscope.reader.protocol import Reader
from corpuscope.reader.read import (
    ReadingPlan,
    SectionLoad,
    Stretch,
    Units,
    check_plan,
    loads,
    read_load,
)
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.peaks import Peaks, merged
from corpuscope.store.writer import DocumentRecord
from corpuscope.workers import in_turn

FLOOR = 0.5
"""Strengths are stored only above this share of the presence threshold."""

# Memory given back is soon allocated again, page by page, so this is not done for every load.
_LOADS_PER_TRIM = 16

_LARGEST = np.float32(np.finfo(np.float16).max)

UnitKind = Literal["token", "sentence"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The records of documents, by number, and the reasons why others were refused."""

    records: dict[int, DocumentRecord]
    refused: dict[int, str]


class Extractor:
    """A reader and a dictionary on one device, which turn documents into records.

    Args:
        reader: Reads the documents.
        dictionary: Encodes the states, in the dtype of the reader.
        plan: How documents are read.
    """

    def __init__(self, reader: Reader, dictionary: Dictionary, plan: ReadingPlan) -> None:
        sizes = [part.n_features for part in dictionary.parts]
        floors = np.split(dictionary.thresholds * np.float32(FLOOR), np.cumsum(sizes)[:-1])
        self._reader = reader
        self._plan = plan
        self._vector_layer = vector_layer(dictionary, reader, plan)
        self._units = [part.unit for part in dictionary.parts]
        # Features are numbered consecutively over the parts; these are the offsets.
        self._firsts = np.cumsum([0, *sizes[:-1]]).tolist()
        self._pooling = pooling_of(reader, dictionary, floors)
        self._n_loads = 0

    def records(self, documents: Sequence[Document], clock: Clock) -> Outcome:
        """The records of the documents that have text that counts, by their number."""
        check_plan(self._reader, self._plan)
        found = _Found(len(documents), self._vector_layer)
        pieces = loads(documents, self._reader, self._plan)
        for stretch, peaks in in_turn(self._read, pieces, n_threads=self._reader.n_at_once):
            for unit, first, of_part in zip(self._units, self._firsts, peaks, strict=True):
                units = stretch.tokens if unit == "token" else stretch.sentences
                numbered = replace(of_part, features=of_part.features + first)
                found.add_peaks(unit, units, numbered)
            found.add_units(stretch)
            clock.read(stretch.n_finished, n_tokens=len(stretch.tokens))
            self._n_loads += 1
            if self._n_loads % _LOADS_PER_TRIM == 0:
                give_back()
        return Outcome(found.records(documents), found.refused)

    def _read(self, load: SectionLoad) -> tuple[Stretch, list[Peaks]]:
        stretch = read_load(load, self._reader, self._plan)
        peaks = [
            self._pooling.peaks(number, stretch.tokens if unit == "token" else stretch.sentences)
            for number, unit in enumerate(self._units)
        ]
        # Several loads wait for their turn; nobody needs the states of their tokens any more.
        return replace(stretch, tokens=replace(stretch.tokens, states={})), peaks


class _Found:
    """The peaks, spans and embeddings of documents, collected batch by batch."""

    def __init__(self, n_documents: int, vector_layer: int | None) -> None:
        self.refused: dict[int, str] = {}
        self._peaks: list[Peaks] = []
        self._vectors = VectorCollector(vector_layer)
        self._spans: dict[UnitKind, list[list[npt.NDArray[np.int64]]]] = {
            "token": [[] for _ in range(n_documents)],
            "sentence": [[] for _ in range(n_documents)],
        }

    def add_peaks(self, kind: UnitKind, units: Units, peaks: Peaks) -> None:
        """Add the peaks of a stretch; call this before `add_units` of the same stretch."""
        # Renumber units from within the stretch to within the document.
        before = np.array([sum(map(len, spans)) for spans in self._spans[kind]], dtype=np.int64)
        first_in_stretch = np.searchsorted(units.documents, peaks.groups)
        within = peaks.units - first_in_stretch + before[peaks.groups]
        self._peaks.append(replace(peaks, units=within))

    def add_units(self, stretch: Stretch) -> None:
        self.refused |= stretch.refused
        self._add_spans("token", stretch.tokens)
        self._add_spans("sentence", stretch.sentences)
        self._vectors.add(stretch.sentences)

    def _add_spans(self, kind: UnitKind, units: Units) -> None:
        starts = np.flatnonzero(np.diff(units.documents, prepend=-1))
        pieces = np.split(units.spans, starts[1:])
        for number, spans in zip(units.documents[starts].tolist(), pieces, strict=False):
            self._spans[kind][number].append(spans)

    def records(self, documents: Sequence[Document]) -> dict[int, DocumentRecord]:
        peaks = _storable(merged(self._peaks))
        # Peaks are sorted by document, so each document has a contiguous slice.
        bounds = np.searchsorted(peaks.groups, np.arange(len(documents) + 1)).tolist()
        return {
            number: self._record(document, number, peaks, slice(bounds[number], bounds[number + 1]))
            for number, document in enumerate(documents)
            if self._spans["token"][number]
        }

    def _record(self, document: Document, number: int, peaks: Peaks, mine: slice) -> DocumentRecord:
        tokens, sentences = (
            np.concatenate(self._spans[kind][number]).astype(np.uint32)
            for kind in ("token", "sentence")
        )
        return DocumentRecord(
            document=document,
            n_tokens=len(tokens),
            token_spans=tokens,
            sentence_spans=sentences,
            features=peaks.features[mine].astype(np.int32),
            strengths=peaks.strengths[mine].astype(np.float16),
            peaks=peaks.units[mine].astype(np.uint32),
            vector=self._vectors.of(number),
        )


def _storable(peaks: Peaks) -> Peaks:
    """The peaks as float16 can hold them: clipped to its maximum, and without zeros."""
    strengths = np.minimum(peaks.strengths, _LARGEST)
    keep = strengths.astype(np.float16) > 0
    return Peaks(peaks.groups[keep], peaks.features[keep], strengths[keep], peaks.units[keep])
