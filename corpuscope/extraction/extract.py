"""Reads a corpus shard by shard, and writes each shard to the store.

The bytes of a shard depend only on its documents and the settings, so an interrupted and resumed
run gives the same store as an uninterrupted one.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.document import Document, Skipped
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import CorpusChanged, NotEnoughData
from corpuscope.extraction.compatibility import check_fits, plan_for
from corpuscope.extraction.memory import keep_few_shapes
from corpuscope.extraction.progress import Clock, Progress, reporting
from corpuscope.extraction.records import FLOOR, Extractor
from corpuscope.reader.engines.choose import reader_for
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.protocol import Reader
from corpuscope.reader.read import ReadingPlan
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.formats import load_dictionary
from corpuscope.store.store import Store, open_store
from corpuscope.store.writer import DocumentRecord, StoreWriter

Entry = Document | Skipped


def extract(
    corpus: Corpus | object,
    *,
    into: str | Path,
    dictionary: str | Path | Dictionary = "builtin",
    reader: Reader | None = None,
    roles: Iterable[str] | None = None,
    shard_documents: int = 1000,
    batch_tokens: int | None = None,
    progress: Callable[[Progress], None] | bool | None = None,
    device: str = "auto",
    engine: str | None = None,
) -> Store:
    """A store of the corpus: which features each document has, how strongly and where.

    An interrupted call resumes when repeated with the same arguments.

    Args:
        corpus: The corpus; anything else, such as a table or a path, is passed to
            `read_corpus`, which lets you choose columns.
        into: The store's folder.
        dictionary: The dictionary, its folder, or "builtin".
        reader: The language model; by default the one that the dictionary names.
        roles: Count only text of these roles; by default as in the dictionary's masks.
        shard_documents: Documents per shard, which are committed together.
        batch_tokens: Tokens per batch of the reader, padding included; by default 2,048 on a
            CPU, where more is slower and takes more memory, and 16,384 on an accelerator.
        progress: Callback for progress; True draws a bar on standard error.
        device: Where to compute, if `reader` is not given.
        engine: What computes, if `reader` is not given: "openvino", "numpy" or "torch". By
            default torch on a GPU and for other readers than the built-in one; else OpenVINO, or
            numpy where that cannot start. Engines differ by rounding and never mix in one store.

    Raises:
        NotEnoughData: No document of the corpus has text that counts.
        CorpusChanged: The store in `into` was started from another corpus.
        FeatureMismatch: It was started with another dictionary or other settings.
        DictionaryError: There is no such dictionary, or it was made for another reader.
        ReaderError: The reader cannot be loaded, or does not fit the dictionary.
        InputError: The corpus cannot be read, or `into` holds other files.
        StorageFull: The disk is full; what was committed is safe.
    """
    found = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    corpus = corpus if isinstance(corpus, Corpus) else read_corpus(corpus)
    roles = None if roles is None else frozenset(roles)
    n_rows = _n_rows(corpus, roles)
    keep_few_shapes()
    is_simple = all(part.weights.is_simple and part.site == "residual" for part in found.parts)
    lm = reader or reader_for(found.reader_name, engine=engine, device=device, is_simple=is_simple)
    check_fits(found, lm)
    plan = plan_for(found, roles, batch_tokens or lm.good_batch_tokens)
    lm.prepare()
    provenance = _provenance(corpus, found, lm, plan) | {"shard_documents": shard_documents}
    with (
        StoreWriter(into, provenance=provenance, features=found.features) as writer,
        reporting(progress) as report,
    ):
        extractor, clock = Extractor(lm, found, plan), Clock(n_rows, report)
        run = _Run(writer, extractor, clock, nothing_counts=_nothing_counts(plan.masks))
        run.write(_shards(corpus, shard_documents))
    return open_store(into)


class _Run:
    """One pass over the corpus."""

    def __init__(
        self, writer: StoreWriter, extractor: Extractor, clock: Clock, *, nothing_counts: str
    ) -> None:
        self._writer = writer
        self._extractor = extractor
        self._clock = clock
        self._nothing_counts = nothing_counts

    def write(self, shards: Iterable[list[Entry]]) -> None:
        """Commit every missing shard, then mark the store as complete."""
        n_shards = n_documents = n_entries = 0
        for shard, entries in enumerate(shards):
            n_documents += self._write_shard(shard, entries, first=n_entries)
            n_entries += len(entries)
            n_shards += 1
        if not n_documents:
            raise NotEnoughData(
                f"{n_entries} documents, and {self._nothing_counts} in any of them",
                expected="at least one document with text that counts",
                next_step="check the roles chosen, and the text column",
            )
        self._writer.finish(n_shards=n_shards)

    def _write_shard(self, shard: int, entries: Sequence[Entry], *, first: int) -> int:
        digest = _digest(entries)
        committed = self._writer.committed(shard)
        is_new = committed is None
        if committed is None:
            self._clock.reading()
            records, skipped = self._read(entries, first)
            committed = self._writer.add(shard, records, skipped=skipped, source_digest=digest)
        # Committed by an earlier run: only verify that it is of the same documents.
        elif committed.source_digest != digest:
            raise CorpusChanged(
                f"some of documents {first} to {first + len(entries) - 1} have changed",
                expected="the corpus that the store was started with",
                next_step="extract into a new folder",
            )
        self._clock.committed(len(entries), was_read=is_new)
        return committed.n_documents

    def _read(
        self, entries: Sequence[Entry], first: int
    ) -> tuple[list[DocumentRecord], list[Skipped]]:
        documents = [entry for entry in entries if isinstance(entry, Document)]
        outcome = self._extractor.records(documents, self._clock)
        # Records are numbered by documents alone, without skipped rows.
        skipped, number = [], 0
        for position, entry in enumerate(entries, start=first):
            if isinstance(entry, Skipped):
                skipped.append(entry)
                continue
            if number not in outcome.records:
                reason = outcome.refused.get(number, self._nothing_counts)
                skipped.append(Skipped(entry.id, reason, f"document {position}"))
            number += 1
        return [outcome.records[number] for number in sorted(outcome.records)], skipped


def _shards(corpus: Corpus, size: int) -> Iterator[list[Entry]]:
    entries = corpus.entries()
    while shard := list(islice(entries, size)):
        yield shard


def _digest(entries: Sequence[Entry]) -> str:
    """A hash of everything of the entries that goes into the store."""
    running = hashlib.blake2b(digest_size=32)
    for entry in entries:
        if isinstance(entry, Skipped):
            content: list[Any] = [entry.id, entry.reason]
        else:
            roles = [(role.start, role.end, role.role) for role in entry.roles]
            content = [entry.id, entry.text, dict(entry.metadata), roles]
        running.update(json.dumps(content).encode() + b"\n")
    return running.hexdigest()


def _nothing_counts(masks: MaskPolicy) -> str:
    if masks.roles is None:
        return "no token that counts"
    return f"no text of the roles {', '.join(sorted(masks.roles))}"


def _n_rows(corpus: Corpus, roles: frozenset[str] | None) -> int | None:
    """The number of rows, counted before anything is loaded; None if the corpus is read only once.

    Raises:
        NotEnoughData: There is no document, or none of the roles occurs.
        InputError: The corpus cannot be read.
    """
    if corpus.can_be_read_twice:
        n_rows, skipped = corpus.survey.n_rows, corpus.survey.skipped
        has_documents = corpus.survey.n_documents > 0
    else:
        n_rows, skipped = None, {}
        has_documents = next(iter(corpus), None) is not None
    if has_documents and corpus.can_be_read_twice:
        corpus.survey.check_roles(roles or ())
    if has_documents:
        return n_rows
    reasons = "".join(f"; {n:,} skipped: {reason}" for reason, n in skipped.items())
    raise NotEnoughData(
        f"no document with any text in the corpus{reasons}",
        expected="at least one",
        next_step="check the source and the text column",
    )


def _provenance(
    corpus: Corpus, dictionary: Dictionary, reader: Reader, plan: ReadingPlan
) -> dict[str, Any]:
    """Everything that the strengths depend on."""
    parts = [
        {key: part[key] for key in ("unit", "layers", "n_features", "site") if key in part}
        for part in dictionary.describe_parts()
    ]
    shares = corpus.survey.languages if corpus.can_be_read_twice else {}
    more = reader.chat_provenance() if plan.context == "passage" else {}
    languages = {name: round(share, 2) for name, share in shares.items()}
    return {
        "corpus": {**corpus.description, "languages": languages},
        "reader": {**reader.provenance(), **more},
        "dictionary": {"digest": dictionary.digest, "parts": parts},
        "context": plan.context,
        "max_tokens": plan.max_tokens,
        "batch_tokens": plan.batch_tokens,
        "masks": plan.masks.to_config(),
        "pooling": "max",
        "presence": dictionary.about.get("presence", "strength above the feature's threshold"),
        "floor": FLOOR,
        "corpuscope": version("corpuscope"),
    }
