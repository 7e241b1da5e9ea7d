"""Candidates are the smallest p-values; families of them are discoveries, features are tests."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import norm

from corpuscope.analyses.comparison import selection, tested_features
from corpuscope.analyses.comparison.families import Family
from corpuscope.analyses.comparison.selection import (
    Ranked,
    Sides,
    leaders_of,
    positions_among,
    prescreened,
    ranked_families,
)
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.multiplicity import benjamini_hochberg
from tests.analyses.worlds import Made, write

N = 20


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Twenty texts in which nothing peaks."""
    path = tmp_path_factory.mktemp("selection") / "a"
    return NamedStore(write(path, [Made([f"w{chr(97 + i)}"]) for i in range(N)]))


def test_the_smallest_p_values_come_first_and_none_from_a_hundredth_on() -> None:
    p = np.array([0.5, 0.001, 0.01, 0.0099, 0.0, 0.001])
    assert prescreened(p).tolist() == [4, 1, 5, 3]
    assert prescreened(np.ones(3)).tolist() == prescreened(np.ones(0)).tolist() == []


# As many of `columns` come back as are given, says the shape; only without it are some cut off.
CUT = pytest.mark.xfail(strict=True, reason="the shapes of _smallest say that nothing is cut off")


@CUT
def test_no_more_are_looked_at_than_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_MOST_ADJUSTED", 2)
    assert prescreened(np.array([0.003, 0.001, 0.002])).tolist() == [1, 2]


def test_leaders_are_found_where_they_were_kept() -> None:
    kept = np.array([7, 2, 9, 4])
    assert positions_among(np.array([9, 7, 4]), kept).tolist() == [2, 0, 3]
    assert positions_among(np.array([], dtype=np.int64), kept).tolist() == []
    assert leaders_of([Family(3, (1,)), Family(0, ())]).tolist() == [3, 0]
    assert leaders_of([]).tolist() == []


def test_z_has_the_size_of_the_p_value_and_the_sign_of_the_direction() -> None:
    p = np.array([0.05, 0.001, 1.0, 0.0])
    found = Ranked((), np.array([1, -1, 1, -1]), p, p, p)
    assert found.z[:3] == pytest.approx([norm.isf(0.025), -norm.isf(0.0005), 0.0])
    assert -40 < found.z[3] < -37


def columns(n: int = 6) -> tested_features.TestedFeatures:
    """Features 0 and 1 are in the first documents, 2 and 3 in the last, 4 and 5 in odd ones."""
    dense = np.zeros((N, n), dtype=bool)
    dense[:8, :2], dense[-8:, 2:4], dense[1::2, 4:] = True, True, True
    return tested_features.TestedFeatures(sp.csr_array(dense), np.arange(n), [])


FIRST = np.arange(N) < N // 2
SIDES = Sides(np.ones(N, dtype=bool), up=FIRST, down=~FIRST)
DIRECTION = np.array([1, 1, -1, -1, 1, -1])


def ranked(source: NamedStore, p: list[float], **options: object) -> Ranked:
    values = np.array(p)
    usual = {"raw": (DIRECTION, values), "kept": prescreened(values), "adjusted": None,
             "sides": SIDES} | options  # fmt: skip
    return ranked_families(source, columns(), **usual)  # type: ignore[arg-type]


def test_features_of_the_same_documents_and_direction_are_one_discovery(
    source: NamedStore,
) -> None:
    p = [0.001, 0.002, 0.003, 0.0005, 0.004, 0.004]
    found = ranked(source, p)
    assert [one.columns for one in found.families] == [(3, 2), (0, 1), (4,), (5,)]
    assert found.direction.tolist() == [-1, 1, 1, -1]
    assert found.leaders.tolist() == [3, 0, 4, 5]
    assert found.p.tolist() == [0.0005, 0.001, 0.004, 0.004]
    # Four discoveries among six tests.
    assert found.q == pytest.approx([0.0005 * 6, 0.001 * 6 / 2, 0.004 * 6 / 4, 0.004 * 6 / 4])
    assert found.raw_q == pytest.approx(benjamini_hochberg(np.array(p)))


def test_what_was_not_kept_is_a_test_and_no_discovery(source: NamedStore) -> None:
    found = ranked(source, [0.001, 0.5, 0.9, 0.01, 0.2, 0.3])
    assert [one.columns for one in found.families] == [(0,)]
    assert found.q == pytest.approx([0.006])
    assert len(found.raw_q) == 6


def test_adjusted_tests_take_the_place_of_raw_ones(source: NamedStore) -> None:
    """The first loses its significance, the others their order; one turns round."""
    p = [0.001, 0.002, 0.003, 0.5, 0.5, 0.004]
    kept = prescreened(np.array(p))
    assert kept.tolist() == [0, 1, 2, 5]
    adjusted = (np.array([1, 1, -1, 1]), np.array([0.02, 0.006, 0.005, 0.009]))
    found = ranked(source, p, kept=kept, adjusted=adjusted)
    assert [one.columns for one in found.families] == [(2,), (1,), (5,)]
    assert found.direction.tolist() == [-1, 1, 1]
    assert found.p.tolist() == [0.005, 0.006, 0.009]
    assert found.q == pytest.approx([0.018, 0.018, 0.018])
    assert found.raw_q == pytest.approx(benjamini_hochberg(np.array(p)))


def test_the_callers_tests_stay_as_they_are(source: NamedStore) -> None:
    direction, p = DIRECTION.copy(), np.array([0.001, 0.5, 0.5, 0.5, 0.5, 0.5])
    ranked_families(
        source, columns(), raw=(direction, p), kept=np.array([0]),
        adjusted=(np.array([-1]), np.array([0.009])), sides=SIDES,
    )  # fmt: skip
    assert direction.tolist() == DIRECTION.tolist()
    assert p[0] == 0.001


def test_only_documents_that_take_part_say_what_goes_together(source: NamedStore) -> None:
    """Of these, features 0 and 4 are in the same ones."""
    some = np.array([1, 3, 5, 7, 8, 10, 12])
    taking_part = np.isin(np.arange(N), some)
    sides = Sides(taking_part, up=taking_part, down=taking_part)
    p = [0.001, 0.5, 0.5, 0.5, 0.002, 0.5]
    assert [one.columns for one in ranked(source, p).families] == [(0,), (4,)]
    assert [one.columns for one in ranked(source, p, sides=sides).families] == [(0, 4)]


@CUT
def test_of_too_many_the_smallest_are_put_together(
    source: NamedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "_MOST_FOLDED", 1)
    found = ranked(source, [0.003, 0.002, 0.004, 0.001, 0.005, 0.005])
    assert [one.columns for one in found.families] == [(3,)]


def test_nothing_worth_a_look_makes_no_family(source: NamedStore) -> None:
    found = ranked(source, [0.5] * 6)
    assert found.families == ()
    assert found.leaders.tolist() == found.q.tolist() == found.z.tolist() == []
    assert found.raw_q == pytest.approx([0.5] * 6)
