"""A store's texts, read again with its own reader and dictionary, in one pass.

The only module of this room that needs torch. What it makes is kept in the store's cache.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import torch

from corpuscope.corpus.document import Document
from corpuscope.errors import FeatureMismatch, StoreDamaged
from corpuscope.extraction.compatibility import check_fits, plan_for
from corpuscope.extraction.memory import give_back, keep_few_shapes
from corpuscope.extraction.progress import Clock, Report, reporting
from corpuscope.probing.matrices.array_writer import ArrayWriter
from corpuscope.probing.matrices.pooling import Pools, storable
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.read import ReadingPlan, Units, read_documents
from corpuscope.reader.threads import take_free_cores
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.model import of_length_one
from corpuscope.store.store import Store

MOST_TOKENS = 128
"""For attention, this many tokens at the beginning and at the end of a document are kept."""

_DOCUMENTS = 256
_UNITS = 2_048


def fitting_dictionary(dictionary: str | Path | Dictionary, store: Store) -> Dictionary:
    """The dictionary, if the store was read with it.

    Raises:
        FeatureMismatch: The store was read with another.
        DictionaryError: There is no such dictionary.
    """
    found = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    wanted = str((store.provenance.get("dictionary") or {}).get("digest"))
    if found.digest != wanted:
        raise FeatureMismatch(
            f"{store.path} was read with dictionary {wanted[:12]}, and this is {found.digest[:12]}",
            expected="the dictionary that the store was read with",
            next_step="pass its folder as dictionary, or extract the texts again with this one",
        )
    return found


def read_again(
    store: Store,
    into: Path,
    *,
    poolings: Sequence[str],
    tokens: bool,
    dictionary: str | Path | Dictionary,
    reader: LanguageModel | None,
    progress: Report | bool | None,
) -> None:
    """Fill a folder with pooled states and features; `pooled_cache` defines which arrays.

    Raises:
        FeatureMismatch: The store was read with another dictionary.
        ReaderError: The reader cannot be loaded, or does not fit the dictionary.
        StoreDamaged: The store does not record how it was read, or a shard cannot be read.
        StorageFull: The disk is full.
    """
    found = fitting_dictionary(dictionary, store)
    keep_few_shapes()
    lm = reader or load_reader(found.reader_name)
    check_fits(found, lm)
    take_free_cores(lm.device)
    with reporting(progress) as report:
        _Pass(store, found, lm, ArrayWriter(into), tokens=tokens, poolings=poolings).run(report)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A part of the dictionary on the reader's device."""

    part: Part

    def sides(self, units: Units, rows: slice) -> tuple[npt.NDArray[Any], sp.csr_array]:
        """States, reconstructions and errors of some units, and their activations.

        States are as the dictionary takes them: normalised to unit length where it does so, so
        that state = reconstruction + error.
        """
        sae = self.part.sae
        states = units.joined(self.part.places)[rows].float()
        activations = sae.encode(states)
        # States of unit length stay so; other normalisations are taken back.
        taken = of_length_one(states, sae.n_layers) if sae.unit_norm else states
        # Few activations are nonzero, so decoding is a sparse product.
        sparse = _sparse(activations)
        decoder, bias = (t.float().cpu().numpy() for t in (sae.decoder, sae.decoder_bias))
        decoded = ((sparse @ decoder + bias) / sae.input_scale).astype(np.float32)
        if sae.token_norm:
            restored = sae.restored(torch.from_numpy(decoded).to(states.device), states)
            decoded = restored.cpu().numpy()
        given = taken.cpu().numpy()
        return np.stack([given, decoded, given - decoded], axis=1), sparse


def _sparse(activations: torch.Tensor) -> sp.csr_array:
    rows, columns = activations.nonzero(as_tuple=True)
    values = activations[rows, columns].float().cpu().numpy()
    places = (rows.cpu().numpy(), columns.cpu().numpy())
    return sp.csr_array((values, places), shape=(activations.shape[0], activations.shape[1]))


