"""Is what "could have been found" found? `python -m benchmarks.detectable [--runs 200]`.

For each design a store in which nothing differs says how far above 10 % a property would have to
lie. That difference is then planted into one feature of fresh stores of the design; the share of
runs that find it stands beside the four in five that were promised, and beside what the normal
approximation promised before.
"""

import argparse
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtri

import corpuscope as cs
from benchmarks.results import record, table
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, vocabulary, write
from tests.asking import ask as ask_with

N_FEATURES, PLANTED, RATE, POWER = 60, 7, 0.1, 0.8


@dataclass(frozen=True)
class Design:
    """How documents are compared.

    Attributes:
        name: What it is called.
        sizes: Documents of each group.
        longer: How many times as long the documents of the last group are.
        n_authors: Of each group; 0 where documents are independent.
        asked: What is asked, beside the groups.
    """

    name: str
    sizes: tuple[int, ...] = (300, 300)
    longer: float = 1.0
    n_authors: int = 0
    asked: dict[str, Any] = field(default_factory=dict)


DESIGNS = (
    Design("100 against 100", (100, 100)),
    Design("1,000 against 1,000", (1000, 1000)),
    Design("150 against 1,000", (1000, 150)),
    Design("150 pairs", (150, 150), asked={"pair": "key"}),
    Design("300 against 300, 1.4 times as long", longer=1.4),
    Design("20 authors of 15 texts a side", n_authors=20, asked={"group": "author"}),
    Design("300 against two groups of 300", (300, 300, 300)),
    Design("four versions of 150, a trend", (150,) * 4),
)


def documents(design: Design, seed: int, difference: float) -> list[Made]:
    """Documents of all groups; the last has one feature more often, in a trend evenly so."""
    rng = np.random.default_rng([len(design.name), seed])
    rates = np.exp(rng.uniform(np.log(0.03), np.log(0.4), N_FEATURES))
    rates[PLANTED] = RATE
    made = []
    for group, size in enumerate(design.sizes):
        is_last = group == len(design.sizes) - 1
        lift = group / 3 if _is_trend(design) else float(is_last)
        habits = rng.normal(0, 0.5, (max(design.n_authors, 1), N_FEATURES))
        for number in range(size):
            length = max(int(rng.lognormal(3, 0.4) * (design.longer if is_last else 1)), 3)
            author = number % max(design.n_authors, 1)
            chance = rates * (1 if design.longer == 1 else (length / 22) ** 0.5)
            if design.n_authors:
                chance = chance * np.exp(habits[author])
                chance[PLANTED] = RATE
            chance[PLANTED] += difference * lift
            has = set(np.flatnonzero(rng.random(N_FEATURES) < chance).tolist())
            about = {"side": f"g{group}", "key": number, "author": f"{group}/{author}"}
            made.append(Made(vocabulary(rng, length), has, about))
    return made


def _is_trend(design: Design) -> bool:
    return len(design.sizes) > 3


def answer(design: Design, store: Store) -> Any:
    """What is asked of a store."""
    options = {"words": False, "rename": False, "evidence": 0, **design.asked}
    if _is_trend(design):
        return ask_with(cs.trend, store, by="side", order=["g0", "g1", "g2", "g3"], **options)
    return ask_with(cs.diff, store, by="side", target=f"g{len(design.sizes) - 1}", **options)


def ask(design: Design, seed: int, difference: float, told: Callable[[Any], float]) -> float:
    """What is told of the answer in one world."""
    with tempfile.TemporaryDirectory() as folder:
        made = documents(design, seed, difference)
        return told(answer(design, write(Path(folder) / "s", made, n_features=N_FEATURES)))


def detectable(found: Any) -> float:
    """What could have been found."""
    return float(found.smallest_detectable)


def is_found(found: Any) -> float:
    """Whether the planted feature is in a finding."""
    return float(any(PLANTED in one.features for one in found.findings))


def before(design: Design) -> float:
    """What the arcsine approximation of the two smallest groups promised."""
    n1, n2 = sorted(design.sizes)[:2]
    step = (ndtri(1 - 0.05 / N_FEATURES / 2) + ndtri(POWER)) * np.sqrt(1 / n1 + 1 / n2)
    return float(np.sin(np.arcsin(np.sqrt(RATE)) + step / 2) ** 2 - RATE)


def main(n_runs: int) -> None:
    """All designs, as one table."""
    rows = []
    with ProcessPoolExecutor(2) as pool:
        for design in DESIGNS:
            said = ask(design, 0, 0.0, detectable)
            of_design = partial(ask, design)
            shares = [
                np.mean(list(pool.map(partial(_one, of_design, difference), range(1, n_runs + 1))))
                for difference in (said, before(design))
            ]
            rows.append([
                design.name, f"{100 * said:.1f}", f"{shares[0]:.2f}",
                f"{100 * before(design):.1f}", f"{shares[1]:.2f}",
            ])  # fmt: skip
            print(rows[-1], flush=True)
    record(
        "What could have been found",
        [
            f"{n_runs} runs a design. Difference that is said to be found four times in five from "
            "a rate of 10 %, in points, and how often it was; beside it the approximation that "
            "was said before.",
            "",
            *table(["design", "points", "found", "before, points", "found"], rows),
        ],
    )


def _one(of_design: Callable[..., float], difference: float, seed: int) -> float:
    return of_design(seed, difference, is_found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    main(parser.parse_args().runs)
