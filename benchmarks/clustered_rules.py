"""Which test holds where documents belong together? `python -m benchmarks.clustered_rules`.

Presence is drawn for authors with rates of their own, without texts, and nothing differs between
two sides; the rule of `statistics/clusters/clustered` stands beside the usual ones. Then fifty
features are planted that one side has 30 points more often.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import expit, logit, stdtr

from benchmarks.results import record, table
from corpuscope.statistics.clusters.clustered import clustered_p
from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.rate_tests import two_rates_p
from corpuscope.statistics.rates.tails import skewed_tail

N_FEATURES, N_RUNS, Q = 3000, 40, 0.05
SPREAD, HABITS, N_PLANTED, SHIFT = 0.8, 0.15, 50, 0.3
BARS = (0.01, 0.0001)

Presence = npt.NDArray[np.float64]
Sides = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Rule = Callable[[Presence, Sides, Numbers], npt.NDArray[np.float64]]

_FALLING = [max(100 // rank, 1) for rank in range(1, 41)]
WORLDS = {
    "20 authors x 20 texts a side": ([20] * 20, [20] * 20),
    "5 x 80": ([80] * 5, [80] * 5),
    "100 x 4": ([4] * 100, [4] * 100),
    "100 to 2 texts": (_FALLING, _FALLING),
    "5 x 80 and 100 x 4": ([80] * 5, [4] * 100),
    "40 x 10 and 400 x 2": ([10] * 40, [2] * 400),
}


def drawn(
    sizes: tuple[list[int], list[int]], rng: np.random.Generator, *, n_planted: int
) -> tuple[Presence, Sides, Numbers, npt.NDArray[np.bool_]]:
    """Presence, sides, authors, and which features are planted."""
    every = sizes[0] + sizes[1]
    author = np.repeat(np.arange(len(every)), every)
    side = (author < len(sizes[0])).astype(float)
    rate = np.exp(rng.uniform(np.log(0.01), np.log(0.5), N_FEATURES))
    chance = expit(logit(rate) + rng.normal(0, SPREAD, (len(every), N_FEATURES)))
    n_habits = int(HABITS * N_FEATURES)
    has_habit = rng.random((len(every), n_habits)) < rng.uniform(0.05, 0.6, n_habits)
    chance[:, -n_habits:] = np.where(has_habit, rng.uniform(0.3, 1.0, n_habits), 0.003)
    chance = chance[author]
    chance[:, :n_planted] = np.clip(chance[:, :n_planted] + SHIFT * side[:, None], 0, 1)
    presence = rng.random(chance.shape) < chance
    support = presence.sum(axis=0)
    kept = (support >= 10) & (support <= len(author) - 10)
    return presence[:, kept].astype(float), side, author, (np.arange(N_FEATURES) < n_planted)[kept]


def independent(presence: Presence, side: Sides, author: Numbers) -> npt.NDArray[np.float64]:
    """As if documents had nothing to do with each other."""
    counts = [presence[side == which].sum(axis=0).astype(np.int64) for which in (1, 0)]
    return two_rates_p(counts[0], int(side.sum()), counts[1], int((1 - side).sum()))


def robust(presence: Presence, side: Sides, author: Numbers) -> npt.NDArray[np.float64]:
    """Each side's error from its own clusters, with Welch's degrees of freedom."""
    difference, variance, terms = 0.0, 0.0, 0.0
    for which, sign in ((1, 1), (0, -1)):
        rows = side == which
        rate = presence[rows].mean(axis=0)
        pull = _summed(presence[rows] - rate, author[rows]) / rows.sum()
        sizes = np.bincount(author[rows])
        n = (sizes.sum() ** 2) / (sizes**2).sum()
        part = np.maximum((pull**2).sum(axis=0), 1e-9) * n / (n - 1)
        difference = difference + sign * rate
        variance, terms = variance + part, terms + part**2 / (n - 1)
    found: npt.NDArray[np.float64] = 2 * stdtr(
        variance**2 / terms, -np.abs(difference) / np.sqrt(variance)
    )
    return found


def reassigned(presence: Presence, side: Sides, author: Numbers) -> npt.NDArray[np.float64]:
    """Whole clusters change places, by the moments of that, feature by feature."""
    residual = _summed(presence - presence.mean(axis=0), author)
    n = len(residual)
    place = np.bincount(author, weights=side) / np.bincount(author)
    place = place - place.mean()
    away = residual - residual.mean(axis=0)
    variance = np.maximum((place**2).sum() * (away**2).sum(axis=0) / (n - 1), 1e-9)
    third = n / ((n - 1) * (n - 2)) * (place**3).sum() * (away**3).sum(axis=0)
    z = place @ residual / np.sqrt(variance)
    return skewed_tail(z, third / variance**1.5, alternative="two-sided")


def ours(presence: Presence, side: Sides, author: Numbers) -> npt.NDArray[np.float64]:
    """The larger one of the independent p-value and that of `clustered_p`."""
    strata = np.zeros(len(author), dtype=np.int64)
    p = clustered_p(sp.csr_array(presence), side, strata=strata, clusters=author)
    return np.maximum(p, independent(presence, side, author))


RULES: dict[str, Rule] = {
    "as if independent": independent,
    "robust error alone": robust,
    "reassigned, feature by feature": reassigned,
    "`diff` with group": ours,
}


def _summed(values: Presence, numbers: Numbers) -> Presence:
    known, own = np.unique(numbers, return_inverse=True)
    member = sp.csr_array((np.ones(len(own)), (own, np.arange(len(own)))), (len(known), len(own)))
    found: Presence = member @ values
    return found


def main() -> None:
    """All worlds and rules, as two tables."""
    null: dict[str, list[str]] = {name: [] for name in RULES}
    true: dict[str, list[str]] = {name: [] for name in RULES}
    for number, (world, sizes) in enumerate(WORLDS.items()):
        told: dict[str, list[list[float]]] = {name: [] for name in RULES}
        found: dict[str, list[list[float]]] = {name: [] for name in RULES}
        for run in range(N_RUNS):
            rng = np.random.default_rng([number, run])
            presence, side, author, _ = drawn(sizes, rng, n_planted=0)
            for name, rule in RULES.items():
                p = rule(presence, side, author)
                n = float((benjamini_hochberg(p) <= Q).sum())
                told[name].append([n > 0, n, *(float((p < bar).mean()) / bar for bar in BARS)])
            presence, side, author, is_planted = drawn(sizes, rng, n_planted=N_PLANTED)
            for name, rule in RULES.items():
                is_found = benjamini_hochberg(rule(presence, side, author)) <= Q
                wrong = float((is_found & ~is_planted).sum() / max(is_found.sum(), 1))
                found[name].append([float(is_found[is_planted].mean()), wrong])
        for name in RULES:
            share, n, *ratios = np.mean(told[name], axis=0)
            null[name].append(f"{share:.0%} ({n:.0f}); {ratios[0]:.1f}, {ratios[1]:.1f}")
            right, wrong = np.mean(found[name], axis=0)
            true[name].append(f"{right:.2f} / {wrong:.3f}")
        print(world, {name: cells[-1] for name, cells in null.items()}, flush=True)
    record(
        "Rules for documents that belong together",
        [
            f"{N_RUNS} runs of {N_FEATURES:,} features; authors have rates of their own (a spread "
            f"of {SPREAD} in the logit), {HABITS:.0%} of features are habits of all or nothing. "
            "Where nothing differs: share of runs with a q-value of at most .05 (mean number of "
            "these); p-values below .01 and below .0001 over what there should be.",
            "",
            *table(["rule", *WORLDS], [[name, *cells] for name, cells in null.items()]),
            "",
            f"With {N_PLANTED} planted features: share of these found / share of wrong ones among "
            "the findings (.05 promised).",
            "",
            *table(["rule", *WORLDS], [[name, *cells] for name, cells in true.items()]),
        ],
    )


if __name__ == "__main__":
    main()
