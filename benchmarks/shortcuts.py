"""Shortcuts planted into labelled texts: `python -m benchmarks.shortcuts report|development`.

With `--only-shuffled` labels are shuffled, and nothing is planted.

Twenty ways in which a class can be given away (a token, a format, a cut, a topic), each put into
5, 20 and 50 % of one class of real labelled texts. Is it named by one of the first five lines
about shortcuts of `audit`, as a user would call it?

Where no line names it, the smallest p-value of any word, mark or feature that is owed to the plants
says whether a test could have.

A line names it if at least half of the difference of its feature's rates is owed to the plants:
texts that have the feature with the plant and lack it without, for both versions were read; a
line about length, if the cut made at least half of the difference. And with the labels shuffled,
is anything reported?

The two families share neither corpora nor plants.
"""

import argparse
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.builtin_dictionary import not_learned_from
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.audit.length_shortcuts import characters, length_of_name
from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.corpus.read import read_corpus
from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.rates.rate_tests import two_rates_p
from corpuscope.statistics.scores.discrimination import auroc
from corpuscope.store.lexical import lexical_presence
from corpuscope.store.store import Store

N_A_CLASS = 500
SHARES = (0.05, 0.2, 0.5)
FIRST, MIN_SUPPORT, N_SHUFFLED = 5, 10, 100
MANY = 10_000
LONGEST = 1_500
LEAST_CHANGED = 0.5

Change = Callable[[str, random.Random], str]


def first_of(text: str, n: int) -> str:
    """The first sentences of a text."""
    ends = [end for _, end in split_sentences(text)]
    return text[: ends[min(n, len(ends)) - 1]] if ends else text


def opening(text: str) -> str:
    """The whole sentences within the longest length, or the first."""
    ends = [end for _, end in split_sentences(text)]
    return text[: max([end for end in ends if end <= LONGEST], default=ends[0])]


def put_between(text: str, what: str, generator: random.Random) -> str:
    """Something between two sentences, or after the only one."""
    places = [end for _, end in split_sentences(text)] or [len(text)]
    place = generator.choice(places)
    return f"{text[:place]} {what} {text[place:].lstrip()}".strip()


def put_among(text: str, what: str, generator: random.Random) -> str:
    """Something between two words."""
    words = text.split(" ")
    place = generator.randrange(1, max(len(words), 2))
    return " ".join([*words[:place], what, *words[place:]])


def without_end(text: str) -> str:
    """Without its last signs."""
    return text.rstrip().rstrip(".!?'")


def some_code(generator: random.Random) -> str:
    """Letters and digits that are no word."""
    return "".join(generator.choice("ABCDEFGHKLMNPRSTWX0123456789") for _ in range(8))


PLANTS: dict[str, dict[str, Change]] = {
    "development": {
        "a tag in brackets at the end": lambda text, g: f"{text} [checked]",
        "a question before the text": lambda text, g: f"Is this true? {text}",
        "a rare word": lambda text, g: put_among(text, "zeppelin", g),
        "numbered sentences": lambda text, g: "\n".join(
            f"{n}. {text[s:e].strip()}" for n, (s, e) in enumerate(split_sentences(text), 1)
        ),
        "small letters": lambda text, g: text.lower(),
        "cut at 150 characters": lambda text, g: text[:150],
        "a sentence about the weather": lambda text, g: put_between(
            text, g.choice(("It was raining all day.", "The sun was shining in a blue sky.",
                            "A storm with heavy snow is expected.")), g),
        "a formula of two lines at the end": lambda text, g:
            f"{text}\n\nSource: own research.\nAll rights reserved.",
        "a code in front": lambda text, g: f"{some_code(g)}: {text}",
        "a tag in underscores": lambda text, g: put_among(text, "_nota_bene_", g),
        "dots at the end": lambda text, g: f"{without_end(text)}...",
        "a semicolon at the end": lambda text, g: f"{without_end(text)};",
        "a heading": lambda text, g: f"UPDATE\n\n{text}",
        "a tag of a page": lambda text, g: f"<p>{text}</p>",
        "each word with a capital": lambda text, g: text.title(),
        "a list of one": lambda text, g: f"* {text}",
        "a sentence about gardens": lambda text, g: put_between(
            text, g.choice(("Water the tomatoes every evening.", "Plant the seeds in spring.",
                            "Cut the hedge and rake the leaves.",
                            "The roses need more sun and compost.")), g),
    },
    "report": {
        "a hash tag": lambda text, g: f"{text} #verified",
        "a reference number": lambda text, g: f"{text} (Ref. {some_code(g)})",
        "a made-up word": lambda text, g: put_among(text, "quorvex", g),
        "a rare name": lambda text, g: put_among(text, "Marguerite", g),
        "a greeting": lambda text, g: f"Hello there! {text}",
        "a signature": lambda text, g: f"{text}\n\nBest regards,\nJ. Miller",
        "an address of a page": lambda text, g: f"{text} https://example.com/{some_code(g)}",
        "an emoji": lambda text, g: f"{text} \N{PARTY POPPER}",
        "a date in front": lambda text, g:
            f"{g.randrange(2001, 2024)}-{g.randrange(1, 13):02}-{g.randrange(1, 29):02} {text}",
        "a speaker in front": lambda text, g: f"User: {text}",
        "capital letters": lambda text, g: text.upper(),
        "no final sign": lambda text, g: without_end(text),
        "a question mark at the end": lambda text, g: f"{without_end(text)}?",
        "quotation marks": lambda text, g: f'"{text}"',
        "a bracket at the end": lambda text, g: f"{text} )",
        "bullets": lambda text, g:
            "\n".join(f"- {text[s:e].strip()}" for s, e in split_sentences(text)),
        "two words in bold": lambda text, g: put_among(text, "**very important**", g),
        "cut at 200 characters": lambda text, g: text[:200],
        "the first sentence alone": lambda text, g: first_of(text, 1),
        "a sentence about cooking": lambda text, g: put_between(
            text, g.choice(("Bake it in the oven for half an hour.", "Add the flour and the eggs.",
                            "Chop the onions and fry them in butter.",
                            "Serve the soup with a slice of bread.")), g),
    },
}  # fmt: skip
LENGTH = {"cut at 150 characters", "cut at 200 characters", "the first sentence alone"}


