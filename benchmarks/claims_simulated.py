"""What becomes of claims under judges of known errors: `python -m benchmarks.claims_simulated`.

Verdicts on 200 pairs and 60 planted ones are drawn for each claim, in both orders, and go through
the package's own tests, corrections and words. Documents are those of a made store, whose texts do
not matter here.
"""

import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.results import record, table
from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.claiming.claim import Claim
from corpuscope.claiming.judging.judge import Judge, judge_of
from corpuscope.claiming.judging.planted import Planted
from corpuscope.claiming.judging.rounds import Readings
from corpuscope.claiming.judging.verdicts import Read, claims_of
from corpuscope.claiming.material import Shown
from corpuscope.claiming.settings import ClaimSettings
from corpuscope.claiming.statement import Side, Statement
from corpuscope.labels.named_store import NamedStore
from tests.claiming.worlds import pairs, shown, statement, store

_N, _N_PLANTED, _N_CLAIMS = 200, 60, 10
_RUNS = 200
_RATE, _RARE = 0.2, 0.02
_SIDES: tuple[Side, Side] = ("target", "reference")
_ORDERS = (False, True)


@dataclass(frozen=True)
class Errors:
    """A judge's errors.

    Attributes:
        hit: Chance to find a property, in the target's text and in the reference's.
        alarm: Chance to find one that is not there.
        first: Chance to name the first text whatever is in it.
        unclear: Chance of "unclear".
        longer: Chance to name the longer text whatever is in it.
    """

    hit: tuple[float, float] = (1.0, 1.0)
    alarm: float = 0.0
    first: float = 0.0
    unclear: float = 0.0
    longer: float = 0.0

    def verdict(
        self, has: tuple[bool, bool], *, is_turned: bool, is_longer: bool, rng: np.random.Generator
    ) -> str:
        """The verdict on a pair, seen from the target."""
        if rng.random() < self.unclear:
            return "unclear"
        if rng.random() < self.first:
            return "reference" if is_turned else "target"
        if rng.random() < self.longer:
            return "target" if is_longer else "reference"
        found = [
            rng.random() < (hit if own else self.alarm)
            for own, hit in zip(has, self.hit, strict=True)
        ]
        return {(True, True): "both", (True, False): "target", (False, True): "reference"}.get(
            (bool(found[0]), bool(found[1])), "neither"
        )


@dataclass(frozen=True)
class World:
    """Pairs of a store."""

    source: NamedStore
    contrast: Contrast
    covariates: Covariates
    is_longer: npt.NDArray[np.bool_]


def world(folder: Path) -> World:
    """Pairs of texts of which the target's is longer in half."""
    source = NamedStore(store(folder / "made.scope", pairs(_N)))
    rows = np.arange(2 * _N, dtype=np.int64)
    keys = rows // 2
    rng = np.random.default_rng(0)
    lengths = rng.integers(50, 500, 2 * _N)
    covariates = Covariates(lengths, np.zeros(2 * _N, dtype=np.int64))
    contrast = Contrast("old", rows[1::2], rows[::2], is_paired=True, keys=keys)
    return World(source, contrast, covariates, lengths[1::2] > lengths[::2])


