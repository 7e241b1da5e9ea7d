"""A made store of many documents for `benchmarks.looks`: sentences of the demo, put together anew.

Each document has one to three sentences from different answers of the demo, with the strengths
that peak in them, about 200; so texts resemble each other. Two documents share each `question_id`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

import corpuscope as cs
from corpuscope.corpus.document import Document
from corpuscope.store.rows import StoredDocument
from corpuscope.store.store import Store
from corpuscope.store.writer import DocumentRecord, StoreWriter

_SHARD = 1000


@dataclass(frozen=True, eq=False)
class Sentence:
    """A sentence of the demo with its tokens and the strengths that peak in it."""

    text: str
    tokens: npt.NDArray[np.int64]
    features: npt.NDArray[np.int32]
    strengths: npt.NDArray[np.float16]
    peaks: npt.NDArray[np.int64]
    is_token: npt.NDArray[np.bool_]
    vector: npt.NDArray[np.float32]


def made_store(path: Path, n: int) -> Store:
    """A store of `n` documents at `path`, made unless it is there."""
    if (path / "manifest.json").is_file() and cs.open_store(path).is_complete:
        return cs.open_store(path)
    demo = cs.extract(cs.demo_corpus(), into=path.with_name("demo.scope"))
    pool = list(sentences_of(demo))
    table = pq.read_table(demo.path / "features.parquet")
    rng = np.random.default_rng(0)
    with StoreWriter(path, provenance=demo.provenance, features=table) as writer:
        for shard, first in enumerate(range(0, n, _SHARD)):
            numbers = range(first, min(n, first + _SHARD))
            records = [made_record(number, pool, rng) for number in numbers]
            writer.add(shard, records, skipped=(), source_digest=f"made {shard}")
        writer.finish()
    return cs.open_store(path)


def sentences_of(store: Store) -> Iterator[Sentence]:
    """All sentences of a store that has vectors."""
    documents = store.documents(np.arange(store.n_documents))
    vectors = np.concatenate(list(store.vector_batches())).astype(np.float32)
    is_token = (store.features["kind"] == "token").to_numpy()
    entries = _by_document(store)
    for document, vector, own in zip(documents, vectors, entries, strict=True):
        for at, (start, end) in enumerate(document.sentence_spans.tolist()):
            yield _sentence(document, at, start, end, own, is_token, vector)


def _by_document(store: Store) -> list[tuple[Any, Any, Any]]:
    strengths = store.strengths()
    features = np.repeat(np.arange(store.n_features), np.diff(strengths.feature_starts))
    order = np.lexsort((features, strengths.rows))
    parts = [
        np.split(values[order], strengths.document_starts[1:-1])
        for values in (features, strengths.strengths_by_feature, strengths.peaks_by_feature)
    ]
    return list(zip(*parts, strict=True))


def _sentence(
    document: StoredDocument, at: int, start: int, end: int, own: tuple[Any, Any, Any],
    is_token: Any, vector: Any,
) -> Sentence:  # fmt: skip
    features, strengths, peaks = own
    spans = document.token_spans
    inside = np.flatnonzero((spans[:, 0] >= start) & (spans[:, 1] <= end))
    of_token = is_token[features]
    here = np.where(of_token, np.isin(peaks, inside), peaks == at)
    first = int(inside[0]) if len(inside) else 0
    return Sentence(
        document.text[start:end], spans[inside] - start, features[here], strengths[here],
        np.where(of_token, peaks.astype(np.int64) - first, 0)[here], of_token[here], vector,
    )  # fmt: skip


def made_record(number: int, pool: Sequence[Sentence], rng: np.random.Generator) -> DocumentRecord:
    """Some sentences of the pool, as a document."""
    chosen = [pool[at] for at in rng.choice(len(pool), rng.integers(1, 4), replace=False)]
    best: dict[int, tuple[float, int]] = {}
    text, tokens, spans = "", [], []
    for at, one in enumerate(chosen):
        text += " " if text else ""
        peaks = np.where(one.is_token, one.peaks + sum(map(len, tokens)), at)
        factor = float(rng.uniform(0.8, 1.2))
        for feature, strength, peak in zip(
            one.features.tolist(), (one.strengths * factor).tolist(), peaks.tolist(), strict=True
        ):
            if strength > best.get(feature, (0.0, 0))[0]:
                best[feature] = (strength, peak)
        tokens.append(one.tokens + len(text))
        spans.append([len(text), len(text) + len(one.text)])
        text += one.text
    features = sorted(best)
    vector = np.mean([one.vector for one in chosen], axis=0)
    joined = np.concatenate(tokens)
    return DocumentRecord(
        document=Document(id=f"d{number:07d}", text=text, metadata=_metadata(number, rng)),
        n_tokens=len(joined),
        token_spans=joined.astype(np.uint32),
        sentence_spans=np.array(spans, dtype=np.uint32),
        features=np.array(features, dtype=np.int32),
        strengths=np.array([best[one][0] for one in features], dtype=np.float16),
        peaks=np.array([best[one][1] for one in features], dtype=np.uint32),
        vector=(vector / np.linalg.norm(vector)).astype(np.float16),
    )


def _metadata(number: int, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "question_id": f"q{number // 2:06d}",
        "version": f"v{number % 2 + 1}",
        "topic": f"topic {int(rng.integers(12))}",
        "year": int(rng.integers(2000, 2012)),
    }
