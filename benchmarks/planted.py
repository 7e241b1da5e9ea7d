"""Planted sentences: `python -m benchmarks.planted report|development [--dictionary FOLDER]`.

With `--nothing` groups are drawn and nothing is planted; with `--size` one size of groups is asked.

Real sentences of one kind are put into some of a group of real answers, no wording twice; the
other group gets none. Does `diff`, as a user would call it, put the difference that this makes
among its first three findings? Sentences of a kind, which are told above the list, count as the
first where they are sure (p <= .01).

A finding counts if at least half of its rate difference is owed to the plants: documents that
have the feature with the planted sentence and lack it without, for both versions of each
document were read. Choices were made on the development kinds and prompts; the report kinds
and prompts, which share none with them, were read four times: before features were folded by
their places in the text, after that, after sentences were encoded in the reader's number type,
and with the second built-in dictionary.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.builtin_dictionary import training_documents
from benchmarks.kinds import DEVELOPMENT, REPORT, Kind, rows
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.diff.kinds import KindDifference
from corpuscope.analyses.sentences.features import sentences_of
from corpuscope.corpus.read import read_corpus
from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.lexical import LexicalMatrix, lexical_presence
from corpuscope.store.store import Store

N_ANSWERS, N_PLANTS = 10_000, 500
RATES = (0.10, 0.05, 0.02)
WORLDS_OF_SIZE = {1000: 2, 5000: 2}
LAYERS = {
    "words alone": {"features": False},
    "dictionary alone": {"words": False},
    "both": {},
}
MIN_SUPPORT = 10
SURE = 0.01
Hits = dict[tuple[str, str, int, float], list[bool]]


@dataclass(frozen=True)
class World:
    """Which rows of the store are in the target and in the reference group."""

    kind: str
    size: int
    rate: float
    planted: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    reference: npt.NDArray[np.int64]


def answers(parity: int) -> list[dict[str, str]]:
    """Real answers to every second prompt, of 80 to 3,000 characters."""
    found = [
        {"id": row["id"], "text": row["response"]}
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if 80 <= len(row["response"]) <= 3000
        and int("".join(filter(str.isdigit, row["prompt_id"]))) % 2 == parity
    ]
    random.Random(1).shuffle(found)
    return found[:N_ANSWERS]


def training_wordings() -> set[int]:
    """Hashes of all sentences the built-in dictionary learned from, which no plant may repeat."""
    return {
        hash(_plain(document.text[start:end]))
        for document in training_documents()
        for start, end in split_sentences(document.text)
    }


def usable_sentences(kind: Kind, used: set[int]) -> list[str]:
    """The kind's sentences that were not learned from, in a fixed random order."""
    found = [text for text in kind.sentences() if hash(_plain(text)) not in used]
    random.Random(kind.name).shuffle(found)
    return found


def planted_rows(
    kinds: Sequence[Kind], base: Sequence[dict[str, str]], used: set[int], n: int = N_PLANTS
) -> Iterator[dict[str, str]]:
    """Answers with a sentence of each kind put between two of their own, a line of its own."""
    for kind in kinds:
        generator = random.Random(kind.name)
        sentences = usable_sentences(kind, used)
        if len(sentences) < n:
            print(f"left out: {kind.name}, {len(sentences)} sentences", file=sys.stderr)
            continue
        chosen = generator.sample(range(len(base)), n)
        for number, sentence in zip(chosen, sentences, strict=False):
            text = base[number]["text"]
            place = generator.choice([0, *(end for _, end in split_sentences(text))])
            whole = "\n".join(part for part in (text[:place], sentence, text[place:]) if part)
            yield {"id": f"{kind.name}/{number}", "text": whole, "kind": kind.name}


def world_store(name: str, kinds: Sequence[Kind], dictionary: str) -> Store:
    """The answers as they are, then with plants; read once with a dictionary and kept."""
    base = answers(0 if name == "development" else 1)
    every = [*base, *planted_rows(kinds, base, training_wordings())]
    digest = cs.load_dictionary(dictionary).digest[:8]
    folder = CACHE / f"planted-{name}-{digest}.scope"
    return cs.extract(read_corpus(every), into=folder, dictionary=dictionary, progress=True)


