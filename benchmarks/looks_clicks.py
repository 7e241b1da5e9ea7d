"""What clicks take in one version of the package, as JSON: run by `benchmarks.looks`, by its path.

    python benchmarks/looks_clicks.py STORE DEMO

What earlier versions lack is left out; what they did in other ways is done in theirs.
"""

import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import corpuscope as cs
from corpuscope.embedding.documents import open_document_vectors
from corpuscope.labels.from_words import label_features

PHRASES = ("refers to rules and terms", "thanks the customer", "unsure what is the cause")
N_TURNS, N_LOOKS = 12, 60


def clicks(store: Any, demo: Any) -> Iterator[tuple[str, list[float]]]:
    """Each kind of click with the milliseconds that its turns took."""
    rng = np.random.default_rng(0)
    store.strengths(), store.features, store.n_tokens
    yield from naming(store)
    for name, one in (("here", store), ("in the 304 documents of the demo", demo)):
        yield from searching(one, name)
    ids = store.ids[rng.choice(store.n_documents, N_LOOKS)].tolist()
    yield "rows of an id", timed(rows_of_ids(), [(store, [id]) for id in ids[:N_TURNS]])
    yield "document vectors, opened", timed(open_document_vectors, [(store,)] * N_TURNS)
    rows = rng.choice(store.n_documents, N_LOOKS).tolist()
    yield "features of a document with peaks", timed(features_of(), [(store, row) for row in rows])
    if hasattr(cs, "describe_feature"):
        yield from looking(store, ids, rng)


def naming(store: Any) -> Iterator[tuple[str, list[float]]]:
    """One feature at a time: tokens, then sentences."""
    frequent = np.argsort(-np.diff(store.strengths().feature_starts), kind="stable").tolist()
    n_tokens = store.n_features // 2
    for kind in ("token", "sentence"):
        own = [f for f in frequent if (f < n_tokens) == (kind == "token")][40 : 41 + N_TURNS]
        first, *others = timed(lambda f: label_features(store, features=[f]), [(f,) for f in own])
        yield f"name the first {kind} feature", [first]
        yield f"name one {kind} feature again", others


def searching(store: Any, where: str) -> Iterator[tuple[str, list[float]]]:
    """New phrases, and sliders of one search."""

    def search(phrase: str) -> Any:
        found = cs.search(store, phrase, settings=cs.SearchSettings(rename=False))
        return found, found.hits

    found, _ = search("refuses politely")
    yield f"a search by a phrase, {where}", timed(search, [(phrase,) for phrase in PHRASES])
    weights = np.linspace(0.1, 0.9, N_TURNS).tolist()
    feature = int(found.match.weighted.features[3])
    slide = lambda weight: found.reweighted({feature: weight}).hits  # noqa: E731
    yield f"slider of a search, {where}", timed(slide, [(weight,) for weight in weights])


def rows_of_ids() -> Callable[..., Any]:
    """The function that looks up ids."""
    if importlib.util.find_spec("corpuscope.store.lookup"):
        return importlib.import_module("corpuscope.store.lookup.ids").rows_of_ids
    return importlib.import_module("corpuscope.analyses.search.query").rows_of_ids


def features_of() -> Callable[..., Any]:
    """The call that finds a document's features; earlier, a search in each of them."""
    if importlib.util.find_spec("corpuscope.store.lookup"):
        return importlib.import_module(
            "corpuscope.store.lookup.document_features"
        ).document_features
    return one_by_one


def one_by_one(store: Any, row: int) -> Any:
    """The strengths and spans of all features of a document, feature by feature."""
    strengths = store.strengths()
    here = slice(int(strengths.document_starts[row]), int(strengths.document_starts[row + 1]))
    (document,) = store.documents([row])
    kinds = store.features["kind"].to_numpy()
    found = []
    for feature in strengths.features[here].tolist():
        own = strengths.of_feature(feature)
        at = int(np.searchsorted(own.rows, row))
        is_token = kinds[feature] == "token"
        spans = document.token_spans if is_token else document.sentence_spans
        found.append((feature, own.strengths[at], spans[own.peaks[at]]))
    return found


def looking(
    store: Any, ids: Sequence[str], rng: np.random.Generator
) -> Iterator[tuple[str, list[float]]]:
    """The descriptions, with the dictionary's names; the first of each prepares the store."""
    for name in ("first", "again"):
        yield f"overview, {name}", timed(cs.describe_store, [(store,)])
    n_stored = np.diff(store.strengths().feature_starts)
    # As one meets them: features are looked at as often as they are present.
    drawn = rng.choice(len(n_stored), N_LOOKS, replace=False, p=n_stored / n_stored.sum()).tolist()
    feature = lambda f: cs.describe_feature(store, f, by="version", rename=False)  # noqa: E731
    yield "feature page, first", timed(feature, [(drawn[0],)])
    yield "feature page", timed(feature, [(one,) for one in drawn])
    yield "feature page of a word, first", timed(feature, [("would",)])
    words = ["will", "might", "you", "terms", "of the"]
    yield "feature page of a word", timed(feature, [(one,) for one in words])
    document = lambda id: cs.describe_document(store, id, pair="question_id", rename=False)  # noqa: E731
    yield "document page, first", timed(document, [(ids[0],)])
    yield "document page", timed(document, [(one,) for one in ids])
    pair = lambda a, b: cs.compare_documents(store, a, b, rename=False)  # noqa: E731
    yield "two documents", timed(pair, list(pairwise(ids)))


def timed(call: Callable[..., Any], turns: Sequence[tuple[Any, ...]]) -> list[float]:
    """Milliseconds of each turn."""
    taken = []
    for arguments in turns:
        begun = time.perf_counter()
        call(*arguments)
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


if __name__ == "__main__":
    store, demo = (cs.open_store(path) for path in sys.argv[1:])
    json.dump(dict(clicks(store, demo)), sys.stdout)
