"""Sparse products and their gradients against dense ones in double precision."""

from collections.abc import Sequence

import pytest
import torch

from corpuscope.sae.sparse_products import Entries, decoded, kept_pre_activations

N_UNITS, WIDTH, N_FEATURES = 9, 5, 14


def some(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def entries_of(share: float, seed: int = 0) -> Entries:
    """Entries sorted by feature, then by unit; some features and units have none."""
    generator = torch.Generator().manual_seed(seed)
    is_on = torch.rand(N_FEATURES, N_UNITS, generator=generator) < share
    is_on[[0, 6, N_FEATURES - 1]] = False
    is_on[:, [3, N_UNITS - 1]] = False
    features, units = torch.nonzero(is_on, as_tuple=True)
    return Entries(features, units, N_FEATURES, N_UNITS)


def spread(values: torch.Tensor, entries: Entries) -> torch.Tensor:
    """The units x features matrix of these values, with gradient."""
    empty = torch.zeros(N_UNITS, N_FEATURES, dtype=values.dtype)
    return empty.index_put((entries.units, entries.features), values)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_entries_are_counted_by_feature(share: float) -> None:
    entries = entries_of(share)
    dense = spread(torch.ones(len(entries)), entries)
    assert len(entries) == int(dense.sum())
    assert entries.n_firing.tolist() == dense.sum(dim=0).long().tolist()
    before = torch.cumsum(dense.sum(dim=0), dim=0).long() - entries.n_firing
    assert entries.feature_offsets.tolist() == before.tolist()


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("ends", [(N_FEATURES,), (4, N_FEATURES), (1, 6, 7, N_FEATURES)])
def test_each_level_is_decoded_as_by_a_dense_product(share: float, ends: Sequence[int]) -> None:
    entries = entries_of(share, seed=len(ends))
    values = some(len(entries)).requires_grad_()
    decoder = some(N_FEATURES, WIDTH, seed=1).requires_grad_()
    found = decoded(values, entries, decoder, ends)
    exact_values = values.detach().double().requires_grad_()
    exact_decoder = decoder.detach().double().requires_grad_()
    dense = spread(exact_values, entries)
    starts = [0, *ends[:-1]]
    expected = [dense[:, a:b] @ exact_decoder[a:b] for a, b in zip(starts, ends, strict=True)]
    assert len(found) == len(ends)
    loss, exact_loss = torch.zeros(()), torch.zeros((), dtype=torch.float64)
    for level, (one, other) in enumerate(zip(found, expected, strict=True)):
        torch.testing.assert_close(one.double(), other, rtol=1e-5, atol=1e-5)
        slope = some(N_UNITS, WIDTH, seed=level + 2)
        loss = loss + (one * slope).sum()
        exact_loss = exact_loss + (other * slope.double()).sum()
    loss.backward()
    exact_loss.backward()
    assert decoder.grad is not None
    assert exact_decoder.grad is not None
    torch.testing.assert_close(decoder.grad.double(), exact_decoder.grad, rtol=1e-5, atol=1e-5)
    if len(entries):
        assert values.grad is not None
        assert exact_values.grad is not None
        torch.testing.assert_close(values.grad.double(), exact_values.grad, rtol=1e-5, atol=1e-5)


def test_a_frozen_decoder_lets_the_gradient_of_activations_pass() -> None:
    entries = entries_of(0.3)
    values, decoder = some(len(entries)).requires_grad_(), some(N_FEATURES, WIDTH, seed=1)
    (found,) = decoded(values, entries, decoder, [N_FEATURES])
    found.square().sum().backward()
    other = values.detach().clone().requires_grad_()
    (spread(other, entries) @ decoder).square().sum().backward()
    assert decoder.grad is None
    torch.testing.assert_close(values.grad, other.grad, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_slopes_of_kept_pre_activations_are_those_of_the_whole_product(
    share: float, seed: int
) -> None:
    entries = entries_of(share, seed)
    states = some(N_UNITS, WIDTH, seed=seed + 3)
    names = ("encoder", "encoder_bias", "decoder_bias")
    shapes = ((N_FEATURES, WIDTH), (N_FEATURES,), (WIDTH,))
    weights = {
        name: some(*shape, seed=seed + 4 + i).requires_grad_()
        for i, (name, shape) in enumerate(zip(names, shapes, strict=True))
    }
    exact = {name: one.detach().double().requires_grad_() for name, one in weights.items()}
    product = (states.double() - exact["decoder_bias"]) @ exact["encoder"].T
    product = (product + exact["encoder_bias"])[entries.units, entries.features]
    values = product.detach().float()
    found = kept_pre_activations(values, entries, states, **weights)
    assert found.tolist() == values.tolist()
    assert found.data_ptr() != values.data_ptr() or not len(values)
    slope = some(len(entries), seed=9)
    (found * slope).sum().backward()
    (product * slope.double()).sum().backward()
    for name, one in weights.items():
        assert one.grad is not None
        torch.testing.assert_close(
            one.grad.double(), exact[name].grad, rtol=1e-5, atol=1e-5, msg=name
        )
    assert states.grad is None
