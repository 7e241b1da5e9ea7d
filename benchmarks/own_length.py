"""Length that a finding makes itself."""

import random
import sys
from collections.abc import Iterator, Sequence

import corpuscope as cs
from benchmarks.kinds import DEVELOPMENT, REPORT, Kind, rows
from benchmarks.planted import training_wordings, usable_sentences
from benchmarks.results import CACHE
from corpuscope.corpus import read_corpus, split_sentences
from corpuscope.store import Store

N_PLANTS, N_CUT = 300, 3000
SHORTEST, LONGEST = 2, 6
MOST_SENTENCES, LONG_FROM = 12, 9


def answers(parity: int) -> list[tuple[str, int]]:
    """Different real answers to every second prompt with their numbers of sentences."""
    found: dict[str, int] = {}
    for row in rows("alpaca_eval/responses.jsonl.gz"):
        text = row["response"].strip()
        number = int("".join(filter(str.isdigit, row["prompt_id"])))
        if number % 2 == parity and 40 <= len(text) <= 6000:
            found.setdefault(text, sum(1 for _ in split_sentences(text)))
    every = list(found.items())
    random.Random(1).shuffle(every)
    return every


def whole_rows(base: Sequence[tuple[str, int]]) -> Iterator[dict[str, object]]:
    """Answers of up to twelve sentences as they are."""
    for number, (text, n) in enumerate(base):
        if 1 <= n <= MOST_SENTENCES:
            yield {"id": f"whole/{number}", "text": text, "kind": "whole", "sentences": n}


def cut_rows(base: Sequence[tuple[str, int]]) -> Iterator[dict[str, object]]:
    """The first one to eight sentences of longer answers."""
    generator = random.Random(2)
    longer = [(number, text) for number, (text, n) in enumerate(base) if n >= LONG_FROM]
    for number, text in longer[:N_CUT]:
        n = generator.randint(1, LONG_FROM - 1)
        end = list(split_sentences(text))[n - 1][1]
        yield {"id": f"cut/{number}", "text": text[:end], "kind": "cut", "sentences": n}


def planted_rows(
    kinds: Sequence[Kind], base: Sequence[tuple[str, int]], used: set[int]
) -> Iterator[dict[str, object]]:
    """Short answers with a sentence of each kind between two of their own, on its own line."""
    short = [number for number, (_, n) in enumerate(base) if SHORTEST <= n <= LONGEST]
    for kind in kinds:
        generator = random.Random(kind.name)
        sentences = usable_sentences(kind, used)
        if len(sentences) < N_PLANTS:
            print(f"left out: {kind.name}, {len(sentences)} sentences", file=sys.stderr)
            continue
        for number, sentence in zip(generator.sample(short, N_PLANTS), sentences, strict=False):
            text, n = base[number]
            place = generator.choice([0, *(end for _, end in split_sentences(text))])
            whole = "\n".join(part for part in (text[:place], sentence, text[place:]) if part)
            yield {"id": f"{kind.name}/{number}", "text": whole, "kind": kind.name, "sentences": n}


def world_store(name: str) -> Store:
    """All texts of one family of kinds, read once and kept."""
    base = answers(0 if name == "development" else 1)
    kinds = REPORT if name == "report" else DEVELOPMENT
    every = [
        *whole_rows(base), *cut_rows(base), *planted_rows(kinds, base, training_wordings())
    ]  # fmt: skip
    digest = cs.load_dictionary("builtin").digest[:8]
    folder = CACHE / f"own-length-{name}-{digest}.scope"
    return cs.extract(read_corpus(every), into=folder, dictionary="builtin", progress=True)


if __name__ == "__main__":
    print(world_store(sys.argv[1]))