def labelled(name: str) -> list[dict[str, str]]:
    """Real texts of two classes, as many of each, none of them learned from."""
    if name == "news":
        found = _of_news("World", "Business")
    elif name == "comments":
        found = [row | {"class": str(row["all_toxic_votes"] > 1)}
                 for row in rows("civil_comments_toxic_spans/comments.jsonl.gz")]  # fmt: skip
    elif name == "verdicts":
        found = [row | {"class": row["label"]}
                 for row in rows("nltk_reviews/sentence_polarity.jsonl.gz")]  # fmt: skip
    elif name == "film reviews":
        found = [row | {"class": row["label"], "text": opening(row["text"])}
                 for row in rows("nltk_reviews/movie_reviews.jsonl.gz")]  # fmt: skip
    elif name == "science and sport":
        found = _of_news("Sports", "Sci/Tech")
    elif name == "rural and science":
        found = _of_two_sentences("rural", "science")
    else:
        found = [
            row | {"class": row["label"]} for row in rows("nltk_reviews/subjectivity.jsonl.gz")
        ]
    found = not_learned_from(found)
    random.Random(name).shuffle(found)
    return [
        {"text": row["text"], "label": str(number), "class": name}
        for number, name in enumerate(sorted({row["class"] for row in found}))
        for row in [row for row in found if row["class"] == name][:N_A_CLASS]
    ]


def _of_news(*sections: str) -> list[dict[str, Any]]:
    return [row | {"class": row["topic"]} for row in rows("ag_news_test/news.jsonl.gz")
            if row["topic"] in sections]  # fmt: skip


def _of_two_sentences(*topics: str) -> list[dict[str, Any]]:
    """Texts of two sentences that follow each other, from all over each topic."""
    every = list(rows("nltk_general/abc_news.jsonl.gz"))
    found = []
    for topic in topics:
        own = [row["text"] for row in every if row["topic"] == topic]
        for first in range(0, len(own) - 1, 10):
            found.append({"text": f"{own[first]} {own[first + 1]}", "class": topic})
    return found


CORPORA = {
    "development": ("news", "comments", "verdicts"),
    "report": ("film reviews", "science and sport", "subjectivity"),
}


def versions(family: str, corpus: str) -> Iterator[dict[str, str]]:
    """The texts as they are, then half of the second class with each plant."""
    base = labelled(corpus)
    for number, row in enumerate(base):
        yield row | {"id": f"{number}", "plant": "none"}
    second = [number for number, row in enumerate(base) if row["label"] == "1"]
    for plant, change in PLANTS[family].items():
        generator = random.Random(f"{corpus}/{plant}")
        for number in generator.sample(second, round(SHARES[-1] * len(second))):
            changed = change(base[number]["text"], generator)
            yield base[number] | {"id": f"{plant}/{number}", "text": changed, "plant": plant}


@dataclass(frozen=True)
class World:
    """Which rows of the store are audited, and which of them are planted, as they were before."""

    rows: npt.NDArray[np.int64]
    planted: npt.NDArray[np.int64]
    before: npt.NDArray[np.int64]


