"""Bits compare as the floats that they stand for."""

import math

import pytest
import torch

from corpuscope.sae.float_bits import bits_of, turned

DTYPES = [torch.float32, torch.float16, torch.bfloat16]


def some(dtype: torch.dtype, n: int = 300) -> torch.Tensor:
    """Numbers of every size and sign, in rising order, without repetition."""
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(n, generator=generator) * 10 ** torch.randn(n, generator=generator)
    extremes = [0.0, 1e-7, -1e-7, 6e4, -6e4, math.inf, -math.inf, 1.0, -1.0]
    every = torch.cat([values, torch.tensor(extremes)]).to(dtype).float()
    rising: torch.Tensor = torch.unique(every)
    return rising.to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_turned_bits_rise_as_the_numbers_do(dtype: torch.dtype) -> None:
    found = turned(bits_of(some(dtype))).long()
    assert len(found) > 200
    assert (found.diff() > 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_bits_of_positive_numbers_need_no_turning(dtype: torch.dtype) -> None:
    bits = bits_of(some(dtype))
    positive = some(dtype) > 0
    assert torch.equal(turned(bits)[positive], bits[positive])
    # Any negative number is below any positive one, turned or not.
    assert bits[some(dtype) < 0].max() < bits[positive].min()


@pytest.mark.parametrize("dtype", DTYPES)
def test_turning_twice_changes_nothing(dtype: torch.dtype) -> None:
    bits = bits_of(some(dtype))
    assert torch.equal(turned(turned(bits)), bits)
    least = torch.iinfo(bits.dtype)
    ends = torch.tensor([least.min, -1, 0, 1, least.max], dtype=bits.dtype)
    assert torch.equal(turned(turned(ends)), ends)


def test_zeros_of_either_sign_are_neighbours() -> None:
    below, above = turned(bits_of(torch.tensor([-0.0, 0.0]))).tolist()
    assert above - below == 1


@pytest.mark.parametrize(
    ("dtype", "bits"),
    [(torch.float32, torch.int32), (torch.float16, torch.int16), (torch.bfloat16, torch.int16)],
)
def test_bits_are_the_same_memory(dtype: torch.dtype, bits: torch.dtype) -> None:
    values = torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=dtype)
    found = bits_of(values)
    assert (found.dtype, found.shape) == (bits, values.shape)
    found[0, 0] = 0
    assert values[0, 0] == 0
