"""Copies, authors, threads, prompts: what is reported where documents are not independent.

`python -m benchmarks.dependent_documents [WORLD ...] [--runs 200]`. Each run writes a store in
which nothing differs between two sides (and along four years, and between features) beyond what
chance makes of the authors, threads or prompts that fall on each; `diff`, `trend`, the audit's
shortcuts and `correlate` are asked as a user would ask them: without a column, and with the one
that names what belongs together. Then differences are planted in the same worlds, and in as many
documents that are independent.

Documents have 300 features at rates of 2 to 40 %. What belongs together shares rates of its own
(normal in the logit, with a spread of .8), and in one feature of ten a habit of all or nothing.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

import corpuscope as cs
from benchmarks.results import record, table
from corpuscope.errors import NotEnoughData
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, vocabulary, write
from tests.asking import ask as ask_with

N_FEATURES, N_PLANTED, SHIFT = 300, 10, 0.3
SPREAD, HABITS = 0.8, 0.1
QUESTIONS = ("diff", "trend", "shortcuts", "correlate")

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """What belongs together, and how it falls on the sides.

    Attributes:
        name: What it is called.
        sizes: Of the clusters of each side.
        column: What names the clusters: `group` or `pair`.
        copies: How often each document is there.
        is_filled: Whether documents of a cluster are one text with a word changed.
        is_crossing: Whether each cluster has documents of both sides, half and half.
        spread: Of the clusters' rates, in the logit.
    """

    name: str
    sizes: tuple[tuple[int, ...], tuple[int, ...]]
    column: str | None = "group"
    copies: int = 1
    is_filled: bool = False
    is_crossing: bool = False
    spread: float = SPREAD


def _even(n: int, size: int) -> tuple[int, ...]:
    return (size,) * n


_FALLING = tuple(max(100 // rank, 2) for rank in range(1, 41))
_ALONE = (_even(400, 1), _even(400, 1))

WORLDS = (
    World("independent", _ALONE, column=None),
    World("copies x 2", (_even(200, 1), _even(200, 1)), column=None, copies=2),
    World("copies x 4", (_even(200, 1), _even(200, 1)), column=None, copies=4),
    World("copies x 6", (_even(200, 1), _even(200, 1)), column=None, copies=6),
    World("templates, 40 x 10", (_even(40, 10), _even(40, 10)), is_filled=True),
    World("authors, 20 x 20", (_even(20, 20), _even(20, 20))),
    World("authors, 5 x 80", (_even(5, 80), _even(5, 80))),
    World("authors, 100 x 4", (_even(100, 4), _even(100, 4))),
    World("authors, 100 to 2 texts", (_FALLING, _FALLING)),
    World("authors, 10 x 40 and 80 x 5", (_even(10, 40), _even(80, 5))),
    World("threads of both sides, 80 x 10", (_even(40, 10), _even(40, 10)), is_crossing=True),
    World("prompts with 3 answers a side", (_even(67, 6), _even(67, 6)), column="pair",
          is_crossing=True),
)  # fmt: skip


def documents(world: World, rng: np.random.Generator, *, planted: bool) -> list[Made]:
    """The documents of one run, in random order."""
    sizes = np.array(world.sizes[0] + world.sizes[1])
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    side = np.repeat([0, 1], [sum(own) for own in world.sizes])
    within = np.arange(len(cluster)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    if world.is_crossing:
        side = (within >= sizes[cluster] / 2).astype(np.int64)
    # Two years a side; clusters, or the halves of crossing ones, are of one year.
    year = 2 * side + cluster % 2
    has = rng.random((len(cluster), N_FEATURES)) < _chances(world, rng, cluster, side, planted)
    words = _words(world, rng, cluster)
    made = [
        Made(words[at], set(np.flatnonzero(has[at]).tolist()),
             {"side": "ab"[side[at]], "year": 2000 + int(year[at]), "of": f"c{cluster[at]}"})
        for at in range(len(cluster))
    ]  # fmt: skip
    return [made[at] for at in rng.permutation(len(made)) for _ in range(world.copies)]


def _chances(
    world: World, rng: np.random.Generator, cluster: Numbers, side: Numbers, planted: bool
) -> npt.NDArray[np.float64]:
    """Of each document to have each feature."""
    n_clusters = int(cluster.max()) + 1
    rate = np.exp(rng.uniform(np.log(0.02), np.log(0.4), N_FEATURES))
    chance = expit(logit(rate) + rng.normal(0, world.spread, (n_clusters, N_FEATURES)))
    if world.spread:
        n_habits = int(HABITS * N_FEATURES)
        is_habit = rng.random((n_clusters, n_habits)) < rng.uniform(0.1, 0.6, n_habits)
        chance[:, -n_habits:] = np.where(is_habit, rng.uniform(0.3, 1.0, n_habits), 0.01)
    chance = chance[cluster]
    if world.is_crossing and world.spread:
        both = rng.normal(0, world.spread / 2, (2 * n_clusters, N_FEATURES))
        chance = expit(logit(chance) + both[2 * cluster + side])
    if planted:
        chance[:, :N_PLANTED] = np.clip(chance[:, :N_PLANTED] + SHIFT * side[:, None], 0, 1)
    return chance


def _words(world: World, rng: np.random.Generator, cluster: Numbers) -> list[list[str]]:
    if not world.is_filled:
        return [vocabulary(rng, 20) for _ in cluster]
    frames = [vocabulary(rng, 30) for _ in range(int(cluster.max()) + 1)]
    names = [f"n{chr(97 + one)}{chr(97 + other)}" for one in range(26) for other in range(26)]
    chosen = rng.permutation(len(names))[np.arange(len(cluster)) % len(names)]
    return [
        [*frames[own][:15], names[name], *frames[own][15:]]
        for own, name in zip(cluster.tolist(), chosen.tolist(), strict=True)
    ]


@dataclass(frozen=True)
class Told:
    """What one question said.

    Attributes:
        n_findings: How many findings there are.
        found: Which share of the planted features is in one.
        is_warned: Whether it is said that documents belong together, or are copies.
    """

    n_findings: int
    found: float
    is_warned: bool


Ask = Callable[..., tuple[Sequence[set[Any]], Sequence[str]]]


def _diff(store: Store, **options: Any) -> tuple[list[set[Any]], Sequence[str]]:
    found = ask_with(
        cs.diff, store, by="side", target="b", words=False, rename=False, evidence=0, **options
    )
    return [set(one.features) for one in found.findings], found.warnings


def _trend(store: Store, **options: Any) -> tuple[list[set[Any]], Sequence[str]]:
    found = ask_with(cs.trend, store, by="year", words=False, rename=False, evidence=0, **options)
    return [set(one.features) for one in found.findings], found.warnings


def _shortcuts(store: Store, **options: Any) -> tuple[list[set[Any]], Sequence[str]]:
    group = options.get("group") or options.get("pair")
    found = cs.audit(
        store,
        label="side",
        checks=("shortcuts",),
        settings=cs.AuditSettings(rename=False, evidence=0, max_lines=400),
        group=group,
    )
    return [{one.feature, *_numbers(one.members)} for one in found.shortcuts], found.warnings


def _numbers(names: Sequence[str]) -> list[int]:
    """Features without a name are called by their numbers."""
    return [int(name.split()[1]) for name in names if name.startswith("feature ")]


def _correlate(store: Store, **options: Any) -> tuple[list[set[Any]], Sequence[str]]:
    group = options.get("group") or options.get("pair")
    found = cs.correlate(
        store, settings=cs.CorrelateSettings(rename=False, evidence=0), group=group
    )
    return [{one.feature_a, one.feature_b} for one in found.findings], found.warnings


_ASK: dict[str, Ask] = dict(
    zip(QUESTIONS, (_diff, _trend, _shortcuts, _correlate), strict=True)
)  # fmt: skip


def asked(store: Store, question: str, **options: Any) -> Told:
    """One question, as a user asks it."""
    try:
        findings, warnings = _ASK[question](store, **options)
    except NotEnoughData:
        return Told(0, 0.0, True)
    known = {feature for one in findings for feature in one}
    found = np.mean([feature in known for feature in range(N_PLANTED)])
    is_warned = any(
        word in told for told in warnings for word in ("'of'", "duplicates", "in its group")
    )
    return Told(len(findings), float(found), is_warned)


@dataclass(frozen=True)
class Run:
    """One world, written once.

    Attributes:
        without: Whether it is asked without the column that names what belongs together, too.
    """

    world: World
    seed: int
    planted: bool
    without: bool = False

    def answers(self) -> dict[tuple[str, str], Told]:
        """Every question, without and with the column that names what belongs together."""
        number = [world.name for world in WORLDS].index(self.world.name)
        rng = np.random.default_rng([number, self.seed, self.planted])
        with tempfile.TemporaryDirectory() as folder:
            made = documents(self.world, rng, planted=self.planted)
            store = write(Path(folder) / "s", made, n_features=N_FEATURES)
            known = {self.world.column: "of"} if self.world.column else {}
            told = {}
            for question in QUESTIONS[:3] if self.planted else QUESTIONS:
                if self.without:
                    told[question, "without"] = asked(store, question)
                if known or self.planted:
                    told[question, "with"] = asked(store, question, **known)
            return told


def _answers(run: Run) -> dict[tuple[str, str], Told]:
    return run.answers()


def main(names: Sequence[str], *, n_runs: int) -> None:
    """Each world, recorded by itself."""
    with ProcessPoolExecutor(2) as pool:
        for world in (world for world in WORLDS if not names or world.name in names):
            # Where a column names what belongs together, a quarter says what it is without it.
            n_without = n_runs if world.column is None or world.is_filled else n_runs // 4
            runs = [Run(world, seed, False, without=seed < n_without) for seed in range(n_runs)]
            null = list(pool.map(_answers, runs))
            true = list(pool.map(_answers, [Run(world, seed, True) for seed in range(n_runs // 4)]))
            alone = replace(world, spread=0.0, copies=1, is_filled=False)
            apart = list(pool.map(_answers, [Run(alone, s, True) for s in range(n_runs // 8)]))
            _record(world, null, true, apart)


Answers = Sequence[dict[tuple[str, str], Told]]


def _record(world: World, null: Answers, true: Answers, apart: Answers) -> None:
    rows = []
    for question in QUESTIONS:
        without = [run[question, "without"] for run in null if (question, "without") in run]
        known = [run[question, "with"] for run in null if (question, "with") in run]
        rows.append([
            question, _share(without), f"{np.mean([told.is_warned for told in without]):.0%}",
            _share(known) if known else "-", _found(true, question), _found(apart, question),
        ])  # fmt: skip
    n_without = sum((QUESTIONS[0], "without") in run for run in null)
    error = 196 * np.sqrt(0.05 * 0.95 / len(null))
    record(
        f"Dependent documents: {world.name}",
        [
            f"{len(null)} null worlds ({n_without} without the column): share of runs that report "
            f"anything, and mean number of findings (5 % is known within {error:.0f} points of all "
            f"runs); {len(true)} worlds with "
            f"{N_PLANTED} planted features ({100 * SHIFT:.0f} points): share of these found, as a "
            "user who names the column; and in as many independent documents.",
            "",
            *table(
                ["", "no column named", "is told so", "column named", "planted, found",
                 "of independent documents"],
                rows,
            ),
        ],
    )  # fmt: skip


def _share(told: Sequence[Told]) -> str:
    return (
        f"{np.mean([one.n_findings > 0 for one in told]):.1%} "
        f"({np.mean([one.n_findings for one in told]):.1f})"
    )


def _found(runs: Answers, question: str) -> str:
    found = [run[question, "with"].found for run in runs if (question, "with") in run]
    return f"{np.mean(found):.0%}" if found else "-"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", help="names; by default all")
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    main(options.worlds, n_runs=options.runs)
