"""Small stores with everything that an export has to carry over."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpuscope.corpus.document import Role
from corpuscope.store.store import Store
from corpuscope.store.writer import DocumentRecord
from tests.store.worlds import feature_table, record, write

N_FEATURES = 6
TEXT = 'good morning, "all"\nof you \u0000 größe 雪'


def odd_records(prefix: str = "d") -> list[DocumentRecord]:
    """Documents with metadata of mixed types, missing values, odd characters and roles."""
    roles = (Role(0, 4, "user"), Role(5, 12, "assistant"))
    return [
        record(
            f"{prefix}0",
            TEXT,
            strengths={0: (0.25, 0), 1: (2.0, 1), 4: (1.5, 0)},
            metadata={"year": 2020, "mixed": 1, "share": 0.5, "text": "a, b", "ok": True},
            vector=[1.0, 0.0],
        ),
        record(f"{prefix}1", "", metadata={"mixed": "one", "share": 2}, vector=[0.0, 1.0]),
        record(
            f"{prefix}2",
            "good morning all",
            strengths={1: (1.0, 0), 2: (0.75, 1), 3: (3.0, 2), 5: (1.25, 0)},
            metadata={"year": 2**53 + 1, "huge": 10**30, "share": None, "ok": False, "": "x"},
            roles=roles,
            vector=[0.6, 0.8],
        ),
    ]


def odd_features() -> Any:
    """Six features, of which 4 and 5 are of sentences, with labels that repeat or are missing."""
    table = feature_table(N_FEATURES, n_sentence=2)
    labels = ["greeting", "greeting", None, "", 'the "all"', "number"]
    sources = ["people", "llm: m", None, None, "people", "people"]
    return (
        table.set_column(2, "label", pa.array(labels, pa.string()))
        .append_column("label_source", pa.array(sources, pa.string()))
        .append_column("score", pa.array([0.9, None, None, None, 0.5, 1.0], pa.float64()))
        .append_column("density", pa.array([0.1, 0.0, 0.2, 0.3, 0.4, 0.5], pa.float64()))
    )


def odd_store(path: Path, prefix: str = "d") -> Store:
    """The store of these documents, two to a shard."""
    return write(path, odd_records(prefix), n_features=N_FEATURES, features=odd_features(), size=2)


def matrix_of(store: Store) -> np.ndarray:
    """Its strengths, dense."""
    found: np.ndarray = store.strengths().to_csr().toarray()
    return found
