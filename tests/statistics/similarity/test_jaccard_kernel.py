"""The compiled loops compare documents as sets do."""

import numpy as np
import pytest

from corpuscope.statistics.similarity.jaccard import WeightedPresence
from corpuscope.statistics.similarity.jaccard_kernel import (
    affinity_of_all,
    compare_along,
    compare_beyond,
    signatures,
    similarity,
)
from tests.statistics.worlds import Flags, Numbers, sparse

Near = tuple[np.ndarray, np.ndarray]

# With weights 2, 1 and 1: the first two share 1 of 4, the first and the last all.
HAS = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 1, 0]], dtype=bool)
WEIGHTS = np.array([2.0, 1.0, 1.0])


def drawn(seed: int, n: int = 15, n_features: int = 18) -> tuple[Flags, Numbers]:
    generator = np.random.default_rng(seed)
    has = generator.random((n, n_features)) < 0.25
    has[3] = False
    return has, generator.random(n_features) + 0.1


def index(has: Flags, weights: Numbers, one: int, other: int) -> float:
    shared, either = weights[has[one] & has[other]].sum(), weights[has[one] | has[other]].sum()
    return float(shared / either) if either else 0.0


def told(has: Flags, weights: Numbers) -> tuple[np.ndarray, ...]:
    rows = WeightedPresence(sparse(has), weights)
    return rows.matrix.indptr, rows.matrix.indices, rows.weights, rows.totals


def nobody(n: int, n_neighbours: int) -> Near:
    shape = (n, n_neighbours)
    return np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.float32)


def all_indices(has: Flags, weights: Numbers) -> np.ndarray:
    rows = WeightedPresence(sparse(has), weights)
    by_column = rows.matrix.tocsc()
    found: np.ndarray = affinity_of_all(
        rows.matrix.indptr, rows.matrix.indices, by_column.indptr, by_column.indices,
        rows.weights, rows.totals,
    )  # fmt: skip
    return found


def test_indices_by_hand() -> None:
    assert all_indices(HAS, WEIGHTS).tolist() == [
        [1, 0.25, 0, 1],
        [0.25, 1, 0, 0.25],
        [0, 0, 1, 0],
        [1, 0.25, 0, 1],
    ]
    for one, other, expected in [(0, 1, 0.25), (0, 3, 1), (0, 2, 0), (2, 2, 0), (1, 1, 1)]:
        assert similarity(*told(HAS, WEIGHTS), one, other) == expected


@pytest.mark.parametrize("seed", range(3))
def test_walking_features_and_merging_columns_give_the_index_of_sets(seed: int) -> None:
    has, weights = drawn(seed)
    found, documents = all_indices(has, weights), told(has, weights)
    for one, other in np.ndindex(15, 15):
        expected = index(has, weights, one, other)
        assert similarity(*documents, one, other) == pytest.approx(expected, abs=1e-6)
        assert found[one, other] == pytest.approx(1 if one == other else expected, abs=1e-6)


def test_a_signature_is_the_column_with_the_smallest_draw() -> None:
    starts, columns, *_ = told(HAS, WEIGHTS)
    for draws, expected in [([0.5, 0.2, 0.9], [1, 1, -1, 1]), ([0.1, 0.8, 0.3], [0, 2, -1, 0])]:
        assert signatures(starts, columns, np.array(draws), 4).tolist() == expected


def test_signatures_agree_as_often_as_the_index_says() -> None:
    starts, columns, *_ = told(HAS, WEIGHTS)
    generator = np.random.default_rng(0)
    found = np.array([
        signatures(starts, columns, generator.exponential(size=3) / WEIGHTS, 4)
        for _ in range(4_000)
    ])  # fmt: skip
    assert np.mean(found[:, 0] == found[:, 1]) == pytest.approx(0.25, abs=0.03)
    assert np.all(found[:, 0] == found[:, 3])


def test_documents_meet_those_next_to_them_and_keep_the_nearest_last() -> None:
    near, affinity = nobody(4, 2)
    order = np.array([0, 3, 1, 2])
    compare_along(*told(HAS, WEIGHTS), order, 1, near, affinity)
    assert near.tolist() == [[-1, 3], [-1, 3], [-1, -1], [1, 0]]
    assert affinity.tolist() == [[0, 1], [0, 0.25], [0, 0], [0.25, 1]]
    compare_along(*told(HAS, WEIGHTS), order, 2, near, affinity)
    assert near.tolist() == [[1, 3], [0, 3], [-1, -1], [1, 0]]
    assert affinity.tolist() == [[0.25, 1], [0.25, 0.25], [0, 0], [0.25, 1]]
    before = near.copy()
    compare_along(*told(HAS, WEIGHTS), order[::-1].copy(), 99, near, affinity)
    assert near.tolist() == before.tolist()


def test_only_documents_of_the_order_meet() -> None:
    near, affinity = nobody(4, 1)
    compare_along(*told(HAS, WEIGHTS), np.array([1, 0]), 5, near, affinity)
    assert near.tolist() == [[1], [0], [-1], [-1]]


def test_neighbours_of_neighbours_meet_and_are_counted_on_both_sides() -> None:
    near, affinity = nobody(4, 2)
    compare_along(*told(HAS, WEIGHTS), np.array([0, 3, 1, 2]), 1, near, affinity)
    assert compare_beyond(*told(HAS, WEIGHTS), near.copy(), near, affinity) == 2
    assert near.tolist() == [[1, 3], [0, 3], [-1, -1], [1, 0]]
    assert compare_beyond(*told(HAS, WEIGHTS), near.copy(), near, affinity) == 0
    alone, nothing = nobody(4, 2)
    assert compare_beyond(*told(HAS, WEIGHTS), alone.copy(), alone, nothing) == 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n_neighbours", [1, 4, 20])
def test_after_all_have_met_the_nearest_are_those_of_a_full_sort(
    seed: int, n_neighbours: int
) -> None:
    has, weights = drawn(seed)
    near, affinity = nobody(15, n_neighbours)
    compare_along(*told(has, weights), np.arange(15), 15, near, affinity)
    for one in range(15):
        all_others = [index(has, weights, one, other) for other in range(15) if other != one]
        best = sorted([*all_others, *[0.0] * 10])[-n_neighbours:]
        assert affinity[one] == pytest.approx(best, abs=1e-6)
        known = [int(other) for other in near[one] if other >= 0]
        assert len(set(known)) == len(known) == np.count_nonzero(affinity[one])
        assert one not in known
        own = [index(has, weights, one, other) for other in known]
        assert affinity[one][near[one] >= 0] == pytest.approx(own, abs=1e-6)
