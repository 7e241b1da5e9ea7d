"""Slopes and tests over ordered groups agree with their definitions and with one another."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import fisher_exact, norm

from corpuscope.analyses.comparison.covariates import Covariates
from corpuscope.analyses.trend import slopes
from corpuscope.analyses.trend.ordered_groups import OrderedGroups, find_ordered_groups
from corpuscope.analyses.trend.slopes import (
    adjusted_trend,
    both,
    least_slope_p,
    length_adjusted_p,
    own_trend_p,
    rates_of,
    raw_slope,
    raw_trend,
    share_overlapping,
)
from corpuscope.statistics.rates.intervals import wilson_interval

N, N_GROUPS = 240, 4
YEAR = np.arange(N) % N_GROUPS


def groups_of(years: np.ndarray = YEAR, keys: np.ndarray | None = None) -> OrderedGroups:
    return find_ordered_groups(
        years.astype(object), by="year", order=None, max_groups=12,
        keys=None if keys is None else keys.astype(object), pair="prompt",
    )  # fmt: skip


def with_clusters(groups: OrderedGroups, clusters: np.ndarray, presence: Any) -> OrderedGroups:
    counted = groups.counting(groups.rows, texts=np.arange(N), clusters=clusters)
    return counted.calibrated(presence)


def rising(*steps: float) -> sp.csr_array:
    """A feature for each step, in 30 % of the first group and so much more in each next one."""
    chance = 0.3 + np.outer(YEAR, steps)
    return sp.csr_array(np.random.default_rng(1).random((N, len(steps))) < chance)


def equally_long(n: int = N) -> Covariates:
    return Covariates(np.full(n, 20), np.zeros(n, dtype=np.int64))


def test_the_slope_is_that_of_the_line_of_least_squares() -> None:
    presence = rising(0.15, 0.0, -0.05)
    found = raw_slope(presence, groups_of())
    for feature in range(3):
        has = presence.toarray()[:, feature].astype(float)
        assert found.slope[feature] == pytest.approx(np.polyfit(YEAR, has, 1)[0])
    assert (found.lower < found.slope).all()
    assert (found.slope < found.upper).all()
    assert np.isnan(found.p_value).all()


def test_documents_that_take_no_part_do_not_count() -> None:
    presence = rising(0.15)
    some = np.random.default_rng(0).random(N) < 0.5
    groups = groups_of().among(some)
    has = presence.toarray()[some, 0].astype(float)
    assert raw_slope(presence, groups).slope[0] == pytest.approx(np.polyfit(YEAR[some], has, 1)[0])
    alone = raw_trend(sp.csr_array(presence[some]), groups_of(YEAR[some]))
    assert raw_trend(presence, groups)[1] == pytest.approx(alone[1])


def test_within_keys_only_what_changes_within_them_counts() -> None:
    """Keys 0 to 59 have one document of each year; every second key has it throughout."""
    keys = np.arange(N) // N_GROUPS
    dense = np.zeros((N, 2), dtype=bool)
    dense[:, 0] = keys % 2 == 0
    dense[:, 1] = dense[:, 0] | (YEAR == 3)
    presence = sp.csr_array(dense)
    groups = groups_of(keys=keys)
    found = raw_slope(presence, groups)
    centred = YEAR - 1.5
    truth = [(dense[:, f] * centred).sum() / (centred**2).sum() for f in (0, 1)]
    assert found.slope == pytest.approx(truth, abs=1e-12)
    direction, p = raw_trend(presence, groups)
    assert direction.tolist() == [0, 1]
    assert p[0] == 1.0
    assert p[1] < 1e-6


def test_the_direction_is_that_of_the_slope_and_swaps_with_the_order() -> None:
    presence = rising(0.15, 0.0, -0.09)
    direction, p = raw_trend(presence, groups_of())
    assert (direction[[0, 2]] == [1, -1]).all()
    assert (p[[0, 2]] < 0.001).all()
    assert p[1] > 0.01
    back = raw_trend(presence, groups_of(N_GROUPS - 1 - YEAR))
    assert back[0].tolist() == (-direction).tolist()
    assert back[1] == pytest.approx(p)
    slope, turned = (raw_slope(presence, groups_of(y)) for y in (YEAR, N_GROUPS - 1 - YEAR))
    assert turned.slope == pytest.approx(-slope.slope)
    assert turned.lower == pytest.approx(-slope.upper)


def test_features_of_all_or_none_have_no_trend() -> None:
    presence = sp.csr_array(np.repeat([[True, False]], N, axis=0))
    direction, p = raw_trend(presence, groups_of())
    assert (direction.tolist(), p.tolist()) == ([0, 0], [1.0, 1.0])
    assert raw_slope(presence, groups_of()).slope == pytest.approx([0, 0])
    assert least_slope_p(presence, groups_of()) == pytest.approx([1, 1])


def test_the_least_p_value_is_that_of_all_documents_at_one_end() -> None:
    order = np.argsort(-YEAR, kind="stable")
    dense = np.zeros((N, 3), dtype=bool)
    for feature, n in enumerate((3, 30, 100)):
        dense[order[:n], feature] = True
    mixed = np.random.default_rng(0).permuted(dense, axis=0)
    at_end = raw_trend(sp.csr_array(dense), groups_of())[1]
    assert least_slope_p(sp.csr_array(mixed), groups_of()) == pytest.approx(at_end)


def test_clusters_make_p_values_and_intervals_wider() -> None:
    """Each author's texts are of one year, and have a feature all or none."""
    authors = np.arange(N) // 12
    years = authors % N_GROUPS
    rng = np.random.default_rng(3)
    presence = sp.csr_array(
        (rng.random((20, 30)) < 0.2 + 0.1 * (np.arange(20) % 4)[:, None])[authors]
    )
    groups = groups_of(years)
    clustered = with_clusters(groups, authors, presence)
    alone, robust = raw_trend(presence, groups), raw_trend(presence, clustered)
    assert robust[0].tolist() == alone[0].tolist()
    assert (robust[1] >= alone[1]).all()
    assert np.median(robust[1]) > 10 * np.median(alone[1])
    narrow, wide = raw_slope(presence, groups), raw_slope(presence, clustered)
    assert wide.slope == pytest.approx(narrow.slope)
    for one, other in ((narrow.lower, wide.lower), (-narrow.upper, -wide.upper)):
        assert (other <= one + 1e-12).all()
        assert np.median(narrow.slope - other) > 0
    widths = [(one.upper - one.lower).mean() for one in (narrow, wide)]
    assert 2 < widths[1] / widths[0] < 4  # The square root of twelve, at most.
    adjusted = adjusted_trend(presence, clustered, equally_long())
    assert (adjusted.p_value >= robust[1] - 1e-12).all()