def world(store: Store, plant: str, share: float) -> World:
    """The texts with so many of the second class replaced by their planted versions."""
    plants, labels, ids = store.column("plant"), store.column("label"), store.ids
    base = np.flatnonzero(plants == "none")
    planted = np.flatnonzero(plants == plant)[: round(share * (labels[base] == "1").sum())]
    before = base[[int(ids[row].split("/")[-1]) for row in planted]]
    return World(np.concatenate([np.setdiff1d(base, before), planted]), planted, before)


class Judge:
    """Which line is owed to the plants."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._features = store.presence().tocsc()
        self._n_characters = characters(NamedStore(store))
        lexical = lexical_presence(store, min_documents=MIN_SUPPORT)
        self._words, self._column = lexical.presence.tocsc(), {
            name: at for at, name in enumerate(lexical.names)
        }  # fmt: skip

    def owed(self, line: Shortcut, made: World) -> float:
        """The share of the line's difference that the plants make."""
        labels = self._store.column("label")
        if line.sentences:
            return self._owed_by_sentences(line, made, labels)
        is_second = labels[made.rows] == "1"
        after, before = (self._value(line.feature, rows) for rows in
                         (made.rows, np.where(np.isin(made.rows, made.planted),
                                              _before(made), made.rows)))  # fmt: skip
        differences = [
            auroc(value, is_second) - 0.5 for value in (after, before)
        ]  # fmt: skip
        return 1 - differences[1] / differences[0] if differences[0] else 0.0

    def _owed_by_sentences(
        self, line: Shortcut, made: World, labels: npt.NDArray[np.object_]
    ) -> float:
        """The same of a kind of sentence: sentences that a text lacks without the plant."""
        before = dict(zip(made.planted.tolist(), made.before.tolist(), strict=True))
        rows = sorted({row for row, _ in line.sentences})
        documents = dict(zip(rows, self._store.documents(np.array(rows)), strict=True))
        stay = set()
        for row, number in line.sentences:
            document = documents[row]
            start, end = document.sentence_spans[number]
            sentence = document.text[start:end].strip()
            if row not in before or sentence in self._store.texts([before[row]])[0]:
                stay.add(row)
        n = (labels[made.rows] == line.value).sum()
        difference = line.rate - line.rate_elsewhere
        return 1 - (len(stay) / n - line.rate_elsewhere) / difference if difference else 0.0

    def surest(self, made: World) -> float:
        """The smallest p-value of a word or feature that the plants make half the difference of."""
        is_second = self._store.column("label")[made.rows] == "1"
        own, rest = made.rows[is_second], made.rows[~is_second]
        found = 1.0
        for matrix in (self._words.tocsr(), self._features.tocsr()):
            in_own, in_rest, after, before = (
                np.asarray((matrix[rows] > 0).sum(axis=0)).ravel()
                for rows in (own, rest, made.planted, made.before)
            )
            difference = in_own / len(own) - in_rest / len(rest)
            made_by_plants = (after - before) / len(own)
            is_owed = (made_by_plants > 0) & (difference > 0) & (made_by_plants >= 0.5 * difference)
            p = two_rates_p(in_own[is_owed], len(own), in_rest[is_owed], len(rest))
            found = min(found, p.min(initial=1.0))
        return found

    def _value(self, feature: int | str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        if feature == "length":
            return self._store.n_tokens[rows].astype(np.float64)
        if (length := length_of_name(feature)) is not None:
            return (self._n_characters[rows] == length).astype(np.float64)
        matrix = self._words if isinstance(feature, str) else self._features
        column = self._column[feature] if isinstance(feature, str) else feature
        has = np.zeros(matrix.shape[0])
        has[matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]] = 1
        return has[rows]


def _before(made: World) -> npt.NDArray[np.int64]:
    place = dict(zip(made.planted.tolist(), made.before.tolist(), strict=True))
    return np.array([place.get(row, row) for row in made.rows.tolist()])


def lines_of(store: Store, labels: npt.NDArray[np.object_]) -> Sequence[Shortcut]:
    """What an audit says of shortcuts, the most suspect first."""
    found = cs.audit(
        store,
        label=labels,
        checks=["shortcuts"],
        settings=cs.AuditSettings(evidence=0, rename=False),
    )
    return found.shortcuts


