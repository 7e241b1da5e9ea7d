"""Small stores to search in, with vectors of two directions and features that go with them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from corpuscope.corpus.document import Document
from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.store.store import Store, open_store
from corpuscope.store.writer import DocumentRecord, StoreWriter
from tests.store.worlds import PROVENANCE, feature_table, word_spans

N_FEATURES = 40
GLAD, MONEY = 3, 7
"""Features that are in glad texts, and in texts about money."""

TEXTS = {
    "glad": ("What a happy joyful day", "I am delighted and so happy", "Joy and delight all around",
             "We laughed happily together"),
    "money": ("The bank charged a fee", "Pay the invoice by Monday", "Interest on the loan rose",
              "My account balance is low"),
    "other": ("The cat sat on the mat", "Rain fell over the hills", "Two ships left the harbour",
              "A wooden table and chairs"),
}  # fmt: skip


def record(
    id: str, text: str, features: dict[int, float], vector: np.ndarray | None
) -> DocumentRecord:
    spans = word_spans(text)
    numbers = sorted(features)
    return DocumentRecord(
        document=Document(id=id, text=text, metadata={}, roles=()),
        n_tokens=len(spans),
        token_spans=spans,
        sentence_spans=np.array([[0, len(text)]], dtype=np.uint32),
        features=np.array(numbers, dtype=np.int32),
        strengths=np.array([features[number] for number in numbers], dtype=np.float16),
        peaks=np.array([number % len(spans) for number in numbers], dtype=np.uint32),
        vector=None if vector is None else vector.astype(np.float16),
    )


NEUTRAL = str.split(
    "apple brick cloud door east fern gate hinge ink jug kettle lamp moss nail oar pebble quilt "
    "rope sand tile urn vase wheel yarn zinc arch bell cork drum elm flint glove"
)


def texts_of(n_each: int = 20) -> list[tuple[str, str]]:
    """Kind and text; no two texts share most of their words."""
    rng = np.random.default_rng(0)
    return [
        (kind, f"{texts[i % len(texts)]} {' '.join(rng.choice(NEUTRAL, 8, replace=False))}")
        for i in range(n_each)
        for kind, texts in TEXTS.items()
    ]


def world(
    path: Path, *, n_each: int = 20, with_vectors: bool = True, seed: int = 0,
    doubles: Sequence[str] = (),
) -> Store:  # fmt: skip
    """A store of glad texts, texts about money, and others; noise in all other features.

    Four in five glad texts have the feature `GLAD`, and so for `MONEY`; so have 1 in 20 others.
    """
    rng = np.random.default_rng(seed)
    found = texts_of(n_each) + [("double", text) for text in doubles]
    if with_vectors:
        vectors = [vector_of(text) for _, text in found]
    records = []
    for i, (kind, text) in enumerate(found):
        noise = set(np.flatnonzero(rng.random(N_FEATURES) < 0.1).tolist()) - {GLAD, MONEY}
        features = {feature: float(rng.uniform(0.6, 3)) for feature in sorted(noise)}
        for feature, of in ((GLAD, "glad"), (MONEY, "money")):
            if rng.random() < (0.8 if kind == of else 0.05):
                features[feature] = float(rng.uniform(1, 3))
        vector = vectors[i] if with_vectors else None
        records.append(record(f"{kind}-{i}", text, features, vector))
    with StoreWriter(path, provenance=PROVENANCE, features=feature_table(N_FEATURES)) as writer:
        for shard, start in enumerate(range(0, len(records), 32)):
            writer.add(shard, records[start : start + 32], source_digest=f"{shard}")
        writer.finish()
    return open_store(path)


@cache
def vector_of(text: str) -> np.ndarray:
    vector: np.ndarray = load_phrase_embedder().embed([text])[0]
    return vector


def kind_of(id: str) -> str:
    return id.split("-")[0]
