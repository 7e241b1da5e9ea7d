"""From p-values to decisions when many features are asked at once.

NaN stands for a question that was not asked: it stays NaN and is not counted.
"""

from collections.abc import Callable

import numpy as np

from corpuscope.shapes import PerTest


def benjamini_hochberg(p: PerTest) -> PerTest:
    """q-values in [0, 1]: those at most .05 hold at most 5 % false discoveries on average.

    Right for independent and for positively dependent tests.

    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57, procedure 1.

    Example:
        >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, np.nan])).round(3)
        array([0.03, 0.04, 0.04,  nan])
    """
    return _adjust(p, lambda ordered: _step_up(ordered, factor=1.0))


def benjamini_yekutieli(p: PerTest) -> PerTest:
    """q-values in [0, 1] that are right however the tests depend on each other.

    Source: Benjamini and Yekutieli 2001, Ann. Stat. 29, theorem 1.3.

    Example:
        >>> benjamini_yekutieli(np.array([0.01, 0.04, 0.03])).round(3)
        array([0.055, 0.073, 0.073])
    """
    harmonic = float(np.sum(1 / np.arange(1, np.count_nonzero(~np.isnan(p)) + 1)))
    return _adjust(p, lambda ordered: _step_up(ordered, factor=harmonic))


def holm(p: PerTest) -> PerTest:
    """Adjusted p-values in [0, 1]: those at most .05 hold no error with a chance of 95 %.

    Source: Holm 1979, Scand. J. Stat. 6.

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(3)
        array([0.03, 0.06, 0.06])
    """
    return _adjust(p, _step_down)


def _adjust(p: PerTest, rule: Callable[[PerTest], PerTest]) -> PerTest:
    """Apply a rule to the sorted p-values that are known and put the answers back in place."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(rule(p[order]), 1.0)
    return adjusted


def _step_up(ordered: PerTest, *, factor: float) -> PerTest:
    m = len(ordered)
    raised = ordered * (factor * m) / np.arange(1, m + 1)
    return np.minimum.accumulate(raised[::-1])[::-1]


def _step_down(ordered: PerTest) -> PerTest:
    return np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1))
