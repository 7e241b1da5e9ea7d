"""Descriptions on one line, and the share of a variance that lies between clusters."""

import re
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import f_oneway

from corpuscope.analyses.cluster.descriptions import ClusterFeature
from corpuscope.analyses.cluster.finding import description_of, share_between


def feature(label: str, inside: float, outside: float) -> ClusterFeature:
    return ClusterFeature(
        1, "token", label, 0.9, "here", inside, outside, inside - outside, 0.1, True, 0
    )


def test_a_description_gives_both_rates_of_each_feature() -> None:
    told = description_of((feature("thou", 0.503, 0.071), feature("ye", 1.0, 0.0)))
    first, second = told.split("; ")
    assert re.fullmatch(r"thou \(50% \D+ 7%\)", first)
    assert re.fullmatch(r"ye \(100% \D+ 0%\)", second)
    assert description_of(()) == ""


def test_the_share_is_that_of_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(0)
    values, labels = rng.standard_normal(60), rng.integers(0, 4, 60)
    values += labels
    sides = [values[labels == one] for one in range(4)]
    f = float(f_oneway(*sides).statistic)
    # F is the share explained over the share left, each by its degrees of freedom.
    expected = 3 * f / (3 * f + 56)
    assert share_between(values, labels) == pytest.approx(expected)
    assert share_between(5 * values - 3, labels) == pytest.approx(expected)


def test_equal_values_and_one_cluster_share_nothing() -> None:
    assert share_between(np.ones(4), np.array([0, 1, 0, 1])) == 0
    assert share_between(np.arange(4.0), np.zeros(4, dtype=np.int64)) == pytest.approx(0)


def test_a_number_without_documents_changes_nothing() -> None:
    values = np.array([1.0, 2, 5, 6])
    shares = [share_between(values, np.array(labels)) for labels in ([0, 0, 1, 1], [0, 0, 3, 3])]
    assert all(one == pytest.approx(other) for one, other in pairwise(shares))
    assert shares[0] == pytest.approx(16 / 17)
