"""Features of the same documents are one family; others stay apart."""

import math

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison.families import Family, families

N = 100


def grouped(
    columns: list[list[int]],
    z: list[float],
    names: list[int | str] | None = None,
    *,
    n: int = N,
    among: range | None = None,
    same: list[tuple[int, int]] | None = None,
) -> list[tuple[int, ...]]:
    """The families of features, each given by the documents that have it."""
    dense = np.zeros((n, len(columns)), dtype=bool)
    for column, rows in enumerate(columns):
        dense[rows, column] = True
    documents = np.zeros(n, dtype=bool)
    documents[list(among or range(n))] = True
    places = np.zeros((len(columns), len(columns)), dtype=np.int8)
    for pair in same or []:
        places[pair] = 1
    found = families(
        sp.csr_array(dense), np.array(z, dtype=float),
        names=names or list(range(len(columns))), documents=documents,
        same_places=sp.csr_array(places),
    )  # fmt: skip
    return [one.columns for one in found]


def sharing(n_one: int, n_other: int, n_shared: int) -> list[list[int]]:
    """The documents of two features."""
    return [list(range(n_one)), list(range(n_one - n_shared, n_one - n_shared + n_other))]


def phi(one: list[int], other: list[int]) -> float:
    dense = np.zeros((2, N))
    dense[0, one], dense[1, other] = 1, 1
    return float(np.corrcoef(dense)[0, 1])


def npmi(one: list[int], other: list[int]) -> float:
    both = len({*one} & {*other}) / N
    return math.log(both / (len(one) * len(other) / N**2)) / -math.log(both)


def test_a_family_has_its_leader_first_and_can_be_numbered_anew() -> None:
    family = Family(2, (0, 1))
    assert family.columns == (2, 0, 1)
    assert family.renumbered(np.array([10, 11, 12])) == Family(12, (10, 11))
    assert Family(1, ()).renumbered(np.array([5, 7])) == Family(7, ())


def test_features_of_the_same_documents_are_led_by_the_strongest() -> None:
    some, others = list(range(20)), list(range(40, 60))
    assert grouped([some, others, some, some], [2.0, 5.0, 4.0, -3.0]) == [(1,), (2, 3, 0)]


def test_of_equally_strong_features_the_first_leads() -> None:
    assert grouped([[1, 2, 3]] * 3, [2.0, 2.0, 2.0]) == [(0, 1, 2)]


@pytest.mark.parametrize(
    ("sizes", "is_one"),
    [
        ((4, 4, 2), 0),
        ((5, 5, 3), 0),
        ((4, 6, 3), 0),
        ((4, 5, 3), 1),
        ((2, 2, 1), 0),
        ((3, 3, 2), 1),
    ],
)
def test_a_correlation_of_six_tenths_makes_a_family(
    sizes: tuple[int, int, int], is_one: bool
) -> None:
    """Of features that share too few documents for the other measure."""
    columns = sharing(*sizes)
    assert (phi(*columns) >= 0.6) == is_one
    assert grouped(columns, [3.0, 2.0]) == ([(0, 1)] if is_one else [(0,), (1,)])


@pytest.mark.parametrize("n_shared", range(14, 24))
def test_mutual_information_makes_a_family_before_a_correlation_does(n_shared: int) -> None:
    columns = sharing(30, 30, n_shared)
    is_one = npmi(*columns) >= 0.45
    assert grouped(columns, [3.0, 2.0]) == ([(0, 1)] if is_one else [(0,), (1,)])
    assert is_one == (n_shared >= 20)
    assert n_shared > 21 or phi(*columns) < 0.6


@pytest.mark.parametrize(("n_shared", "is_one"), [(4, False), (5, True)])
def test_rare_features_that_meet_five_times_against_all_chance_are_one(
    n_shared: int, is_one: bool
) -> None:
    one = list(range(n_shared + 8))
    other = list(range(n_shared)) + list(range(50, 58))
    assert phi(one, other) < 0.6
    found = grouped([one, other], [3.0, 2.0], n=1000)
    assert found == ([(0, 1)] if is_one else [(0,), (1,)])


def test_what_meets_by_chance_stays_apart() -> None:
    """Two of half of the documents, that share half of theirs."""
    assert grouped([list(range(50)), list(range(25, 75))], [3.0, 2.0]) == [(0,), (1,)]


def test_only_documents_of_the_side_tell_what_goes_together() -> None:
    """Elsewhere one of them is without the other."""
    one, other = list(range(10)), list(range(10)) + list(range(60, 90))
    assert grouped([one, other], [3.0, 2.0]) == [(0,), (1,)]
    assert grouped([one, other], [3.0, 2.0], among=range(50)) == [(0, 1)]


def test_places_that_overlap_make_a_family_in_one_direction() -> None:
    apart = [[1, 2, 3], [60, 61, 62]]
    assert grouped(apart, [3.0, 2.0], same=[(0, 1)]) == [(0, 1)]
    assert grouped(apart, [3.0, 2.0], same=[(1, 0)]) == [(0,), (1,)]


def test_a_pair_of_words_belongs_to_the_stronger_of_its_words() -> None:
    apart = [[1, 2, 3], [60, 61, 62], [30, 31, 32]]
    names: list[int | str] = ["of course", "course", "of"]
    assert grouped(apart, [2.0, 3.0, 4.0], names) == [(2, 0), (1,)]
    # It takes in no word that is weaker: a word says less than the pair.
    assert grouped(apart, [5.0, 3.0, 4.0], names) == [(0,), (2,), (1,)]
    assert grouped(apart, [2.0, 3.0, 4.0], ["of courses", "course", "off"]) == [(2,), (1,), (0,)]


@pytest.mark.parametrize(("z", "leader"), [(9.0, 1), (8.9, 0)])
def test_a_word_that_is_nearly_as_strong_leads(z: float, leader: int) -> None:
    ((first, *_),) = grouped([[1, 2, 3], [1, 2, 3], [1, 2, 3]], [10.0, z, 8.0], [4, "sure", "a"])
    assert first == leader


def test_the_members_come_from_strong_to_weak_without_the_leader() -> None:
    found = grouped([[1, 2, 3]] * 4, [-10.0, -9.5, -7.0, -8.0], [4, "sure", 5, 6])
    assert found == [(1, 0, 3, 2)]


def test_features_of_all_or_of_no_documents_are_each_their_own_kind() -> None:
    everywhere, nowhere = list(range(N)), list[int]()
    assert grouped([everywhere, nowhere], [2.0, 1.0]) == [(0,), (1,)]
    assert grouped([], []) == []
    assert grouped([[1]], [2.0]) == [(0,)]


def test_the_order_of_the_documents_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    columns = [np.flatnonzero(rng.random(N) < 0.2).tolist() for _ in range(12)]
    columns += [sorted({*column[:-3], *range(3)}) for column in columns[:6]]
    z = rng.normal(size=18).tolist()
    moved = rng.permutation(N)
    there = grouped(columns, z)
    assert grouped([moved[column].tolist() for column in columns], z) == there
    assert 6 <= len(there) < 18
    assert sorted(column for one in there for column in one) == list(range(18))
