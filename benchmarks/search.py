"""How well texts with a property are found: `python -m benchmarks.search [development]`.

Forty-odd property queries in plain language over seven corpora, and topical ones over an eighth
(`benchmarks/search_queries.py`). Settings of `search` were chosen on the development queries,
those of the demo among them; the others were asked once, at the end, and are what is published.

Each method ranks all documents. The source's method is features chosen by the likeness of their
names alone; BM25 and dense search have no feedback: they are what one would use without features.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.kinds import Row
from benchmarks.results import CACHE, record, table
from benchmarks.search_queries import CORPORA, Query, all_queries, corpus_rows
from corpuscope.analyses.search.bm25_index import searched_words
from corpuscope.analyses.search.feature_scores import by_rank
from corpuscope.analyses.search.query import Request
from corpuscope.analyses.search.retrieval import Matcher, open_matcher
from corpuscope.corpus.read import read_corpus
from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.labels.meanings import meanings
from corpuscope.ranges import Method
from corpuscope.statistics.scores.rankings import average_precision, ranked, reciprocal_rank_fusion

DRAWS = 2000
N_EXAMPLES, N_TURNS = 5, 3

Order = npt.NDArray[np.int64]
Figures = tuple[float, float, float]


def matchers(names: set[str], dictionary: str = "builtin") -> dict[str, tuple[Matcher, list[Row]]]:
    """A store of each corpus, made ready, with the rows of the data in its order."""
    of = "" if dictionary == "builtin" else f"-{cs.load_dictionary(dictionary).digest[:12]}"
    found = {}
    for name in (name for name in CORPORA if name in names):
        rows = {str(row["id"]): row for row in corpus_rows(name)}
        texts = [{"id": id, "text": row["text"]} for id, row in rows.items()]
        store = cs.extract(
            read_corpus(texts), into=CACHE / f"search-{name}{of}.scope", dictionary=dictionary,
            progress=True,
        )  # fmt: skip
        found[name] = open_matcher(store), [rows[id] for id in store.ids]
    return found


def of_phrase(*using: Method) -> Callable[[Matcher, str], Order]:
    """What `search` does with a phrase."""
    return lambda matcher, phrase: asked(matcher, Request(phrase, using=using))


def asked(matcher: Matcher, request: Request) -> Order:
    """All documents in the order of `search`; those it knows nothing of last, at random."""
    found = matcher.match(request, depth=None).order
    rest = np.setdiff1d(np.arange(matcher.store.n_documents), found)
    return np.concatenate([found, np.random.default_rng(0).permutation(rest)])


def by_names(matcher: Matcher, phrase: str) -> Order:
    """Features by the likeness of their names, as in the source; nothing else."""
    vector = load_phrase_embedder().embed([phrase])[0]
    similarity = np.where(
        matcher.features.n_present >= 5, meanings(matcher.store).names @ vector, -1.0
    )
    return ranked(matcher.features.of(by_rank(similarity, n=100, temperature=0.2)))


def bare_dense(matcher: Matcher, phrase: str) -> Order:
    """The cosine of each document's vector to the phrase's."""
    vectors = matcher.vectors(Request(phrase))
    assert vectors is not None
    return ranked(vectors.similarity(load_phrase_embedder().embed([phrase])[0]))


def bare_words(matcher: Matcher, phrase: str) -> Order:
    """BM25 of the phrase's words."""
    places = matcher.words.places(searched_words(phrase))
    return ranked(matcher.words.of(dict.fromkeys(places.tolist(), 1.0)))


def bare_fusion(matcher: Matcher, phrase: str) -> Order:
    """Dense and BM25, without features."""
    rankings = [bare(matcher, phrase) for bare in (bare_dense, bare_words)]
    scores = []
    for order in rankings:
        score = np.empty(len(order))
        score[order] = -np.arange(len(order), dtype=float)
        scores.append(score)
    return ranked(reciprocal_rank_fusion(scores))


METHODS: dict[str, Callable[[Matcher, str], Order]] = {
    "BM25": bare_words,
    "dense": bare_dense,
    "dense + BM25": bare_fusion,
    "features by names (the source's)": by_names,
    "features": of_phrase("features"),
    "dense with feedback": of_phrase("dense"),
    "words with feedback": of_phrase("words"),
    "fusion (`search`)": of_phrase("features", "dense", "words"),
}
FUSION = "fusion (`search`)"


def figures(order: Order, is_relevant: npt.NDArray[np.bool_]) -> Figures:
    """Average precision, and the precision of the first 10 and 50."""
    return (
        average_precision(order, is_relevant),
        float(is_relevant[order[:10]].mean()),
        float(is_relevant[order[:50]].mean()),
    )


