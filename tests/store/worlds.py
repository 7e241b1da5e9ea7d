"""Small made-up corpora whose strengths are known."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpuscope.corpus.document import Document, Role, Skipped
from corpuscope.store.store import Store, open_store
from corpuscope.store.writer import DocumentRecord, StoreWriter

PROVENANCE: dict[str, Any] = {
    "reader": {"name": "tiny", "layer": 3},
    "dictionary": {"hash": "abc"},
    "corpus": {"name": "answers.jsonl"},
}


def feature_table(n_features: int, *, n_sentence: int = 0, threshold: float = 0.5) -> Any:
    n_token = n_features - n_sentence
    return pa.table(
        {
            "feature": pa.array(range(n_features), pa.int32()),
            "kind": ["token"] * n_token + ["sentence"] * n_sentence,
            "label": [f"feature {i}" for i in range(n_features)],
            "threshold": pa.array([threshold] * n_features, pa.float32()),
        }
    )


def word_spans(text: str) -> np.ndarray:
    """One unit for each word."""
    spans, at = [], 0
    for word in text.split(" "):
        spans.append((at, at + len(word)))
        at += len(word) + 1
    return np.array(spans, dtype=np.uint32).reshape(-1, 2)


def record(
    id: str,
    text: str = "one two three",
    *,
    strengths: Mapping[int, tuple[float, int]] | None = None,
    metadata: Mapping[str, Any] | None = None,
    roles: tuple[Role, ...] = (),
    vector: Sequence[float] | None = None,
) -> DocumentRecord:
    """A document whose `strengths` map a feature to its strength and its peak."""
    entries = sorted((strengths or {}).items())
    spans = word_spans(text)
    return DocumentRecord(
        document=Document(id=id, text=text, metadata=metadata or {}, roles=roles),
        n_tokens=len(spans),
        token_spans=spans,
        sentence_spans=np.array([[0, len(text)]], dtype=np.uint32),
        features=np.array([feature for feature, _ in entries], dtype=np.int32),
        strengths=np.array([value for _, (value, _) in entries], dtype=np.float16),
        peaks=np.array([peak for _, (_, peak) in entries], dtype=np.uint32),
        vector=None if vector is None else np.array(vector, dtype=np.float16),
    )


def random_records(
    n: int, *, n_features: int = 40, n_each: int = 8, seed: int = 0
) -> list[DocumentRecord]:
    rng = np.random.default_rng(seed)
    records = []
    for i in range(n):
        text = " ".join(rng.choice(["sun", "moon", "tide", "größe", "雪"], size=5))
        features = rng.choice(n_features, size=rng.integers(0, n_each + 1), replace=False)
        strengths = {
            int(f): (float(rng.integers(1, 64)) / 16, int(rng.integers(5))) for f in features
        }
        vector = rng.standard_normal(6)
        vector /= np.linalg.norm(vector)
        records.append(
            record(f"d{seed}-{i}", text, strengths=strengths, metadata={"n": i}, vector=vector)
        )
    return records


def in_shards(records: Sequence[Any], size: int) -> Iterator[tuple[int, Sequence[Any]]]:
    for shard, start in enumerate(range(0, len(records), size)):
        yield shard, records[start : start + size]


def write(
    path: Path,
    records: Sequence[DocumentRecord],
    *,
    n_features: int = 40,
    size: int = 7,
    features: Any = None,
    skipped: Sequence[Skipped] = (),
    finish: bool = True,
) -> Store:
    """A store of these records; documents that were skipped belong to its first shard."""
    table = feature_table(n_features) if features is None else features
    with StoreWriter(path, provenance=PROVENANCE, features=table) as writer:
        for shard, part in in_shards(records, size):
            left_out = skipped if shard == 0 else ()
            writer.add(shard, part, skipped=left_out, source_digest=f"source {shard}")
        if finish:
            writer.finish()
    return open_store(path)


def dense(records: Sequence[DocumentRecord], n_features: int = 40) -> np.ndarray:
    matrix = np.zeros((len(records), n_features), dtype=np.float32)
    for row, entry in enumerate(records):
        matrix[row, entry.features] = entry.strengths
    return matrix


def files_of(path: Path) -> dict[str, bytes]:
    """What a store consists of, without its cache."""
    files = (file for file in sorted(path.rglob("*")) if file.is_file())
    names = {file: str(file.relative_to(path)) for file in files}
    return {n: file.read_bytes() for file, n in names.items() if not n.startswith("cache")}
