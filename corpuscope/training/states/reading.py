"""Reads a corpus into a cache of states: one pass of the reader for any number of dictionaries."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.document import Document
from corpuscope.errors import CorpusChanged, NotEnoughData, ReaderError
from corpuscope.extraction.memory import give_back, keep_few_shapes
from corpuscope.extraction.progress import Clock, Report, reporting
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, Units, read_documents
from corpuscope.reader.threads import take_free_cores
from corpuscope.training.settings import ReadingSettings
from corpuscope.training.states.cache import StateCache
from corpuscope.training.states.files import Stream
from corpuscope.training.states.writer import StateWriter

_DOCUMENTS = 256
_MAX_TOKENS = 256


def read_states(
    corpus: Corpus,
    *,
    into: str | Path,
    streams: Sequence[Stream],
    masks: MaskPolicy | None = None,
    share: float = 1.0,
    held_out: float = 0.05,
    seed: int = 0,
    reading: ReadingSettings | None = None,
) -> StateCache:
    """The states of the corpus, shuffled, on disk.

    An interrupted call resumes when repeated with the same arguments; after a finished one,
    nothing is read again.

    Args:
        corpus: The texts.
        into: The folder.
        streams: Which states; all are taken in one pass.
        masks: Which tokens count; by default all but special ones and outliers, of the roles
            that `reading` names.
        share: Share of the units to keep, drawn at random, to save disk space.
        held_out: Share of the documents that are held out from training, between 0 and 1.
            Copies of a text are on the same side.
        seed: Random seed.
        reading: How a language model reads; `max_units` limits the largest stream.

    Raises:
        NotEnoughData: Nothing in the corpus counts.
        CorpusChanged: Documents that were read before have changed.
        FeatureMismatch: The folder holds states that were read with other settings.
        ReaderError: The reader has no such layer, or a number is out of its range.
        StorageFull: The disk is full; what was committed is safe.
    """
    reading = reading or ReadingSettings()
    drawing = _Drawing(reading.max_units, share, held_out, seed)
    _check_ranges(drawing, n_streams=len(streams))
    keep_few_shapes()
    lm = reading.reader or load_reader(device=reading.device)
    roles = None if reading.roles is None else frozenset(reading.roles)
    masks = masks or MaskPolicy(roles=roles)
    max_tokens = reading.max_tokens
    if max_tokens is None:
        max_tokens = min(_MAX_TOKENS, lm.max_tokens)
    plan = ReadingPlan(
        token_layers=_layers(streams, "token"),
        sentence_layers=_layers(streams, "sentence"),
        context=reading.context,
        max_tokens=max_tokens,
        masks=masks,
        batch_tokens=lm.good_batch_tokens,
    )
    lm.check_layers(plan.layers)
    take_free_cores(lm.device)
    settings = {
        "corpus": corpus.description,
        "reader": {"name": lm.name, "revision": lm.revision, "tokenizer": lm.tokenizer_digest},
        "streams": [stream.name for stream in streams],
        "context": reading.context,
        "max_tokens": max_tokens,
        "masks": masks.to_config(),
        **asdict(drawing),
    }
    writer = StateWriter(into, settings=settings, seed=seed)
    if not writer.is_complete:
        with reporting(reading.progress) as report:
            _Pass(writer, lm, plan, streams, drawing).run(corpus, report)
    return StateCache(into)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Which units are kept, and which documents are held out."""

    max_units: int | None
    share: float
    held_out: float
    seed: int

    def holds_out(self, document: Document) -> bool:
        """Whether a document is held out: by a hash of its text, so that copies stay together."""
        digest = hashlib.blake2b(document.text.encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") < self.held_out * 2**32

    def drawn(self, n: int, n_before: int) -> torch.Tensor:
        """Which of the next `n` units are kept."""
        # Seeded by position, so that a resumed run draws the same units.
        generator = np.random.default_rng([self.seed, n_before])
        return torch.from_numpy(generator.random(n) < self.share)


class _Pass:
    """One pass of the reader over the corpus."""

    def __init__(
        self,
        writer: StateWriter,
        reader: LanguageModel,
        plan: ReadingPlan,
        streams: Sequence[Stream],
        drawing: _Drawing,
    ) -> None:
        self._writer, self._reader, self._plan = writer, reader, plan
        self._streams, self._drawing = streams, drawing
        self._n_units: dict[str, int] = {stream.name: 0 for stream in streams}
        self._n_units |= writer.position.get("n_units", {})
        self._n_seen = dict(self._n_units) | writer.position.get("n_seen", {})
        self._n_refused = int(writer.position.get("n_refused", 0))
        self._n_empty = 0

    def run(self, corpus: Corpus, report: Report | None) -> None:
        """Read the documents that were not read before, and commit full segments."""
        clock = Clock(
            corpus.survey.n_rows if corpus.can_be_read_twice else corpus.n_documents, report
        )
        n_done, running = 0, hashlib.blake2b(digest_size=16)
        n_before = int(self._writer.position.get("n_documents", 0))
        for documents in _chunks(self._documents(corpus), _DOCUMENTS):
            running.update(_digest(documents))
            n_done += len(documents)
            # When resuming, skip the documents read before, and verify their hash at the end.
            is_new = n_done > n_before
            if is_new:
                clock.reading()
                self._read(documents, clock)
            elif n_done == n_before and running.hexdigest() != self._writer.position["digest"]:
                raise CorpusChanged(
                    f"some of the first {n_done} documents have changed",
                    expected="the corpus that the cache was started with",
                    next_step="read it into a new folder",
                )
            clock.committed(len(documents), was_read=is_new)
            if self._writer.is_full:
                self._writer.commit(self._position(n_done, running.hexdigest()))
            limit = self._drawing.max_units
            if limit is not None and max(self._n_units.values()) >= limit:
                break
        if not any(self._n_units.values()):
            raise NotEnoughData(
                f"{n_done} documents, none with text that counts",
                expected="at least one document with text that counts",
                next_step="check the source, the text column and the masks",
            )
        self._writer.commit(self._position(n_done, running.hexdigest()), is_complete=True)

    def _position(self, n_documents: int, digest: str) -> dict[str, object]:
        counts = {"n_units": self._n_units, "n_seen": self._n_seen}
        left_out = {"n_refused": self._n_refused, "n_empty": self._n_empty}
        return {"n_documents": n_documents, "digest": digest, **counts, **left_out}

    def _documents(self, corpus: Corpus) -> Iterator[Document]:
        """The documents; rows without text are skipped and counted."""
        for entry in corpus.entries():
            if isinstance(entry, Document):
                yield entry
            else:
                self._n_empty += 1

    def _read(self, documents: list[Document], clock: Clock) -> None:
        is_held_out = torch.tensor([self._drawing.holds_out(one) for one in documents])
        for stretch in read_documents(documents, self._reader, self._plan):
            self._n_refused += len(stretch.refused)
            for stream in self._streams:
                units = stretch.tokens if stream.unit == "token" else stretch.sentences
                self._add(stream, units, is_held_out)
            clock.read(stretch.n_finished, n_tokens=len(stretch.tokens))
        give_back()

    def _add(self, stream: Stream, units: Units, is_held_out: torch.Tensor) -> None:
        states = units.joined(stream.layers)
        out = is_held_out[torch.from_numpy(units.documents)].to(states.device)
        n_before = self._n_seen[stream.name]
        self._n_seen[stream.name] += len(states)
        if self._drawing.share < 1:
            # Subsample before splitting, so that both sides shrink by the same share.
            drawn = self._drawing.drawn(len(states), n_before).to(states.device)
            states, out = states[drawn], out[drawn]
        self._writer.add(stream, states[~out], held_out=False)
        self._writer.add(stream, states[out], held_out=True)
        self._n_units[stream.name] += len(states)


def _chunks(corpus: Iterable[Document], size: int) -> Iterator[list[Document]]:
    documents = iter(corpus)
    while chunk := list(islice(documents, size)):
        yield chunk


def _digest(documents: Sequence[Document]) -> bytes:
    return json.dumps([[one.id, one.text] for one in documents]).encode()


def _layers(streams: Sequence[Stream], unit: str) -> tuple[int, ...]:
    return tuple(sorted({n for stream in streams if stream.unit == unit for n in stream.layers}))


def _check_ranges(drawing: _Drawing, *, n_streams: int) -> None:
    if not 0 < drawing.share <= 1 or not 0 <= drawing.held_out < 1 or not n_streams:
        raise ReaderError(
            f"share {drawing.share}, held_out {drawing.held_out}, {n_streams} streams",
            expected="0 < share <= 1, 0 <= held_out < 1, and at least one stream",
            next_step="choose numbers in these ranges",
        )
