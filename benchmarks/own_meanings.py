"""Meanings of a dictionary from the store alone: `python -m benchmarks.own_meanings PART`.

The built-in dictionary is treated as if it were another's: its shipped vectors of contexts and
companions, which come from other texts, are ignored, and context vectors are computed from the
strongest sentences of the store that is queried. Beside it what the dictionary ships with, labels
alone, and for pairs also companion vectors from the same store, which are circular: whatever occurs
together in these texts would be expected there.

PART is `search`, `cluster` or `correlate`. Only development queries, corpora and kinds take part,
for a choice is made here.
"""

import argparse
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

import benchmarks.injection as injection
from benchmarks.axes import DEVELOPMENT
from benchmarks.cluster import measured, ours
from benchmarks.results import CACHE, record, table
from benchmarks.search import matchers, of_phrase
from benchmarks.search_queries import all_queries
from corpuscope.analyses.search.query import Request
from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.errors import InputError
from corpuscope.labels.companions import companion_vectors
from corpuscope.labels.contexts import kinds_of_features, strongest_sentences
from corpuscope.labels.meanings import Meanings, load_shipped
from corpuscope.labels.named_store import NamedStore
from corpuscope.labels.own_vectors import centred_means, within_budget
from corpuscope.statistics.scores.rankings import average_precision, ranked
from corpuscope.store.store import Store

CORPORA = ("demo", "persona", "styles", "clinc", "keypoints")
N_SENTENCES, BUDGET, BUDGET_OF_PAIRS = 10, 4_000, 1_200
_VECTORS = CACHE / "sentence-vectors.pkl"
_PLACES = ("corpuscope.labels.named_store.meanings", "corpuscope.analyses.cluster.axis.meanings",
           "corpuscope.analyses.search.retrieval._meanings")  # fmt: skip


class Embedder:
    """The phrase embedder, which remembers sentences between runs."""

    def __init__(self) -> None:
        self.known = pickle.loads(_VECTORS.read_bytes()) if _VECTORS.is_file() else {}

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """A unit vector for each sentence."""
        fresh = [text for text in texts if text not in self.known]
        for first in range(0, len(fresh), 256):
            some = fresh[first : first + 256]
            vectors = load_phrase_embedder().embed(some).astype(np.float16)
            self.known.update(zip(some, vectors, strict=True))
        if fresh:
            _VECTORS.write_bytes(pickle.dumps(self.known))
        return np.array([self.known[text] for text in texts], dtype=np.float32)


@contextmanager
def meaning(found: Meanings) -> Iterator[None]:
    """Features mean this, whatever the store."""
    with ExitStack() as stack:
        for place in _PLACES:
            stack.enter_context(patch(place, lambda *_: found))
        yield


def contexts(
    store: Store, embed: Embedder, budget: int, among: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.float32]:
    """Context vectors from the store's own sentences."""
    sentences = strongest_sentences(store, n=N_SENTENCES, among=among)
    return centred_means(within_budget(sentences, budget), kinds_of_features(store), embed)


def variants(own: npt.NDArray[np.float32]) -> dict[str, Meanings]:
    """What features may mean."""
    shipped = load_shipped().meanings
    nothing = np.zeros_like(shipped.companions)
    return {
        "shipped with the dictionary": shipped,
        "labels alone": replace(shipped, contexts=np.zeros_like(own), companions=nothing),
        "labels, own contexts": replace(shipped, contexts=own, companions=nothing),
        "own contexts alone": replace(
            shipped, names=np.zeros_like(own), contexts=own, companions=nothing
        ),
    }


def search(embed: Embedder) -> None:
    """Mean average precision of development queries."""
    queries = [one for one in all_queries() if one.part == "development" and one.corpus in CORPORA]
    ready = matchers(set(CORPORA))
    queries = [one for one in queries if any(map(one.wants, ready[one.corpus][1]))]
    methods: Mapping[str, Callable[..., npt.NDArray[np.int64]]] = {
        "meanings alone": lambda matcher, phrase: ranked(matcher._by_meaning(Request(phrase))),
        "features": of_phrase("features"),
        "fusion": of_phrase("features", "dense", "words"),
    }
    figures: dict[str, list[list[float]]] = {}
    for corpus in CORPORA:
        matcher, rows = ready[corpus]
        for name, found in variants(contexts(matcher.store, embed, BUDGET)).items():
            with meaning(found):
                for query in (one for one in queries if one.corpus == corpus):
                    wanted = np.array([query.wants(row) for row in rows])
                    precisions = [
                        average_precision(method(matcher, query.phrase), wanted)
                        for method in methods.values()
                    ]
                    figures.setdefault(name, []).append(precisions)
    body = [[name, *(f"{value:.3f}" for value in np.mean(rows, axis=0))]
            for name, rows in figures.items()]  # fmt: skip
    record("Meanings from the store alone: search", [
        f"{len(queries)} development queries over {len(CORPORA)} corpora; mean average precision. "
        f"Contexts of at most {BUDGET:,} sentences of each store.", "",
        *table(["meanings of features", *methods], body),
    ])  # fmt: skip