def test_at_equal_lengths_adjusting_changes_nothing() -> None:
    presence = rising(0.15, 0.0, -0.05)
    found = adjusted_trend(presence, groups_of(), equally_long())
    assert found.slope == pytest.approx(raw_slope(presence, groups_of()).slope)
    assert found.p_value == pytest.approx(raw_trend(presence, groups_of())[1], rel=0.05)


def test_a_stratum_that_explains_a_trend_takes_it_away() -> None:
    """Texts of the second stratum have it, and there are ever more of them."""
    strata = (np.random.default_rng(2).random(N) < 0.1 + 0.25 * YEAR).astype(np.int64)
    presence = sp.csr_array(strata[:, None].astype(bool))
    covariates = Covariates(np.full(N, 20), strata)
    assert raw_trend(presence, groups_of())[1][0] < 1e-6
    found = adjusted_trend(presence, groups_of(), covariates)
    assert found.slope[0] == pytest.approx(0, abs=1e-9)
    assert found.p_value[0] == pytest.approx(1)


def test_of_tokens_and_sentences_the_less_significant_counts() -> None:
    """What one of them explains is explained."""
    longer = (np.random.default_rng(2).random(N) < 0.1 + 0.25 * YEAR).astype(np.int64)
    presence = sp.csr_array(np.column_stack([longer > 0, rising(0.15).toarray()[:, 0]]))
    strata, same = np.zeros(N, dtype=np.int64), np.full(N, 7)
    explained = 20 + 300 * longer
    for covariates in (Covariates(explained, strata, same), Covariates(same, strata, explained)):
        found = adjusted_trend(presence, groups_of(), covariates)
        assert found.p_value[0] == pytest.approx(1)
        assert found.p_value[1] < 0.01
    unexplained = adjusted_trend(presence, groups_of(), Covariates(same, strata, same))
    assert unexplained.p_value[0] < 1e-6


