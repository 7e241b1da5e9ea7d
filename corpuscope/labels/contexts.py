"""Contexts of features, and random background units.

Contexts cover the whole range of strengths, since labels made from the top activations alone are
too narrow and their scores too optimistic. Three in five are used for training, the others are held
out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from corpuscope.labels.context import FeatureContext, FeatureContexts, UnitKind
from corpuscope.labels.context_sampling import held_out_contexts
from corpuscope.store.rows import StoredDocument
from corpuscope.store.store import Store

__all__ = [
    "background",
    "collect_contexts",
    "kinds_of_features",
    "present_rows",
    "strongest_sentences",
]

_ROWS_AT_ONCE = 2048
# Characters of the document that are kept on either side of the sentence.
_CHARACTERS_BEFORE = 24
_CHARACTERS_AFTER = 8
# Share of the documents with a feature that count as the strongest.
_TOP_SHARE = 0.1
# Oversampling factor, since near-duplicates are dropped.
_SPARE = 1.5

_KINDS: WeakKeyDictionary[Store, npt.NDArray[np.object_]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Units to look up: document rows, and unit numbers within them."""

    features: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    units: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float64]
    is_top: npt.NDArray[np.bool_]


def collect_contexts(
    store: Store,
    features: Sequence[int],
    *,
    n: int = 60,
    among: npt.NDArray[np.bool_] | None = None,
    copies: bool = False,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> dict[int, FeatureContexts]:
    """Up to `n` contexts of each feature: half from the strongest tenth, half from the rest.

    Each is the peak of a document in which the feature is present. Every document is read once.
    Of sentences that differ only in case and digits, one is kept (three if short; all with
    `copies`); of parts of one document (ids that agree before `#`), three. `among` is a mask of
    the documents to use.

    Memory: about 1 KB per context.
    """
    kinds = kinds_of_features(store)
    n_present = np.zeros(store.n_features, dtype=np.int64)
    drawn: list[_Places] = []
    for feature in features:
        rng = np.random.default_rng([seed, feature])
        places, n_present[feature] = _drawn_places(store, feature, n, rng, among)
        drawn.append(places)
    found: dict[int, tuple[list[FeatureContext], list[FeatureContext]]] = {
        f: ([], []) for f in features
    }
    places = _joined(drawn)
    for index, context in _contexts_at(store, places, kinds[places.features] == "token", progress):
        top, rest = found[int(places.features[index])]
        (top if places.is_top[index] else rest).append(context)
    return {
        feature: held_out_contexts(
            feature,
            kinds[feature],
            found[feature],
            int(n_present[feature]),
            n=n,
            copies=copies,
            seed=seed,
        )
        for feature in features
    }


def strongest_sentences(
    store: Store, *, n: int = 10, among: npt.NDArray[np.bool_] | None = None
) -> list[list[str]]:
    """For each feature, the distinct sentences in which it peaks in its `n` top documents.

    The strongest comes first. `among` is a mask of the documents to use.
    """
    kinds = kinds_of_features(store)
    places = _joined(
        [_strongest_places(store, feature, n, among) for feature in range(store.n_features)]
    )
    found: list[list[tuple[int, str]]] = [[] for _ in range(store.n_features)]
    for index, context in _contexts_at(store, places, kinds[places.features] == "token", None):
        found[places.features[index]].append((index, context.text))
    # Places of a feature are in order of strength, contexts come by document.
    return [list(dict.fromkeys(text for _, text in sorted(own))) for own in found]


def background(
    store: Store,
    kind: UnitKind,
    *,
    n: int = 20_000,
    among: npt.NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> list[FeatureContext]:
    """About `n` random units of a kind, equally many per document, in row order."""
    rng = np.random.default_rng([seed, 1 << 20, kind == "token"])
    every = np.arange(store.n_documents) if among is None else np.flatnonzero(among)
    n_rows = min(n, len(every))
    if not n_rows:
        return []
    rows = np.sort(rng.choice(every, n_rows, replace=False))
    each = -(-n // n_rows)
    rows = np.repeat(rows, each)
    # The number of units is unknown until a document is read, so positions are drawn as shares.
    shares = rng.random(len(rows))
    nothing = np.zeros(len(rows), dtype=np.int64)
    places = _Places(nothing, rows, nothing - 1, nothing.astype(float), nothing > 0)
    is_token = np.full(len(rows), kind == "token")
    found = _contexts_at(store, places, is_token, None, shares=shares)
    return list({(c.row, c.text, c.start): c for _, c in found}.values())[:n]


def kinds_of_features(store: Store) -> npt.NDArray[np.object_]:
    """Unit type of each feature; tokens unless the store says otherwise."""
    if store not in _KINDS:
        table = store.features
        known = table["kind"].fillna("token") if "kind" in table else ["token"] * len(table)
        _KINDS[store] = np.array(known, dtype=object)
    return _KINDS[store]


def present_rows(store: Store, feature: int) -> npt.NDArray[np.int32]:
    """Rows of the documents in which a feature is above its threshold."""
    found = store.strengths().of_feature(feature)
    rows: npt.NDArray[np.int32] = found.rows[found.strengths > store.thresholds[feature]]
    return rows


def _drawn_places(
    store: Store,
    feature: int,
    n: int,
    rng: np.random.Generator,
    among: npt.NDArray[np.bool_] | None,
) -> tuple[_Places, int]:
    found = store.strengths().of_feature(feature)
    is_chosen = found.strengths > store.thresholds[feature]
    if among is not None:
        is_chosen &= among[found.rows]
    is_present = np.flatnonzero(is_chosen)
    strengths = np.asarray(found.strengths[is_present], dtype=np.float64)
    order = is_present[np.argsort(-strengths, kind="stable")]
    n_half = int(np.ceil(_SPARE * n / 2))
    n_top = min(len(order), max(n_half, int(_TOP_SHARE * len(order))))
    # At most half, so that the lower range is represented even for rare features.
    n_top = min(n_top, -(-len(order) // 2))
    top = rng.choice(order[:n_top], min(n_half, n_top), replace=False)
    n_rest = len(order) - n_top
    rest = rng.choice(order[n_top:], min(n_half, n_rest), replace=False)
    chosen = np.concatenate([top, rest]).astype(np.int64)
    return _Places(
        features=np.full(len(chosen), feature, dtype=np.int64),
        rows=found.rows[chosen].astype(np.int64),
        units=found.peaks[chosen].astype(np.int64),
        strengths=found.strengths[chosen].astype(np.float64),
        is_top=np.arange(len(chosen)) < len(top),
    ), len(order)


def _strongest_places(
    store: Store, feature: int, n: int, among: npt.NDArray[np.bool_] | None
) -> _Places:
    found = store.strengths().of_feature(feature)
    is_chosen = found.strengths > store.thresholds[feature]
    if among is not None:
        is_chosen &= among[found.rows]
    strengths = np.where(is_chosen, found.strengths, 0.0)
    best = np.argsort(-strengths, kind="stable")[: min(n, np.count_nonzero(strengths))]
    return _Places(
        features=np.full(len(best), feature, dtype=np.int64),
        rows=found.rows[best].astype(np.int64),
        units=found.peaks[best].astype(np.int64),
        strengths=strengths[best].astype(np.float64),
        is_top=np.ones(len(best), dtype=np.bool_),
    )


def _joined(parts: list[_Places]) -> _Places:
    def of(name: str, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        return np.concatenate([*(getattr(p, name) for p in parts), np.empty(0, dtype)])

    return _Places(
        features=of("features", np.int64),
        rows=of("rows", np.int64),
        units=of("units", np.int64),
        strengths=of("strengths", np.float64),
        is_top=of("is_top", np.bool_),
    )


def _contexts_at(
    store: Store,
    places: _Places,
    is_token: npt.NDArray[np.bool_],
    progress: Callable[[int, int], None] | None,
    *,
    shares: npt.NDArray[np.float64] | None = None,
) -> Iterator[tuple[int, FeatureContext]]:
    """Index and context of each place, in row order, reading documents in batches."""
    order = np.argsort(places.rows, kind="stable")
    rows = np.unique(places.rows)
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        batch = rows[first : first + _ROWS_AT_ONCE]
        documents = dict(zip(batch.tolist(), store.documents(batch), strict=True))
        # In a short text the same unit is drawn again and again.
        made: dict[tuple[int, bool, int, float], FeatureContext] = {}
        start, end = np.searchsorted(places.rows[order], [batch[0], batch[-1] + 1])
        for index in order[start:end]:
            row = int(places.rows[index])
            document = documents[row]
            spans = document.token_spans if is_token[index] else document.sentence_spans
            unit = int(shares[index] * len(spans)) if shares is not None else places.units[index]
            if unit < len(spans):
                strength = float(places.strengths[index])
                key = (row, bool(is_token[index]), int(unit), strength)
                if key not in made:
                    made[key] = _context(document, row, spans[unit].tolist(), strength)
                yield int(index), made[key]
        if progress is not None:
            progress(min(first + _ROWS_AT_ONCE, len(rows)), len(rows))


def _context(
    document: StoredDocument, row: int, span: Sequence[int], strength: float
) -> FeatureContext:
    start, end = span
    first, last = _sentence_of(document.sentence_spans, start, end)
    text = document.text
    return FeatureContext(
        text=text[first:last],
        start=start - first,
        end=end - first,
        strength=strength,
        document=document.id,
        row=row,
        before=text[max(0, first - _CHARACTERS_BEFORE) : first],
        after=text[last : last + _CHARACTERS_AFTER],
        opens_text=not text[:first].strip(),
        ends_text=not text[last:].strip(),
    )


def _sentence_of(sentences: npt.NDArray[np.int64], start: int, end: int) -> tuple[int, int]:
    """Span of the sentence around a unit; the unit itself if there is none."""
    if not len(sentences):
        return start, end
    at = max(0, int(np.searchsorted(sentences[:, 0], start, side="right")) - 1)
    first, last = sentences[at]
    return min(int(first), start), max(int(last), end)
