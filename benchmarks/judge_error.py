"""How often intervals with a judge's error hold the truth: `python -m benchmarks.judge_error`.

Verdicts are drawn from judges with known error rates; known or planted items measure these as a
user would. Beside the corrected interval stands the one that takes the judge at its word.
"""

import numpy as np

from benchmarks.results import record, table
from corpuscope.statistics.judges.judged_differences import (
    PlantedPairs,
    Verdicts,
    judged_difference,
)
from corpuscope.statistics.judges.judged_rate_differences import judged_rate_difference
from corpuscope.statistics.judges.judged_rates import KnownAnswers, judged_rate

_RUNS = 2_000
_PERFECT = KnownAnswers(10**6, 10**6, 0, 10**6)
# True rate, sensitivity, specificity.
_RATES = ((0.3, 0.85, 0.9), (0.1, 0.85, 0.9), (0.05, 0.9, 0.95), (0.5, 0.8, 0.95))
# True difference, discordant pairs; chances that the judge names the right and the wrong side.
_DIFFERENCES = ((0.0, 0.3), (0.1, 0.2), (0.2, 0.4), (0.4, 0.5))
_TWO_RATES = ((0.3, 0.3), (0.3, 0.15), (0.6, 0.2))
_ALONE = ((0.85, 0.9), (0.7, 0.95))
_JUDGES = ((0.85, 0.05), (0.6, 0.1))
_GIVEN_FOR_NOTHING = 0.03


def rates(rng: np.random.Generator, n_known: int) -> list[tuple[object, ...]]:
    """A row for each true rate: coverage of the corrected and of the plain interval."""
    rows: list[tuple[object, ...]] = []
    for rate, se, sp in _RATES:
        held = np.zeros(2)
        for _ in range(_RUNS):
            n_yes = rng.binomial(200, rate * se + (1 - rate) * (1 - sp))
            known = KnownAnswers(
                rng.binomial(n_known, se), n_known, rng.binomial(n_known, 1 - sp), n_known
            )
            for at, items in enumerate((known, _PERFECT)):
                lower, upper = judged_rate(n_yes, 200, items).interval
                held[at] += lower <= rate <= upper
        what = f"rate {rate:g}, sensitivity {se:g}, specificity {sp:g}"
        rows.append((what, f"200, {n_known} + {n_known}", *(f"{x / _RUNS:.3f}" for x in held)))
    return rows


def rate_differences(rng: np.random.Generator, n_known: int) -> list[tuple[object, ...]]:
    """A row for each two rates: coverage of the corrected and of the plain interval."""
    rows: list[tuple[object, ...]] = []
    for one, other in _TWO_RATES:
        for se, sp in _ALONE:
            held = np.zeros(2)
            for _ in range(_RUNS):
                counts = tuple(
                    int(rng.binomial(200, rate * se + (1 - rate) * (1 - sp)))
                    for rate in (one, other)
                )
                known = KnownAnswers(
                    rng.binomial(n_known, se), n_known, rng.binomial(n_known, 1 - sp), n_known
                )
                for at, items in enumerate((known, _PERFECT)):
                    lower, upper = judged_rate_difference(counts, (200, 200), items).interval
                    held[at] += lower <= one - other <= upper
            what = f"rates {one:g} and {other:g}, sensitivity {se:g}, specificity {sp:g}"
            shares = (f"{x / _RUNS:.3f}" for x in held)
            rows.append((what, f"200 + 200, {n_known} + {n_known}", *shares))
    return rows


def differences(rng: np.random.Generator, n: int, n_planted: int) -> list[tuple[object, ...]]:
    """A row for each true difference and judge: coverage of both intervals."""
    rows: list[tuple[object, ...]] = []
    for right, wrong in _JUDGES:
        for difference, discordant in _DIFFERENCES:
            held = np.zeros(2)
            for _ in range(_RUNS):
                verdicts = _verdicts(rng, n, difference, discordant, right, wrong)
                drawn = rng.multinomial(n_planted, [right, wrong, 1 - right - wrong])
                planted = PlantedPairs(int(drawn[0]), int(drawn[1]), n_planted)
                for at, items in enumerate((planted, None)):
                    lower, upper = judged_difference(verdicts, items).interval
                    held[at] += lower <= difference <= upper
            what = f"difference {difference:g}, named rightly {right:g}, wrongly {wrong:g}"
            rows.append((what, f"{n}, {n_planted}", *(f"{x / _RUNS:.3f}" for x in held)))
    return rows


def _verdicts(
    rng: np.random.Generator, n: int, difference: float, discordant: float, right: float,
    wrong: float,
) -> Verdicts:  # fmt: skip
    ahead, behind = (discordant + difference) / 2, (discordant - difference) / 2
    target, reference, neither = rng.multinomial(n, [ahead, behind, 1 - discordant])
    given = _GIVEN_FOR_NOTHING
    named = (
        rng.multinomial(target, [right, wrong, 1 - right - wrong])
        + rng.multinomial(reference, [wrong, right, 1 - right - wrong])
        + rng.multinomial(neither, [given, given, 1 - 2 * given])
    )
    return Verdicts(int(named[0]), int(named[1]), n)


def main() -> None:
    """Record both tables as one."""
    rng = np.random.default_rng(0)
    body = [
        *rates(rng, 60), *rates(rng, 30), *rate_differences(rng, 60), *rate_differences(rng, 30),
        *differences(rng, 200, 60), *differences(rng, 76, 30),
    ]  # fmt: skip
    header = ("truth and judge", "texts, known items", "corrected", "as the judge says")
    record("Intervals that carry a judge's error", [
        f"Share of {_RUNS:,} runs in which the 95 % interval has the truth.", "",
        *table(header, body),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
