"""The strongest activation of each feature in each group of units, and where it is.

The hot loop of an extraction. Almost all activations are thrown away at once, so none is kept
that need not be: rows go through the encoder a few hundred at a time, the largest value of
each group is taken from the product while that is in the processor's cache, and only then are
biases added and thresholds looked at. That is allowed because both rules that it is done for
leave the order of a feature's pre-activations as it is.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import BatchTopK, Threshold, TopK
from corpuscope.sae.model import SAE
from corpuscope.tensor_shapes import Activations, PerFeatureTensor, States

_ROWS = 512


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Where features are strongest; entry `i` is about one feature in one group of units.

    Attributes:
        groups: Which group.
        features: Which feature.
        strengths: Its largest activation there.
        units: The first unit that has it.
    """

    groups: npt.NDArray[np.int64]
    features: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float32]
    units: npt.NDArray[np.int64]


def strongest(
    sae: SAE, states: States, groups: npt.NDArray[np.int64], *, floor: PerFeatureTensor
) -> Peaks:
    """The strongest activations above `floor` and above 0, by group and then by feature.

    The product is computed in the number type of the encoder; everything that is compared
    is a float32.

    Args:
        sae: The dictionary, where the states are.
        states: One for each unit.
        groups: For each unit its group; ascending.
        floor: For each feature what a strength must be above to be found.

    Raises:
        DictionaryError: The dictionary fires by a rule that depends on the batch.
    """
    if isinstance(sae.firing, BatchTopK):
        raise DictionaryError(
            "a dictionary that fires by batch top-k",
            expected="a rule that looks at one unit at a time",
            next_step="turn its rule into thresholds, as training does at its end",
        )
    cut = _cut(sae, floor)
    begins = iter(range(0, len(states), _ROWS))
    n_workers = torch.get_num_threads() if states.device.type == "cpu" else 1
    if n_workers == 1:
        return merged(_work(sae, states, groups, cut, begins))
    # A worker a core, each with whole products: threads that meet after every small step wait
    # for one another far longer than they compute as soon as the machine has other work.
    with ThreadPoolExecutor(n_workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        workers = [pool.submit(_work, sae, states, groups, cut, begins) for _ in range(n_workers)]
        return merged([part for worker in workers for part in worker.result()])


def _work(
    sae: SAE,
    states: States,
    groups: npt.NDArray[np.int64],
    cut: PerFeatureTensor,
    begins: Iterator[int],
) -> list[Peaks]:
    """The peaks of those products that nobody else takes from `begins`."""
    inputs = states.new_zeros(_ROWS, sae.width, dtype=sae.encoder.dtype)
    product = states.new_empty(_ROWS, sae.n_features, dtype=sae.encoder.dtype)
    parts = []
    for begin in begins:
        rows = states[begin : begin + _ROWS]
        # Always as many rows, so that one kernel serves, and a unit alone gets the same numbers.
        inputs[: len(rows)] = sae.centred(rows)
        torch.mm(inputs, sae.encoder.T, out=product)
        part = _peaks(sae, product[: len(rows)], groups[begin : begin + _ROWS], cut)
        parts.append(replace(part, units=part.units + begin))
    return parts


def merged(parts: Sequence[Peaks]) -> Peaks:
    """One entry for each group and feature: the strongest, and of equals the first."""
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Peaks(nothing, nothing, np.zeros(0, dtype=np.float32), nothing)
    groups = np.concatenate([part.groups for part in parts])
    features = np.concatenate([part.features for part in parts])
    strengths = np.concatenate([part.strengths for part in parts])
    units = np.concatenate([part.units for part in parts])
    order = np.lexsort((units, -strengths, features, groups))
    groups, features = groups[order], features[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (groups[1:] != groups[:-1]) | (features[1:] != features[:-1])
    kept = order[is_first]
    return Peaks(groups[is_first], features[is_first], strengths[kept], units[kept])


def _cut(sae: SAE, floor: PerFeatureTensor) -> PerFeatureTensor:
    cut = floor.clamp_min(0)
    return torch.maximum(cut, sae.firing.theta) if isinstance(sae.firing, Threshold) else cut


def _peaks(
    sae: SAE, product: Activations, groups: npt.NDArray[np.int64], cut: PerFeatureTensor
) -> Peaks:
    """The peaks among the rows of one product, units counted from its first row."""
    bias = sae.encoder_bias
    if isinstance(sae.firing, TopK):
        product, bias = sae.firing(product.float() + bias), torch.zeros_like(bias)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    spans = list(pairwise([*starts.tolist(), len(groups)]))
    tops = torch.stack([product[start:end].amax(dim=0) for start, end in spans]).float() + bias
    found, features = torch.nonzero(tops > cut, as_tuple=True)
    per_span = torch.bincount(found, minlength=len(spans)).tolist()
    units = [
        product[start:end].index_select(1, which).argmax(dim=0) + start
        for (start, end), which in zip(spans, torch.split(features, per_span), strict=True)
    ]
    return Peaks(
        groups[starts][found.cpu().numpy()],
        features.cpu().numpy(),
        tops[found, features].cpu().numpy(),
        torch.cat(units).cpu().numpy(),
    )