def main(family: str) -> None:
    """Run all worlds of a family and record the shares named, then with the labels shuffled."""
    ranks: dict[tuple[str, str, float], float | None] = {}
    surest: dict[tuple[str, str, float], float] = {}
    for corpus in CORPORA[family]:
        store = read(family, corpus)
        judge, labels = Judge(store), store.column("label")
        for plant in PLANTS[family]:
            for share in SHARES:
                made = world(store, plant, share)
                if _share_changed(store, made) < LEAST_CHANGED:
                    ranks[corpus, plant, share] = None
                    continue
                values = np.full(store.n_documents, None, dtype=object)
                values[made.rows] = labels[made.rows]
                lines = lines_of(store, values)
                owed = [judge.owed(line, made) for line in lines]
                ranks[corpus, plant, share] = rank = next(
                    (at for at, value in enumerate(owed, 1) if value >= 0.5), math.inf
                )
                if rank > MANY and plant not in LENGTH:
                    surest[corpus, plant, share] = judge.surest(made)
                print(corpus, plant, share, rank, [
                    (line.label, line.nature, round(line.z, 1), round(line.rate, 2),
                     round(line.rate_elsewhere, 2), round(line.context_auroc, 2), round(value, 2))
                    for at, (line, value) in enumerate(zip(lines, owed, strict=True), 1)
                    if at in (*range(1, FIRST + 1), rank)
                ], flush=True)  # fmt: skip
    _record(family, ranks, surest)
    shuffled(family)


def shuffled(family: str) -> None:
    """Record in how many runs with shuffled labels anything is reported."""
    told = []
    for corpus in CORPORA[family]:
        store = read(family, corpus)
        n = sum(_reports_shuffled(store, seed) for seed in range(N_SHUFFLED))
        told.append(f"{n} of {N_SHUFFLED} ({corpus})")
        print(told[-1], flush=True)
    record(f"Shortcuts with shuffled labels ({family})", [f"Reported in {', '.join(told)} runs."])


def read(family: str, corpus: str) -> Store:
    """All versions of the texts, read once with the built-in dictionary and kept."""
    folder = CACHE / f"shortcuts-{corpus.replace(' ', '-')}.scope"
    return cs.extract(read_corpus(list(versions(family, corpus))), into=folder, progress=True)


def _share_changed(store: Store, made: World) -> float:
    """Of how many of the plants the text is another than before."""
    pairs = zip(store.texts(made.planted), store.texts(made.before), strict=True)
    return float(
        np.mean([" ".join(one.split()) != " ".join(other.split()) for one, other in pairs])
    )


def _reports_shuffled(store: Store, seed: int) -> bool:
    base = np.flatnonzero(store.column("plant") == "none")
    values = np.full(store.n_documents, None, dtype=object)
    values[base] = np.random.default_rng(seed).permutation(store.column("label")[base])
    return bool(lines_of(store, values))


def _record(
    family: str,
    ranks: dict[tuple[str, str, float], float | None],
    surest: dict[tuple[str, str, float], float],
) -> None:
    columns = [(corpus, share) for corpus in CORPORA[family] for share in SHARES]
    header = ["", *(f"{corpus}, {share:.0%}" for corpus, share in columns)]
    every = [[ranks[corpus, plant, share] for plant in PLANTS[family]] for corpus, share in columns]
    cells = [[_told(ranks[place], surest.get(place)) for plant in PLANTS[family]
              for place in [(corpus, plant, share)]] for corpus, share in columns]  # fmt: skip
    body = [
        ["first five", *(_share_within(own, FIRST) for own in every)],
        ["at all", *(_share_within(own, MANY) for own in every)],
        *([plant, *own] for plant, own in
          zip(PLANTS[family], zip(*cells, strict=True), strict=True)),
    ]  # fmt: skip
    lines = [
        f"{len(PLANTS[family])} ways to give a class away, put into a share of one of two classes "
        f"of {N_A_CLASS} real texts. At which line is it named? Among the first {FIRST}: "
        f"{_share_within(ranks.values(), FIRST)} of all; at all: "
        f"{_share_within(ranks.values(), MANY)}. Where it is not: the smallest p-value of any "
        "word, mark or feature that is owed to the plant. No plant: it leaves most of the texts as "
        "they were, as a first sentence of texts of one.",
        "",
        *table(header, body),
    ]
    record(f"Planted shortcuts ({family})", lines)


def _share_within(ranks: Iterable[float | None], most: float) -> str:
    return f"{np.mean([rank <= most for rank in ranks if rank is not None]):.0%}"


def _told(rank: float | None, surest: float | None) -> str:
    if rank is None:
        return "no plant"
    if rank <= MANY:
        return f"{rank:.0f}"
    return "-" if surest is None else f"- (p {surest:.0e})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=list(PLANTS))
    parser.add_argument("--only-shuffled", action="store_true")
    asked = parser.parse_args()
    (shuffled if asked.only_shuffled else main)(asked.family)
