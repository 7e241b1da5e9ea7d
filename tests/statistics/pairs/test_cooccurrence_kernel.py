"""The compiled loop keeps the pairs that a product of matrices says it must."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.statistics.pairs.cooccurrence_kernel import pairs_of
from tests.statistics.worlds import Integers, Numbers

Found = list[tuple[int, int, int]]


def pairs(
    left: Integers,
    right: Integers,
    *,
    left_bound: Numbers | None = None,
    right_bound: Numbers | None = None,
    begin: Integers | None = None,
    end: Integers | None = None,
    least: int = 1,
    columns: tuple[int, int] | None = None,
) -> Found:
    """What the kernel finds, without bounds where none is given."""
    n_left, n_right = left.shape[1], right.shape[1]
    by_column, rows = sp.csc_array(left.astype(np.int8)), sp.csr_array(right.astype(np.int8))
    lefts, rights, both = pairs_of(
        *(columns or (0, n_left)),
        by_column.indptr, by_column.indices, rows.indptr, rows.indices,
        np.zeros(n_left) if left_bound is None else left_bound,
        np.zeros(n_right) if right_bound is None else right_bound,
        np.zeros(n_left, dtype=np.int64) if begin is None else begin,
        np.full(n_left, n_right) if end is None else end,
        least,
    )  # fmt: skip
    return list(zip(lefts.tolist(), rights.tolist(), both.tolist(), strict=True))


def drawn(seed: int, n: int, n_columns: int, rate: float = 0.3) -> Integers:
    return (np.random.default_rng(seed).random((n, n_columns)) < rate).astype(np.int64)


def counted(left: Integers, right: Integers) -> Found:
    both = left.T @ right
    return [(i, j, int(both[i, j])) for i, j in np.ndindex(*both.shape) if both[i, j]]


def test_pairs_by_hand() -> None:
    left = np.array([[1, 0], [1, 1], [1, 0]])
    right = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]])
    assert pairs(left, right) == [(0, 0, 2), (0, 1, 2), (1, 0, 1), (1, 1, 1)]
    assert pairs(left, right, least=2) == [(0, 0, 2), (0, 1, 2)]
    assert pairs(left, right, least=3) == []


@pytest.mark.parametrize("n_columns", [1, 63, 64, 65, 130])
def test_all_pairs_with_a_document_are_found_whatever_blocks_they_lie_in(n_columns: int) -> None:
    left, right = drawn(1, 9, 7), drawn(2, 9, n_columns)
    assert pairs(left, right) == counted(left, right)


def test_there_is_room_for_any_number_of_pairs() -> None:
    left, right = drawn(3, 20, 60, 0.8), drawn(4, 20, 70, 0.8)
    found = pairs(left, right)
    assert len(found) > 4_000
    assert found == counted(left, right)


@pytest.mark.parametrize("seed", range(3))
def test_a_pair_is_kept_if_it_reaches_both_bounds(seed: int) -> None:
    left, right = drawn(seed, 30, 12), drawn(seed + 9, 30, 150)
    generator = np.random.default_rng(seed)
    left_bound, right_bound = 3 * generator.random(12), np.sort(3 * generator.random(150))
    expected = [
        one for one in counted(left, right)
        if one[2] >= max(2, left_bound[one[0]] * right_bound[one[1]])
    ]  # fmt: skip
    found = pairs(left, right, left_bound=left_bound, right_bound=right_bound, least=2)
    assert found == expected
    assert 0 < len(found) < len(counted(left, right))


def test_a_pair_that_reaches_its_bound_exactly_is_kept() -> None:
    both = np.ones((6, 1), dtype=np.int64)
    for bound, n in [(2.0, 1), (2.0000001, 0)]:
        kept = pairs(both, both, left_bound=np.array([3.0]), right_bound=np.array([bound]))
        assert len(kept) == n


@pytest.mark.parametrize("seed", range(3))
def test_only_right_columns_from_the_first_to_the_last_are_partners(seed: int) -> None:
    left, right = drawn(seed, 12, 20), drawn(seed + 9, 12, 140)
    generator = np.random.default_rng(seed)
    begin, end = generator.integers(0, 141, (2, 20))
    found = pairs(left, right, begin=begin, end=end)
    assert found == [one for one in counted(left, right) if begin[one[0]] <= one[1] < end[one[0]]]


def test_pieces_of_the_left_columns_make_up_the_whole() -> None:
    left, right = drawn(5, 15, 10), drawn(6, 15, 80)
    pieces = [(0, 3), (3, 3), (3, 9), (9, 10)]
    found = [one for piece in pieces for one in pairs(left, right, columns=piece)]
    assert found == pairs(left, right)


def test_without_documents_there_are_no_pairs() -> None:
    nothing = np.zeros((5, 3), dtype=np.int64)
    assert pairs(nothing, nothing) == pairs(nothing[:0], nothing[:0]) == []
    assert pairs(nothing + 1, nothing) == []
