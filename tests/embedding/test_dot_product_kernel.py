"""Products in whole numbers are those of the real ones, within their steps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.embedding.dot_product_kernel import products


def test_whole_numbers_have_their_product() -> None:
    steps = np.array([[1, 2, 3], [-127, 0, 127], [0, 0, 0]], dtype=np.int8)
    found = products(steps, np.array([10.0, -1.0, 1.0]))
    assert found == pytest.approx([11.0, -1143.0, 0.0], rel=1e-3)


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(0, 5), st.integers(1, 400), st.floats(1e-6, 1e6))
def test_products_are_within_half_a_step_a_number(
    seed: int, n: int, width: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    steps = rng.integers(-127, 128, (n, width)).astype(np.int8)
    vector = rng.normal(size=width) * scale
    found, truth = products(steps, vector), steps.astype(np.float64) @ vector
    half_a_step = np.abs(vector).max() / 32_000 / 2
    assert np.abs(found - truth) == pytest.approx(0, abs=half_a_step * 127 * width + scale * 1e-3)


def test_the_largest_sums_fit() -> None:
    """384 products of the largest numbers, in either direction."""
    steps = np.full((2, 384), 127, dtype=np.int8)
    steps[1] = -127
    found = products(steps, np.ones(384, dtype=np.float32))
    assert found == pytest.approx([384 * 127, -384 * 127], rel=1e-6)


def test_a_vector_of_zeros_has_products_of_zero() -> None:
    steps = np.ones((2, 3), dtype=np.int8)
    assert products(steps, np.zeros(3)).tolist() == [0.0, 0.0]
    assert products(steps[:0], np.ones(3)).tolist() == []


@pytest.mark.parametrize("width", [2, 4])
def test_a_vector_of_another_width_is_refused(width: int) -> None:
    with pytest.raises(ValueError, match=f"{width}"):
        products(np.ones((2, 3), dtype=np.int8), np.ones(width))