class _Pass:
    """One pass of the reader over a store."""

    def __init__(
        self,
        store: Store,
        dictionary: Dictionary,
        reader: LanguageModel,
        writer: ArrayWriter,
        *,
        tokens: bool,
        poolings: Sequence[str],
    ) -> None:
        self._store, self._reader, self._writer = store, reader, writer
        self._keeps_tokens, self._poolings = tokens, poolings
        self._plan = _plan(store, dictionary, reader)
        # Reversed, so that the first part of each unit wins, as in `pooled_cache`.
        self._readings = {
            part.unit: _Reading(_moved(part, reader.device)) for part in reversed(dictionary.parts)
        }

    def run(self, report: Report | None) -> None:
        clock = Clock(self._store.n_documents, report)
        clock.reading()
        for first in range(0, self._store.n_documents, _DOCUMENTS):
            rows = np.arange(first, min(first + _DOCUMENTS, self._store.n_documents))
            self._read(rows, clock)
            clock.committed(len(rows), was_read=True)
            give_back()
        self._writer.finish()

    def _read(self, rows: npt.NDArray[np.int64], clock: Clock) -> None:
        n_units = {
            "token": self._store.n_tokens[rows],
            "sentence": _n_sentences(self._store, rows),
        }
        pools = {
            unit: Pools(
                n_units[unit],
                width=reading.part.sae.width,
                n_features=reading.part.sae.n_features,
                poolings=self._poolings,
            )
            for unit, reading in self._readings.items()
        }
        kept = _Kept(n_units["token"])
        for stretch in read_documents(_documents(self._store, rows), self._reader, self._plan):
            for unit, reading in self._readings.items():
                units = stretch.tokens if unit == "token" else stretch.sentences
                for piece in _pieces(units):
                    sides, activations = reading.sides(units, piece)
                    documents = units.documents[piece]
                    pools[unit].add(documents, sides, activations)
                    if unit == "token" and self._keeps_tokens:
                        is_kept = kept.of(documents)
                        self._writer.add("tokens", storable(sides[is_kept, 0]))
                        self._writer.add_rows("tokens-features", activations[is_kept])
            clock.read(stretch.n_finished, n_tokens=len(stretch.tokens))
        for unit, pool in pools.items():
            for name, pooled in pool.pooled().items():
                # The order of the sides is that of `_Reading.sides`.
                for number, side in enumerate(("states", "reconstruction", "error")):
                    self._writer.add(f"{unit}-{name}-{side}", pooled.dense[:, number])
                self._writer.add_rows(f"{unit}-{name}-features", pooled.features)
        if self._keeps_tokens:
            self._writer.add("n-tokens", kept.counts)


class _Kept:
    """Selects the tokens kept for attention: the first and the last of a document."""

    def __init__(self, n_tokens: npt.NDArray[np.int64]) -> None:
        self._n_tokens = n_tokens
        self._seen = np.zeros_like(n_tokens)
        self.counts = np.zeros_like(n_tokens)

    def of(self, documents: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of some units are kept, given the document of each."""
        starts = np.flatnonzero(np.diff(documents, prepend=-1))
        lengths = np.diff(starts, append=len(documents))
        # The position of each unit in its document, which may have begun in an earlier batch.
        place = np.arange(len(documents)) - np.repeat(starts, lengths) + self._seen[documents]
        is_kept: npt.NDArray[np.bool_] = (place < MOST_TOKENS) | (
            place >= self._n_tokens[documents] - MOST_TOKENS
        )
        self._seen[documents[starts]] += lengths
        self.counts += np.bincount(documents[is_kept], minlength=len(self.counts))
        return is_kept


def _plan(store: Store, dictionary: Dictionary, reader: LanguageModel) -> ReadingPlan:
    """The plan by which the store was read."""
    masks = store.provenance.get("masks")
    if not isinstance(masks, dict):
        raise StoreDamaged(
            f"{store.path} does not record which tokens counted",
            expected="masks in its provenance",
            next_step="extract the texts again",
        )
    roles = masks.get("roles")
    return plan_for(dictionary, roles, reader.good_batch_tokens)


def _moved(part: Part, device: torch.device) -> Part:
    return replace(part, autoencoder=part.sae.to(device))


def _pieces(units: Units) -> Iterator[slice]:
    for start in range(0, len(units), _UNITS):
        yield slice(start, min(start + _UNITS, len(units)))


def _documents(store: Store, rows: npt.NDArray[np.int64]) -> list[Document]:
    found = zip(store.ids_of(rows), store.texts(rows), store.roles(rows), strict=True)
    return [Document(id, text, {}, roles) for id, text, roles in found]


def _n_sentences(store: Store, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    lists = store.table(rows, "sentence_starts")["sentence_starts"].combine_chunks()
    found: npt.NDArray[np.int64] = lists.value_lengths().to_numpy(zero_copy_only=False)
    return found.astype(np.int64)
