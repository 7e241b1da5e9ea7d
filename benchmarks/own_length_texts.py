"""The texts of `benchmarks.own_length`: short answers and single sentences, and plants in them.

`python -m benchmarks.own_length_texts report|development` reads them beforehand.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Sequence

import corpuscope as cs
from benchmarks.kinds import DEVELOPMENT, REPORT, Kind, rows
from benchmarks.planted import training_wordings, usable_sentences
from benchmarks.results import CACHE
from corpuscope.corpus.read import read_corpus
from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.store.store import Store

N_PLANTS, N_CUT, N_SINGLE = 260, 3000, 3000
SHORTEST, LONGEST = 2, 6
MOST_SENTENCES, LONG_FROM = 12, 9
SINGLE, SHORT_PLANT = (70, 100), (30, 60)

Row = dict[str, object]
Answers = Sequence[tuple[str, int]]


def short_answers(name: str) -> Store:
    """Answers of up to 12 sentences, longer ones cut, and short ones with a sentence added."""

    def every() -> Iterator[Row]:
        base = _answers(name)
        yield from _whole(base)
        yield from _cut(base)
        yield from _planted(_kinds(name), base)

    return _store(f"own-length-{name}", every)


def of_one_sentence(name: str) -> Store:
    """Sentences of 70 to 100 characters, and some with one of 30 to 60 before or after."""

    def every() -> Iterator[Row]:
        base = _single(_answers(name))
        yield from _whole(base)
        yield from _joined(_kinds(name), base)

    return _store(f"own-length-single-{name}", every)


def _store(name: str, every: Callable[[], Iterator[Row]]) -> Store:
    """Read once and kept."""
    digest = cs.load_dictionary("builtin").digest[:8]
    folder = CACHE / f"{name}-{digest}.scope"
    if folder.exists() and (known := cs.open_store(folder)).is_complete:
        return known
    corpus = read_corpus(list(every()))
    return cs.extract(corpus, into=folder, dictionary="builtin", progress=True)


def _kinds(name: str) -> Sequence[Kind]:
    return REPORT if name == "report" else DEVELOPMENT


def _answers(name: str) -> Answers:
    """Different real answers to every second prompt with their numbers of sentences."""
    parity = 1 if name == "report" else 0
    found: dict[str, int] = {}
    for row in rows("alpaca_eval/responses.jsonl.gz"):
        text = row["response"].strip()
        number = int("".join(filter(str.isdigit, row["prompt_id"])))
        if number % 2 == parity and 40 <= len(text) <= 6000:
            found.setdefault(text, sum(1 for _ in split_sentences(text)))
    every = list(found.items())
    random.Random(1).shuffle(every)
    return every


def _single(base: Answers) -> Answers:
    """A sentence of each answer of several, no wording twice."""
    found: dict[str, int] = {}
    for number, (text, n) in enumerate(base):
        sentences = [" ".join(text[start:end].split()) for start, end in split_sentences(text)]
        usable = [
            one for one in sentences
            if SINGLE[0] <= len(one) <= SINGLE[1] and one[-1] in ".!?" and one[0].isupper()
        ]  # fmt: skip
        if n > 1 and usable:
            found.setdefault(random.Random(number).choice(usable), 1)
    return list(found.items())[:N_SINGLE]


def _whole(base: Answers) -> Iterator[Row]:
    for number, (text, n) in enumerate(base):
        if 1 <= n <= MOST_SENTENCES:
            yield {"id": f"whole/{number}", "text": text, "kind": "whole", "sentences": n}


def _cut(base: Answers) -> Iterator[Row]:
    """The first one to eight sentences of longer answers."""
    generator = random.Random(2)
    longer = [(number, text) for number, (text, n) in enumerate(base) if n >= LONG_FROM]
    for number, text in longer[:N_CUT]:
        n = generator.randint(1, LONG_FROM - 1)
        end = list(split_sentences(text))[n - 1][1]
        yield {"id": f"cut/{number}", "text": text[:end], "kind": "cut", "sentences": n}


def _planted(kinds: Sequence[Kind], base: Answers) -> Iterator[Row]:
    """Short answers with a sentence of each kind between two of their own, on its own line."""
    used = training_wordings()
    short = [number for number, (_, n) in enumerate(base) if SHORTEST <= n <= LONGEST]
    for kind in kinds:
        generator = random.Random(kind.name)
        for number, sentence in _paired(kind, usable_sentences(kind, used), short, generator):
            text, n = base[number]
            place = generator.choice([0, *(end for _, end in split_sentences(text))])
            whole = "\n".join(part for part in (text[:place], sentence, text[place:]) if part)
            yield {"id": f"{kind.name}/{number}", "text": whole, "kind": kind.name, "sentences": n}


def _joined(kinds: Sequence[Kind], base: Answers) -> Iterator[Row]:
    """Single sentences with a short one of each kind before or after, on its own line."""
    used = training_wordings()
    for kind in kinds:
        generator = random.Random(kind.name)
        low, high = SHORT_PLANT
        fitting = [one for one in usable_sentences(kind, used) if low <= len(one) <= high]
        for number, sentence in _paired(kind, fitting, range(len(base)), generator):
            both = [base[number][0], sentence]
            generator.shuffle(both)
            text = "\n".join(both)
            yield {"id": f"{kind.name}/{number}", "text": text, "kind": kind.name, "sentences": 1}


def _paired(
    kind: Kind, sentences: Sequence[str], numbers: Sequence[int], generator: random.Random
) -> list[tuple[int, str]]:
    """Which text gets which sentence; none where there are too few."""
    if len(sentences) < N_PLANTS:
        print(f"left out: {kind.name}, {len(sentences)} sentences", file=sys.stderr)
        return []
    return list(zip(generator.sample(list(numbers), N_PLANTS), sentences, strict=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", choices=["report", "development"])
    asked = parser.parse_args()
    print(short_answers(asked.kinds), of_one_sentence(asked.kinds))
