"""How often is `diff` wrong, and what does it find? `python -m benchmarks.decision_rules`.

Documents x features with a known truth are drawn, and the rule by which `diff` decides is set
beside others, on the same p-values, computed by the functions that `diff` uses. Features come
in families of one to four that share most of their documents, and longer documents have more
of them. A finding is right if its leader is of a family that differs at equal lengths.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import expit, logit

from benchmarks.results import record, table
from corpuscope.analyses.comparison.candidates import (
    Candidates,
    find_candidates,
    measure_all,
    replication,
)
from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.effects import direction_and_p, least_difference_p, measure
from corpuscope.analyses.comparison.groups import Contrast, Groups
from corpuscope.analyses.comparison.setup import Compared
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.statistics.multiplicity import benjamini_hochberg, can_reach_significance
from corpuscope.store.rows import StoredDocument

N_SIDE, N_FEATURES, N_RUNS, Q = 600, 3000, 200, 0.05
WORTH_A_LOOK = 0.01
RULES = (
    "raw p-values, then folded",
    "two questions: differs at all? then: at equal lengths?",
    "one question: the larger p-value",
    "the same, of features that can tell",
    "the same, and seen in both halves (`diff`)",
    "one half chooses, the other tests",
)


@dataclass(frozen=True)
class World:
    """What is drawn.

    Attributes:
        name: What is special about it.
        n_true: How many families differ at equal lengths.
        n_members: Of how many features each.
        mu: By about how many standard errors.
        longer: How many times as long the target's documents are.
        n_steep: How many features follow length steeply; the others do so gently.
        is_paired: Whether documents come in pairs about one topic.
    """

    name: str
    n_true: int = 0
    n_members: int = 4
    mu: float = 5.0
    longer: float = 1.0
    n_steep: int = 0
    is_paired: bool = False


WORLDS = (
    World("nothing differs"),
    World("one family", n_true=1, mu=4.5),
    World("ten families", n_true=10),
    World("nothing but length, 1.5 times", longer=1.5),
    World("ten families, and length 1.5 times", n_true=10, longer=1.5),
    World("five pairs of features, 60 features of length", n_true=5, n_members=2, mu=4.5,
          longer=1.15, n_steep=60),
    World("ten families, in pairs, and length 1.5 times", n_true=10, longer=1.5, is_paired=True),
)  # fmt: skip


class NoTexts:
    """In place of the source: features without places in texts."""

    def kind(self, feature: int) -> str:
        """All are of tokens."""
        return "token"

    def peaks(self, feature: int, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """At no token."""
        return np.full(len(rows), -1, dtype=np.int64)

    def documents(self, rows: npt.NDArray[np.int64]) -> list[StoredDocument]:
        """Empty ones."""
        nothing = np.zeros((0, 2), dtype=np.int64)
        return [StoredDocument("", "", nothing, nothing) for _ in rows]


@dataclass(frozen=True)
class Drawn:
    """One draw of a world: who has what, and which features are of which true family."""

    columns: TestedFeatures
    groups: Groups
    covariates: Covariates
    family: npt.NDArray[np.int64]


def drawn(world: World, rng: np.random.Generator) -> Drawn:
    """Documents of both groups; features of true families are numbered from 0."""
    n = 2 * N_SIDE
    is_target = np.arange(n) < N_SIDE
    log_length = rng.normal(0, 0.6, n)
    steepness = rng.normal(0.7, 0.3, N_FEATURES)
    topics: Any = 0.0
    if world.is_paired:
        topic = np.tile(rng.integers(0, 5, N_SIDE), 2)
        log_length = np.tile(rng.normal(0, 0.5, N_SIDE), 2) + rng.normal(0, 0.3, n)
        topics = rng.normal(0, 1, (5, N_FEATURES))[topic]
    log_length = log_length + np.where(is_target, np.log(world.longer), 0)
    n_in_true = world.n_true * world.n_members
    steepness[n_in_true : n_in_true + world.n_steep] = 3.0
    rate = np.exp(rng.uniform(np.log(0.01), np.log(0.4), N_FEATURES))
    family = np.full(N_FEATURES, -1, dtype=np.int64)
    family[:n_in_true] = np.repeat(np.arange(world.n_true), world.n_members)
    rate[:n_in_true] = np.repeat(rng.uniform(0.03, 0.3, world.n_true), world.n_members)
    chance = expit(logit(rate) + topics + steepness * log_length[:, None])
    shift = world.mu * np.sqrt(2 * rate * (1 - rate) / N_SIDE) * (family >= 0)
    chance = np.clip(chance + np.outer(is_target, shift), 0, 1)
    # Members of a family share a random number, for nine in ten documents.
    leaders = np.arange(N_FEATURES)
    sizes = rng.integers(1, 5, N_FEATURES)
    starts = n_in_true + np.cumsum(sizes) - sizes
    for start, size in zip(starts[starts < N_FEATURES], sizes, strict=False):
        leaders[start : start + size] = start
    leaders[:n_in_true] = family[:n_in_true] * world.n_members
    rate_of_leader = chance[:, leaders]
    own, shared = rng.random((2, n, N_FEATURES), dtype=np.float32)
    u = np.where(rng.random((n, N_FEATURES), dtype=np.float32) < 0.9, shared[:, leaders], own)
    presence = sp.csr_array(u < rate_of_leader)
    support = np.asarray(presence.sum(axis=0)).ravel()
    kept = np.flatnonzero((support >= 10) & (support <= n - 10))
    rows = np.arange(n)
    contrast = Contrast("other", rows[:N_SIDE], rows[N_SIDE:], world.is_paired)
    groups = Groups("target", (contrast,), (~is_target).astype(np.int64), rows % N_SIDE, ())
    lengths = np.maximum(np.round(200 * np.exp(log_length)), 1).astype(np.int64)
    covariates = Covariates(lengths, np.zeros(n, dtype=np.int64))
    return Drawn(TestedFeatures(presence[:, kept], kept, []), groups, covariates, family[kept])


def decisions(world: Drawn, rng: np.random.Generator) -> Iterator[npt.NDArray[np.int64]]:
    """For each rule the true family of each finding, -1 where it is wrong."""
    discovery, holdout = _halves(rng)
    contrast = world.groups.contrasts[0]
    every = measure(world.columns.presence, contrast, covariates=None)
    raw_p = direction_and_p([every], adjust=False)[1]
    q_raw = benjamini_hochberg(raw_p)
    raw = _found(world, world.groups, adjust=False)
    yield world.family[raw.leaders[q_raw[raw.leaders] <= Q]]
    one = _found(world, world.groups, adjust=True)
    first = benjamini_hochberg(raw_p[one.leaders], n_tests=len(raw_p))
    second = benjamini_hochberg(one.p, n_tests=int(np.count_nonzero(raw_p < WORTH_A_LOOK)))
    yield world.family[one.leaders[np.maximum(first, second) <= Q]]
    yield world.family[one.leaders[one.q <= Q]]
    kept = can_reach_significance(
        least_difference_p(world.columns.presence, world.groups.contrasts)
    )
    telling = replace(world, columns=world.columns.among(kept), family=world.family[kept])
    found = _found(telling, world.groups, adjust=True)
    yield telling.family[found.leaders[found.q <= Q]]
    halves = [world.groups.among(half) for half in (discovery, holdout)]
    presence = telling.columns.presence[:, found.leaders]
    again = replication(presence, halves, found.direction)
    yield telling.family[found.leaders[(found.q <= Q) & again.replicated]]
    chosen = _found(
        world, replace(world.groups, contrasts=(contrast.among(discovery),)), adjust=True
    )
    presence = world.columns.presence[:, chosen.leaders]
    tested = measure(presence, contrast.among(holdout), covariates=world.covariates)
    direction, p = direction_and_p([tested], adjust=True)
    p = np.where(direction == chosen.direction, p, 1.0)
    yield world.family[chosen.leaders[benjamini_hochberg(p) <= Q]]


def _found(world: Drawn, groups: Groups, *, adjust: bool) -> Candidates:
    no_texts: Any = NoTexts()
    compared = Compared(no_texts, groups, world.columns, world.covariates)
    return find_candidates(compared, measure_all(compared), adjust=adjust, q=Q)


def _halves(rng: np.random.Generator) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Half of the numbers within a group, so that pairs stay together."""
    is_first = np.tile(rng.permutation(N_SIDE) < N_SIDE // 2, 2)
    return is_first, ~is_first


def main() -> None:
    """All worlds and rules, as one table."""
    body: dict[str, list[str]] = {rule: [] for rule in RULES}
    for number, world in enumerate(WORLDS):
        found: dict[str, list[tuple[float, float, bool]]] = {rule: [] for rule in RULES}
        for run in range(N_RUNS):
            rng = np.random.default_rng([number, run])
            one = drawn(world, rng)
            for rule, family in zip(RULES, decisions(one, rng), strict=True):
                right = len(np.unique(family[family >= 0])) / max(world.n_true, 1)
                wrong = float(np.mean(family < 0)) if len(family) else 0.0
                found[rule].append((right, wrong, len(family) > 0))
        for rule, runs in found.items():
            right, wrong, any_found = np.mean(runs, axis=0)
            cell = f"{right:.2f} / {wrong:.3f}" if world.n_true else f"{any_found:.3f}"
            body[rule].append(cell)
        print(world.name, {rule: cells[-1] for rule, cells in body.items()}, flush=True)
    record(
        "Rules of decision: simulated worlds",
        [
            f"{N_RUNS} runs of 2 x {N_SIDE} documents and {N_FEATURES:,} features. Where "
            "something is true: share of the true families found / mean share of wrong ones "
            f"among the findings, where {Q} was promised. Where nothing is: share of runs that "
            "report anything. Standard errors: at most .01 of the wrong shares, .02 of the rest.",
            "",
            *table(
                ["rule", *(world.name for world in WORLDS)],
                [[rule, *cells] for rule, cells in body.items()],
            ),
        ],
    )


if __name__ == "__main__":
    main()
