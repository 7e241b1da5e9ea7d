from dataclasses import replace

import numpy as np
import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import BatchTopK, FiringRule, GroupMax, Relu, Threshold, TopK
from corpuscope.sae.max_pooling import max_pooled
from corpuscope.sae.model import SAE
from corpuscope.sae.peaks import Peaks, merged
from tests.sae.worlds import random_sae


def plain(sae: SAE, states: torch.Tensor, groups: np.ndarray, floor: torch.Tensor) -> set:
    """The same by the shortest way: encode everything, then look."""
    activations = sae.encode(states).numpy()
    found = set()
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        for feature in range(sae.n_features):
            values = activations[rows, feature]
            if values.max() > max(0, floor[feature]):
                unit = int(rows[values.argmax()])
                found.add((int(group), feature, round(float(values.max()), 4), unit))
    return found


def as_set(peaks: Peaks) -> set:
    columns = (peaks.groups, peaks.features, peaks.strengths.round(4), peaks.units)
    return {
        (int(g), int(f), round(float(s), 4), int(u)) for g, f, s, u in zip(*columns, strict=True)
    }


@pytest.mark.parametrize(
    "rule", [Relu(), TopK(4), GroupMax(6), Threshold(torch.linspace(-1, 2, 24))]
)
@pytest.mark.parametrize("unit_norm", [True, False])
def test_it_finds_what_encoding_everything_finds(rule: FiringRule, unit_norm: bool) -> None:
    sae = random_sae(firing=rule, unit_norm=unit_norm)
    states = torch.randn(1300, 16, generator=torch.Generator().manual_seed(1))
    groups = np.repeat([0, 2, 3, 7], [3, 700, 1, 596])
    floor = torch.linspace(0, 1, 24)
    found = max_pooled(sae, states, groups, floor=floor)
    assert as_set(found) == plain(sae, states, groups, floor)
    order = np.lexsort((found.features, found.groups))
    np.testing.assert_array_equal(order, np.arange(len(order)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_bias_may_lift_what_is_negative_without_it(dtype: torch.dtype) -> None:
    bias, floor = torch.linspace(-1, 30, 24), torch.linspace(1, 0, 24)
    sae = replace(random_sae(firing=Relu()).to(dtype), encoder_bias=bias)
    states = torch.randn(40, 16, generator=torch.Generator().manual_seed(1))
    found = max_pooled(sae, states, np.repeat(np.arange(20), 2), floor=floor)
    products = (sae.centred(states).to(dtype) @ sae.encoder.T).float().view(20, 2, 24)
    tops, units = products.max(dim=1)
    is_above = tops + bias > floor
    assert (tops[is_above] < 0).any(), "nothing was lifted"
    groups, features = np.nonzero(is_above.numpy())
    np.testing.assert_array_equal(found.groups, groups)
    np.testing.assert_array_equal(found.features, features)
    np.testing.assert_array_equal(found.units, 2 * groups + units[is_above].numpy())
    np.testing.assert_allclose(found.strengths, (tops + bias)[is_above], rtol=1e-4)


def test_a_worked_example() -> None:
    sae = SAE(
        encoder=torch.eye(2),
        decoder=torch.eye(2),
        encoder_bias=torch.tensor([0.0, -1.0]),
        decoder_bias=torch.zeros(2),
        firing=Threshold(torch.tensor([0.5, 0.0])),
    )
    states = torch.tensor([[0.5, 0.0], [2.0, 3.0], [2.0, 0.0], [0.6, 1.0]])
    found = max_pooled(sae, states, np.array([0, 1, 1, 2]), floor=torch.zeros(2))
    # Exactly at a threshold is not above it; of two equals the first is the peak.
    assert as_set(found) == {(1, 0, 2.0, 1), (1, 1, 2.0, 1), (2, 0, 0.6, 3)}


def test_a_group_alone_has_the_numbers_it_has_among_others() -> None:
    sae = random_sae().to(torch.bfloat16)
    states = torch.randn(900, 16, generator=torch.Generator().manual_seed(1))
    groups = np.repeat(np.arange(9), 100)
    floor = torch.zeros(24)
    together = max_pooled(sae, states, groups, floor=floor)
    alone = max_pooled(sae, states[600:700], np.zeros(100, dtype=np.int64), floor=floor)
    mine = together.groups == 6
    np.testing.assert_array_equal(alone.strengths, together.strengths[mine])
    np.testing.assert_array_equal(alone.units + 600, together.units[mine])


def test_half_precision_differs_by_its_rounding_only() -> None:
    sae = random_sae(firing=Relu())
    states = torch.randn(100, 16, generator=torch.Generator().manual_seed(1))
    groups, floor = np.zeros(100, dtype=np.int64), torch.full((24,), 0.1)
    exact = max_pooled(sae, states, groups, floor=floor)
    half = max_pooled(sae.to(torch.bfloat16), states, groups, floor=floor)
    np.testing.assert_array_equal(half.features, exact.features)
    np.testing.assert_allclose(half.strengths, exact.strengths, rtol=0.02)


def test_no_units_have_no_peaks() -> None:
    empty = max_pooled(
        random_sae(), torch.zeros(0, 16), np.zeros(0, dtype=np.int64), floor=torch.zeros(24)
    )
    assert len(empty.groups) == len(merged([empty, empty]).strengths) == 0


def test_a_rule_that_depends_on_the_batch_is_refused() -> None:
    sae = replace(random_sae(), firing=BatchTopK(2))
    with pytest.raises(DictionaryError, match="batch top-k"):
        max_pooled(sae, torch.zeros(1, 16), np.zeros(1, dtype=np.int64), floor=torch.zeros(24))