def run(
    made: World, errors: Errors, differences: list[float], seed: int, rate: float = _RATE
) -> tuple[tuple[Claim, ...], Judge]:
    """One run: a claim for each difference, of a property that is in a share of the texts."""
    rng = np.random.default_rng(seed)
    statements = [statement(findings=(i,)) for i in range(len(differences))]
    readings = Readings()
    planted: list[Planted] = []
    for i, difference in enumerate(differences):
        has = rng.random((_N, 2)) < [rate + difference, rate]
        for unit, own in enumerate(has.tolist()):
            readings.verdicts[("verdict", i, unit)] = {
                turn: errors.verdict(
                    (own[0], own[1]), is_turned=turn, is_longer=bool(made.is_longer[unit]), rng=rng
                )
                for turn in _ORDERS
            }  # type: ignore[assignment]
    for number in range(_N_PLANTED):
        i, side = number % len(differences), _SIDES[(number // len(differences)) % 2]
        others = tuple(j for j in range(len(differences)) if j != i)[:4]
        planted.append(Planted(i, side, (0, 1), ("", ""), others))
        own_first = [(i, (side == "target", side == "reference"))]
        for j, own in own_first + [(j, (False, False)) for j in others]:
            readings.verdicts[("planted", j, number)] = {
                turn: errors.verdict(
                    own, is_turned=turn, is_longer=bool(rng.random() < 0.5), rng=rng
                )
                for turn in _ORDERS
            }  # type: ignore[assignment]
    judge = judge_of(readings, statements, planted)
    read = Read(made.source, made.contrast, made.covariates, readings, judge, True)
    return claims_of(statements, _shown(statements), read, ClaimSettings()), judge


def _shown(statements: list[Statement]) -> list[Shown]:
    return [shown() for _ in statements]


_USUAL = Errors(hit=(0.85, 0.85), alarm=0.05)


def nothing(made: World) -> list[tuple[object, ...]]:
    """Runs with ten claims of which none is true that call any of them true."""
    rows: list[tuple[object, ...]] = []
    for name, errors in (
        ("errs seldom", _USUAL),
        ("names the first text in a fifth", Errors((0.85, 0.85), 0.05, first=0.2)),
        ("names the longer text in a fifth", Errors((0.85, 0.85), 0.05, longer=0.2)),
        ("cannot tell in a tenth", Errors((0.85, 0.85), 0.05, unclear=0.1)),
        ("errs often", Errors((0.65, 0.65), 0.15)),
    ):
        n_any, words = 0, Counter[str]()
        for seed in range(_RUNS):
            claims, _ = run(made, errors, [0.0] * _N_CLAIMS, seed)
            n_any += any(one.is_borne_out for one in claims)
            words.update(one.outcome for one in claims)
        share = {word: f"{n / _RUNS / _N_CLAIMS:.0%}" for word, n in words.most_common()}
        told = ", ".join(f"{word} {value}" for word, value in share.items())
        rows.append((f"no difference, judge {name}", f"{n_any / _RUNS:.1%} of runs", told))
    return rows


def position_alone(made: World) -> tuple[object, ...]:
    """A judge that always names the first text."""
    found = [run(made, Errors(first=1.0), [0.2] * 3, seed)[0] for seed in range(20)]
    largest = max(abs(one.difference) for claims in found for one in claims)
    words = sorted({one.outcome for claims in found for one in claims})
    return "judge goes by position alone", f"largest difference {largest:.3f}", ", ".join(words)


def recovered(made: World) -> list[tuple[object, ...]]:
    """How often true differences are called true among ten claims, and intervals hold them."""
    rows: list[tuple[object, ...]] = []
    for rate, difference in itertools.product((_RATE, _RARE), (0.1, 0.2, 0.4)):
        n_found = n_held = n_known = n = 0
        for seed in range(_RUNS):
            claims, _ = run(made, _USUAL, [difference] * 3 + [0.0] * 7, seed, rate)
            for one in claims[:3]:
                n += 1
                n_found += one.is_borne_out
                lower, upper = one.corrected_interval
                # A judge who seems uneven, by chance, gets no interval.
                n_known += lower == lower
                n_held += lower <= difference <= upper
        name = f"in {rate:.0%} and {difference:.2f} more, judge errs seldom"
        held = f"interval has the truth in {n_held / n_known:.1%}"
        rows.append((name, f"{n_found / n:.0%} hold", held))
    return rows


def uneven(made: World) -> list[tuple[object, ...]]:
    """How often a judge is flagged that finds a property on one side more often."""
    rows: list[tuple[object, ...]] = []
    for other in (0.85, 0.65, 0.45):
        errors = Errors(hit=(0.85, other), alarm=0.02)
        n = sum(run(made, errors, [0.1] * 3, seed)[1].is_uneven for seed in range(_RUNS))
        rows.append((f"hit rates .85 and {other:.2f} by side".replace("0.", "."),
                     f"flagged in {n / _RUNS:.0%}", ""))  # fmt: skip
    return rows


def main() -> None:
    """Record all of them."""
    with tempfile.TemporaryDirectory() as folder:
        made = world(Path(folder))
        body = [*nothing(made), position_alone(made), *recovered(made), *uneven(made)]
    record("Claims under judges of known errors", [
        f"{_RUNS} runs each; {_N_CLAIMS} claims, {_N} pairs in both orders, {_N_PLANTED} planted "
        f"pairs; a property is in {_RATE:.0%} of the reference's texts.", "",
        *table(("world", "result", "more"), body),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