def worlds(store: Store) -> Iterator[World]:
    """Every kind, size and rate, with groups drawn anew for each."""
    kinds, ids = store.column("kind"), store.ids
    for number, kind in enumerate(dict.fromkeys(k for k in kinds if k is not None)):
        planted_row = {int(ids[row].split("/")[-1]): row for row in np.flatnonzero(kinds == kind)}
        for size, n_worlds in WORLDS_OF_SIZE.items():
            for seed in range(n_worlds):
                generator = np.random.default_rng([number, size, seed])
                plants = generator.permutation(list(planted_row))
                others = generator.permutation(np.setdiff1d(np.arange(N_ANSWERS), plants))
                for rate in RATES:
                    yield world_of(kind, size, rate, plants, others, planted_row)


def world_of(
    kind: str,
    size: int,
    rate: float,
    plants: npt.NDArray[np.int64],
    others: npt.NDArray[np.int64],
    planted_row: dict[int, int],
) -> World:
    n = round(rate * size)
    chosen = plants[:n]
    # The plants' own answers without them fill the groups where other answers run out.
    clean = np.concatenate([others, plants[n:]])
    target, reference = clean[: size - n], clean[size - n : 2 * size - n]
    return World(
        kind=kind,
        size=size,
        rate=rate,
        planted=chosen,
        target=np.concatenate([[planted_row[number] for number in chosen], target]).astype(int),
        reference=reference,
    )


class Judge:
    """Which finding is owed to the plants."""

    def __init__(self, store: Store) -> None:
        self._source = NamedStore(store)
        self._presence = store.presence().tocsc()
        lexical: LexicalMatrix = lexical_presence(store, min_documents=MIN_SUPPORT)
        self._words = lexical.presence.tocsc()
        self._column = {name: column for column, name in enumerate(lexical.names)}

    def owed(self, finding: cs.Finding, world: World) -> float:
        """The share of the finding's rate difference that the plants make."""
        if finding.difference <= 0:
            return 0.0
        has = self._has(finding.feature)
        with_plant = has[world.target[: len(world.planted)]]
        made = (with_plant & ~has[world.planted]).sum() / world.size
        return float(made / finding.difference)

    def owed_kind(self, kind: KindDifference, world: World) -> float:
        """The same for sentences of a kind, by what each document's part has learned."""
        shown = kind.learned
        at = np.searchsorted(shown.sentences.rows, world.target[: len(world.planted)])
        order = np.argsort(world.planted)
        before = sentences_of(self._source, world.planted[order], shown.features, level=None)
        had = np.zeros(len(order), dtype=bool)
        for part, (weights, bar) in enumerate(shown.fitted.models):
            best = np.maximum.reduceat(before.presence @ weights, before.starts[:-1])
            is_of = shown.fitted.parts[at[order]] == part
            had[order[is_of]] = best[is_of] > bar
        made = (shown.fitted.has[at] & ~had).sum() / world.size
        return float(made / kind.difference) if kind.difference > 0 else 0.0

    def _has(self, feature: int | str) -> npt.NDArray[np.bool_]:
        matrix = self._words if isinstance(feature, str) else self._presence
        column = self._column[feature] if isinstance(feature, str) else feature
        has = np.zeros(matrix.shape[0], dtype=bool)
        has[matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]] = True
        return has


def asked(store: Store, world: World, layers: dict[str, bool]) -> cs.DiffResult:
    """What a user would be answered."""
    groups = np.full(store.n_documents, None, dtype=object)
    groups[world.target], groups[world.reference] = "target", "reference"
    settings = cs.ComparisonSettings(min_support=MIN_SUPPORT, rename=False, **layers)
    return cs.diff(store, by=groups, target="target", settings=settings)


def found_in(answer: cs.DiffResult, world: World, judge: Judge) -> dict[str, bool]:
    """Whether one of the first three lines is owed to the plants, and what else is told."""
    by_finding = [judge.owed(finding, world) >= 0.5 for finding in answer.findings[:3]]
    sure = [kind for kind in answer.sentence_kinds if kind.p_value <= SURE]
    by_kind = [judge.owed_kind(kind, world) >= 0.5 for kind in sure if kind.side == "target"]
    return {
        "first three lines": any([*by_kind, *by_finding[: 3 - len(sure)]]),
        "findings alone": any(by_finding),
        "sentences of a kind alone": any(by_kind),
        "anything, p <= .05": answer.p_anything <= 0.05,
    }


