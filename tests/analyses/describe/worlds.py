"""A small store of pairs in which it is known what is where."""

from pathlib import Path
from typing import Any

import numpy as np

from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.store.store import Store
from tests.store.worlds import feature_table, record, write

N, NEW, BESIDE, EVERYWHERE, NOWHERE = 40, 3, 4, 5, 9
"""Documents; features of the second version, beside it in half, in all, in none."""


def id_of(row: int) -> str:
    return f"p{row // 2:02d}/v{row % 2 + 1}"


def text_of(row: int) -> str:
    # The last two documents of the second version have one text.
    number = 37 if row == 39 else row
    return f"the item {number} costs money" + (" of course" if row % 2 else "")


def strengths_of(row: int) -> dict[int, tuple[float, int]]:
    """Feature NEW grows along the second version; in five of the first it is a near miss."""
    found = {EVERYWHERE: (2.0, 0)}
    if row % 2:
        found[NEW] = (1 + row // 2 / 8, 2)
    elif row < 10:
        found[NEW] = (0.25 + row / 64, 1)
    if row % 4 == 1:
        found[BESIDE] = (1.5, 3)
    return found


def metadata_of(row: int) -> dict[str, Any]:
    return {
        "pair": f"p{row // 2:02d}",
        "version": f"v{row % 2 + 1}",
        "year": 2000 + row % 5,
        "note": None if row % 3 else "x",
    }


def vector_of(row: int) -> np.ndarray:
    """Pairs point the same way."""
    vector = np.zeros(PHRASE_WIDTH, dtype=np.float16)
    vector[row // 2] = 1
    return vector


def pairs_store(path: Path, *, vectors: bool = True) -> Store:
    records = [
        record(
            id_of(row),
            text_of(row),
            strengths=strengths_of(row),
            metadata=metadata_of(row),
            vector=vector_of(row) if vectors else None,  # type: ignore[arg-type]
        )
        for row in range(N)
    ]
    return write(path, records, n_features=12, features=feature_table(12), size=9)
