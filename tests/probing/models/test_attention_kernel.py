"""Attention over the tokens of several documents is the softmax of each, and so is its gradient."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from corpuscope.probing.models.attention_kernel import adam_step, attended, slopes_of_tokens

COUNTS = [(3, 1, 4), (0, 5, 0, 2, 0), (1,), (0,), (40, 2)]


def tokens(counts: Sequence[int], n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits and values of `n` problems, and where documents end."""
    rng = np.random.default_rng(seed)
    given = rng.standard_normal((sum(counts), 2 * n)).astype(np.float32) * 2
    return given, np.cumsum(counts)


def in_torch(given: torch.Tensor, counts: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Means of documents and weights of tokens, one document after the other."""
    n = given.shape[1] // 2
    means, weights = [torch.zeros((0, n))], [torch.zeros((0, n))]
    for own in torch.split(given, list(counts)):
        weight = torch.softmax(own[:, :n], dim=0)
        weights.append(weight)
        means.append((weight * own[:, n:]).sum(dim=0, keepdim=True))
    return torch.cat(means), torch.cat(weights)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("counts", COUNTS)
def test_means_are_weighted_by_the_softmax_of_each_document(
    counts: tuple[int, ...], n: int
) -> None:
    given, ends = tokens(counts, n)
    every, attention = attended(given, ends)
    means, weights = in_torch(torch.tensor(given), counts)
    assert every == pytest.approx(means.numpy(), abs=1e-5)
    assert attention == pytest.approx(weights.numpy(), abs=1e-6)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("counts", COUNTS)
def test_slopes_are_those_of_torch(counts: tuple[int, ...], n: int) -> None:
    given, ends = tokens(counts, n, seed=1)
    slopes = np.random.default_rng(2).standard_normal((len(counts), n)).astype(np.float32)
    every, attention = attended(given, ends)
    found = slopes_of_tokens(given, ends, every, attention, slopes)
    leaf = torch.tensor(given, requires_grad=True)
    (in_torch(leaf, counts)[0] * torch.tensor(slopes)).sum().backward()
    assert leaf.grad is not None
    assert found == pytest.approx(leaf.grad.numpy(), abs=1e-5)


@pytest.mark.parametrize("shift", [-1e4, 0.0, 1e4, 3e38])
def test_large_logits_do_not_overflow(shift: float) -> None:
    given = np.array([[0.0, 1.0], [0.0, 5.0], [0.0, 6.0]], dtype=np.float32)
    given[:, 0] = np.float32(shift)
    every, attention = attended(given, np.array([3]))
    assert every[0, 0] == pytest.approx(4.0)
    assert attention[:, 0] == pytest.approx([1 / 3] * 3)


def test_a_token_that_outweighs_all_others_is_the_mean() -> None:
    given = np.array([[-500.0, 7.0], [500.0, -2.0], [0.0, 9.0]], dtype=np.float32)
    every, attention = attended(given, np.array([3]))
    assert attention[:, 0].tolist() == [0.0, 1.0, 0.0]
    assert every[0, 0] == pytest.approx(-2.0)
    # A mean that no logit can move any more has no slope at the logits.
    slopes = np.ones((1, 1), dtype=np.float32)
    found = slopes_of_tokens(given, np.array([3]), every, attention, slopes)
    assert found.tolist() == [[0.0, 0.0], [0.0, 1.0], [0.0, 0.0]]


@pytest.mark.parametrize("size", [1e-4, 1.0, 1e4])
def test_the_first_step_has_the_length_of_the_rate_whatever_the_slope(size: float) -> None:
    array = np.array([1.0, -2.0, 0.5], dtype=np.float32)
    slope = np.array([1.0, -3.0, 0.0], dtype=np.float32) * np.float32(size)
    before, first, second = array.copy(), np.zeros_like(array), np.zeros_like(array)
    adam_step(array, first, second, slope, 0.0, 0.1, (0.9, 0.99), 1)
    assert before - array == pytest.approx([0.1, -0.1, 0.0], rel=1e-3)
    assert first == pytest.approx(slope * 0.1, rel=1e-5)
    assert second == pytest.approx(slope.astype(np.float64) ** 2 * 0.01, rel=1e-4)


def test_a_penalty_alone_draws_towards_zero() -> None:
    array = np.array([1.0, -2.0, 0.0], dtype=np.float32)
    moments = np.zeros((2, 3), dtype=np.float32)
    for number in range(1, 300):
        adam_step(array, *moments, np.zeros(3, np.float32), 0.5, 0.02, (0.9, 0.99), number)
    assert array == pytest.approx([0.0, 0.0, 0.0], abs=0.1)
