"""Small stores in which it is known what differs."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpuscope.corpus.document import Document
from corpuscope.store.store import Store, open_store
from corpuscope.store.writer import DocumentRecord, StoreWriter

N_FEATURES = 30


@dataclass
class Made:
    """A document to be: its words, its features, its metadata, and where features peak.

    A feature peaks at the unit 0 unless told otherwise; sentences have as many words each. The
    vector says what it means, if all documents have one.
    """

    words: list[str]
    features: set[int] = field(default_factory=set)
    metadata: dict[str, Any] = field(default_factory=dict)
    peaks: dict[int, int] = field(default_factory=dict)
    n_sentences: int = 1
    vector: np.ndarray | None = None


def vocabulary(rng: np.random.Generator, n: int) -> list[str]:
    """Words that tell nothing, some frequent and some rare."""
    return [
        f"w{chr(97 + int(number) % 26)}{chr(97 + int(number) // 26)}"
        for number in np.minimum(rng.geometric(0.02, size=n), 400)
    ]


def noise(
    rng: np.random.Generator, n: int, *, n_words: int = 20, n_features: int = N_FEATURES
) -> list[Made]:
    """Documents without any difference; feature `i` is in 2 to 60 % of them."""
    rates = np.linspace(0.02, 0.6, n_features)
    return [
        Made(vocabulary(rng, n_words), set(np.flatnonzero(rng.random(n_features) < rates).tolist()))
        for _ in range(n)
    ]


def record(id: str, made: Made) -> DocumentRecord:
    text = " ".join(made.words)
    ends = np.cumsum([len(word) + 1 for word in made.words]) - 1
    spans = np.column_stack([ends - [len(word) for word in made.words], ends]).astype(np.uint32)
    features = sorted(made.features)
    sentences = [some[[0, -1], [0, 1]] for some in np.array_split(spans, made.n_sentences)]
    return DocumentRecord(
        document=Document(id=id, text=text, metadata=made.metadata, roles=()),
        n_tokens=len(made.words),
        token_spans=spans,
        sentence_spans=np.array(sentences, dtype=np.uint32),
        features=np.array(features, dtype=np.int32),
        strengths=np.array(
            [1 + zlib.crc32(f"{id} {f}".encode()) % 7 / 8 for f in features], dtype=np.float16
        ),
        peaks=np.array([made.peaks.get(f, 0) for f in features], dtype=np.uint32),
        vector=made.vector,
    )


def write(
    path: Path,
    made: Sequence[Made],
    *,
    ids: Sequence[str] | None = None,
    labels: Mapping[int, str] | None = None,
    label_source: str | None = None,
    n_features: int = N_FEATURES,
    dictionary: str = "abc",
) -> Store:
    labels = labels or {}
    table = pa.table(
        {
            "feature": pa.array(range(n_features), pa.int32()),
            "kind": ["token"] * (n_features // 2) + ["sentence"] * (n_features - n_features // 2),
            "label": pa.array([labels.get(i) for i in range(n_features)], pa.string()),
            "label_source": pa.array([label_source] * n_features, pa.string()),
            "threshold": pa.array([0.5] * n_features, pa.float32()),
        }
    )
    ids = ids or [f"d{i}" for i in range(len(made))]
    records = [record(id, one) for id, one in zip(ids, made, strict=True)]
    provenance = {"dictionary": {"digest": dictionary}}
    with StoreWriter(path, provenance=provenance, features=table) as writer:
        for shard, start in enumerate(range(0, len(records), 400)):
            writer.add(shard, records[start : start + 400], source_digest=f"{shard}")
        writer.finish()
    return open_store(path)
