"""What differs from every group is a candidate, told against the nearest, and seen again."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import norm

from corpuscope.analyses.comparison.candidates import (
    Candidates,
    find_candidates,
    measure_all,
    nearest_contrast,
    replication,
    replication_of_leaders,
)
from corpuscope.analyses.comparison.effects import direction_and_p, measure
from corpuscope.analyses.comparison.groups import Contrast, Groups, find_groups
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup
from corpuscope.analyses.comparison.two_groups import set_up_two_groups
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.rate_tests import two_rates_p
from tests.analyses.worlds import Made, vocabulary, write

N = 240
MORE, LESS, NEAR, LONG, SAME = 3, 4, 5, 6, 7


def made(seed: int = 0, *, n_sentences: int = 6) -> list[Made]:
    """Groups a, b and c in turn, of which the last one differs.

    MORE and a copy of it are in most of c, LESS in few; NEAR differs from a and not from b; LONG
    is in the longer texts, of so many sentences, and texts of c are longer. All else is noise.
    """
    rng = np.random.default_rng(seed)
    documents = []
    for i in range(N):
        group = "abc"[i % 3]
        is_long = rng.random() < 0.2 + 0.6 * (group == "c")
        n_words = int(rng.integers(16, 24)) * (3 if is_long else 1)
        rates = {
            MORE: 0.2 + 0.6 * (group == "c"),
            LESS: 0.8 - 0.6 * (group == "c"),
            NEAR: 0.2 + 0.6 * (group != "a"),
            LONG: 0.1 + 0.8 * is_long,
        }
        features = {f for f in range(SAME, 30) if rng.random() < 0.3}
        features |= {f for f, rate in rates.items() if rng.random() < rate}
        if MORE in features:
            features.add(0)
        peaks = {f: f for f in features if f < 15}  # Apart, lest they are put together for that.
        about, sentences = {"group": group}, n_sentences if is_long else 1
        documents.append(Made(vocabulary(rng, n_words), features, about, peaks, sentences))
    return documents


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return NamedStore(write(tmp_path_factory.mktemp("candidates") / "a", made()))


def set_up(source: NamedStore, **options: Any) -> Setup[Groups]:
    usual: dict[str, Any] = {
        "by": "group", "target": "c", "reference": None, "pair": None, "group": None,
        "strata": [], "settings": ComparisonSettings(words=False),
    }  # fmt: skip
    return set_up_two_groups(source, **(usual | options))


@pytest.fixture(scope="module")
def setup(source: NamedStore) -> Setup[Groups]:
    return set_up(source)


@pytest.fixture(scope="module")
def against_a(source: NamedStore) -> Setup[Groups]:
    return set_up(source, reference="a")


def candidates(setup: Setup[Groups], *, adjust: bool = False) -> Candidates:
    return find_candidates(setup, measure_all(setup), adjust=adjust, q=0.05)


def features_of(setup: Setup[Groups], found: Candidates) -> dict[int, int]:
    """The number of the family that each feature leads."""
    return {int(setup.columns.features[leader]): at for at, leader in enumerate(found.leaders)}


def rate(setup: Setup[Groups], feature: int, group: str) -> float:
    column = setup.columns.features.tolist().index(feature)
    rows = setup.groups.sides()[group]
    return float(setup.columns.presence[rows].toarray()[:, column].mean())


def test_all_features_are_measured_against_each_group(setup: Setup[Groups]) -> None:
    for one, reference in zip(measure_all(setup), ("a", "b"), strict=True):
        assert one.contrast.reference == reference
        assert len(one.rate_target) == len(setup.columns)
        at = setup.columns.features.tolist().index(MORE)
        assert one.rate_target[at] == pytest.approx(rate(setup, MORE, "c"))
        assert one.rate_reference[at] == pytest.approx(rate(setup, MORE, reference))
        assert one.raw.difference[at] == pytest.approx(
            rate(setup, MORE, "c") - rate(setup, MORE, reference)
        )
        assert one.adjusted is one.raw


def test_planted_differences_lead_families_of_their_direction(setup: Setup[Groups]) -> None:
    found = candidates(setup)
    at = features_of(setup, found)
    (more,) = (at[f] for f in (0, MORE) if f in at)
    assert len(found.families[more].columns) == 2
    assert found.direction[more] == 1
    assert found.direction[at[LESS]] == -1
    assert NEAR not in at
    assert (found.q[[more, at[LESS]]] < 1e-6).all()
    assert found.z[more] > 5 > -5 > found.z[at[LESS]]
    assert found.p.tolist() == sorted(found.p.tolist())


def test_with_one_group_estimates_are_those_of_the_test(against_a: Setup[Groups]) -> None:
    found = candidates(against_a)
    at = features_of(against_a, found)[LESS]
    target, reference = (rate(against_a, LESS, group) for group in "ca")
    assert found.raw.difference[at] == pytest.approx(target - reference)
    assert found.raw.lower[at] < found.raw.difference[at] < found.raw.upper[at]
    n = N // 3
    counts = [np.array([round(share * n)]) for share in (target, reference)]
    assert found.p[at] == pytest.approx(two_rates_p(counts[0], n, counts[1], n)[0])
    assert found.q == pytest.approx(benjamini_hochberg(found.p, n_tests=len(against_a.columns)))
    assert found.nearest.tolist() == [0] * len(found.families)


def test_against_several_groups_the_largest_p_value_counts(
    setup: Setup[Groups], against_a: Setup[Groups], source: NamedStore
) -> None:
    both = candidates(setup)
    alone = [candidates(against_a), candidates(set_up(source, reference="b"))]
    p = [one.p[features_of(against_a, one)[LESS]] for one in alone]
    assert both.p[features_of(setup, both)[LESS]] == pytest.approx(max(p))
    assert NEAR in features_of(against_a, alone[0])


def test_the_nearest_group_is_the_one_that_differs_least() -> None:
    """In the first two features more in the target, in the last two less."""
    dense = np.zeros((12, 4), dtype=bool)
    target, first, second = np.arange(4), np.arange(4, 8), np.arange(8, 12)
    dense[target[:3], :2] = dense[target[:1], 2:] = True
    for rows, counts in ((first, (0, 1, 2, 4)), (second, (1, 0, 3, 3))):
        for column, n in enumerate(counts):
            dense[rows[:n], column] = True
    measured = [
        measure(sp.csr_array(dense), Contrast(name, target, rows, False), covariates=None)
        for name, rows in (("first", first), ("second", second))
    ]
    assert nearest_contrast(measured, np.array([1, 1, -1, -1])).tolist() == [1, 0, 0, 1]
    assert nearest_contrast(measured, np.array([-1, -1, 1, 1])).tolist() == [0, 1, 1, 0]
    # Without a direction differences count as they are.
    assert nearest_contrast(measured, np.array([0, 0, 0, 0])).tolist() == [1, 0, 1, 0]


def test_of_several_groups_the_smallest_difference_is_corrected_for_being_the_smallest(
    setup: Setup[Groups],
) -> None:
    found = candidates(setup)
    for feature in (LESS, next(f for f in (0, MORE) if f in features_of(setup, found))):
        at = features_of(setup, found)[feature]
        nearest = found.measured[int(found.nearest[at])]
        plain = nearest.raw.difference[at]
        sizes = [abs(one.raw.difference[at]) for one in found.measured]
        assert abs(plain) == min(sizes)
        assert min(sizes) <= abs(found.raw.difference[at]) <= max(sizes) + 0.03
        assert np.sign(found.raw.difference[at]) == np.sign(plain)
        assert found.raw.lower[at] < found.raw.difference[at] < found.raw.upper[at]
        assert found.raw.lower[at] >= -1
        assert found.raw.upper[at] <= 1


def test_length_explains_what_it_explains_only_where_it_is_adjusted_for(
    against_a: Setup[Groups],
) -> None:
    raw, adjusted = candidates(against_a), candidates(against_a, adjust=True)
    assert LONG in features_of(against_a, raw)
    assert LONG not in features_of(against_a, adjusted)
    assert adjusted.raw_q == pytest.approx(raw.raw_q)
    at = features_of(against_a, adjusted)[LESS], features_of(against_a, raw)[LESS]
    assert adjusted.p[at[0]] >= raw.p[at[1]]
    for found, own in ((adjusted, at[0]), (raw, at[1])):
        assert found.adjusted.difference[own] == pytest.approx(-0.6, abs=0.2)
        assert found.adjusted.difference[own] != found.raw.difference[own]
        assert not found.adds_length.any()
        assert not np.isnan(found.measured[0].overlap)


def test_what_may_make_its_texts_longer_itself_is_a_candidate_and_told_apart(
    tmp_path: Path,
) -> None:
    """Where longer texts are no longer by more than a sentence."""
    source = NamedStore(write(tmp_path / "a", made(n_sentences=1)))
    setup = set_up(source, reference="a")
    found = candidates(setup, adjust=True)
    at = features_of(setup, found)
    assert found.adds_length.tolist() == [leader == at[LONG] for leader in range(len(at))]
    assert found.q[at[LONG]] <= 0.05
    assert found.measured[0].length_adjusted_p[at[LONG]] > 0.05


def test_both_halves_see_a_planted_difference_again(setup: Setup[Groups]) -> None:
    found = candidates(setup)
    again = replication_of_leaders(setup, found)
    at = features_of(setup, found)[LESS]
    assert again.replicated[at]
    for half, difference in zip(
        setup.halves, (again.discovery_difference, again.holdout_difference), strict=True
    ):
        dense = setup.columns.presence[:, [found.leaders[at]]].toarray()[:, 0]
        rates = {name: dense[rows].mean() for name, rows in half.sides().items()}
        assert difference[at] == pytest.approx(rates["c"] - min(rates["a"], rates["b"]))


def halves_of(n: int = 40) -> list[Groups]:
    """The even and the odd pairs of rows; the first half of all is the target."""
    values = np.array(["b"] * n + ["a"] * n, dtype=object)
    groups = find_groups(values, by="x", target="b", reference=None)
    is_first = np.arange(2 * n) % 2 == 0
    return [groups.among(is_first), groups.among(~is_first)]


@pytest.mark.parametrize(
    ("in_first", "in_second", "found", "is_seen"),
    [
        (10, 10, 1, True),
        (10, 10, -1, False),
        (10, -10, 1, False),
        (-10, 10, 1, False),
        (-10, -10, -1, True),
        (1, 10, 1, True),
        (10, 1, 1, False),
        (0, 10, 1, False),
    ],
)
def test_both_halves_must_agree_and_the_second_be_sure(
    in_first: int, in_second: int, found: int, is_seen: bool
) -> None:
    """So many more of the 20 target documents of each half have it; of the others none."""
    dense = np.zeros((80, 1), dtype=bool)
    for start, n in ((0, in_first), (1, in_second)):
        rows = np.arange(start, 80, 2)
        side = rows[rows < 40] if n > 0 else rows[rows >= 40]
        dense[side[: abs(n)]] = True
    again = replication(sp.csr_array(dense), halves_of(), np.array([found]))
    assert again.replicated.tolist() == [is_seen]
    assert again.discovery_difference[0] == pytest.approx(in_first / 20)
    assert again.holdout_difference[0] == pytest.approx(in_second / 20)


def test_where_nothing_differs_there_is_no_candidate(tmp_path: Path) -> None:
    documents = [Made([f"w{i}"], {i % 2}, {"group": "ab"[i // 2 % 2]}) for i in range(40)]
    source = NamedStore(write(tmp_path / "a", documents))
    setup = set_up(source, target="b")
    for adjust in (False, True):
        found = candidates(setup, adjust=adjust)
        assert found.families == ()
        assert replication_of_leaders(setup, found).replicated.tolist() == []
        assert found.raw.difference.tolist() == found.adjusted.difference.tolist() == []


def test_z_and_p_are_one(setup: Setup[Groups]) -> None:
    found = candidates(setup)
    assert 2 * norm.sf(np.abs(found.z)) == pytest.approx(found.p, rel=1e-6)
    direction, p = direction_and_p(measure_all(setup), adjust=False)
    assert found.p == pytest.approx(p[found.leaders])
    assert found.direction.tolist() == direction[found.leaders].tolist()
    assert found.raw_q == pytest.approx(benjamini_hochberg(p))
