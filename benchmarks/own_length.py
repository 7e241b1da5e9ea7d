"""Length that a finding makes itself: `python -m benchmarks.own_length report|development`.

A real sentence of one kind is added to half of the real answers of two to six sentences of one
group; to rising shares of texts of one sentence; and groups of real texts differ in length and in
nothing else, chosen by their tokens or by their sentences, or cut to their first sentences. What
does `diff`, as a user would call it, report?

A finding is owed to the plants if documents that have the feature with the planted sentence and
lack it without make at least half of its difference; format marks do not count, for a plant has a
line of its own. Choices were made on the development kinds and prompts, which share none with the
report ones.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

import corpuscope as cs
from benchmarks.own_length_texts import LONGEST, SHORTEST, of_one_sentence, short_answers
from benchmarks.results import record, table
from corpuscope.statistics.rates.intervals import wilson_interval
from corpuscope.store.lexical import LexicalMatrix, lexical_presence
from corpuscope.store.store import Store

Rows = npt.NDArray[np.int64]
N_WORLDS, SIZE = 1, 500
ADDED = {"500 a side": 500, "200 a side": 200}
RISES = {"0 to 50 %, 200 a side": (200, 0.0, 0.5), "5 to 95 %, 150 a side": (150, 0.05, 0.95)}
GROUPS = (0.05, 0.275, 0.5, 0.725, 0.95)


@dataclass(frozen=True)
class World:
    """The rows of each group, and those of the same texts without their plants."""

    groups: tuple[Rows, ...]
    clean: tuple[Rows, ...]


class Texts:
    """A store with what its rows are."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.kinds = store.column("kind")
        self.sentences = store.column("sentences").astype(np.int64)
        self.numbers = np.array([int(id.split("/")[-1]) for id in store.ids])
        self.bare = np.flatnonzero(self.kinds == "whole")
        self._presence = store.presence().tocsc()
        lexical: LexicalMatrix = lexical_presence(store, min_documents=10)
        self._words = lexical.presence.tocsc()
        self._column = {name: column for column, name in enumerate(lexical.names)}

    @property
    def planted_kinds(self) -> list[str]:
        """The kinds of which there are plants."""
        return [kind for kind in dict.fromkeys(self.kinds) if kind not in ("whole", "cut")]

    def world(self, kind: str, shares: Sequence[float], size: int, seed: int) -> World:
        """Groups of `size` texts, of which these shares have a sentence of the kind."""
        generator = np.random.default_rng([seed, size, len(kind)])
        planted = generator.permutation(np.flatnonzero(self.kinds == kind))
        row_of = dict(zip(self.numbers[self.bare].tolist(), self.bare.tolist(), strict=True))
        bare_of = np.array([row_of[number] for number in self.numbers[planted].tolist()])
        n = [round(share * size) for share in shares]
        pool = self.bare[(self.sentences[self.bare] <= LONGEST)]
        pool = pool[self.sentences[pool] >= min(SHORTEST, int(self.sentences[pool].max()))]
        pool = generator.permutation(np.setdiff1d(pool, bare_of[: sum(n)]))
        groups, clean = [], []
        for at, own in enumerate(n):
            chosen = slice(sum(n[:at]), sum(n[: at + 1]))
            rest, pool = pool[: size - own], pool[size - own :]
            groups.append(np.concatenate([planted[chosen], rest]))
            clean.append(np.concatenate([bare_of[chosen], rest]))
        return World(tuple(groups), tuple(clean))

    def owed(self, feature: int | str, world: World) -> float:
        """The share of the difference of the last group from the first that plants make."""
        if str(feature).startswith("‹"):
            return 0.0
        matrix = self._words if isinstance(feature, str) else self._presence
        column = self._column[feature] if isinstance(feature, str) else feature
        has = np.zeros(matrix.shape[0], dtype=bool)
        has[matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]] = True
        rise, rise_without = (
            float(has[groups[-1]].mean() - has[groups[0]].mean())
            for groups in (world.groups, world.clean)
        )
        return 1 - rise_without / rise if rise > 0 else 0.0

    def found(self, world: World) -> Sequence[cs.Finding | cs.TrendFinding]:
        """What a user is told."""
        groups = np.full(self.store.n_documents, None, dtype=object)
        for number, rows in enumerate(world.groups):
            groups[rows] = number
        if len(world.groups) > 2:
            return cs.trend(self.store, by=groups, settings=cs.TrendSettings(rename=False)).findings
        return cs.diff(
            self.store, by=groups, target="1", settings=cs.ComparisonSettings(rename=False)
        ).findings


def added(texts: Texts, shares: Sequence[float], size: int) -> list[str]:
    """Worlds, and how many of them had a finding owed to the plants, told as its own length."""
    hits, own, first, n = 0, 0, 0, 0
    for kind in texts.planted_kinds:
        for seed in range(N_WORLDS):
            world = texts.world(kind, shares, size, seed)
            findings = texts.found(world)
            owed = [texts.owed(one.feature, world) >= 0.5 for one in findings]
            n, hits, first = n + 1, hits + any(owed), first + any(owed[:3])
            own += any(one.adds_length for one, is_owed in zip(findings, owed, strict=True)
                       if is_owed)  # fmt: skip
    return [str(n), *(f"{count / n:.0%}" for count in (hits, first, own))]


