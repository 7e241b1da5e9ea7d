"""Odd combinations among texts of several sources: `python -m benchmarks.mixtures development`.

As `benchmarks/injection.py`, but the texts around the ten of each combination are of two or of
four sources in equal parts, drawn anew for each run: answers with news comments, abstracts with
speeches. What stands out there is the sources: each has its topics, its form and its length.

A combination is of two kinds whose best feature is in at most 3 % of the texts of the run's
sources together. Sources of development and report are not the same, nor are their kinds.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

import corpuscope as cs
from benchmarks.injection import (
    FIRST,
    MIN_SUPPORT,
    N_COMBINATIONS,
    N_TEXTS,
    N_TO_SEE,
    RARE,
    SEEN_IN,
    Judge,
    drawn,
    folder_of,
    pools_of,
    reports,
)
from benchmarks.results import record, table
from benchmarks.sources import SOURCES, Texts, texts_of_sources
from corpuscope.analyses.correlate.views import view_of
from corpuscope.corpus.read import read_corpus
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.end_to_end import joined
from corpuscope.store.store import Store
from tests.asking import ask as ask_with

N_RUNS = 50
N_BACKGROUND = 990
N_SOURCES = (2, 4)
N_PAIRED, N_PAIRINGS = 5, 5
HEADER = ["sources", "parts held", "found", "median rank", "dividing",
          "random pairings", "within sources"]  # fmt: skip


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

    def divides(self, one: cs.PairFinding, among: npt.NDArray[np.bool_]) -> bool:
        """Whether a finding is mostly of the sources' texts, where it is hardly more than these.

        Within the true sources the two are at most twice as often together as by chance.
        """
        of = self.store.column("source")[among]
        first, second = (self.judge.has(int(it))[among] for it in (one.feature_a, one.feature_b))
        both = first & second
        n_here = int((both & (of != "")).sum())
        by_chance = sum(
            first[here].sum() * second[here].sum() / here.sum()
            for here in (of == name for name in np.unique(of[of != ""]))
        )
        return bool(n_here > both.sum() / 2 and n_here <= 2 * by_chance)

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


def run(world: Mixtures, one: Mixture, **options: Any) -> tuple[dict[str, int | None], float]:
    """The rank of the first finding that tells each combination, and what else stands first.

    The second is the share of the first 20 findings that hardly say more than what the sources are.
    """
    among = world.among(one)
    found = ask_with(
        cs.correlate, world.store, among=among, min_support=MIN_SUPPORT, rename=False, evidence=0,
        max_findings=None, **options,
    )  # fmt: skip
    first = [finding for finding in found.findings if finding.unexpected][:FIRST]
    ranks = {
        name: next(
            (at for at, each in enumerate(first, 1) if world.judge.tells(each, name, among)), None
        )
        for name in world.names(one)
    }
    dividing = [world.divides(each, among) for each in first]
    return ranks, float(np.mean(dividing)) if dividing else 0.0


def random_pairings(world: Mixtures, one: Mixture, *, within: bool) -> int:
    """In how many random pairings of a run's texts with themselves anything is reported.

    Args:
        world: What is read.
        one: The run; its combinations take no part.
        within: Whether texts change places within their source only: then two features have
            nothing in common but the source, and the column that names it is held.
    """
    of = world.store.column("source")
    places = np.flatnonzero(world.among(one) & (of != ""))
    settings = cs.CorrelateSettings(min_support=MIN_SUPPORT)
    left = view_of(NamedStore(world.store), places, settings)
    names = np.unique(of[places], return_inverse=True)[1].astype(np.int64)
    in_order = np.argsort(np.argsort(names, kind="stable"), kind="stable")
    n_reporting = 0
    for seed in range(N_PAIRINGS):
        order = np.random.default_rng(seed).permutation(len(places))
        if within:
            order = order[np.argsort(names[order], kind="stable")][in_order]
        n_reporting += reports(left, order, names if within else None)
    return n_reporting


def row_of(world: Mixtures, runs: Sequence[Mixture], *, parts: bool) -> list[str]:
    """How often combinations are found in some runs, and what else stands first."""
    ranks: dict[str, int | None] = {}
    dividing = []
    for one in runs:
        own, share = run(world, one, parts=parts)
        ranks |= own
        dividing.append(share)
        print(parts, own, share, flush=True)
    hits = [rank for rank in ranks.values() if rank is not None]
    middle = f"{np.median(hits):.0f}" if hits else "-"
    found = f"{len(hits) / len(ranks):.0%} of {len(ranks)}"
    return ["yes" if parts else "no", found, middle, f"{np.mean(dividing):.0%}"]


def main(family: str, *, n_runs: int, rules: Sequence[bool]) -> None:
    """Record how often combinations are found, and what random pairings report."""
    world = Mixtures(family)
    body = []
    for n in N_SOURCES:
        runs = [one for one in world.mixed if len(one.sources) == n][:n_runs]
        body += [[str(n), *row_of(world, runs, parts=parts)] for parts in rules]
        for row in body[-len(rules) : -1]:
            row += ["-", "-"]
        for row, within in zip(body[-1:] * 2, (False, True), strict=True):
            n_reporting = sum(random_pairings(world, one, within=within) for one in runs[:N_PAIRED])
            row.append(f"{n_reporting} of {len(runs[:N_PAIRED]) * N_PAIRINGS}")
    record(
        f"Odd combinations in texts of several sources ({family} kinds)",
        [
            f"{n_runs} runs a row of {N_COMBINATIONS} combinations, {N_TEXTS} texts each, among "
            f"{N_BACKGROUND}. Found: among the first {FIRST} unexpected findings. Dividing: of "
            "these findings those that are together at most twice as often as chance would have it "
            "within the true sources. "
            "Random pairings, among all texts, and within sources with the column that names them "
            "held: how many report anything, before the held-out half is looked at.",
            "",
            *table(HEADER, body),
        ],
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=["development", "report"])
    parser.add_argument("--n-runs", type=int, default=N_RUNS)
    parser.add_argument("--compare", action="store_true", help="without parts held, too")
    asked = parser.parse_args()
    main(asked.family, n_runs=asked.n_runs, rules=(False, True) if asked.compare else (True,))
