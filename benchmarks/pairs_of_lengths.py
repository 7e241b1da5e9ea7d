"""Features that only follow length: `python -m benchmarks.pairs_of_lengths`.

1,500 features come with the tokens, some faster than they (the power of the length is 1, 1.5 or
2), and have nothing else to do with each other. How many pairs reach an NPMI of .3 as they are,
how many within strata of like length, and how many are significant there? All are false.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from benchmarks.results import record, table
from corpuscope.analyses.correlate.pair_statistics import division_of, pair_statistics
from corpuscope.statistics.multiplicity import q_values
from corpuscope.statistics.pairs.cooccurrence import frequent_pairs
from corpuscope.statistics.pairs.pairs_by_chance import null_pairs
from corpuscope.statistics.rates.lengths import length_quantiles, length_strata

N_WORLDS, N_FEATURES = 3, 1_500
MIN_NPMI, MIN_SUPPORT, Q = 0.3, 5, 0.05
MIDDLE_LENGTH, SHORTEST = 120, 5
POWERS = (1.0, 1.5, 2.0)

Strata = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]
RULES: dict[str, Strata] = {
    "as narrow as in `diff`": length_strata,
    "a ratio of 1.3": lambda lengths: length_strata(lengths, ratio=1.3),
    "a ratio of 1.5 (`correlate`)": lambda lengths: length_strata(lengths, ratio=1.5),
    "tenths of the documents": length_quantiles,
}


class Side(NamedTuple):
    """As much of a view as is counted."""

    presence: sp.csr_array


def world(n: int, spread: float, seed: int) -> tuple[Side, npt.NDArray[np.int64]]:
    """Documents x features, and the documents' lengths."""
    rng = np.random.default_rng(seed)
    lengths = np.maximum(rng.lognormal(np.log(MIDDLE_LENGTH), spread, n), SHORTEST).astype(np.int64)
    rates = np.exp(rng.uniform(np.log(0.006), np.log(0.15), N_FEATURES))
    columns = []
    for rate, power in zip(rates, rng.choice(POWERS, N_FEATURES), strict=True):
        weight = (lengths / lengths.mean()) ** power
        columns.append(rng.random(n) < -np.expm1(-rate * weight / weight.mean()))
    return Side(sp.csr_array(np.column_stack(columns).astype(np.int8))), lengths


def counts(side: Side, lengths: npt.NDArray[np.int64], rule: Strata) -> tuple[int, int, int]:
    """Pairs that reach the NPMI, that do within strata, and that are significant."""
    pairs = frequent_pairs(side.presence, None, min_npmi=MIN_NPMI, min_support=MIN_SUPPORT)
    found = pair_statistics(side, side, pairs, strata=rule(lengths))  # type: ignore[arg-type]
    reached = found.adjusted >= MIN_NPMI
    told = null_pairs(
        [division_of(side, side, rule(lengths))],  # type: ignore[arg-type]
        is_same=True, min_npmi=MIN_NPMI, min_support=MIN_SUPPORT,
    )  # fmt: skip
    q = q_values(np.where(reached, found.p, 1.0), told.at)
    return len(found), int(reached.sum()), int((q <= Q).sum())


def main() -> None:
    """Record the counts of all rules, summed over worlds."""
    body = []
    for n in (1_000, 5_000):
        for spread in (0.6, 1.0):
            worlds = [world(n, spread, seed) for seed in range(N_WORLDS)]
            for name, rule in RULES.items():
                every = [counts(side, lengths, rule) for side, lengths in worlds]
                reached = [f"{sum(one):,}" for one in zip(*every, strict=True)]
                body.append([f"{n:,}", spread, name, *reached])
                print(body[-1], flush=True)
    header = ["documents", "spread of log lengths", "strata", "NPMI of .3", "within strata",
              "significant"]  # fmt: skip
    told = f"{N_FEATURES:,} features that only follow length, {N_WORLDS} worlds; all are false."
    record("Pairs that only follow length", [told, "", *table(header, body)])


if __name__ == "__main__":
    main()
