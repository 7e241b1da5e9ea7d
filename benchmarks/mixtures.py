"""Odd combinations among texts of several sources: `python -m benchmarks.mixtures development`.

As `benchmarks/injection.py`, but the texts around the ten of each combination are of two or of
four sources in equal parts, drawn anew for each run: answers with news comments, abstracts with
speeches. What stands out there is the sources: each has its topics, its form and its length.

A combination is of two kinds whose best feature is in at most 3 % of the texts of the run's
sources together. Sources of development and report are not the same, nor are their kinds.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.builtin_dictionary import not_learned_from
from benchmarks.injection import (
    FIRST,
    LONGEST,
    MIN_SUPPORT,
    N_COMBINATIONS,
    N_TEXTS,
    N_TO_SEE,
    RARE,
    SEEN_IN,
    SHORTEST,
    Judge,
    drawn,
    folder_of,
    pools_of,
    stretches,
)
from benchmarks.kinds import Row, rows
from corpuscope.corpus import read_corpus
from corpuscope.corpus.sentences import split_sentences
from corpuscope.store import Store, joined

N_RUNS = 50
N_BACKGROUND = 990
N_SOURCES = (2, 4)
MOST_OF_A_SOURCE = 800
Texts = Iterable[dict[str, str]]


def answers(parity: int) -> Texts:
    """One answer to each second prompt."""
    found = {
        row["prompt_id"]: {"id": row["id"], "text": row["response"]}
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if int("".join(filter(str.isdigit, row["prompt_id"]))) % 2 == parity
    }
    return found.values()


def whole(file: str, keep: Callable[[Row], bool] = lambda row: True) -> Texts:
    """Texts of a file as they are."""
    return (row for row in rows(file) if keep(row))


def in_stretches(file: str, keep: Callable[[Row], bool] = lambda row: True) -> Texts:
    """Texts of some sentences that follow each other, of a file of sentences or of long texts."""
    for row in _runs_of(file, keep):
        yield from stretches(row)


def _runs_of(file: str, keep: Callable[[Row], bool]) -> Iterator[list[dict[str, str]]]:
    short: list[dict[str, str]] = []
    for row in rows(file):
        if not keep(row):
            continue
        pieces = [row["text"][start:end] for start, end in split_sentences(row["text"])]
        if len(pieces) <= 3:
            short.append({"id": row["id"], "text": row["text"]})
        else:
            yield [{"id": f"{row['id']}/{at}", "text": one} for at, one in enumerate(pieces)]
    yield short


def one_solution_each() -> Texts:
    """One solution to each sum."""
    found = {row["prompt_id"]: row for row in rows("gsm8k/solutions.jsonl.gz")}
    return ({"id": row["id"], "text": row["response"]} for row in found.values())


SOURCES: dict[str, dict[str, Callable[[], Texts]]] = {
    "development": {
        "answers": lambda: answers(0),
        "abstracts": lambda: whole("keyword_abstracts/abstracts.jsonl.gz"),
        "aerodynamics": lambda: whole("cranfield/documents.jsonl.gz"),
        "speeches": lambda: in_stretches("nltk_reviews/inaugural.jsonl.gz"),
        "bookings": lambda: whole("taskmaster4/dialogues.jsonl.gz"),
        "sums": one_solution_each,
        "business and sport": lambda: in_stretches(
            "ag_news_test/news.jsonl.gz", lambda row: row["topic"] in ("Business", "Sports")
        ),
    },
    "report": {
        "answers": lambda: answers(1),
        "news comments": lambda: whole("civil_comments_toxic_spans/comments.jsonl.gz"),
        "wiki talk": lambda: whole("jigsaw_bias_madlibs/wiki_comments.jsonl.gz"),
        "written by people": lambda: whole(
            "hc3_plus_si_val/texts.jsonl.gz", lambda row: row["label"] == 0
        ),
        "world and technology": lambda: in_stretches(
            "ag_news_test/news.jsonl.gz", lambda row: row["topic"] in ("World", "Sci/Tech")
        ),
        "science on the radio": lambda: in_stretches(
            "nltk_general/abc_news.jsonl.gz", lambda row: row["topic"] == "science"
        ),
        "bug reports": lambda: in_stretches(
            "nltk_general/webtext.jsonl.gz", lambda row: row["kind"] == "firefox"
        ),
    },
}


def texts_of_sources(family: str) -> Iterator[dict[str, str]]:
    """Some texts of each source that the dictionary was not learned from."""
    for name, texts in SOURCES[family].items():
        found = {
            row["id"]: {"id": f"{name}/{row['id']}", "text": row["text"], "source": name}
            for row in not_learned_from(texts())
            if SHORTEST <= len(row["text"]) <= LONGEST
        }
        chosen = list(found.values())
        random.Random(name).shuffle(chosen)
        yield from chosen[:MOST_OF_A_SOURCE]


def texts_of_kinds(pools: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """Texts of each kind by which a feature is chosen that sees it; none is used again."""
    for kind, pool in pools.items():
        generator = random.Random(kind)
        for number in range(N_TO_SEE):
            text = "\n".join(drawn(pool[len(pool) // 2 :], generator))
            yield {"id": f"{kind}/{number}", "kind": kind, "text": text}


@dataclass(frozen=True)
class Mixture:
    """The sources of a run, and the kinds of its combinations.

    Attributes:
        name: As ids of its texts begin.
        sources: Where the texts around them are from.
        kinds: Two for each combination.
    """

    name: str
    sources: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]


class Seen:
    """Which kinds a feature sees that is rare in some sources."""

    def __init__(self, sources: Store, kinds: Store, least: float) -> None:
        has, of = sources.presence() != 0, sources.column("source")
        self.rates = {name: _rate(has, of == name) for name in dict.fromkeys(of)}
        has, of = kinds.presence() != 0, kinds.column("kind")
        self.halves = {
            kind: [_rate(has, half) for half in np.array_split(np.flatnonzero(of == kind), 2)]
            for kind in dict.fromkeys(of)
        }
        self.least = least

    def among(self, sources: Sequence[str]) -> list[str]:
        """Those kinds, in alphabetical order."""
        around = np.mean([self.rates[name] for name in sources], axis=0)
        found = []
        for kind, (first, second) in self.halves.items():
            best = int(np.where(around <= RARE, first, 0).argmax())
            if second[best] >= self.least:
                found.append(kind)
        return sorted(found)


def _rate(has: object, rows: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    chosen = np.flatnonzero(rows) if rows.dtype == bool else rows
    return np.asarray(has[chosen].mean(axis=0)).ravel()  # type: ignore[index]


def mixtures(family: str, seen: Seen) -> list[Mixture]:
    """The runs, first all of two sources, then all of four."""
    found = []
    for n in N_SOURCES:
        for run in range(N_RUNS):
            generator = random.Random(f"{n}/{run}")
            sources = tuple(generator.sample(list(SOURCES[family]), n))
            kinds = seen.among(sources)
            some = generator.sample(kinds, min(len(kinds) // 2, N_COMBINATIONS) * 2)
            pairs = tuple(zip(some[::2], some[1::2], strict=True))
            found.append(Mixture(f"{n}.{run}", sources, pairs))
    return found


def combined(pools: dict[str, list[str]], mixed: Sequence[Mixture]) -> Iterator[dict[str, str]]:
    """The texts of all combinations, each whole and as its two halves, apart."""
    for one in mixed:
        for kinds in one.kinds:
            name = f"{one.name}/{kinds[0]}+{kinds[1]}"
            generator = random.Random(name)
            for number in range(N_TEXTS):
                halves = [drawn(pools[kind][: len(pools[kind]) // 2], generator) for kind in kinds]
                sentences = [sentence for half in halves for sentence in half]
                generator.shuffle(sentences)
                for part, some in (("whole", sentences), ("a", halves[0]), ("b", halves[1])):
                    yield {"id": f"{name}/{number}/{part}", "text": "\n".join(some), "part": part,
                           "combination": name}  # fmt: skip


class Mixtures:
    """All that is read of one family; stores are kept."""

    def __init__(self, family: str) -> None:
        self.family = family
        pools = pools_of(family)
        sources = self._read("sources", texts_of_sources(family))
        seen = Seen(sources, self._read("kinds", texts_of_kinds(pools)), SEEN_IN[family])
        self.mixed = mixtures(family, seen)
        self.store = joined([sources, self._read("combined", combined(pools, self.mixed))])

    def _read(self, what: str, texts: Texts) -> Store:
        columns = {"source": "", "kind": "", "combination": "", "part": ""}
        every = [columns | row for row in texts]
        into = folder_of(f"mixed-{what}-{self.family}")
        return cs.extract(read_corpus(every), into=into, progress=True)

    @cached_property
    def judge(self) -> Judge:
        """Tells which combination a finding is of."""
        return Judge(self.store)

    def names(self, one: Mixture) -> list[str]:
        """The combinations of a run."""
        return [f"{one.name}/{first}+{second}" for first, second in one.kinds]

    def among(self, one: Mixture) -> npt.NDArray[np.bool_]:
        """The documents of a run: equal parts of its sources, as far as these reach."""
        generator = np.random.default_rng([int(part) for part in one.name.split(".")])
        of, left = self.store.column("source"), N_BACKGROUND
        chosen = np.isin(self.judge.combination, self.names(one)) & (self.judge.part == "whole")
        parts = sorted((np.flatnonzero(of == name) for name in one.sources), key=len)
        for at, part in enumerate(parts):
            some = generator.permutation(part)[: left // (len(parts) - at)]
            chosen[some] = True
            left -= len(some)
        return chosen


def run(world: Mixtures, one: Mixture) -> tuple[dict[str, int | None], int]:
    """The rank of the first finding that tells each combination, and how many findings."""
    among = world.among(one)
    found = cs.correlate(world.store, among=among, min_support=MIN_SUPPORT, rename=False,
                         evidence=0, max_findings=None)  # fmt: skip
    first = [finding for finding in found.findings if finding.unexpected][:FIRST]
    ranks = {
        name: next(
            (at for at, each in enumerate(first, 1) if world.judge.tells(each, name, among)), None
        )
        for name in world.names(one)
    }
    return ranks, len(found)