def by_phrases(
    ready: Mapping[str, tuple[Matcher, list[Row]]], queries: Sequence[Query]
) -> dict[str, npt.NDArray[np.float64]]:
    """For each method its figures for each query."""
    found: dict[str, list[Figures]] = {name: [] for name in METHODS}
    for query in queries:
        matcher, rows = ready[query.corpus]
        is_relevant = np.array([query.wants(row) for row in rows])
        for name, method in METHODS.items():
            found[name].append(figures(method(matcher, query.phrase), is_relevant))
    return {name: np.array(values) for name, values in found.items()}


def by_examples(
    ready: Mapping[str, tuple[Matcher, list[Row]]], queries: Sequence[Query]
) -> dict[str, npt.NDArray[np.float64]]:
    """Likewise with five relevant texts drawn at random in place of the phrase, and with both."""
    kinds = {
        "dense, by 5 examples": (False, ("dense",)),
        "features, by 5 examples": (False, ("features",)),
        "fusion, by 5 examples": (False, ("features", "dense", "words")),
        "fusion, by phrase and 5 examples": (True, ("features", "dense", "words")),
    }
    found: dict[str, list[Figures]] = {name: [] for name in kinds}
    for number, query in enumerate(queries):
        matcher, rows = ready[query.corpus]
        is_relevant = np.array([query.wants(row) for row in rows])
        turns: dict[str, list[Figures]] = {name: [] for name in kinds}
        for turn in range(N_TURNS):
            drawn = np.random.default_rng([number, turn]).permutation(np.flatnonzero(is_relevant))
            examples, rest = drawn[:N_EXAMPLES], is_relevant.copy()
            rest[examples] = False
            ids = tuple(matcher.store.ids[examples].tolist())
            for name, (with_phrase, using) in kinds.items():
                phrase = query.phrase if with_phrase else None
                request = Request(phrase, like=ids, using=using)
                order = asked(matcher, request)
                turns[name].append(figures(order[~np.isin(order, examples)], rest))
        for name in kinds:
            found[name].append(tuple(np.mean(turns[name], axis=0)))  # type: ignore[arg-type]
    return {name: np.array(values) for name, values in found.items()}


def lines_of(found: Mapping[str, npt.NDArray[np.float64]], queries: Sequence[Query]) -> list[str]:
    """A row for each method: three means, the difference of MAP to fusion, MAP by corpus."""
    names = list(dict.fromkeys(query.corpus for query in queries))
    of = {name: np.array([query.corpus == name for query in queries]) for name in names}
    reference = next((found[name] for name in found if name == FUSION), None)
    body = []
    for method, values in found.items():
        cells = [method, *(f"{value:.3f}" for value in values.mean(axis=0))]
        if reference is not None:
            cells.append(_difference(values[:, 0] - reference[:, 0]) if method != FUSION else "")
        body.append([*cells, *(f"{values[of[name], 0].mean():.2f}" for name in names)])
    head = ["", "MAP", "MP@10", "MP@50"]
    head += ["MAP less fusion's"] if reference is not None else []
    return table([*head, *names], body)


def _difference(values: npt.NDArray[np.float64]) -> str:
    """The mean with its 95 % interval, by drawing queries with replacement."""
    generator = np.random.default_rng(0)
    means = generator.choice(values, (DRAWS, len(values))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{values.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def main(part: str) -> None:
    """Ask all queries of a part."""
    queries = [query for query in all_queries() if query.part == part]
    ready = matchers({query.corpus for query in queries})
    queries = [query for query in queries if any(map(query.wants, ready[query.corpus][1]))]
    properties = [query for query in queries if not query.is_topical]
    topics = [query for query in queries if query.is_topical]
    sizes = ", ".join(f"{name} {len(rows):,}" for name, (_, rows) in ready.items())
    rates = [np.mean([query.wants(row) for row in ready[query.corpus][1]]) for query in properties]
    record(
        f"Search: texts with a property ({part} queries)",
        [
            f"{len(properties)} queries in plain language; documents: {sizes}. A random order has "
            f"a MAP of about {np.mean(rates):.3f}. Differences with 95 % intervals over queries.",
            "",
            *lines_of(by_phrases(ready, properties), properties),
            "",
            f"Query by {N_EXAMPLES} relevant texts drawn at random, {N_TURNS} times; the examples "
            "are taken out of the ranking.",
            "",
            *lines_of(by_examples(ready, properties), properties),
            "",
            f"Topical: {len(topics)} queries of Cranfield.",
            "",
            *lines_of(by_phrases(ready, topics), topics),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default="report", choices=["report", "development"])
    main(parser.parse_args().part)
