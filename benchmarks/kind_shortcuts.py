"""Kinds of sentences as shortcuts: `python -m benchmarks.kind_shortcuts report|development|easy`.

Real sentences of one kind, no wording twice, are put into 10, 20 and 30 % of one of two sections of
real news, each between two sentences of a text or after its only one. Is the kind named by one of
the first ten lines about shortcuts of `audit`, as a user would call it?

A line names it if at least half of the difference of its rates is owed to the plants: texts that
have it with the plant and lack it without, for both versions were read. That texts became longer
says nothing of the kind: lines about length do not count. What differs between the sections anyway
fills the list before it; that is the difficulty. Report and development share neither sections nor
kinds; `easy` has the kinds of development in sections that are less alike.
"""

import argparse
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from unittest import mock

import numpy as np

import corpuscope as cs
from benchmarks.kinds import DEVELOPMENT, REPORT, Kind
from benchmarks.planted import training_wordings, usable_sentences
from benchmarks.results import CACHE, record, table
from benchmarks.shortcuts import Judge, World, labelled, lines_of, put_between, world
from corpuscope.analyses.audit.kind_shortcuts import Kinds
from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.corpus.read import read_corpus
from corpuscope.store.store import Store

SHARES = (0.1, 0.2, 0.3)
FIRST, N_KINDS = 10, 10
SECTIONS = {
    "easy": "news",
    "development": "rural and science",
    "report": "science and sport",
}
# Kinds that are of the sections themselves give nothing away.
LEFT_OUT = ("sport", "business news", "world news", "technology news", "science news", "rural news")


def kinds_of(family: str, n_texts: int) -> dict[str, list[str]]:
    """Ten kinds that have a sentence for each text that gets one."""
    used, found = training_wordings(), {}
    every: tuple[Kind, ...] = REPORT if family == "report" else DEVELOPMENT
    for kind in every:
        if kind.name not in LEFT_OUT and len(found) < N_KINDS:
            sentences = usable_sentences(kind, used)
            if len(sentences) >= n_texts:
                found[kind.name] = sentences[:n_texts]
    return found


def versions(family: str) -> Iterator[dict[str, str]]:
    """The texts as they are, then those of the second section with a sentence of each kind."""
    base = labelled(SECTIONS[family])
    for number, row in enumerate(base):
        yield row | {"id": f"{number}", "plant": "none"}
    second = [number for number, row in enumerate(base) if row["label"] == "1"]
    n_texts = round(SHARES[-1] * len(second))
    for kind, sentences in kinds_of(family, n_texts).items():
        generator = random.Random(f"{SECTIONS[family]}/{kind}")
        for number, sentence in zip(generator.sample(second, n_texts), sentences, strict=True):
            text = put_between(base[number]["text"], sentence, generator)
            yield base[number] | {"id": f"{kind}/{number}", "text": text, "plant": kind}


def read(family: str) -> Store:
    """All versions, read once with the built-in dictionary and kept."""
    folder = CACHE / f"kind-shortcuts-{family}.scope"
    return cs.extract(read_corpus(list(versions(family))), into=folder, progress=True)


def main(family: str) -> None:
    """Run every kind and share, and record at which line it is named."""
    store = read(family)
    judge, labels = Judge(store), store.column("label")
    kinds = [one for one in dict.fromkeys(store.column("plant").tolist()) if one != "none"]
    ranks: dict[tuple[str, float], float] = {}
    by_features: dict[tuple[str, float], float] = {}
    for kind in kinds:
        for share in SHARES:
            made = world(store, kind, share)
            values = np.full(store.n_documents, None, dtype=object)
            values[made.rows] = labels[made.rows]
            lines = lines_of(store, values)
            ranks[kind, share] = rank = _rank(lines, made, judge)
            label = "" if math.isinf(rank) else lines[int(rank) - 1].label
            none = Kinds((), np.zeros(store.n_documents, dtype=bool))
            with mock.patch(
                "corpuscope.analyses.audit.shortcut_search.kinds_of_sentences", return_value=none
            ):
                by_features[kind, share] = _rank(lines_of(store, values), made, judge)
            print(kind, share, rank, label, by_features[kind, share], flush=True)
    body = [
        [name, *(_within(found, share) for share in SHARES)]
        for name, found in (
            ("first ten", ranks),
            ("first ten, by features, words and marks alone", by_features),
        )
    ]
    body += [[kind, *(_told(ranks[kind, share]) for share in SHARES)] for kind in kinds]
    told = (
        f"{len(kinds)} kinds of real sentences in a share of one of two sections of news of 500 "
        f"texts each ({SECTIONS[family]}). At which line of the audit is the kind named?"
    )
    header = ["", *(f"{share:.0%}" for share in SHARES)]
    record(f"Kinds of sentences as shortcuts ({family})", [told, "", *table(header, body)])


def _rank(lines: Sequence[Shortcut], made: World, judge: Judge) -> float:
    """The first line that names the kind."""
    owed = (
        at
        for at, line in enumerate(lines, 1)
        if line.nature != "length" and judge.owed(line, made) >= 0.5
    )
    return min(owed, default=math.inf)


def _within(ranks: Mapping[tuple[str, float], float], share: float) -> str:
    return f"{np.mean([rank <= FIRST for (_, own), rank in ranks.items() if own == share]):.0%}"


def _told(rank: float) -> str:
    return "-" if math.isinf(rank) else f"{rank:.0f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=list(SECTIONS))
    main(parser.parse_args().family)