def test_the_rate_per_token_is_not_asked_of_pairs() -> None:
    presence, sentences = rising(0.15), np.full(N, 2)
    covariates = Covariates(np.full(N, 20), np.zeros(N, dtype=np.int64), sentences)
    assert own_trend_p(presence, groups_of(), covariates) is not None
    assert own_trend_p(presence, groups_of(keys=np.arange(N) // N_GROUPS), covariates) is None
    assert own_trend_p(presence, groups_of(), equally_long()) is None


def slopes_of(slope: list[float], p: list[float]) -> Any:
    return slopes.TestedSlope(np.array(slope), np.array(slope), np.array(slope), np.array(p))


def test_adjusting_may_not_turn_the_direction() -> None:
    direction = np.array([1, -1, 1, -1, 0])
    found = length_adjusted_p(direction, slopes_of([0.1, -0.1, -0.1, np.nan, 0.1], [0.01] * 5))
    assert found.tolist() == [0.01, 0.01, 1.0, 1.0, 1.0]


def test_both_tests_must_hold_or_the_rate_per_token_in_the_place_of_one() -> None:
    raw = (np.array([1, 1, 1, 1, -1]), np.array([0.02, 0.001, 0.001, 0.001, 0.5]))
    adjusted = slopes_of([0.1, 0.1, -0.1, -0.1, -0.1], [0.001, 0.02, 0.001, 0.001, 0.001])
    may_add = np.array([True, True, True, False, True])
    direction, p = both(raw, adjusted, own=None, may_add=may_add)
    assert direction.tolist() == [1, 1, 0, 0, -1]
    assert p == pytest.approx([0.02, 0.02, 1.0, 1.0, 0.5])
    own = np.full(5, 0.0005)
    direction, p = both(raw, adjusted, own=own, may_add=may_add)
    # Nine tenths of the error rate are the adjusted test's, one tenth the other's.
    assert direction.tolist() == [1, 1, 1, 0, -1]
    assert p == pytest.approx([0.02, 0.005, 0.005, 1.0, 0.5])


def test_rates_are_counted_in_each_group_with_their_intervals() -> None:
    presence = rising(0.15, -0.05)
    groups = groups_of().among(np.arange(N) >= 40)
    found = rates_of(presence, groups, np.array([1, -1]))
    dense = presence.toarray()
    for group in range(N_GROUPS):
        rows = np.flatnonzero((group == YEAR) & (np.arange(N) >= 40))
        assert found.rate[group] == pytest.approx(dense[rows].mean(axis=0))
        ends = wilson_interval(dense[rows].sum(axis=0), len(rows))
        assert found.lower[group] == pytest.approx(ends.lower)
        assert found.upper[group] == pytest.approx(ends.upper)


def turning(*counts: int) -> sp.csr_array:
    """A feature that so many of the sixty documents of each group have."""
    dense = np.zeros((N, 1), dtype=bool)
    for group, n in enumerate(counts):
        dense[np.flatnonzero(group == YEAR)[:n]] = True
    return sp.csr_array(dense)


@pytest.mark.parametrize(
    ("counts", "direction", "turns"),
    [
        ((10, 20, 30, 40), 1, False),
        ((10, 20, 30, 40), -1, True),
        ((5, 50, 50, 20), 1, True),
        ((5, 20, 24, 20), 1, False),
        ((50, 20, 20, 50), -1, True),
        ((40, 30, 20, 10), -1, False),
        ((20, 20, 20, 20), 1, False),
    ],
)
def test_a_trend_turns_where_a_later_group_is_surely_behind_an_earlier_one(
    counts: tuple[int, ...], direction: int, turns: bool
) -> None:
    found = rates_of(turning(*counts), groups_of(), np.array([direction]))
    assert found.turns.tolist() == [turns]


def test_a_turn_is_sure_among_all_pairs_of_groups() -> None:
    """At the bar: the p-value of two groups, by Fisher's test, times six."""
    for n in range(20, 41):
        found = rates_of(turning(10, 40, 40, n), groups_of(), np.array([1]))
        p = fisher_exact([[40, 20], [n, 60 - n]]).pvalue
        if not 0.5 < 6 * p / 0.05 < 2:  # The package's test is not quite Fisher's.
            assert found.turns[0] == (6 * p < 0.05)
    assert norm.sf(2.4) < 0.05 / 6


def test_documents_are_comparable_where_another_group_has_one_of_their_length() -> None:
    years, lengths = np.array([0, 1, 2, 0, 1]), np.array([10, 10, 10, 1000, 50])
    groups = groups_of(years)
    strata = np.zeros(5, dtype=np.int64)
    assert share_overlapping(groups, Covariates(lengths, strata)) == pytest.approx(3 / 5)
    apart = np.array([0, 1, 1, 0, 0])
    assert share_overlapping(groups, Covariates(lengths, apart)) == pytest.approx(2 / 5)
    sentences = np.array([1, 1, 90, 1, 9000])
    by_both = Covariates(np.full(5, 10), strata, sentences)
    assert share_overlapping(groups, by_both) == pytest.approx(3 / 5)
    paired = groups_of(years, keys=np.array([1, 1, 2, 2, 2]))
    assert share_overlapping(paired, Covariates(lengths, strata)) == 1.0
    assert share_overlapping(paired, Covariates(lengths, apart)) == pytest.approx(2 / 5)
