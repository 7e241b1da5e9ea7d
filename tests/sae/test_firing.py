"""Firing rules against sorting by hand, with ties, narrow rows and values at the threshold."""

import pytest
import torch

from corpuscope.sae.firing import BatchTopK, FiringRule, GroupMax, Relu, Threshold, TopK


def values(n: int = 7, n_features: int = 9, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, n_features, generator=torch.Generator().manual_seed(seed))


def kept(rule: FiringRule, pre: torch.Tensor) -> set[tuple[int, int]]:
    """Which entries fire; each fires as it is."""
    found = rule(pre)
    assert found.shape == pre.shape
    assert found.dtype == pre.dtype
    is_on = found > 0
    assert torch.equal(found[is_on], pre[is_on])
    assert not found[~is_on].any()
    return {(int(row), int(column)) for row, column in torch.nonzero(is_on)}


def largest(entries: list[tuple[float, int, int]], n: int) -> set[tuple[int, int]]:
    """The places of the `n` largest values above 0."""
    ranked = sorted((entry for entry in entries if entry[0] > 0), reverse=True)[:n]
    return {(row, column) for _, row, column in ranked}


def entries_of(pre: torch.Tensor) -> list[tuple[float, int, int]]:
    return [
        (value, row, column)
        for row, own in enumerate(pre.tolist())
        for column, value in enumerate(own)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_everything_positive_fires_by_relu(seed: int) -> None:
    pre = values(seed=seed)
    pre[0, 0] = 0.0
    assert kept(Relu(), pre) == largest(entries_of(pre), pre.numel())


@pytest.mark.parametrize("k", [1, 3, 9, 50])
@pytest.mark.parametrize("seed", range(3))
def test_the_largest_of_each_unit_fire_by_top_k(k: int, seed: int) -> None:
    pre = values(seed=seed)
    expected = set()
    for row in range(len(pre)):
        expected |= largest([entry for entry in entries_of(pre) if entry[1] == row], k)
    assert kept(TopK(k), pre) == expected


@pytest.mark.parametrize("k", [1, 3, 9, 50])
@pytest.mark.parametrize("seed", range(3))
def test_the_largest_of_the_whole_batch_fire_by_batch_top_k(k: int, seed: int) -> None:
    pre = values(seed=seed)
    assert kept(BatchTopK(k), pre) == largest(entries_of(pre), k * len(pre))


def test_a_unit_alone_is_its_own_batch() -> None:
    for pre in values().split(1):
        assert torch.equal(BatchTopK(3)(pre), TopK(3)(pre))


def test_units_share_what_a_batch_may_have() -> None:
    pre = torch.tensor([[5.0, 4.0, 3.0, 2.0], [1.0, 0.5, -1.0, -2.0]])
    assert BatchTopK(2)(pre).tolist() == [[5.0, 4.0, 3.0, 2.0], [0.0] * 4]
    assert TopK(2)(pre).tolist() == [[5.0, 4.0, 0.0, 0.0], [1.0, 0.5, 0.0, 0.0]]


@pytest.mark.parametrize("rule", [TopK(2), BatchTopK(2)])
def test_of_equal_values_no_more_fire_than_may(rule: FiringRule) -> None:
    found = rule(torch.ones(3, 5))
    assert int((found > 0).sum()) == 6
    assert set(found.flatten().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("rule", [Relu(), TopK(3), BatchTopK(3), Threshold(torch.zeros(4))])
def test_nothing_fires_where_nothing_is_positive(rule: FiringRule) -> None:
    pre = torch.tensor([[-1.0, -0.5, 0.0, -3.0], [0.0, -0.0, -1e-30, -1e30]])
    assert not rule(pre).any()


@pytest.mark.parametrize("rule", [Relu(), TopK(3), BatchTopK(3), Threshold(torch.zeros(4))])
def test_no_unit_at_all_is_an_empty_result(rule: FiringRule) -> None:
    assert rule(torch.empty(0, 4)).shape == (0, 4)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_strictly_above_its_threshold_fires(seed: int) -> None:
    pre = values(seed=seed)
    theta = values(1, seed=seed + 10)[0].abs()
    theta[2] = pre[1, 2] = 0.75
    expected = {(row, column) for value, row, column in entries_of(pre) if value > theta[column]}
    assert (1, 2) not in expected
    assert kept(Threshold(theta), pre) == expected


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_thresholds_are_compared_in_the_precision_of_the_values(dtype: torch.dtype) -> None:
    # In half precision the threshold is 1, and the value is not above it.
    theta = torch.tensor([0.9999, 0.9999])
    found = Threshold(theta)(torch.tensor([[1.0, 1.5]], dtype=dtype))
    assert found.dtype == dtype
    assert found.tolist() == [[0.0, 1.5]]


@pytest.mark.parametrize("rule", [Relu(), TopK(3), BatchTopK(3)])
def test_what_fires_passes_its_gradient_on_and_nothing_else_does(rule: FiringRule) -> None:
    pre = values().requires_grad_()
    (rule(pre) * 2).sum().backward()
    assert pre.grad is not None
    assert torch.equal(pre.grad, 2.0 * (rule(pre) > 0))


def test_the_largest_of_each_group_fires_and_only_above_zero() -> None:
    pre = torch.tensor([[1.0, 3.0, -1.0, -2.0, 0.5, 0.5]])
    assert GroupMax(3)(pre).tolist() == [[0, 3, 0, 0, 0.5, 0]]
    assert GroupMax(6)(pre).tolist() == pre.relu().tolist()
