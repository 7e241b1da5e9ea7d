"""The largest values of a batch are found exactly, whatever the cut and the blocks."""

import pytest
import torch

from corpuscope.sae import batch_top_k_selection
from corpuscope.sae.batch_top_k_selection import Selection, largest

N_UNITS, WIDTH, N_FEATURES = 11, 6, 23
DTYPES = [torch.float32, torch.bfloat16, torch.float16]


def world(
    seed: int, dtype: torch.dtype = torch.float32, *, level: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Small integers, of which products are exact in any precision; there are many ties."""
    generator = torch.Generator().manual_seed(seed)
    centred = torch.randint(-2, 3, (N_UNITS, WIDTH), generator=generator)
    encoder = torch.randint(-2, 3, (N_FEATURES, WIDTH), generator=generator)
    bias = torch.randint(-4, 5, (N_FEATURES,), generator=generator) / 4 + level
    return centred.to(dtype), encoder.to(dtype), bias


def products(centred: torch.Tensor, encoder: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Features x units, in single precision."""
    return encoder.float() @ centred.float().T + bias[:, None]


def check(found: Selection, every: torch.Tensor, n: int) -> None:
    """Each value is at its place, and together they are the largest, in order."""
    features, units = found.entries.features, found.entries.units
    assert (found.entries.n_features, found.entries.n_units) == every.shape
    assert torch.equal(found.values, every[features, units])
    positive = every[every > 0].sort(descending=True).values[:n]
    assert found.values.sort(descending=True).values.tolist() == positive.tolist()
    places = (features * every.shape[1] + units).tolist()
    assert places == sorted(set(places))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 7, 40, N_UNITS * N_FEATURES])
@pytest.mark.parametrize("cut", [None, 0.0, 1e-9, 0.7, 3.0, 1e3])
def test_no_cut_changes_what_is_selected(cut: float | None, n: int, dtype: torch.dtype) -> None:
    for seed in range(3):
        given = world(seed, dtype)
        check(largest(*given, n, cut=cut), products(*given), n)


@pytest.mark.parametrize("n", [60, 200])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("level", [-5.0, -1.0, 2.0, 30.0])
def test_biases_of_either_sign_are_added(level: float, dtype: torch.dtype, n: int) -> None:
    """Where the bias alone is above the cut, negative products are selected, too."""
    for seed, cut in ((0, None), (1, 0.0), (2, 4.0)):
        given = world(seed, dtype, level=level)
        found, every = largest(*given, n, cut=cut), products(*given)
        check(found, every, n)
        bare = found.values - given[2][found.entries.features]
        assert bool((bare < 0).any()) == (level > 0 and n == 200)


@pytest.mark.parametrize("block", [1, 4, 22, 23, 24])
def test_no_block_of_features_changes_what_is_selected(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = world(5)
    whole = largest(*given, 30)
    monkeypatch.setattr(batch_top_k_selection, "_BLOCK", block)
    found = largest(*given, 30)
    check(found, products(*given), 30)
    assert found.values.sort().values.tolist() == whole.values.sort().values.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_real_numbers_are_selected_as_by_sorting(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    centred, encoder = (torch.randn(n, WIDTH, generator=generator) for n in (N_UNITS, N_FEATURES))
    bias = torch.randn(N_FEATURES, generator=generator)
    every = products(centred, encoder, bias)
    n = 25
    found = largest(centred, encoder, bias, n, cut=0.9)
    features, units = torch.nonzero(
        every >= every.flatten().sort(descending=True).values[n - 1], as_tuple=True
    )
    assert found.entries.features.tolist() == features.tolist()
    assert found.entries.units.tolist() == units.tolist()
    torch.testing.assert_close(found.values, every[features, units])


@pytest.mark.parametrize("n", [1, 20, 500])
def test_the_next_cut_is_a_little_below_what_was_selected(n: int) -> None:
    found = largest(*world(1), n)
    assert found.cut == pytest.approx(0.9 * float(found.values.min()))
    # With it, the next batch of the same kind is done at once.
    again = largest(*world(1), n, cut=found.cut)
    assert again.cut == found.cut


def test_nothing_positive_is_nothing_selected() -> None:
    found = largest(*world(0, level=-100.0), 12)
    assert (len(found.entries), found.cut) == (0, 0.0)
    assert found.entries.n_firing.tolist() == [0] * N_FEATURES


def test_nothing_wanted_is_nothing_selected() -> None:
    found = largest(*world(0), 0)
    assert (len(found.values), found.cut) == (0, 0.0)


def test_of_equal_values_as_many_are_selected_as_are_wanted() -> None:
    ones = torch.ones(5, 2), torch.ones(4, 2), torch.zeros(4)
    found = largest(*ones, 7)
    assert found.values.tolist() == [2.0] * 7
    check(found, products(*ones), 7)


def test_memory_that_is_compared_is_put_back() -> None:
    """The bits of negative products are turned for the comparison, in place."""
    given = world(3, level=20.0)
    before = [one.clone() for one in given]
    largest(*given, 50, cut=15.0)
    for one, other in zip(given, before, strict=True):
        assert torch.equal(one, other)
