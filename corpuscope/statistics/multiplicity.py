"""Multiple-testing corrections, for when many features are tested at once.

NaN marks a hypothesis that was not tested: it stays NaN and is not counted.
"""

from collections.abc import Callable

import numpy as np

from corpuscope.shapes import PerTest, TestMask


def benjamini_hochberg(p: PerTest, *, n_tests: int | None = None) -> PerTest:
    """Benjamini-Hochberg q-values, in [0, 1]: those at most .05 have an FDR of at most 5 %.

    Valid for independent and for positively dependent tests.

    Args:
        p: p-values in [0, 1].
        n_tests: Total number of tests, if more than these; the others are not significant.

    Source: Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57, procedure 1.

    Example:
        >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, np.nan])).round(3)
        array([0.03, 0.04, 0.04,  nan])
        >>> benjamini_hochberg(np.array([0.01, 0.04]), n_tests=10)
        array([0.1, 0.2])
    """
    return _adjust(p, lambda ordered: _step_up(ordered, m=max(n_tests or 0, len(ordered))))


def q_values(p: PerTest, expected_false: Callable[[PerTest], PerTest]) -> PerTest:
    """q-values, in [0, 1], given how many false positives are expected at each p-value.

    If `expected_false` is `n_tests` times p, this is `benjamini_hochberg`; for discrete tests the
    expected number is smaller.

    Args:
        p: p-values in [0, 1].
        expected_false: Maps p-values to the number of tests expected to have p-values at most as
            large under the null hypothesis.

    Source: Heyse 2011; Doehler, Durand and Roquain 2018, Electron. J. Stat. 12.

    Example:
        >>> q_values(np.array([0.01, 0.04]), lambda p: 5 * p)
        array([0.05, 0.1 ])
    """
    return _adjust(p, lambda ordered: _least_from_here_on(expected_false(ordered)))


def benjamini_yekutieli(p: PerTest) -> PerTest:
    """Benjamini-Yekutieli q-values, in [0, 1], valid under arbitrary dependence of the tests.

    Source: Benjamini and Yekutieli 2001, Ann. Stat. 29, theorem 1.3.

    Example:
        >>> benjamini_yekutieli(np.array([0.01, 0.04, 0.03])).round(3)
        array([0.055, 0.073, 0.073])
    """
    # Dependence costs at most the factor 1 + 1/2 + ... + 1/m.
    harmonic = float(np.sum(1 / np.arange(1, np.count_nonzero(~np.isnan(p)) + 1)))
    return _adjust(p, lambda ordered: _step_up(ordered, m=harmonic * len(ordered)))


def holm(p: PerTest) -> PerTest:
    """Holm-adjusted p-values, in [0, 1]: those at most .05 have a family-wise error rate of 5 %.

    Source: Holm 1979, Scand. J. Stat. 6.

    Example:
        >>> holm(np.array([0.01, 0.04, 0.03])).round(3)
        array([0.03, 0.06, 0.06])
    """
    return _adjust(p, _step_down)


def can_reach_significance(least_p: PerTest, *, alpha: float = 0.05) -> TestMask:
    """Mask of the tests that could be significant at all, so that the others can be skipped.

    A feature of a dozen documents cannot have a small p-value, however they are distributed. Tests
    are kept if they can reach `alpha` divided by the number of tests kept. The others could not
    have produced a false positive, so nothing is lost by skipping them, and corrections for the
    number of tests kept are valid.

    Args:
        least_p: Smallest p-value that each test could have, given only its margins.
        alpha: Significance level, in (0, 1).

    Source: Tarone 1990, Biometrics 46; Gilbert 2005, J. R. Stat. Soc. C 54, for
    Benjamini-Hochberg.

    Example:
        >>> can_reach_significance(np.array([0.001, 0.02, 0.04]))
        array([ True,  True, False])
    """
    ordered = np.sort(least_p[~np.isnan(least_p)])
    n_kept = np.arange(1, len(ordered) + 1)
    n_reaching = np.searchsorted(ordered, alpha / n_kept, side="right")
    # Tarone's smallest number k such that at most k tests can reach alpha / k.
    enough = np.flatnonzero(n_reaching <= n_kept)
    bar = alpha / n_kept[enough[0]] if len(enough) else alpha
    kept: TestMask = least_p <= bar
    return kept


def _adjust(p: PerTest, rule: Callable[[PerTest], PerTest]) -> PerTest:
    """Apply a rule to the sorted p-values, ignoring NaN, and restore the original order."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(rule(p[order]), 1.0)
    return adjusted


def _step_up(ordered: PerTest, *, m: float) -> PerTest:
    return _least_from_here_on(ordered * m)


def _least_from_here_on(expected_false: PerTest) -> PerTest:
    raised = expected_false / np.arange(1, len(expected_false) + 1)
    # A running minimum from the largest p-value down makes q-values monotone in p.
    return np.minimum.accumulate(raised[::-1])[::-1]


def _step_down(ordered: PerTest) -> PerTest:
    return np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1))
