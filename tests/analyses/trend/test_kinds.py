"""A kind of sentence that rises is told with its slope and its rate in each group."""

from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup, set_up
from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.trend.kinds import KindTrend, kinds_over_groups
from corpuscope.analyses.trend.ordered_groups import OrderedGroups, find_ordered_groups
from corpuscope.analyses.trend.slopes import least_slope_p
from corpuscope.labels.named_store import NamedStore
from tests.analyses.diff.test_kinds import KIND, N_FEATURES, SETTINGS, made
from tests.analyses.worlds import write

N = 180
SHARES = {"1": 0.1, "2": 0.4, "3": 0.7}


def kinds(setup: Setup[OrderedGroups], **options: Any) -> tuple[KindTrend, ...]:
    usual: dict[str, Any] = {"adjust": True, "settings": SETTINGS}
    names = Names(setup.source, setup.groups.rows, here=False)
    return kinds_over_groups(setup, names=names, **(usual | options))


def ordered(source: NamedStore, values: list[Any], order: list[str]) -> Setup[OrderedGroups]:
    given = np.array(values, dtype=object)
    groups = find_ordered_groups(given, by="side", order=order, max_groups=12)
    return set_up(
        source, groups, by="side", pair=None, group=None, strata=[], settings=SETTINGS,
        least_p=least_slope_p,
    )  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    path = tmp_path_factory.mktemp("kinds") / "a"
    return NamedStore(write(path, made(SHARES, n=N), n_features=N_FEATURES))


@pytest.fixture(scope="module")
def setup(source: NamedStore) -> Setup[OrderedGroups]:
    return ordered(source, source.column("side").tolist(), list("123"))


@pytest.fixture(scope="module")
def both(setup: Setup[OrderedGroups]) -> tuple[KindTrend, ...]:
    return kinds(setup)


def test_the_kind_that_rises_comes_first_and_is_the_planted_one(
    both: tuple[KindTrend, ...],
) -> None:
    later, earlier = both
    assert (later.side, earlier.side) == ("later", "earlier")
    assert later.n_documents == earlier.n_documents == N
    assert later.p_value < 1e-4 < earlier.p_value
    assert set(later.features) <= KIND
    assert {one.side for one in later.evidence} == {"later"}


def test_the_slope_is_that_of_the_rates(both: tuple[KindTrend, ...]) -> None:
    later = both[0]
    assert list(later.rates) == ["1", "2", "3"]
    assert list(later.rates.values()) == sorted(later.rates.values())
    assert later.slope == pytest.approx((later.rates["3"] - later.rates["1"]) / 2, abs=1e-9)
    assert later.interval[0] < later.slope < later.interval[1]
    assert later.adjusted_interval[0] < later.adjusted_slope < later.adjusted_interval[1]
    has = later.learned.presence().toarray()[:, 0]
    assert later.rates["2"] == pytest.approx(has[1::3].mean())


def test_what_goes_the_other_way_is_no_kind_of_the_side(both: tuple[KindTrend, ...]) -> None:
    for one, sign in zip(both, (1, -1), strict=True):
        if np.sign(one.slope) != sign:
            assert one.p_value == 1.0


def test_without_adjusting_the_raw_slope_is_told_twice(
    setup: Setup[OrderedGroups], both: tuple[KindTrend, ...]
) -> None:
    raw, _ = kinds(setup, adjust=False)
    assert raw.slope == both[0].slope
    assert (raw.adjusted_slope, raw.adjusted_interval) == (raw.slope, raw.interval)
    assert raw.p_value <= both[0].p_value


def test_the_other_way_round_it_falls(source: NamedStore, both: tuple[KindTrend, ...]) -> None:
    setup = ordered(source, source.column("side").tolist(), list("321"))
    _, earlier = kinds(setup)
    assert earlier.side == "earlier"
    assert earlier.slope < -0.1
    assert earlier.p_value < 1e-4
    assert set(earlier.features) <= KIND


def test_too_little_data_has_no_kinds(source: NamedStore) -> None:
    few = [str(i % 3) if i < 90 else None for i in range(N)]
    assert kinds(ordered(source, few, list("012"))) == ()


def test_evidence_is_as_much_as_the_settings_say(setup: Setup[OrderedGroups]) -> None:
    later, _ = kinds(setup, settings=ComparisonSettings(words=False, evidence=2))
    assert len(later.evidence) == 2
    assert later.to_json()["slope"] == later.slope
