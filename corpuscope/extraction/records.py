"""Turns documents into records: reads, encodes, and max-pools each feature."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.corpus.document import Document
from corpuscope.extraction.document_vectors import VectorCollector, vector_layer
from corpuscope.extraction.memory import give_back
from corpuscope.extraction.progress import Clock
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.read import ReadingPlan, Stretch, Units, read_documents
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.max_pooling import Peaks, max_pooled, merged
from corpuscope.store.writer import DocumentRecord

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

    def __init__(self, reader: LanguageModel, dictionary: Dictionary, plan: ReadingPlan) -> None:
        sizes = [part.sae.n_features for part in dictionary.parts]
        floor = torch.from_numpy(dictionary.thresholds * np.float32(FLOOR)).to(reader.device)
        self._reader = reader
        self._plan = plan
        self._vector_layer = vector_layer(dictionary, reader, plan)
        self._parts = [
            replace(part, sae=part.sae.to(reader.device).to(reader.dtype))
            for part in dictionary.parts
        ]
        self._floors = torch.split(floor, sizes)
        # Features are numbered consecutively over the parts; these are the offsets.
        self._firsts = np.cumsum([0, *sizes[:-1]]).tolist()
        self._n_loads = 0

    def records(self, documents: Sequence[Document], clock: Clock) -> Outcome:
        """The records of the documents that have text that counts, by their number."""
        found = _Found(len(documents), self._vector_layer)
        for stretch in read_documents(documents, self._reader, self._plan):
            for part, floor, first in zip(self._parts, self._floors, self._firsts, strict=True):
                units = stretch.tokens if part.unit == "token" else stretch.sentences
                found.add_peaks(part.unit, units, _peaks(part, units, floor, first))
            found.add_units(stretch)
            clock.read(stretch.n_finished, n_tokens=len(stretch.tokens))
            self._n_loads += 1
            if self._n_loads % _LOADS_PER_TRIM == 0:
                give_back()
        return Outcome(found.records(documents), found.refused)


def _peaks(part: Part, units: Units, floor: torch.Tensor, first: int) -> Peaks:
    peaks = max_pooled(part.sae, units.joined(part.places), units.documents, floor=floor)
    return replace(peaks, features=peaks.features + first)


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
