"""Contexts: the characters at which a feature peaks, with some of the text around them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.store.lexical import spans
from corpuscope.store.rows import list_elements
from corpuscope.store.store import Store


@dataclass(frozen=True)
class Context:
    """A peak in its text.

    Attributes:
        id: The document.
        strength: How strong the feature is in it; of a word feature, how often it occurs.
        over_threshold: The same divided by the threshold; NaN for word features and thresholds
            of 0.
        excerpt: The peak with some characters on either side.
        start: Where in the excerpt the peak begins; of a word feature, its first occurrence.
        end: Where in the excerpt it ends.
        offset: Where in the text the excerpt begins.
        n_copies: How many documents of the same band have this very text, itself included.
        group: The document's group, if a column was named.
    """

    id: str
    strength: float
    over_threshold: float
    excerpt: str
    start: int
    end: int
    offset: int
    n_copies: int
    group: str | None


@dataclass(frozen=True, eq=False)
class Chosen:
    """Documents to show, as arrays of one length.

    Attributes:
        rows: Their rows.
        peaks: The unit at which the feature peaks in each.
        strengths: How strong it is there.
        n_copies: How many documents have the same text.
    """

    rows: npt.NDArray[np.int64]
    peaks: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]
    n_copies: npt.NDArray[np.int64]


def contexts_of(
    store: Store,
    chosen: Chosen,
    *,
    kind: str,
    threshold: float,
    around: int,
    groups: Sequence[str | None],
) -> list[Context]:
    """The contexts of a dictionary feature, in the order of `chosen`.

    Cost: about a millisecond each.
    """
    names = (f"{kind}_starts", f"{kind}_ends")
    table = store.table(chosen.rows, "id", "text", *names)
    starts, ends = (list_elements(table[name], chosen.peaks).tolist() for name in names)
    found = zip(table["id"].to_pylist(), table["text"].to_pylist(), starts, ends, strict=True)
    return [
        _context(
            id, text, (start, end), around=around, group=groups[at],
            strength=float(chosen.strengths[at]), n_copies=int(chosen.n_copies[at]),
            over=float(chosen.strengths[at]) / threshold if threshold > 0 else np.nan,
        )
        for at, (id, text, start, end) in enumerate(found)
    ]  # fmt: skip


def contexts_of_word(
    store: Store,
    word: str,
    rows: npt.NDArray[np.int64],
    *,
    n_copies: Sequence[int],
    around: int,
    groups: Sequence[str | None],
) -> list[Context]:
    """The first occurrence of a word feature in each of these documents."""
    table = store.table(rows, "id", "text").to_pydict()
    found = []
    for at, (id, text) in enumerate(zip(table["id"], table["text"], strict=True)):
        places = spans(text, word)
        start, end = places[0]
        found.append(
            _context(
                id, text, (start, end), around=around, group=groups[at],
                strength=float(len(places)), n_copies=n_copies[at], over=np.nan,
            )
        )  # fmt: skip
    return found


def _context(
    id: str, text: str, span: tuple[int, int], *, around: int, strength: float, over: float,
    n_copies: int, group: str | None,
) -> Context:  # fmt: skip
    start, end = span
    first, last = max(0, start - around), min(len(text), end + around)
    return Context(
        id, strength, over, text[first:last], start - first, end - first, first, n_copies, group
    )
