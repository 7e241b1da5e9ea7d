"""Bands of strength: where a feature is strong, weak, and just not present.

The strongest contexts alone make a feature look cleaner than it is. So contexts are shown from
each band of the documents in which it is present, by rank, and from those just below its
threshold, which do not count but are kept in stores.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.describe.described_store import ColumnGroups, DescribedStore
from corpuscope.analyses.describe.features.contexts import Chosen, Context, contexts_of
from corpuscope.store.matrix import FeatureStrengths

_SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
_NAMES = ("strongest tenth", "upper", "middle", "just above", "just below")


@dataclass(frozen=True)
class Band:
    """Documents in which a feature is about equally strong, and some of its contexts there.

    Attributes:
        name: "strongest tenth", "upper" (to half), "middle" (to nine tenths), "just above" the
            threshold, or "just below" it: near misses, which do not count as present.
        least: The smallest strength in it; NaN if it is empty.
        most: The largest.
        n_documents: How many documents it has.
        n_texts: How many different texts these have.
        contexts: Some of them, each text once: the first of the strongest tenth and of the near
            misses, spread evenly over the others.
    """

    name: str
    least: float
    most: float
    n_documents: int
    n_texts: int
    contexts: tuple[Context, ...]


@dataclass(frozen=True, eq=False)
class _Ranked:
    """The documents of a band, strongest first."""

    rows: npt.NDArray[np.int64]
    peaks: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]


def bands_of(
    here: DescribedStore, feature: int, *, n: int, around: int, groups: ColumnGroups | None
) -> tuple[Band, ...]:
    """The five bands of a dictionary feature, each with up to `n` contexts.

    Args:
        here: The store.
        feature: The feature.
        n: The most contexts of a band.
        around: Characters on either side of a peak.
        groups: The groups to tell with each context.
    """
    threshold = float(here.store.thresholds[feature])
    parts = _in_bands(here.store.strengths().of_feature(feature), here.store.thresholds[feature])
    chosen = [_chosen(here, one, n, spread=0 < at < 4) for at, one in enumerate(parts)]
    # All in one reading, since documents of different bands share files.
    every = _joined([one for one, _ in chosen])
    contexts = contexts_of(
        here.store, every, kind=here.source.kind(feature), threshold=threshold, around=around,
        groups=groups_of_rows(groups, every.rows),
    )  # fmt: skip
    ends = np.cumsum([len(one.rows) for one, _ in chosen])
    return tuple(
        _band(name, part, n_texts, contexts[end - len(one.rows) : end])
        for name, part, (one, n_texts), end in zip(_NAMES, parts, chosen, ends, strict=True)
    )


def groups_of_rows(groups: ColumnGroups | None, rows: npt.NDArray[np.int64]) -> list[str | None]:
    """The name of the group of each document; None where it has none."""
    if groups is None:
        return [None] * len(rows)
    names = (*groups.names, None)
    return [names[code] for code in groups.codes[rows].tolist()]


def _in_bands(found: FeatureStrengths, threshold: np.float32) -> list[_Ranked]:
    strengths = found.strengths.astype(np.float64)
    is_present = found.strengths > threshold
    n_below = int(np.count_nonzero(~is_present))
    order = np.argsort(-strengths, kind="stable")
    n_above = len(order) - n_below
    bounds = [*np.ceil(np.array(_SHARES) * n_above).astype(int).tolist(), len(order)]
    return [
        _Ranked(found.rows[own].astype(np.int64), found.peaks[own].astype(np.int64), strengths[own])
        for own in (order[a:b] for a, b in pairwise(bounds))
    ]


def _chosen(here: DescribedStore, part: _Ranked, n: int, *, spread: bool) -> tuple[Chosen, int]:
    """Up to `n` documents with different texts, and how many different texts there are."""
    numbers = here.texts[part.rows]
    first = np.flatnonzero(~pd.Series(numbers).duplicated().to_numpy())
    n_shown = min(n, len(first))
    places = np.linspace(0, len(first) - 1, n_shown) if spread else np.arange(n_shown)
    at = first[places.round().astype(np.int64)]
    n_copies = [np.count_nonzero(numbers == number) for number in numbers[at]]
    return Chosen(
        part.rows[at], part.peaks[at], part.strengths[at], np.array(n_copies, dtype=np.int64)
    ), len(first)


def _joined(parts: list[Chosen]) -> Chosen:
    return Chosen(
        *(
            np.concatenate([getattr(one, name) for one in parts])
            for name in ("rows", "peaks", "strengths", "n_copies")
        )
    )


def _band(name: str, part: _Ranked, n_texts: int, contexts: list[Context]) -> Band:
    is_empty = not len(part.rows)
    return Band(
        name=name,
        least=np.nan if is_empty else float(part.strengths[-1]),
        most=np.nan if is_empty else float(part.strengths[0]),
        n_documents=len(part.rows),
        n_texts=n_texts,
        contexts=tuple(contexts),
    )
