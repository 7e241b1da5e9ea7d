"""Batch top-k: the largest pre-activations of a whole batch, without holding all of them.

The product of encoder and states is computed a block of features at a time, and values below a
cut are dropped while the block is in the CPU cache. The cut is slightly below the smallest value
that the last batch selected; if too few pass, it is lowered and the batch is processed again, so
the selection is exact whatever the cut.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from corpuscope.sae.float_bits import bits_of, turned
from corpuscope.sae.sparse_products import Entries
from corpuscope.tensor_shapes import FeatureVectors, PerFeatureTensor, States
from corpuscope.workers import side_by_side

_BLOCK = 1024
"""Features per block on a CPU."""
_SLACK = 0.9
"""The next cut, as a multiple of the smallest value selected."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The largest positive values, and the cut for the next batch.

    Attributes:
        entries: Their positions.
        values: The values; float32.
        cut: To be passed on with the next batch.
    """

    entries: Entries
    values: torch.Tensor
    cut: float


def largest(
    centred: States,
    encoder: FeatureVectors,
    bias: PerFeatureTensor,
    n: int,
    *,
    cut: float | None = None,
) -> Selection:
    """The `n` largest positive entries of `centred @ encoder.T + bias`, or all if there are fewer.

    Args:
        centred: One state per unit, in the dtype of the products.
        encoder: In the same dtype.
        bias: In float32.
        n: How many, over the whole batch.
        cut: A first guess of the smallest value; any guess gives the same result.
    """
    if cut is None:
        cut = _guessed_cut(centred, encoder, bias, n)
    while True:
        features, units, values = _above(centred, encoder, bias, cut)
        if len(values) >= n or cut <= 0:
            break
        # Too few passed: retry with a lower cut; at 0 every positive value passes.
        cut = cut / 2 if cut > 1e-6 else 0.0
    if len(values) > n:
        # Sorting restores the order by feature and unit.
        chosen = values.topk(n, sorted=False).indices.sort().values
        features, units, values = features[chosen], units[chosen], values[chosen]
    entries = Entries(features, units, len(encoder), len(centred))
    return Selection(entries, values, _SLACK * float(values.min()) if len(values) else 0.0)


def _guessed_cut(centred: torch.Tensor, encoder: torch.Tensor, bias: torch.Tensor, n: int) -> float:
    """An estimate of the cut from the first few units."""
    some = centred[:64]
    products = (encoder @ some.T).float() + bias[:, None]
    n_some = max(1, min(products.numel(), n * len(some) // max(1, len(centred))))
    return max(0.0, _SLACK * float(products.flatten().topk(n_some).values[-1]))


def _above(
    centred: torch.Tensor, encoder: torch.Tensor, bias: torch.Tensor, cut: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features, units and values of all entries above the cut, sorted by feature and unit."""
    is_cpu = centred.device.type == "cpu"

    def found(first: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        here = slice(first, first + block)
        products = encoder[here] @ centred.T
        # Compare raw products with cut - bias, and add the bias to the few that pass.
        missing = cut - bias[here]
        at = _above_on_cpu(products, missing) if is_cpu else _above_plainly(products, missing)
        features = at // len(centred)
        values = products.flatten()[at].float() + bias[here][features]
        is_above = values > cut
        return (
            features[is_above] + first,
            (at % len(centred))[is_above],
            values[is_above],
        )

    block = _BLOCK if is_cpu else len(encoder)
    parts = side_by_side(found, _firsts(len(encoder), block), device=centred.device)
    features, units, values = (torch.cat(each) for each in zip(*parts, strict=True))
    return features, units, values


def _firsts(n: int, block: int) -> Iterator[int]:
    return iter(range(0, n, block))


def _above_plainly(products: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
    return torch.nonzero((products > _rounded_down(missing, products)).flatten()).flatten()


def _above_on_cpu(products: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
    """The same by integer comparison of bits, which is faster on a CPU."""
    # Rows whose bound is negative need negative products in order, too; see `float_bits`.
    bits = bits_of(products)
    lifted = torch.nonzero(missing < 0).flatten()
    if len(lifted):
        bits[lifted] = turned(bits[lifted])
    least = turned(bits_of(_rounded_down(missing, products)))
    places = torch.from_numpy(np.flatnonzero(bits.numpy() > least.numpy()))
    if len(lifted):
        bits[lifted] = turned(bits[lifted])
    return places


def _rounded_down(missing: torch.Tensor, products: torch.Tensor) -> torch.Tensor:
    """Bounds in the dtype of the products, rounded down so that no entry above is missed."""
    slack = missing.abs() * 2 * torch.finfo(products.dtype).eps
    return (missing - slack).to(products.dtype)[:, None]
