"""Planted sentences: `python -m benchmarks.planted report|development [--dictionary FOLDER]`.

Real sentences of one kind are put into some of a group of real answers, no wording twice; the
other group gets none. Does `diff`, as a user would call it, put the difference that this makes
among its first three findings?

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
from corpuscope.corpus import read_corpus, split_sentences
from corpuscope.store import LexicalMatrix, Store, lexical_presence

N_ANSWERS, N_PLANTS = 10_000, 500
RATES = (0.10, 0.05, 0.02)
WORLDS_OF_SIZE = {1000: 2, 5000: 2}
LAYERS = {
    "words alone": {"features": False},
    "dictionary alone": {"words": False},
    "both": {},
}
MIN_SUPPORT = 10


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
    kinds: Sequence[Kind], base: Sequence[dict[str, str]], used: set[int]
) -> Iterator[dict[str, str]]:
    """Answers with a sentence of each kind put between two of their own, a line of its own."""
    for kind in kinds:
        generator = random.Random(kind.name)
        sentences = usable_sentences(kind, used)
        if len(sentences) < N_PLANTS:
            print(f"left out: {kind.name}, {len(sentences)} sentences", file=sys.stderr)
            continue
        chosen = generator.sample(range(len(base)), N_PLANTS)
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
                    yield _world(kind, size, rate, plants, others, planted_row)


def _world(
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

    def _has(self, feature: int | str) -> npt.NDArray[np.bool_]:
        matrix = self._words if isinstance(feature, str) else self._presence
        column = self._column[feature] if isinstance(feature, str) else feature
        has = np.zeros(matrix.shape[0], dtype=bool)
        has[matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]] = True
        return has


def found_in(store: Store, world: World, judge: Judge, layers: dict[str, bool]) -> bool:
    """Whether one of the first three findings is owed to the plants."""
    groups = np.full(store.n_documents, None, dtype=object)
    groups[world.target], groups[world.reference] = "target", "reference"
    found = cs.diff(
        store, by=groups, target="target", min_support=MIN_SUPPORT, rename=False, **layers
    )
    return any(judge.owed(finding, world) >= 0.5 for finding in found.findings[:3])


def main(name: str, *, dictionary: str, layers: Sequence[str]) -> None:
    """Run all worlds of a family of kinds and record the shares found."""
    store = world_store(name, REPORT if name == "report" else DEVELOPMENT, dictionary)
    judge = Judge(store)
    hits: dict[tuple[str, str, int, float], list[bool]] = {}
    for world in worlds(store):
        for layer in layers:
            hit = found_in(store, world, judge, LAYERS[layer])
            hits.setdefault((layer, world.kind, world.size, world.rate), []).append(hit)
    cells = [(size, rate) for size in WORLDS_OF_SIZE for rate in RATES]
    header = ["", *(f"{size:,} a side, {rate:.0%}" for size, rate in cells)]
    shares = [
        [layer, *(f"{_share(hits, layer, size, rate):.0%}" for size, rate in cells)]
        for layer in layers
    ]
    kinds = list(dict.fromkeys(kind for _, kind, _, _ in hits))
    by_kind = [
        [kind, *(_by_layer(hits, layers, kind, size, rate) for size, rate in cells)]
        for kind in kinds
    ]
    n_worlds = ", ".join(f"{n} a kind at {size:,}" for size, n in WORLDS_OF_SIZE.items())
    record(
        f"Planted sentences ({name} kinds)",
        [
            f"Dictionary {store.provenance['dictionary']['digest'][:8]}. {len(kinds)} kinds; "
            f"worlds: {n_worlds}. Share of worlds in which one of the first three findings owes at "
            "least half of its difference to the plants.",
            "",
            *table(header, shares),
            "",
            f"By kind, {' / '.join(layers)}:",
            "",
            *table(header, by_kind),
        ],
    )


def _share(
    hits: dict[tuple[str, str, int, float], list[bool]], layer: str, size: int, rate: float
) -> float:
    every = [hit for (a, _, b, c), own in hits.items() if (a, b, c) == (layer, size, rate)
             for hit in own]  # fmt: skip
    return float(np.mean(every))


def _by_layer(
    hits: dict[tuple[str, str, int, float], list[bool]],
    layers: Sequence[str],
    kind: str,
    size: int,
    rate: float,
) -> str:
    return " / ".join(f"{np.mean(hits[layer, kind, size, rate]):.2g}" for layer in layers)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", choices=["report", "development"])
    parser.add_argument("--dictionary", default="builtin")
    parser.add_argument("--only-both", action="store_true", help="not each layer alone")
    asked = parser.parse_args()
    main(asked.kinds, dictionary=asked.dictionary,
         layers=["both"] if asked.only_both else list(LAYERS))  # fmt: skip
