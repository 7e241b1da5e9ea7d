"""A store of 24 texts of three kinds, of which each has words, a feature and a direction."""

from pathlib import Path

import numpy as np

from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.store.store import Store
from tests.store.worlds import record, write

KINDS = ("glad", "sea", "other")
GLAD, SEA = 3, 7
"""Features of two kinds; those from 10 to 14 are too weak to be present."""

N, N_FEATURES = 24, 20
WORDS = {"glad": "happy joyful", "sea": "ship wave", "other": "plain stone"}


def kind_of(row: int) -> str:
    return KINDS[row % 3]


def text_of(row: int) -> str:
    """Kinds have two words of their own; the rest is of one text alone, and longer at the end."""
    own = [f"w{row}{'abcdefgh'[at]}" for at in range(1 + row // 4)]
    return " ".join([WORDS[kind_of(row)], *own])


def direction(kind: str) -> np.ndarray:
    vector: np.ndarray = np.zeros(PHRASE_WIDTH, dtype=np.float32)
    vector[KINDS.index(kind)] = 1
    return vector


def small_store(path: Path, *, with_vectors: bool = True) -> Store:
    records = []
    for row in range(N):
        kind = kind_of(row)
        strengths = {10 + row % 5: (0.25, 0)}
        if kind != "other":
            strengths[GLAD if kind == "glad" else SEA] = (1 + row / 16, 1)
        vector = direction(kind)
        vector[10 + row] = 0.1 + row / 100
        vector /= np.linalg.norm(vector)
        records.append(
            record(f"{kind}-{row}", text_of(row), strengths=strengths,
                   vector=vector.tolist() if with_vectors else None)
        )  # fmt: skip
    return write(path, records, n_features=N_FEATURES)
