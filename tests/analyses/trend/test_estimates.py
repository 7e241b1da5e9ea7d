"""What rises or falls is found with its slope, its steps, and its halves."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup, set_up
from corpuscope.analyses.trend.estimates import (
    Trends,
    find_trends,
    trend_findings,
    trend_replicated,
)
from corpuscope.analyses.trend.finding import TrendFinding
from corpuscope.analyses.trend.ordered_groups import OrderedGroups, find_ordered_groups
from corpuscope.analyses.trend.slopes import (
    adjusted_trend,
    least_slope_p,
    raw_slope,
    raw_trend,
)
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.multiplicity import benjamini_hochberg
from tests.analyses.worlds import Made, vocabulary, write

N = 240
UP, COPY, DOWN, JUMP, TURN, LONG = 1, 2, 3, 4, 5, 6
RATES = {
    UP: (0.1, 0.3, 0.5, 0.7),
    DOWN: (0.8, 0.6, 0.35, 0.1),
    JUMP: (0.1, 0.1, 0.8, 0.8),
    TURN: (0.05, 0.9, 0.9, 0.4),
}


def made() -> list[Made]:
    """Four years in turn, in which rates are exact.

    COPY is where UP is, LONG in longer texts, of which there are ever more; features from 8 on
    are noise.
    """
    rng = np.random.default_rng(0)
    year = np.arange(N) % 4
    has = {f: np.zeros(N, dtype=bool) for f in RATES}
    for feature, rates in RATES.items():
        for at, rate in enumerate(rates):
            rows = rng.permutation(np.flatnonzero(year == at))
            has[feature][rows[: round(rate * len(rows))]] = True
    documents = []
    for i in range(N):
        is_long = rng.random() < 0.1 + 0.25 * year[i]
        features = {f for f in range(8, 30) if rng.random() < 0.3}
        features |= {f for f in RATES if has[f][i]} | ({LONG} if is_long else set())
        features |= {COPY} if has[UP][i] and i % 7 else set()
        peaks = {f: f for f in features if f < 15}
        words = vocabulary(rng, 60 if is_long else 20)
        documents.append(
            Made(words, features, {"year": 2020 + int(year[i])}, peaks, 6 if is_long else 1)
        )
    return documents


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup[OrderedGroups]:
    source = NamedStore(write(tmp_path_factory.mktemp("estimates") / "a", made()))
    groups = find_ordered_groups(source.column("year"), by="year", order=None, max_groups=12)
    return set_up(
        source, groups, by="year", pair=None, group=None, strata=[],
        settings=ComparisonSettings(words=False), least_p=least_slope_p,
    )  # fmt: skip


@pytest.fixture(scope="module")
def raw(setup: Setup[OrderedGroups]) -> Trends:
    return find_trends(setup, adjust=False, q=0.05)


@pytest.fixture(scope="module")
def adjusted(setup: Setup[OrderedGroups]) -> Trends:
    return find_trends(setup, adjust=True, q=0.05)


def at_feature(setup: Setup[OrderedGroups], found: Trends) -> dict[int, int]:
    return {int(setup.columns.features[leader]): at for at, leader in enumerate(found.leaders)}


def findings(setup: Setup[OrderedGroups], found: Trends) -> dict[Any, TrendFinding]:
    return {one.feature: one for one in trend_findings(setup, found)}


def test_directions_are_those_of_the_rates(setup: Setup[OrderedGroups], raw: Trends) -> None:
    at = at_feature(setup, raw)
    assert [int(raw.direction[at[f]]) for f in (UP, DOWN, JUMP)] == [1, -1, 1]
    assert COPY not in at
    assert (raw.q[[at[f] for f in (UP, DOWN, JUMP)]] < 1e-6).all()
    assert raw.z[at[UP]] > 0 > raw.z[at[DOWN]]
    assert not raw.adds_length.any()


def test_p_values_are_those_of_the_trend(setup: Setup[OrderedGroups], raw: Trends) -> None:
    _, p = raw_trend(setup.columns.presence, setup.groups)
    assert raw.p == pytest.approx(p[raw.leaders])
    assert raw.raw_q == pytest.approx(benjamini_hochberg(p))
    assert raw.q == pytest.approx(benjamini_hochberg(raw.p, n_tests=len(setup.columns)))


def test_length_explains_what_it_explains(
    setup: Setup[OrderedGroups], raw: Trends, adjusted: Trends
) -> None:
    assert LONG in at_feature(setup, raw)
    assert LONG not in at_feature(setup, adjusted)
    assert {UP, DOWN, JUMP} <= set(at_feature(setup, adjusted))
    assert adjusted.raw_q == pytest.approx(raw.raw_q)
    _, p = raw_trend(setup.columns.presence, setup.groups)
    assert (adjusted.p >= p[adjusted.leaders] - 1e-15).all()
    for found in (raw, adjusted):
        leaders = setup.columns.presence[:, found.leaders]
        truth = adjusted_trend(leaders, setup.groups, setup.covariates)
        assert found.adjusted.slope == pytest.approx(truth.slope)
        assert found.adjusted.p_value == pytest.approx(truth.p_value)


def test_what_may_make_its_texts_longer_itself_is_told_apart(setup: Setup[OrderedGroups]) -> None:
    """As if longer texts had no more sentences."""
    sentences = np.ones(N, dtype=np.int64)
    same = replace(setup, covariates=replace(setup.covariates, sentences=sentences))
    found = find_trends(same, adjust=True, q=0.05)
    at = at_feature(setup, found)
    assert found.adds_length.tolist() == [leader == at[LONG] for leader in range(len(at))]


def test_findings_have_the_rates_of_their_groups(setup: Setup[OrderedGroups], raw: Trends) -> None:
    told = findings(setup, raw)
    for feature in (UP, DOWN, JUMP):
        one = told[feature]
        assert list(one.rates) == list(one.rate_intervals) == ["2020", "2021", "2022", "2023"]
        assert list(one.rates.values()) == pytest.approx(RATES[feature], abs=0.01)
        slope = np.polyfit(range(4), list(one.rates.values()), 1)[0]
        assert one.slope == pytest.approx(slope)
        assert one.interval[0] < one.slope < one.interval[1]
        for name, (low, high) in one.rate_intervals.items():
            assert low < one.rates[name] < high
        assert np.mean([one.discovery_slope, one.holdout_slope]) == pytest.approx(slope, abs=0.02)
        assert one.replicated
    assert [member.feature for member in told[UP].members] == [COPY]


def test_slopes_of_the_halves_are_of_their_documents(
    setup: Setup[OrderedGroups], raw: Trends
) -> None:
    one, at = findings(setup, raw)[DOWN], at_feature(setup, raw)[DOWN]
    presence = setup.columns.presence[:, [int(raw.leaders[at])]]
    halves = [float(raw_slope(presence, half).slope[0]) for half in setup.halves]
    assert [one.discovery_slope, one.holdout_slope] == pytest.approx(halves)
    assert halves[0] != pytest.approx(halves[1], abs=1e-6)


def test_steps_say_where_it_goes_ahead_and_where_back(
    setup: Setup[OrderedGroups], raw: Trends
) -> None:
    told = findings(setup, raw)
    jump, up, down = told[JUMP], told[UP], told[DOWN]
    assert (jump.largest_step.start, jump.largest_step.end) == ("2021", "2022")
    assert jump.largest_step.change == pytest.approx(0.7, abs=0.01)
    assert jump.largest_share == pytest.approx(1.0)
    assert up.largest_share == pytest.approx(1 / 3, abs=0.02)
    assert down.largest_share == pytest.approx(0.25 / 0.7, abs=0.02)
    assert down.largest_step.change < 0
    assert up.monotone
    assert (up.reversals, up.turns) == ((), False)
    turn = told[TURN]
    assert not turn.monotone
    assert [(step.start, step.end) for step in turn.reversals] == [("2022", "2023")]
    assert turn.reversals[0].change == pytest.approx(-0.5, abs=0.01)
    assert turn.turns
    assert (turn.largest_step.start, turn.largest_share) == ("2020", pytest.approx(1.0))


def test_what_turns_comes_last_and_the_surest_first(
    setup: Setup[OrderedGroups], raw: Trends
) -> None:
    told = trend_findings(setup, raw)
    assert [one.turns for one in told] == sorted(one.turns for one in told)
    straight = [abs(one.z) for one in told if not one.turns]
    assert straight == sorted(straight, reverse=True)
    assert len(told) == len(raw.families)


def halves_of(n: int = 45) -> list[OrderedGroups]:
    """Even and odd rows, of three groups of equal size one after the other."""
    years = np.repeat([1, 2, 3], 2 * n // 3).astype(object)
    groups = find_ordered_groups(years, by="year", order=None, max_groups=12)
    is_first = np.arange(2 * n) % 2 == 0
    return [groups.among(is_first), groups.among(~is_first)]


@pytest.mark.parametrize(
    ("in_first", "in_second", "found", "is_seen"),
    [
        (12, 12, 1, True),
        (12, 12, -1, False),
        (12, -12, 1, False),
        (-12, 12, 1, False),
        (-12, -12, -1, True),
        (1, 12, 1, True),
        (12, 1, 1, False),
        (0, 12, 1, False),
    ],
)
def test_both_halves_must_agree_and_the_second_be_sure(
    in_first: int, in_second: int, found: int, is_seen: bool
) -> None:
    """So many of the fifteen last, or first, documents of each half have it."""
    dense = np.zeros((90, 1), dtype=bool)
    for start, n in ((0, in_first), (1, in_second)):
        rows = np.arange(start, 90, 2)
        dense[rows[-abs(n) :] if n > 0 else rows[: abs(n)]] = n != 0
    seen = trend_replicated(sp.csr_array(dense), np.array([found]), halves_of())
    assert seen.tolist() == [is_seen]


def test_without_candidates_there_is_no_finding(setup: Setup[OrderedGroups]) -> None:
    noise = setup.columns.among(setup.columns.features == 8)
    for adjust in (False, True):
        found = find_trends(replace(setup, columns=noise), adjust=adjust, q=0.05)
        assert found.families == ()
        assert trend_findings(replace(setup, columns=noise), found) == ()
