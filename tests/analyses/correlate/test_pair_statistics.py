"""The figures of pairs: against counts by hand, brute force and scipy."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from corpuscope.analyses.correlate.pair_statistics import (
    PairStatistics,
    as_pairs,
    division_of,
    joint_counts,
    joint_documents,
    left_in_parts,
    lifts,
    pair_statistics,
    rows_with_both,
    strictest,
)
from corpuscope.analyses.correlate.views import View
from corpuscope.statistics.pairs.cooccurrence import Pairs, cooccurrence_p, npmi, npmi_interval
from tests.analyses.correlate.views import view

HAS = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 1, 0], [0, 0, 2], [1, 1, 1], [0, 0, 0],
                [1, 0, 0]])  # fmt: skip
STRATA = np.array([0, 0, 0, 0, 2, 2, 2, 2])
"""A stratum without documents lies between the two."""

ALL = np.zeros(8, dtype=np.int64)
PAIRS = Pairs(np.array([0, 0]), np.array([1, 2]), np.array([3, 2]), 7)


def random_view(seed: int, n: int = 60, n_features: int = 6) -> View:
    return view(np.random.default_rng(seed).random((n, n_features)) < 0.4)


def every_pair(one: View, other: View) -> Pairs:
    lefts, rights = np.triu_indices(one.presence.shape[1], 1)
    both = (one.presence.toarray()[:, lefts] & other.presence.toarray()[:, rights]).sum(axis=0)
    return Pairs(lefts, rights, both, len(lefts))


def test_figures_are_counted_on_all_documents() -> None:
    one = view(HAS)
    found = pair_statistics(one, one, PAIRS, strata=ALL)
    assert found.as_tuples() == [(0, 1), (0, 2)]
    assert (found.both.tolist(), found.support.tolist()) == ([3, 2], [3, 2])
    assert (found.n_left.tolist(), found.n_right.tolist()) == ([5, 5], [4, 3])
    # 3 of 8 where 5/8 times 4/8 would be expected, over minus the logarithm of 3/8.
    expected = [np.log(3 * 8 / 20) / np.log(8 / 3), np.log(2 * 8 / 15) / np.log(4)]
    assert found.npmi == pytest.approx(expected)
    # One stratum explains nothing.
    assert found.adjusted == pytest.approx(expected)
    lower, upper = npmi_interval(found.both, found.n_left, found.n_right, 8)
    assert found.lower == pytest.approx(lower)
    assert found.upper == pytest.approx(upper)
    assert found.p == pytest.approx(
        cooccurrence_p(found.both, found.n_left[None], found.n_right[None], np.array([8]))
    )


def test_what_strata_give_is_taken_into_account() -> None:
    one = view(HAS)
    found = pair_statistics(one, one, PAIRS, strata=STRATA)
    # By chance: 3 * 3 / 4 and 2 * 1 / 4 of the first pair, 3 * 1 / 4 and 2 * 2 / 4 of the second.
    by_chance = np.array([2.25 + 0.5, 0.75 + 1])
    expected = np.log(found.both / by_chance) / -np.log(found.both / 8)
    assert found.adjusted == pytest.approx(expected)
    left, right = np.array([[3, 3], [2, 2]]), np.array([[3, 1], [1, 2]])
    p = cooccurrence_p(found.both, left, right, np.array([4, 4]))
    assert found.p == pytest.approx(p)
    assert found.npmi == pytest.approx(pair_statistics(one, one, PAIRS, strata=ALL).npmi)


def test_p_values_are_close_to_the_exact_ones_in_one_stratum() -> None:
    rng = np.random.default_rng(0)
    rare = rng.random((200, 2)) < 0.05
    rare[:9] = True
    one = view(rare)
    found = pair_statistics(one, one, every_pair(one, one), strata=np.zeros(200, dtype=np.int64))
    exact = hypergeom.sf(found.both - 1, 200, found.n_left, found.n_right)
    assert exact[0] <= found.p[0] <= 10 * exact[0]


@settings(max_examples=8)
@given(st.integers(0, 10_000))
def test_some_documents_are_counted_as_if_they_were_all(seed: int) -> None:
    one, rng = random_view(seed), np.random.default_rng(seed)
    among, strata = rng.random(60) < 0.6, rng.integers(0, 3, 60)
    pairs = every_pair(one, one)
    found = pair_statistics(one, one, pairs, strata=strata, among=among)
    few = view(one.presence.toarray()[among])
    alone = pair_statistics(few, few, every_pair(few, few), strata=strata[among])
    for name in ("both", "n_left", "n_right", "npmi", "lower", "upper", "adjusted", "p"):
        np.testing.assert_allclose(getattr(found, name), getattr(alone, name), err_msg=name)


def test_pairs_that_are_never_together_have_the_least_npmi() -> None:
    one = view(np.array([[1, 0], [0, 1], [0, 0]]))
    pairs = Pairs(np.array([0]), np.array([1]), np.array([0]), 1)
    found = pair_statistics(one, one, pairs, strata=np.zeros(3, dtype=np.int64))
    assert (found.npmi.tolist(), found.adjusted.tolist(), found.p.tolist()) == ([-1], [-1], [1])


def test_documents_of_one_author_count_as_what_they_are_worth() -> None:
    has = np.zeros((40, 2), dtype=int)
    has[:8] = 1
    one = view(has)
    pairs = Pairs(np.array([0]), np.array([1]), np.array([8]), 1)
    # Five and three documents of two authors: worth 64 / (25 + 9) authors.
    authors = np.array([4] * 5 + [1] * 3 + list(range(5, 37)))
    found = pair_statistics(one, one, pairs, strata=np.zeros(40, dtype=np.int64), clusters=authors)
    effect = np.array([(25 + 9) / 8])
    counts = np.array([8])
    lower, _ = npmi_interval(counts, counts, counts, 40, effect=effect)
    p = cooccurrence_p(counts, counts[None], counts[None], np.array([40]), effect=effect)
    assert found.support.tolist() == [2]
    assert found.lower == pytest.approx(lower)
    assert found.p == pytest.approx(p)
    alone = pair_statistics(
        one, one, pairs, strata=np.zeros(40, dtype=np.int64), clusters=np.arange(40)
    )
    assert alone.support.tolist() == [8]
    assert alone.p[0] < found.p[0]


def test_many_pairs_are_counted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    one, authors = random_view(3), np.arange(60) // 4
    pairs, strata = every_pair(one, one), np.arange(60) % 3

    def asked() -> list[np.ndarray]:
        found = pair_statistics(one, one, pairs, strata=strata, clusters=authors)
        return [found.p, found.adjusted, found.support,
                left_in_parts(one, one, found, strata)]  # fmt: skip

    whole = asked()
    monkeypatch.setattr("corpuscope.analyses.correlate.pair_statistics._PAIRS_AT_ONCE", 4)
    for piece, expected in zip(asked(), whole, strict=True):
        np.testing.assert_allclose(piece, expected)


def figures(**given: list[float]) -> PairStatistics:
    n = len(next(iter(given.values())))
    told = {"left": np.arange(n), "right": np.arange(n) + 1}
    counts = {"both": 10, "n_left": 20, "n_right": 25, "support": 10}
    told |= {name: np.full(n, count) for name, count in counts.items()}
    told |= {name: np.zeros(n) for name in ("npmi", "lower", "upper", "adjusted", "p")}
    return PairStatistics(**(told | {name: np.array(value) for name, value in given.items()}))


def test_confidence_is_the_lower_end_less_what_is_explained() -> None:
    found = figures(npmi=[0.5, 0.5], lower=[0.4, 0.4], adjusted=[0.3, 0.6])
    assert found.confidence == pytest.approx([0.2, 0.4])
    # Half of ten documents, and all.
    apart = found.confidence_apart(np.array([0.52, 1.0]), n=100)
    lower, _ = npmi_interval(np.array([5, 10]), found.n_left, found.n_right, 100)
    assert apart == pytest.approx(lower - [0.2, 0])


def test_the_strictest_of_several_divisions_counts() -> None:
    one, other = (
        figures(adjusted=[0.1, 0.5], p=[0.2, 0.01]),
        figures(adjusted=[0.3, 0.2], p=[0.1, 0.3]),
    )
    found = strictest([one, other])
    assert found.adjusted.tolist() == [0.1, 0.2]
    assert found.p.tolist() == [0.2, 0.3]
    assert len(found) == 2
    assert strictest([other]).p.tolist() == [0.1, 0.3]


def test_some_pairs_can_be_taken_in_any_order() -> None:
    found = figures(p=[0.1, 0.2, 0.3]).among(np.array([2, 0]))
    assert found.p.tolist() == [0.3, 0.1]
    assert found.as_tuples() == [(2, 3), (0, 1)]
    pairs = as_pairs(found, 9)
    assert (pairs.left.tolist(), pairs.right.tolist(), pairs.n_possible) == ([2, 0], [3, 1], 9)
    assert pairs.both.tolist() == [10, 10]


def test_lift_is_how_often_they_are_together_over_chance_within_strata() -> None:
    one = view(HAS)
    found = pair_statistics(one, one, PAIRS, strata=ALL)
    assert lifts(one, one, found, ALL) == pytest.approx([3 / (5 * 4 / 8), 2 / (5 * 3 / 8)])
    assert lifts(one, one, found, STRATA) == pytest.approx([3 / 2.75, 2 / 1.75])


def test_a_division_counts_documents_of_each_stratum_that_has_any() -> None:
    found = division_of(view(HAS), view(HAS[:, :1]), STRATA)
    assert found.size.tolist() == [4, 4]
    assert found.left.tolist() == [[3, 3, 1], [2, 1, 2]]
    assert found.right.tolist() == [[3], [2]]


def test_what_is_left_in_parts_is_told_by_documents_with_one_of_the_two() -> None:
    one, parts = random_view(1), np.arange(60) % 3
    pairs = pair_statistics(one, one, every_pair(one, one), strata=np.zeros(60, dtype=np.int64))
    has = one.presence.toarray()
    expected = []
    for a, b in pairs.as_tuples():
        by_chance = 0.0
        for part in range(3):
            size = 20
            homes = []
            for own, other in ((a, b), (b, a)):
                alone = has[:, own] & ~has[:, other]
                homes.append((alone[parts == part].sum() + 5 * size / 60) / (alone.sum() + 5))
            by_chance += has[:, a].sum() * homes[0] * has[:, b].sum() * homes[1] / size
        both = (has[:, a] & has[:, b]).sum()
        expected.append(np.log(both / by_chance) / -np.log(both / 60))
    assert left_in_parts(one, one, pairs, parts) == pytest.approx(expected)


def test_what_only_divides_the_parts_has_nothing_left_and_what_crosses_them_has() -> None:
    rows, parts = np.arange(400), np.arange(400) // 200
    has = np.zeros((400, 4), dtype=bool)
    has[:, 0] = (parts == 0) & (rows % 3 == 0)
    has[:, 1] = (parts == 0) & (rows // 3 % 3 == 0)
    has[::20, 2:] = True
    one = view(has)
    pairs = Pairs(np.array([0, 2]), np.array([1, 3]),
                  np.array([(has[:, 0] & has[:, 1]).sum(), 20]), 6)  # fmt: skip
    found = pair_statistics(one, one, pairs, strata=np.zeros(400, dtype=np.int64))
    divided, crossing = left_in_parts(one, one, found, parts)
    assert found.npmi[0] > 0.15
    assert divided < 0.1
    assert crossing == pytest.approx(1, abs=0.05)


def test_documents_with_both_are_found_between_two_views() -> None:
    left, right = view(HAS), view(HAS[::-1].copy())
    joint = joint_documents(left.presence, right.presence, np.array([0, 2]), np.array([0, 1]))
    assert joint.shape == (8, 2)
    assert np.flatnonzero(joint.toarray()[:, 0]).tolist() == [0, 2, 5, 7]
    pairs = Pairs(np.array([0, 2]), np.array([0, 1]), np.array([0, 0]), 0)
    assert joint_counts(left.presence, right.presence, pairs).tolist() == [4, 2]
    assert rows_with_both(left, right, (0, 0)).tolist() == [0, 2, 5, 7]
    assert rows_with_both(left, left, (1, 2)).tolist() == [5]
    assert joint.dtype.kind == "i"
    assert isinstance(joint, sp.csc_array)


def test_an_npmi_is_that_of_the_formula() -> None:
    one = random_view(7)
    found = pair_statistics(one, one, every_pair(one, one), strata=np.zeros(60, dtype=np.int64))
    assert found.npmi == pytest.approx(npmi(found.both, found.n_left, found.n_right, 60))
