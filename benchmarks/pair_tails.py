"""How near p-values of pairs are to the exact ones: `python -m benchmarks.pair_tails`.

The exact tail of a sum of hypergeometric counts is their convolution. First of chosen rates in
1,000 documents, then of random sets of one to five strata: whether the p-value is ever below
the exact one where the tail of three moments is used. From which variance on it is used was
chosen on other sets.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from benchmarks.results import record, table
from corpuscope.statistics.pairs import cooccurrence as of_pairs
from corpuscope.statistics.pairs.cooccurrence import cooccurrence_p
from corpuscope.statistics.rates.tails import hypergeometric_pmf

Counts = npt.NDArray[np.int64]
RATES = ((0.02, 0.02), (0.1, 0.1), (0.2, 0.2), (0.3, 0.3), (0.5, 0.5), (0.1, 0.8), (0.7, 0.7))
LEVELS = (1e-2, 1e-4, 1e-8, 1e-12)
N_SETS, N_DOCUMENTS = 6000, 1000


def exact_tail(left: Counts, right: Counts, size: Counts) -> tuple[Counts, npt.NDArray[np.float64]]:
    """Each number of documents with both, and the chance of so many or more."""
    lowest, chances = 0, np.ones(1)
    for counts in zip(size.tolist(), left.tolist(), right.tolist(), strict=True):
        first, own = hypergeometric_pmf(*counts)
        lowest, chances = lowest + first, np.convolve(chances, own)
    return lowest + np.arange(len(chances)), np.cumsum(chances[::-1])[::-1]


def p_values(both: Counts, left: Counts, right: Counts, size: Counts) -> npt.NDArray[np.float64]:
    ones = np.ones(len(both), dtype=np.int64)
    return cooccurrence_p(both, left[:, None] * ones, right[:, None] * ones, size)


def of_rates() -> list[str]:
    """How many times the exact p-value it is, as a bound alone and now."""
    rows, size = [], np.array([N_DOCUMENTS])
    for rates in RATES:
        left, right = (np.array([round(rate * N_DOCUMENTS)]) for rate in rates)
        both, exact = exact_tail(left, right, size)
        cells = []
        for level in LEVELS:
            reached = np.flatnonzero(exact <= level)[:1]
            at = both[reached]
            if not len(reached) or exact[reached][0] < level / 100:
                cells.append("")
                continue
            truth = exact[reached][0]
            now = p_values(at, left, right, size)[0] / truth
            n_trials = min(int(left[0]), int(right[0]))
            bound = betainc(at, n_trials - at + 1, left * right / N_DOCUMENTS / n_trials)
            cells.append(f"{bound[0] / truth:,.1f}, **{now:.2f}**")
        rows.append([f"{rates[0]} and {rates[1]}", *cells])
    return table(["rates", *(f"{level:g}" for level in LEVELS)], rows)


def of_random_sets() -> str:
    """The smallest share of the exact p-value where the variance is large enough."""
    rng, least = np.random.default_rng(11), []
    for _ in range(N_SETS):
        n_strata = int(rng.integers(1, 6))
        size = np.exp(rng.uniform(np.log(20), np.log(3000), n_strata)).astype(np.int64)
        left, right = (random_counts(size, rng) for _ in range(2))
        variances = left * right * (size - left) * (size - right) / (size**2 * (size - 1.0))
        if variances.sum() < of_pairs._LEAST_VARIANCE:
            continue
        both, exact = exact_tail(left, right, size)
        known = (exact > 1e-15) & (exact < 0.1) & (both >= (left * right / size).sum() + 1)
        least.append((p_values(both[known], left, right, size) / exact[known]).min())
    below = sum(one < 0.999 for one in least)
    return (
        f"Of {len(least):,} random sets of strata whose variance is "
        f"{of_pairs._LEAST_VARIANCE:.0f} or more, the smallest p-value down to 1e-15 is "
        f"{min(least):.3f} of the exact one; in {below} it is below .999."
    )


def random_counts(size: Counts, rng: np.random.Generator) -> Counts:
    """How many documents of each stratum have a feature: of one rate, or of one for each."""
    rates = np.exp(rng.uniform(np.log(0.01), np.log(0.95), len(size)))
    one_rate = np.full(len(size), rng.uniform(0.02, 0.95))
    return np.round((rates if rng.random() < 0.5 else one_rate) * size).astype(np.int64)


if __name__ == "__main__":
    head = (
        f"How many times the exact p-value it is, of {N_DOCUMENTS:,} documents: the binomial "
        "bound, then **now**."
    )
    record("P-values of pairs", [head, "", *of_rates(), "", of_random_sets()])
