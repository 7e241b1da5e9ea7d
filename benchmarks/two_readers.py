"""The same questions with the same texts, two readers: `python -m benchmarks.two_readers FOLDER`.

FOLDER is a dictionary of SmolLM2, such as those of `benchmarks.chat_dictionaries`; beside it stands
the built-in one. Planted sentences, search by features, groups along a named axis, and how well
labels made from words name contexts: on fewer and shorter texts than where each has its own
benchmark, since a chat model reads more slowly. Nothing was chosen on these texts for SmolLM2.
"""

import argparse
import random
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

import corpuscope as cs
from benchmarks.axes import REPORT as AXES
from benchmarks.cluster import measured, ours
from benchmarks.kinds import REPORT as KINDS
from benchmarks.planted import (
    Judge,
    answers,
    asked,
    found_in,
    planted_rows,
    training_wordings,
    world_of,
)
from benchmarks.results import CACHE, record, table
from benchmarks.search import METHODS, figures, matchers
from benchmarks.search_queries import all_queries
from corpuscope.corpus.read import read_corpus
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.store import Store

N_ANSWERS, N_CHARACTERS, N_PLANTS, SIZE, RATES = 2_000, 600, 80, 800, (0.10, 0.05)
N_LABELLED = 600
LAYERS = {"features": {"words": False}, "features and words": {}}
ASKED = ("features by names (the source's)", "features", "fusion (`search`)")
Figures = dict[str, list[float]]
"""By measure, one for each thing asked, in the same order for both readers."""


def planted_store(dictionary: str) -> Store:
    """Answers, cut short, then with sentences of a kind put into some."""
    base = [row | {"text": row["text"][:N_CHARACTERS]} for row in answers(1)[:N_ANSWERS]]
    every = [*base, *planted_rows(KINDS, base, training_wordings(), N_PLANTS)]
    folder = CACHE / f"two-readers-planted-{cs.load_dictionary(dictionary).digest[:12]}.scope"
    return cs.extract(read_corpus(every), into=folder, dictionary=dictionary, progress=True)


def of_planted(store: Store) -> Figures:
    """For each kind whether one of the first three findings is owed to its plants."""
    kinds, ids, judge = store.column("kind"), store.ids, Judge(store)
    found: Figures = {}
    for number, kind in enumerate(dict.fromkeys(k for k in kinds if k is not None)):
        rows = {int(ids[row].split("/")[-1]): int(row) for row in np.flatnonzero(kinds == kind)}
        generator = np.random.default_rng(number)
        plants = generator.permutation(list(rows))
        others = generator.permutation(np.setdiff1d(np.arange(N_ANSWERS), plants))
        for rate in RATES:
            world = world_of(kind, SIZE, rate, plants, others, rows)
            for name, layers in LAYERS.items():
                hit = found_in(asked(store, world, layers), world, judge)["first three lines"]
                found.setdefault(f"planted at {rate:.0%} found, {name}", []).append(float(hit))
    return found


def of_search(dictionary: str) -> Figures:
    """The average precision of each property query."""
    queries = [one for one in all_queries() if one.part == "report" and not one.is_topical]
    ready = matchers({query.corpus for query in queries}, dictionary)
    found: Figures = {}
    for query in queries:
        matcher, rows = ready[query.corpus]
        is_relevant = np.array([query.wants(row) for row in rows])
        if is_relevant.any():
            for name in ASKED:
                order = METHODS[name](matcher, query.phrase)
                own = found.setdefault(f"search, MAP, {name}", [])
                own.append(figures(order, is_relevant)[0])
    return found


def of_clusters(dictionary: str) -> Figures:
    """The accuracy of groups along each axis, asked by phrases."""
    found: Figures = {"clusters along an axis, accuracy": []}
    for crossed in AXES:
        source = NamedStore(crossed.store(dictionary))
        for axis in crossed.axes:
            truth = source.column(axis.column)
            accuracy, _ = measured(ours(source, axis.phrases, len(set(truth))), truth)
            found["clusters along an axis, accuracy"].append(accuracy)
    return found


def of_labels(store: Store) -> Figures:
    """Scores of labels made anew from these texts, of features drawn at random."""
    presence = store.presence()
    n_with = np.asarray(presence.sum(axis=0)).ravel()
    usable = np.flatnonzero((n_with >= 20) & (n_with < 0.8 * store.n_documents)).tolist()
    chosen = random.Random(0).sample(usable, min(N_LABELLED, len(usable)))
    names = cs.label_features(store, features=chosen).dropna(subset=["score"])
    return {
        "label score": names["score"].tolist(),
        "label score of the top token": names["baseline_score"].tolist(),
        "features per text": np.diff(presence.tocsr().indptr).astype(float).tolist(),
    }


def everything(dictionary: str) -> Figures:
    """All that is asked of one reader."""
    store = planted_store(dictionary)
    return of_planted(store) | of_search(dictionary) | of_clusters(dictionary) | of_labels(store)


def line(measure: str, first: Sequence[float], second: Sequence[float]) -> list[str]:
    """Both means, and their difference with a 95 % interval where the same was asked of both."""
    cells = [measure, str(len(second)), f"{np.mean(first):.3f}", f"{np.mean(second):.3f}"]
    is_paired = len(first) == len(second) and not measure.startswith(("label", "features"))
    if not is_paired:
        return [*cells, ""]
    gaps = np.subtract(second, first)
    half = student.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / np.sqrt(len(gaps))
    return [*cells, f"{gaps.mean():+.3f} ± {half:.3f}"]


def main(folder: str) -> None:
    """Ask both and record."""
    first, second = everything("builtin"), everything(folder)
    part = cs.load_dictionary(folder).parts[0]
    record(
        "Two readers, the same questions",
        [
            f"SmolLM2: {part.sae.n_features:,} features of tokens after layer {part.layers[0]}. "
            f"Planted: {N_ANSWERS:,} answers of at most {N_CHARACTERS} characters, {SIZE} a side. "
            "Differences are SmolLM2's less MiniLM's, with 95 % intervals over kinds, queries or "
            "axes.",
            "",
            *table(
                ["", "asked", "MiniLM (built in)", "SmolLM2", "difference"],
                [line(name, first[name], second[name]) for name in first],
            ),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="of a dictionary of SmolLM2")
    main(parser.parse_args().folder)
