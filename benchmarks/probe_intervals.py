"""How often 95 % intervals of probes hold the truth: of AUROCs, gains and correlations.

Scores are drawn, so that the truth is known: normal ones of one variance in both classes, of a
standard deviation of 2 in the class that is told, and rounded ones with many ties; documents on
their own, and in groups of five of one class (authors) or of both (prompts and their twins).
Beside each interval is what it replaced, the middle 95 % of bootstrap draws of whole groups.
The model of the variance and its weights (`corpuscope.statistics.estimates`) were chosen on
other draws of the same kinds.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from benchmarks.results import record, table
from corpuscope.statistics.scores.estimates import Estimate, difference_interval
from corpuscope.statistics.scores.grouped_auroc import auroc_estimate
from corpuscope.statistics.scores.grouped_correlation import correlation_estimate

Array = npt.NDArray[np.float64]
AREAS = (0.7, 0.9, 0.95, 0.98, 0.995, 0.998)
SIZES = ((15, 15), (50, 50), (500, 500), (3, 27), (10, 90), (100, 900))
N_DRAWS = 200
"""Of the bootstrap; it made a thousand."""


@dataclass(frozen=True)
class World:
    """How scores are drawn.

    Attributes:
        spread: Standard deviation in the class that is told; 1 in the other.
        step: Scores are rounded to multiples of it; 0 leaves them.
        size: Documents in a group.
        is_mixed: Whether groups have documents of both classes.
    """

    spread: float = 1.0
    step: float = 0.0
    size: int = 1
    is_mixed: bool = False

    def groups(self, m: int, n: int) -> npt.NDArray[np.int64]:
        """For each document its group; the first `m` are of the class."""
        if self.is_mixed:
            share = max(1, round(self.size * m / (m + n)))
            return np.concatenate([np.arange(m) // share, np.arange(n) // (self.size - share)])
        return np.concatenate([np.arange(m) // self.size, m + np.arange(n) // self.size])

    def noise(
        self, n_repeats: int, groups: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> Array:
        """Normal numbers, correlated by .5 within groups."""
        own = rng.standard_normal((n_repeats, len(groups)))
        if self.size == 1:
            return own
        shared = rng.standard_normal((n_repeats, int(groups.max()) + 1))
        return (own + shared[:, groups]) / np.sqrt(2)

    def scores(self, noise: Array, m: int, area: float) -> tuple[Array, float]:
        """Scores of about that AUROC, and their true one."""
        distance = float(ndtri(area)) * np.sqrt(1 + self.spread**2)
        scores = noise.copy()
        scores[:, :m] = scores[:, :m] * self.spread + distance
        if not self.step:
            return scores, area
        steps = np.arange(-60, 61) * self.step
        ends = np.stack([steps - self.step / 2, steps + self.step / 2])
        of_class = np.diff(ndtr((ends - distance) / self.spread), axis=0)[0]
        other = np.diff(ndtr(ends), axis=0)[0]
        truth = float(of_class @ (np.cumsum(other) - other / 2))
        return np.round(scores / self.step) * self.step, truth


WORLDS = {
    "normal scores": World(),
    "normal scores with ties": World(step=0.7),
    "spread of 2 in the class": World(spread=2.0),
    "groups of five, one class": World(size=5),
    "groups of four, both classes": World(size=4, is_mixed=True),
}


def held(intervals: Array, truth: float) -> str:
    """The share of intervals that hold the truth, and that of no width."""
    low, high = intervals.T
    empty = np.mean(high - low < 1e-9)
    share = np.mean((low - 1e-12 <= truth) & (truth <= high + 1e-12))
    return f"{share:.3f}".lstrip("0") + (f" ({empty:.0%} empty)" if empty >= 0.005 else "")


def drawn_areas(scores: Array, m: int, weights: Array) -> Array:
    """The AUROC in each bootstrap draw, by the order of scores."""
    order = np.argsort(-scores, kind="stable")
    positive, own = (order < m)[:, None], weights[order]
    _, at = np.unique(-scores[order], return_inverse=True)
    starts = np.flatnonzero(np.diff(at, prepend=-1))
    hits = np.add.reduceat(own * positive, starts, axis=0)
    misses = np.add.reduceat(own * ~positive, starts, axis=0)
    won = (np.cumsum(hits, axis=0) - hits / 2) * misses
    return won.sum(axis=0) / (hits.sum(axis=0) * misses.sum(axis=0))


def weights_of(groups: npt.NDArray[np.int64], rng: np.random.Generator) -> Array:
    """How often each document is in each draw of whole groups."""
    at = np.unique(groups, return_inverse=True)[1]
    n = int(at.max()) + 1
    return rng.multinomial(n, np.full(n, 1 / n), N_DRAWS).T[at].astype(np.float64)


def middle(draws: Array) -> Array:
    known = draws[~np.isnan(draws)]
    return np.quantile(known, [0.025, 0.975])


def estimated(scores: Array, m: int, groups: npt.NDArray[np.int64]) -> Estimate:
    is_of = (np.arange(len(scores)) < m)[:, None]
    return auroc_estimate(scores[:, None], is_of, groups)


def areas(world: World, n_repeats: int, rng: np.random.Generator) -> list[list[str]]:
    """For each size a row of coverages, the old interval's before the new one's."""
    rows = []
    for m, n in SIZES:
        if (world.size > 1 and m < 10) or (world.is_mixed and m != n):
            continue
        groups, cells = world.groups(m, n), []
        for area in AREAS:
            scores, truth = world.scores(world.noise(n_repeats, groups, rng), m, area)
            new = np.array([estimated(one, m, groups).interval for one in scores])
            few = scores[: n_repeats // 4]
            with np.errstate(invalid="ignore"):
                old = np.array([middle(drawn_areas(one, m, weights_of(groups, rng)))
                                for one in few])  # fmt: skip
            cells.append(f"{held(old, truth)}, **{held(new, truth)}**")
        print(m, n, cells, flush=True)
        rows.append([f"{m} and {n}", *cells])
    return rows


def differences(n_repeats: int, rng: np.random.Generator) -> list[str]:
    """Of two probes on the same documents, whose scores correlate, and on different ones."""
    rows = []
    pairs = ((0.9, 0.9), (0.98, 0.95), (0.98, 0.98), (0.998, 0.995))
    for name, correlation in (("drop", 0.0), ("gain, correlation .5", 0.5),
                              ("gain, correlation .9", 0.9)):  # fmt: skip
        for m, n in SIZES[1:3]:
            cells, groups = [], np.arange(m + n)
            for first, second in pairs:
                noise = rng.standard_normal((2, n_repeats, m + n))
                noise[1] = correlation * noise[0] + np.sqrt(1 - correlation**2) * noise[1]
                left = World().scores(noise[0], m, first)[0]
                right = World().scores(noise[1], m, second)[0]
                new, old = [], []
                for one, other in zip(left, right, strict=True):
                    both = estimated(one, m, groups), estimated(other, m, groups)
                    new.append(difference_interval(*both, paired=name != "drop"))
                    if len(old) < n_repeats // 4:
                        weights = weights_of(groups, rng)
                        again = weights if name != "drop" else weights_of(groups, rng)
                        draws = drawn_areas(one, m, weights) - drawn_areas(other, m, again)
                        old.append(middle(draws))
                truth = first - second
                cells.append(f"{held(np.array(old), truth)}, **{held(np.array(new), truth)}**")
            print(name, m, n, cells, flush=True)
            rows.append([name, f"{m} and {n}", *cells])
    header = ["", "documents", *(f"{first} and {second}" for first, second in pairs)]
    return table(header, rows)


def correlations(n_repeats: int, rng: np.random.Generator) -> list[str]:
    """Of normal numbers, on their own and in groups of five."""
    rows, truths = [], (0.5, 0.9, 0.99)
    for name, world in (("on their own", World()), ("groups of five", World(size=5))):
        for n in (30, 100, 1000):
            cells, groups = [], world.groups(n // 2, n - n // 2)
            for rho in truths:
                left, other = (world.noise(n_repeats, groups, rng) for _ in range(2))
                right = rho * left + np.sqrt(1 - rho**2) * other
                new = [correlation_estimate(one, two, groups).interval
                       for one, two in zip(left, right, strict=True)]  # fmt: skip
                old = []
                for one, two in zip(left[: n_repeats // 4], right, strict=False):
                    weights = weights_of(groups, rng)
                    old.append(middle(weighted_correlations(one, two, weights)))
                cells.append(f"{held(np.array(old), rho)}, **{held(np.array(new), rho)}**")
            print(name, n, cells, flush=True)
            rows.append([name, n, *cells])
    return table(["documents", "how many", *map(str, truths)], rows)


def weighted_correlations(left: Array, right: Array, weights: Array) -> Array:
    """Pearson's correlation in each draw."""
    shares = weights / weights.sum(axis=0)
    x, y = left[:, None] - left @ shares, right[:, None] - right @ shares
    sums = [(shares * one).sum(axis=0) for one in (x * y, x * x, y * y)]
    return sums[0] / np.sqrt(sums[1] * sums[2])


def main(n_repeats: int) -> None:
    """Record the coverage of all of them."""
    rng = np.random.default_rng(2026)
    lines = [f"Of {n_repeats:,} samples (old intervals: of a quarter), the share whose 95 % "
             "interval holds the truth; first of bootstrap draws, then **now**."]  # fmt: skip
    for name, world in WORLDS.items():
        print(name, flush=True)
        lines += ["", f"AUROC, {name} (documents of the class and others):", ""]
        lines += table(["documents", *map(str, AREAS)], areas(world, n_repeats, rng))
    lines += ["", "Differences of AUROCs (normal scores):", "", *differences(n_repeats, rng)]
    lines += ["", "Correlations with a number:", "", *correlations(n_repeats, rng)]
    record("Probe intervals: how often they hold the truth", lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=1000)
    main(parser.parse_args().repeats)