def nothing(name: str, *, dictionary: str, n_runs: int) -> None:
    """Groups of answers as they are: is anything told?"""
    store = world_store(name, REPORT if name == "report" else DEVELOPMENT, dictionary)
    told: dict[str, list[bool]] = {}
    for seed in range(n_runs):
        rows = np.random.default_rng([seed, 77]).permutation(N_ANSWERS)[:2000]
        world = World("", 1000, 0.0, rows[:0], rows[:1000], rows[1000:])
        answer = asked(store, world, {})
        p = [kind.p_value for kind in answer.sentence_kinds]
        told.setdefault("any line", []).append(len(answer) > 0 or min(p) <= SURE)
        told.setdefault("findings", []).append(len(answer) > 0)
        told.setdefault("sentences of a kind", []).append(min(p) <= SURE)
        told.setdefault("anything, p <= .05", []).append(answer.p_anything <= 0.05)
        told.setdefault("anything, p <= .2", []).append(answer.p_anything <= 0.2)
    rows_of = [[what, f"{np.sum(hits)} of {n_runs}"] for what, hits in told.items()]
    told_of = ["1,000 answers a side, drawn anew.", "", *table(["told", "runs"], rows_of)]
    record(f"Planted sentences: nothing planted ({name} answers)", told_of)


def main(name: str, *, dictionary: str, layers: Sequence[str], sizes: Sequence[int]) -> None:
    """Run all worlds of a family of kinds and record the shares found."""
    store = world_store(name, REPORT if name == "report" else DEVELOPMENT, dictionary)
    judge = Judge(store)
    hits: Hits = {}
    for world in worlds(store):
        for layer in layers if world.size in sizes else ():
            found = found_in(asked(store, world, LAYERS[layer]), world, judge)
            for what, hit in found.items():
                line = layer if what == "first three lines" else f"{layer}: {what}"
                hits.setdefault((line, world.kind, world.size, world.rate), []).append(hit)
    cells = [(size, rate) for size in sizes for rate in RATES]
    header = ["", *(f"{size:,} a side, {rate:.0%}" for size, rate in cells)]
    lines = list(dict.fromkeys(line for line, _, _, _ in hits))
    shares = [[line, *(f"{_share(hits, line, *cell):.0%}" for cell in cells)] for line in lines]
    kinds = list(dict.fromkeys(kind for _, kind, _, _ in hits))
    by_kind = [
        [kind, *(_by_layer(hits, layers, kind, size, rate) for size, rate in cells)]
        for kind in kinds
    ]
    n_worlds = ", ".join(f"{WORLDS_OF_SIZE[size]} a kind at {size:,}" for size in sizes)
    only = "" if len(sizes) > 1 else f", {sizes[0]:,} a side"
    record(
        f"Planted sentences ({name} kinds{only})",
        [
            f"Dictionary {store.provenance['dictionary']['digest'][:8]}. {len(kinds)} kinds; "
            f"worlds: {n_worlds}. Share of worlds in which one of the first three lines owes at "
            "least half of its difference to the plants; below it by findings and by sentences of "
            "a kind alone, and how often the p-value of anything is at most .05.",
            "",
            *table(header, shares),
            "",
            f"By kind, {' / '.join(layers)}:",
            "",
            *table(header, by_kind),
        ],
    )


def _share(hits: Hits, line: str, size: int, rate: float) -> float:
    every = [hit for (a, _, b, c), own in hits.items() if (a, b, c) == (line, size, rate)
             for hit in own]  # fmt: skip
    return float(np.mean(every))


def _by_layer(hits: Hits, layers: Sequence[str], kind: str, size: int, rate: float) -> str:
    return " / ".join(f"{np.mean(hits[layer, kind, size, rate]):.2g}" for layer in layers)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", choices=["report", "development"])
    parser.add_argument("--dictionary", default="builtin")
    parser.add_argument("--only-both", action="store_true", help="not each layer alone")
    parser.add_argument("--size", type=int, choices=list(WORLDS_OF_SIZE))
    parser.add_argument("--nothing", type=int, default=0, help="so many runs without plants")
    given = parser.parse_args()
    if given.nothing:
        nothing(given.kinds, dictionary=given.dictionary, n_runs=given.nothing)
    else:
        main(given.kinds, dictionary=given.dictionary,
             layers=["both"] if given.only_both else list(LAYERS),
             sizes=[given.size] if given.size else list(WORLDS_OF_SIZE))  # fmt: skip
