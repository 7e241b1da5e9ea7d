"""How far is the target from the nearest of several groups? `python -m benchmarks.nearest_group`.

Counts are drawn; the plain difference from the nearest group stands beside the corrected one.
"""

import numpy as np

from benchmarks.results import record, table
from corpuscope.statistics.rates.extremes import smallest_difference

N_RUNS = 4000
WORLDS = {
    "2 groups at .20": (200, (0.2,) * 2),
    "4 groups at .20": (200, (0.2,) * 4),
    "9 groups at .20": (200, (0.2,) * 9),
    "9 groups at .20, of 1,000": (1000, (0.2,) * 9),
    "one at .20, eight at .15": (200, (0.2,) + (0.15,) * 8),
    "one at .20, eight at .10": (200, (0.2,) + (0.1,) * 8),
    "9 groups from .05 to .20": (200, tuple(np.linspace(0.05, 0.2, 9).tolist())),
}
TARGET = 0.3


def main() -> None:
    """All worlds, as one table."""
    rows = []
    for number, (name, (n, rates)) in enumerate(WORLDS.items()):
        rng = np.random.default_rng(number)
        own = rng.binomial(n, TARGET, N_RUNS) / n
        others = rng.binomial(n, np.array(rates)[:, None], (len(rates), N_RUNS)) / n
        difference, truth = own - others, TARGET - max(rates)
        own_error = np.sqrt(others * (1 - others) / n)
        error = np.hypot(own_error, np.sqrt(own * (1 - own) / n))
        plain, at = difference.min(axis=0), difference.argmin(axis=0)[None]
        half = 1.96 * np.take_along_axis(error, at, axis=0)[0]
        found = smallest_difference(difference, error, own_error)
        lower, upper = found.interval
        rows.append([
            name, f"{plain.mean():.3f}", f"{np.mean(np.abs(plain - truth) <= half):.3f}",
            f"{found.estimate.mean():.3f}", f"{np.mean((lower <= truth) & (truth <= upper)):.3f}",
        ])  # fmt: skip
    record(
        "The nearest of several groups",
        [
            f"{N_RUNS:,} runs, 200 documents a group unless told otherwise, the target at "
            f"{TARGET}; "
            "the true difference is .10. Mean and coverage of the 95 % interval.",
            "",
            *table(
                ["groups", "plain, mean", "plain, coverage", "corrected, mean",
                 "corrected, coverage"],
                rows,
            ),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