def cluster(embed: Embedder) -> None:
    """Accuracy of clusters along the development axes."""
    figures: dict[str, list[tuple[float, float]]] = {}
    for crossed in DEVELOPMENT:
        store = crossed.store()
        for name, found in variants(contexts(store, embed, BUDGET)).items():
            with meaning(found):
                for axis in crossed.axes:
                    source = NamedStore(store)
                    truth = source.column(axis.column)
                    n = len(set(truth))
                    accuracy = [
                        accuracy_along(source, along, n, truth)
                        for along in (axis.request, axis.phrases)
                    ]
                    figures.setdefault(name, []).append((accuracy[0], accuracy[1]))
    n_axes = sum(len(crossed.axes) for crossed in DEVELOPMENT)
    everywhere = np.all(np.isfinite(np.array(list(figures.values()))), axis=0)
    body = [
        [name, *(f"{np.array(rows)[is_all, at].mean():.3f}" for at, is_all in
                 enumerate(everywhere.T)), int(np.isnan(rows).sum())]
        for name, rows in figures.items()
    ]  # fmt: skip
    record("Meanings from the store alone: clusters along an axis", [
        f"{n_axes} axes of {len(DEVELOPMENT)} development corpora; Hungarian accuracy, means over "
        "axes that all can be asked for, and three seeds. Refused: requests that no feature is "
        "near to, of one word and of phrases.", "",
        *table(["meanings of features", "one word", "phrases", "refused"], body),
    ])  # fmt: skip


def accuracy_along(
    source: NamedStore, along: object, n: int, truth: npt.NDArray[np.object_]
) -> float:
    """The accuracy of clusters along an axis; NaN if no feature is near enough to a phrase."""
    try:
        return measured(ours(source, along, n), truth)[0]
    except InputError:
        return float("nan")


def correlate(embed: Embedder, n_runs: int) -> None:
    """How often planted odd combinations are among the first unexpected pairs."""
    store = injection.read("development")
    judge, odd = injection.Judge(store), injection.odd_combinations(store)
    presence, n_background = store.presence(), injection.BACKGROUND["development"][0]
    ranks: dict[str, dict[str, int | None]] = {}
    sizes: dict[str, list[int]] = {}
    for number in range(n_runs):
        among = documents_of(judge, number, n_background)
        found = variants(contexts(store, embed, BUDGET_OF_PAIRS, among))
        own = found.pop("own contexts alone").contexts
        shipped = found["shipped with the dictionary"]
        found["shipped, without companions"] = replace(
            shipped, companions=np.zeros_like(shipped.companions)
        )
        found["labels, own contexts and companions"] = replace(
            shipped, contexts=own, companions=companion_vectors(presence[np.flatnonzero(among)])
        )
        for name, one in found.items():
            with meaning(one):
                told, size = injection.run(store, judge, number, n_background)
            ranks.setdefault(name, {}).update(told)
            sizes.setdefault(name, []).append(size)
            print(number, name, list(told.values()), size, flush=True)
    record("Meanings from the store alone: odd combinations", [
        f"{n_runs} runs of the development kinds (`benchmarks.injection`), "
        f"{n_background} texts around three combinations of ten texts each. Contexts and "
        f"companions from these texts alone, of at most {BUDGET_OF_PAIRS:,} sentences.", "",
        *table(
            ["meanings of features", "found", "of odd kinds", "median rank", "findings"],
            [[name, *_row(one, odd), f"{np.median(sizes[name]):.0f}"]
             for name, one in ranks.items()],
        ),
    ])  # fmt: skip


def documents_of(judge: injection.Judge, number: int, n: int) -> npt.NDArray[np.bool_]:
    """The documents of a run, as `injection.run` draws them."""
    generator = np.random.default_rng([number, n])
    background = np.flatnonzero(np.equal(judge.combination, None))
    own = [name for name in dict.fromkeys(judge.combination) if name]
    names = [name for name in own if name.startswith(f"{number}/")]
    among = np.isin(judge.combination.astype(str), names) & (judge.part == "whole")
    among[generator.permutation(background)[:n]] = True
    return among


def _row(ranks: Mapping[str, int | None], odd: set[str]) -> list[str]:
    hits = {name: rank for name, rank in ranks.items() if rank is not None}
    own = odd & ranks.keys()
    middle = f"{np.median(list(hits.values())):.0f}" if hits else "-"
    return [f"{len(hits)} of {len(ranks)}", f"{len(hits.keys() & own)} of {len(own)}", middle]


def main(part: str, n_runs: int) -> None:
    """Record a table."""
    embed = Embedder()
    if part == "correlate":
        correlate(embed, n_runs)
    else:
        {"search": search, "cluster": cluster}[part](embed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["search", "cluster", "correlate"])
    parser.add_argument("--runs", type=int, default=20)
    asked = parser.parse_args()
    main(asked.part, asked.runs)
