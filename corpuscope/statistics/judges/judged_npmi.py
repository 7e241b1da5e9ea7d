"""How often two properties go together, judged on documents drawn from the cells of a table.

A table of two features divides documents into cells: both, the first, the second, neither. Some
documents of each cell are judged for two properties, and stand for their cell. Where all of 60
documents of a large cell lack both properties, resampling these would never find any: intervals
are therefore those of the shares of outcomes in each cell given a prior, not of a bootstrap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.shapes import CellCounts, CellSizes, OutcomeShares
from corpuscope.statistics.judges.judged_rates import KnownAnswers

__all__ = ["JudgedNPMI", "judged_npmi"]

_N_DRAWS = 4_000
# A feature is taken to be right about a property a little more often than wrong.
_RIGHT, _WRONG = 1.0, 0.5
_MOST_UNJUDGED = 0.05
_HAS = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=bool)
_PRIOR = np.where(_HAS[:, None] == _HAS[None], _RIGHT, _WRONG).prod(axis=2)


@dataclass(frozen=True, slots=True)
class JudgedNPMI:
    """How often two properties go together.

    Attributes:
        rate_a: Share of all documents with the first property, in [0, 1].
        rate_b: Share with the second.
        rate_both: Share with both.
        value: Their NPMI, in [-1, 1]; NaN if cells of which nothing was judged have more than 5 %
            of the documents, or if the judge is no better than chance.
        interval: Its interval, for documents such as these: chance is part of it.
        interval_of_all: The interval of what judging all of these documents would give.
    """

    rate_a: float
    rate_b: float
    rate_both: float
    value: float
    interval: tuple[float, float]
    interval_of_all: tuple[float, float]


def judged_npmi(
    sizes: CellSizes,
    counts: CellCounts,
    *,
    known: tuple[KnownAnswers, KnownAnswers] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> JudgedNPMI:
    """The NPMI of two properties from the judged documents of each cell, with two intervals.

    Rates are sums over cells, each cell weighted by its size; an unclear verdict belongs in no
    count. Intervals are quantiles of 4,000 draws of the shares of outcomes, by Dirichlet
    distributions of counts plus one for the outcome that both features say, a half where one of
    them is wrong and a quarter where both are.

    Args:
        sizes: Documents in the cells: both features, the first alone, the second alone, neither.
        counts: For each cell, judged documents with both properties, the first alone, the second
            alone, neither.
        known: What the judge said of items whose answer is known, for each property; None leaves
            rates as judged.
        level: Level of the intervals.
        seed: Random seed.

    Source: Bouma 2009, Proc. GSCL, equation 7, for the NPMI; Gelman et al. 2013, "Bayesian Data
    Analysis", sections 3.4 and 8.3, for strata; Rogan and Gladen 1978, Am. J. Epidemiol. 107:71,
    applied to both properties at once, for the correction.

    Example:
        >>> counts = np.array([[40, 10, 5, 5], [2, 40, 1, 17], [1, 2, 35, 22], [0, 1, 1, 58]])
        >>> found = judged_npmi(np.array([80, 100, 120, 700]), counts)
        >>> round(found.rate_both, 3), round(found.value, 2)
        (0.059, 0.33)
    """
    judged = counts.sum(axis=1)
    unknown = float("nan")
    nothing = JudgedNPMI(unknown, unknown, unknown, unknown, (-1.0, 1.0), (-1.0, 1.0))
    is_unfit = known is not None and not all(one.youden > 0 for one in known)
    if not sizes.sum() or is_unfit:
        return nothing
    weights = sizes / sizes.sum()
    if weights[judged == 0].sum() > _MOST_UNJUDGED:
        return nothing
    # Of a small cell of which nothing was judged, what is expected of it is all that is known.
    known_of = np.where(judged[:, None] > 0, counts, _PRIOR)
    shares = known_of / known_of.sum(axis=1, keepdims=True)
    errors = None if known is None else [(one.sensitivity, one.specificity) for one in known]
    a, b, both = _rates((weights @ shares)[None, :], errors)
    value = float(_npmi(a, b, both)[0])
    rng = np.random.default_rng(seed)
    drawn = None if known is None else [_drawn_errors(one, rng) for one in known]
    ends = []
    for is_of_all in (False, True):
        some = _drawn_shares(sizes, counts, is_of_all=is_of_all, rng=rng)
        ends.append(_interval(_npmi(*_rates(some, drawn)), value, level))
    return JudgedNPMI(float(a[0]), float(b[0]), float(both[0]), value, ends[0], ends[1])


def _drawn_shares(
    sizes: CellSizes, counts: CellCounts, *, is_of_all: bool, rng: np.random.Generator
) -> OutcomeShares:
    """Draws of the shares of outcomes among all documents.

    For all of these documents, only those that were not judged vary; otherwise the sizes of cells
    vary as well.
    """
    total = sizes.sum()
    found = np.zeros((_N_DRAWS, 4))
    # A cell without documents has none in any draw.
    cells = np.flatnonzero(sizes)
    varied = rng.dirichlet(sizes[cells], _N_DRAWS)
    for at, cell in enumerate(cells.tolist()):
        within = rng.dirichlet(counts[cell] + _PRIOR[cell], _N_DRAWS)
        if is_of_all:
            n_left = int(sizes[cell] - counts[cell].sum())
            found += (counts[cell] + rng.multinomial(n_left, within)) / total
        else:
            found += varied[:, [at]] * within
    return found


def _drawn_errors(known: KnownAnswers, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws of a judge's sensitivity and specificity."""
    sensitivity = rng.beta(known.hits + 0.5, known.n_positive - known.hits + 0.5, _N_DRAWS)
    specificity = rng.beta(
        known.n_negative - known.false_alarms + 0.5, known.false_alarms + 0.5, _N_DRAWS
    )
    return sensitivity, specificity


def _rates(
    shares: OutcomeShares, errors: Sequence[tuple[np.ndarray | float, np.ndarray | float]] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rates of the first property, the second, and both; corrected where errors are known."""
    both, a, b = shares[:, 0], shares[:, 0] + shares[:, 1], shares[:, 0] + shares[:, 2]
    if errors is None:
        return a, b, both
    (found_a, none_a), (found_b, none_b) = errors
    alarm_a, alarm_b = 1 - none_a, 1 - none_b
    # A draw may make a judge no better than chance; it then says next to nothing.
    fit_a, fit_b = (np.maximum(one, 0.01) for one in (found_a - alarm_a, found_b - alarm_b))
    both = (both - alarm_b * a - alarm_a * b + alarm_a * alarm_b) / (fit_a * fit_b)
    a = np.clip((a - alarm_a) / fit_a, 0, 1)
    b = np.clip((b - alarm_b) / fit_b, 0, 1)
    return a, b, np.clip(both, np.maximum(a + b - 1, 0), np.minimum(a, b))


def _npmi(a: np.ndarray, b: np.ndarray, both: np.ndarray) -> np.ndarray:
    """NPMI of rates: -1 if the two are never together, 0 if they are always there."""
    inside = (both > 0) & (both < 1)
    together, by_chance = np.where(inside, both, 0.5), np.where(inside, a * b, 0.25)
    found: np.ndarray = np.log(together / by_chance) / -np.log(together)
    return np.where(inside, np.clip(found, -1, 1), np.where(both > 0, 0.0, -1.0))


def _interval(draws: np.ndarray, value: float, level: float) -> tuple[float, float]:
    """Quantiles of the draws, and the estimate."""
    lower, upper = (float(end) for end in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
    return min(lower, value), max(upper, value)
