"""Half precision is widened as numpy widens it."""

import numpy as np
import pytest

from corpuscope.probing.models.float16 import in_single_precision, moved, numbers_of


@pytest.mark.parametrize(
    "value", [0.0, -0.0, 1.0, -1.5, 6e-8, -6e-8, 6.1e-5, 6.104e-5, 65504.0, -65504.0, 1 / 3]
)
def test_moved_bits_are_the_same_number(value: float) -> None:
    half = np.array([value], dtype=np.float16)
    bits = np.array([moved(half.view(np.uint16)[0])], dtype=np.uint32)
    found = numbers_of(bits)
    assert found.dtype == np.float32
    assert found[0] == np.float32(half[0])
    assert np.signbit(found[0]) == np.signbit(half[0])


def test_the_order_of_halves_is_kept() -> None:
    halves = np.sort(np.random.default_rng(0).standard_normal(500).astype(np.float16) ** 5)
    bits = np.array([moved(one) for one in halves.view(np.uint16)], dtype=np.uint32)
    assert (np.diff(numbers_of(bits)) >= 0).all()


@pytest.mark.parametrize(
    ("shape", "rows"),
    [((4, 3), []), ((4, 3), [3, 3, 0]), ((4, 0), [1, 2]), ((1, 1), [0]), ((4, 3), [2, 1, 0, 3])],
)
def test_rows_are_taken_in_the_order_asked(shape: tuple[int, int], rows: list[int]) -> None:
    halves = np.random.default_rng(1).standard_normal(shape).astype(np.float16)
    found = in_single_precision(halves, np.array(rows, dtype=np.int64))
    assert found.dtype == np.float32
    assert found.shape == (len(rows), shape[1])
    assert found.tolist() == halves[rows].astype(np.float32).tolist()


def test_what_was_given_is_not_changed() -> None:
    halves = np.arange(6, dtype=np.float16).reshape(2, 3)
    found = in_single_precision(halves, np.array([1, 0]))
    found[:] = -1
    assert halves.tolist() == [[0, 1, 2], [3, 4, 5]]
