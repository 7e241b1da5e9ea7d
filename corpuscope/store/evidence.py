"""Evidence: the documents in which a feature is strongest, and the characters where it peaks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.store.store import Store

__all__ = ["Evidence", "strongest"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that shows a finding.

    `spans` are half-open character ranges in `text`; `side` is the group of the document, where
    there are groups.
    """

    id: str
    text: str
    side: str | None
    spans: tuple[tuple[int, int], ...]
    strength: float


def strongest(
    store: Store, feature: int, rows: npt.ArrayLike, *, n: int = 5, side: str | None = None
) -> list[Evidence]:
    """The `n` documents among `rows` in which a feature is strongest, strongest first.

    Ties are in the order of the store; documents without the feature are left out.

    Raises:
        StoreDamaged: A shard cannot be read.
    """
    found = store.strengths().of_feature(feature)
    among = np.isin(found.rows, np.asarray(rows, dtype=np.int64))
    candidates, strengths = found.rows[among], found.strengths[among]
    best = np.argsort(-strengths, kind="stable")[:n]
    chosen = candidates[best]
    spans = store.peak_span(chosen, feature)
    return [
        Evidence(id, text, side, ((int(start), int(end)),), float(strength))
        for id, text, (start, end), strength in zip(
            store.ids_of(chosen), store.texts(chosen), spans, strengths[best], strict=True
        )
    ]