def length_only(texts: Texts, n_worlds: int) -> Iterator[list[str]]:
    """Worlds that differ in length alone, and how many of them had any finding."""
    total = np.zeros(3, dtype=int)
    for way, draw in WAYS.items():
        counts = np.zeros(3, dtype=int)
        for seed in range(n_worlds):
            target, reference = draw(texts, np.random.default_rng([seed, len(way)]))
            nothing = World((reference, target), (reference, target))
            findings = texts.found(nothing)
            counts += [1, bool(len(findings)), any(one.adds_length for one in findings)]
        total += counts
        yield [way, *map(str, counts)]
    low, high = _interval(int(total[1]), int(total[0]))
    yield ["all", str(total[0]), f"{total[1]} ({low:.1%} to {high:.1%})", str(total[2])]


def _interval(hits: int, n: int) -> tuple[float, float]:
    found = wilson_interval(np.array([hits]), n)
    return float(found.lower[0]), float(found.upper[0])


Draw = Callable[[Texts, np.random.Generator], tuple[Rows, Rows]]


def _by(size_of: Callable[[Texts, Rows], npt.NDArray[np.float64]], strength: float, kind: str,
        most: int = 99) -> Draw:  # fmt: skip
    """Groups whose odds rise with a size by `strength` a standard deviation."""

    def draw(texts: Texts, generator: np.random.Generator) -> tuple[Rows, Rows]:
        rows = np.flatnonzero((texts.kinds == kind) & (texts.sentences <= most))
        size = size_of(texts, rows)
        chance = expit(strength * (size - size.mean()) / size.std())
        return _divided(rows, generator.random(len(rows)) < chance, generator)

    return draw


def _cut(shorter: int, longer: int) -> Draw:
    """Texts cut to 1 to `longer` first sentences against others cut to 1 to `shorter`."""

    def draw(texts: Texts, generator: np.random.Generator) -> tuple[Rows, Rows]:
        rows = np.flatnonzero((texts.kinds == "cut") & (texts.sentences <= longer))
        chance = np.where(texts.sentences[rows] <= shorter, shorter / (shorter + longer), 1.0)
        return _divided(rows, generator.random(len(rows)) < chance, generator)

    return draw


def _divided(
    rows: Rows, is_target: npt.NDArray[np.bool_], generator: np.random.Generator
) -> tuple[Rows, Rows]:
    order = generator.permutation(len(rows))
    rows, is_target = rows[order], is_target[order]
    return rows[is_target][:SIZE], rows[~is_target][:SIZE]


def _tokens(texts: Texts, rows: Rows) -> npt.NDArray[np.float64]:
    return np.log(texts.store.n_tokens[rows])


def _sentences(texts: Texts, rows: Rows) -> npt.NDArray[np.float64]:
    return texts.sentences[rows].astype(np.float64)


WAYS: dict[str, Draw] = {
    "by tokens, weakly": _by(_tokens, 0.3, "whole", LONGEST),
    "by tokens": _by(_tokens, 1.0, "whole"),
    "by tokens, strongly": _by(_tokens, 3.0, "whole"),
    "by sentences": _by(_sentences, 1.0, "whole", LONGEST),
    "cut at random, more of it in the one": _by(_sentences, 1.0, "cut"),
    "cut to 1 to 8 first sentences, to 1 to 4": _cut(4, 8),
    "cut to 1 to 3, to 1 or 2": _cut(2, 3),
    "cut to 1 or 2, to 1": _cut(1, 2),
}


def record_added(name: str) -> None:
    """Sentences that are added."""
    short, single = Texts(short_answers(name)), Texts(of_one_sentence(name))
    header = ["", "worlds", "a finding owed to it", "among the first three",
              "told as making its texts longer"]  # fmt: skip
    lines = [
        ["half of 2 to 6 sentences, " + way, *added(short, (0.0, 0.5), size)]
        for way, size in ADDED.items()
    ]
    lines += [
        ["one sentence, " + way, *added(single, (low, high), size)]
        for way, (size, low, high) in RISES.items()
    ]
    trend = added(single, GROUPS, 100)
    lines.append(["one sentence, trend of five groups of 100, 5 to 95 %", *trend])
    record(
        f"Length that a finding makes itself ({name} kinds)",
        [
            f"{len(short.planted_kinds)} kinds of sentences added to real answers, "
            f"{len(single.planted_kinds)} of short ones to single sentences; worlds a kind: "
            f"{N_WORLDS}.",
            "",
            *table(header, lines),
        ],
    )


def record_length_alone(name: str, n_worlds: int) -> None:
    """Worlds that differ in length alone."""
    header = ["500 a side", "worlds", "any finding", "told as making its texts longer"]
    found = list(length_only(Texts(short_answers(name)), n_worlds))
    record(f"Length alone ({name} prompts)", table(header, found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", choices=["report", "development"])
    parser.add_argument("--only", choices=["added", "length"])
    parser.add_argument("--worlds", type=int, default=25, help="of length alone, of each way")
    asked = parser.parse_args()
    if asked.only != "length":
        record_added(asked.kinds)
    if asked.only != "added":
        record_length_alone(asked.kinds, asked.worlds)
