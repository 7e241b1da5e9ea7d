"""Which dictionary features are present in which sentences of a document.

A store keeps, for each feature and document, only the unit at which the feature peaks. So a
feature is present in one sentence per document, the one with the largest activation.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CandidateOrder, Rows, RunStarts, UnitPresence
from corpuscope.store.store import Store

_ENTRIES_AT_ONCE = 1 << 22

# An upper bound on character offsets: document * bound + offset sorts by document, then offset.
_MOST_CHARACTERS = np.int64(1) << 32


@dataclass(frozen=True, eq=False)
class Sentences:
    """The sentences of some documents, concatenated.

    Attributes:
        rows: The documents; one without sentences gets an empty one.
        strengths: Sentences x features: the strength of each feature that is present.
        starts: The index of the first sentence of each document, and the end of the last.
    """

    rows: Rows
    strengths: UnitPresence
    starts: RunStarts

    @cached_property
    def presence(self) -> UnitPresence:
        """Sentences x features: True where a feature is present."""
        strengths = self.strengths
        ones = np.ones(strengths.nnz, dtype=np.bool_)
        return sp.csr_array((ones, strengths.indices, strengths.indptr), shape=strengths.shape)


def sentences_of(
    source: NamedStore, rows: Rows, features: CandidateOrder, *, level: float | None
) -> Sentences:
    """The sentences of the documents `rows` (ascending) with some dictionary features.

    Cost: one pass over the strengths of the stores; memory only for those of these documents.
    """
    wanted = np.zeros(source.n_documents, dtype=bool)
    wanted[rows] = True
    parts = [
        _of_store(store, np.flatnonzero(mask), features, level)
        for store, mask in zip(source.stores, source.split(wanted), strict=True)
        if mask.any()
    ]
    sizes = np.concatenate([np.diff(starts) for _, starts in parts])
    return Sentences(
        rows=rows,
        strengths=sp.vstack([strengths for strengths, _ in parts], format="csr"),
        starts=np.concatenate([[0], np.cumsum(sizes)]),
    )


def _of_store(
    store: Store, rows: Rows, features: CandidateOrder, level: float | None
) -> tuple[UnitPresence, RunStarts]:
    units = _Units(store, rows)
    kinds = np.asarray(store.features["kind"], dtype=object) == "sentence"
    place_of = np.full(store.n_documents, -1, dtype=np.int64)
    place_of[rows] = np.arange(len(rows))
    column_of = np.full(store.n_features, -1, dtype=np.int64)
    column_of[features] = np.arange(len(features))
    strengths = store.strengths()
    thresholds = store.thresholds * np.float32(1.0 if level is None else level)
    sentences, columns, found = [], [], []
    # Entries are sorted by feature; blocks bound the memory.
    for start in range(0, len(strengths.rows), _ENTRIES_AT_ONCE):
        end = min(start + _ENTRIES_AT_ONCE, len(strengths.rows))
        number = np.searchsorted(strengths.feature_starts, np.arange(start, end), "right") - 1
        place = place_of[strengths.rows[start:end]]
        strong = strengths.strengths_by_feature[start:end].astype(np.float32)
        is_present = strong > thresholds[number]
        kept = np.flatnonzero(is_present & (place >= 0) & (column_of[number] >= 0))
        peaks = strengths.peaks_by_feature[start:end][kept].astype(np.int64)
        sentences.append(units.sentence(place[kept], peaks, kinds[number[kept]]))
        columns.append(column_of[number[kept]])
        found.append(strong[kept])
    at = np.concatenate([*sentences, np.empty(0, np.int64)])
    of = np.concatenate([*columns, np.empty(0, np.int64)])
    values = np.concatenate([*found, np.empty(0, np.float32)])
    shape = (int(units.starts[-1]), len(features))
    return sp.csr_array((values, (at, of)), shape=shape), units.starts


class _Units:
    """The units of some documents of a store, and the sentence that contains each."""

    def __init__(self, store: Store, rows: Rows) -> None:
        table = store.table(rows, "token_starts", "sentence_starts")
        tokens, self._token_starts = _flat(table["token_starts"])
        sentences, starts = _flat(table["sentence_starts"])
        n_sentences = np.maximum(np.diff(starts), 1)
        self.starts: RunStarts = np.concatenate([[0], np.cumsum(n_sentences)])
        begins = np.repeat(np.arange(len(rows)), n_sentences) * _MOST_CHARACTERS
        is_real = np.repeat(np.diff(starts) > 0, n_sentences)
        begins[is_real] += sentences
        document = np.repeat(np.arange(len(rows)), np.diff(self._token_starts))
        found = np.searchsorted(begins, document * _MOST_CHARACTERS + tokens, "right") - 1
        # Tokens before the first sentence count as part of it.
        self._sentence_of_token = np.maximum(found, self.starts[document])

    def sentence(
        self,
        place: npt.NDArray[np.int64],
        peaks: npt.NDArray[np.int64],
        is_sentence: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.int64]:
        """The sentence that contains each peak, numbered over all documents."""
        found = self.starts[place] + peaks
        token = self._token_starts[place[~is_sentence]] + peaks[~is_sentence]
        found[~is_sentence] = self._sentence_of_token[token]
        return found


def _flat(column: "object") -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The concatenated elements of a list column, and the start of each list."""
    lists = column.combine_chunks()  # type: ignore[attr-defined]
    sizes = lists.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    return lists.flatten().to_numpy().astype(np.int64), np.concatenate([[0], np.cumsum(sizes)])
