"""Max pooling: the largest activation of each feature in each group of units, and where it is.

The hot loop of an extraction. Units go through the encoder a few hundred at a time; the maximum of
each group is taken from the raw product while that is in the CPU cache, and only then are biases
added and thresholds applied. This is exact because `Relu` and `Threshold` preserve the order of a
feature's pre-activations.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import BatchTopK, GroupMax, Threshold, TopK
from corpuscope.sae.float_bits import bits_of, turned
from corpuscope.sae.model import SAE
from corpuscope.sae.peaks import Peaks, merged
from corpuscope.tensor_shapes import PerFeatureTensor, States
from corpuscope.workers import side_by_side

_ROWS = 512


def max_pooled(
    sae: SAE, states: States, groups: npt.NDArray[np.int64], *, floor: PerFeatureTensor
) -> Peaks:
    """The largest activations above `floor` and above 0, sorted by group and feature.

    The product is computed in the dtype of the encoder; biases are added and thresholds compared
    in float32.

    Args:
        sae: The autoencoder, on the device of the states.
        states: One per unit.
        groups: The group of each unit; ascending.
        floor: For each feature the strength above which it is returned.

    Raises:
        DictionaryError: The firing rule depends on the batch.
    """
    if isinstance(sae.firing, BatchTopK):
        raise DictionaryError(
            "a dictionary with batch top-k as its firing rule",
            expected="a rule that treats each unit on its own",
            next_step="replace the rule by thresholds, as training does at the end",
        )
    work = _Work(sae, floor)
    begins = range(0, len(states), _ROWS)

    def found(begin: int) -> Peaks:
        rows = slice(begin, begin + _ROWS)
        part = work.peaks(states[rows], groups[rows])
        return replace(part, units=part.units + begin)

    return merged(side_by_side(found, begins, device=states.device))


class _Work:
    """An autoencoder prepared for batches of a few hundred units.

    Products are features x units, so that the units of a group are contiguous. Maxima are found
    by integer comparison of bits. A negative product matters only if the bias lifts it above the
    cut; `_lifted` are the features for which that is possible, and only their bits are flipped to
    sort correctly.
    """

    def __init__(self, sae: SAE, floor: PerFeatureTensor) -> None:
        self._sae = sae
        cut = floor.clamp_min(0)
        # Return only activations that exceed the floor and fire.
        if isinstance(sae.firing, Threshold):
            cut = torch.maximum(cut, sae.firing.theta)
        self._cut = cut
        self._bias = sae.encoder_bias.float()
        self._lifted = torch.nonzero(self._bias > cut).flatten()

    def peaks(self, states: States, groups: npt.NDArray[np.int64]) -> Peaks:
        """The peaks of at most `_ROWS` units; `units` are relative to the first."""
        products, bias = self._products(states), self._bias
        if isinstance(self._sae.firing, TopK | GroupMax):
            # These rank features within a unit, so biases come before pooling.
            fired = self._sae.firing(products.T.float() + bias)
            products, bias = fired.T.contiguous(), torch.zeros_like(bias)
        elif len(self._lifted):
            self._turn_lifted(products)
        bits = bits_of(products)
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        bounds = [*starts.tolist(), len(groups)]
        top_bits = _largest(bits[:, : len(groups)], bounds)
        tops = turned(top_bits).view(products.dtype).float() + bias
        found, features = torch.nonzero(tops > self._cut, as_tuple=True)
        per_group = torch.bincount(found, minlength=len(starts)).tolist()
        # The first maximum of the raw products is the peak: biases do not change their order.
        units = [
            bits[:, start:end].index_select(0, which).argmax(dim=1) + start
            for (start, end), which in zip(
                pairwise(bounds), torch.split(features, per_group), strict=True
            )
        ]
        return Peaks(
            groups[starts][found.cpu().numpy()],
            features.cpu().numpy(),
            tops[found, features].cpu().numpy(),
            torch.cat(units).cpu().numpy(),
        )

    def _products(self, states: States) -> torch.Tensor:
        """Products, padded to a fixed number of units: the same kernel, hence the same rounding."""
        encoder = self._sae.encoder
        inputs = states.new_zeros(_ROWS, self._sae.width, dtype=encoder.dtype)
        inputs[: len(states)] = self._sae.centred(states)
        return encoder @ inputs.T

    def _turn_lifted(self, products: torch.Tensor) -> None:
        bits = bits_of(products)
        bits[self._lifted] = turned(bits[self._lifted])


def _largest(bits: torch.Tensor, bounds: list[int]) -> torch.Tensor:
    """Row maxima between consecutive bounds: groups x rows."""
    if bits.device.type == "cpu":
        reduced = np.maximum.reduceat(bits.numpy(), bounds[:-1], axis=1)
        return torch.from_numpy(np.ascontiguousarray(reduced.T))
    return torch.stack([bits[:, start:end].amax(dim=1) for start, end in pairwise(bounds)])
