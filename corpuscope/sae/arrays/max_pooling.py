"""Max pooling on numpy arrays; `sae.max_pooling` does the same with torch.

Scale and decoder bias are folded into the encoder, and the encoder's bias is added to maxima
only: `Relu` and `Threshold` preserve the order of a feature's pre-activations.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpuscope.errors import DictionaryError
from corpuscope.sae.peaks import Peaks, merged
from corpuscope.sae.weights import Weights
from corpuscope.shapes import PerFeature, StateArray
from corpuscope.workers import Workers

Array = npt.NDArray[np.float32]
Multiply = Callable[[Array], Array]
"""From rows to their products with every row of a matrix; the result lasts until the next call."""

# Products of so many units with 8,192 features stay in the processor's largest cache.
_ROWS = 512
_SMALLEST = np.float32(1e-12)


class ArrayEncoder:
    """The encoder of an SAE, prepared for max pooling.

    Args:
        weights: The SAE.
        floor: For each feature the strength above which it is returned.
        multiplier: Makes the function that multiplies rows with a matrix.
        workers: Who multiplies.

    Raises:
        DictionaryError: Features do not fire each by its own value.
    """

    def __init__(
        self,
        weights: Weights,
        floor: PerFeature,
        multiplier: Callable[[Array], Multiply],
        workers: Workers,
    ) -> None:
        if not weights.is_simple:
            raise DictionaryError(
                f"a dictionary with the firing rule {weights.firing['rule']}, token_norm "
                f"{weights.token_norm}",
                expected="features that fire each by its own value, without torch",
                next_step='read with torch: engine="torch" (--engine torch)',
            )
        encoder = weights.arrays["encoder"].astype(np.float64)
        shift = encoder @ weights.arrays["decoder_bias"].astype(np.float64)
        self._bias = (weights.arrays["encoder_bias"] - shift).astype(np.float32)
        self._multiply = multiplier((encoder * weights.input_scale).astype(np.float32))
        self._workers = workers
        cut = np.maximum(floor, 0)
        # Return only activations that exceed the floor and fire.
        self._cut = np.maximum(cut, weights.arrays["theta"]) if "theta" in weights.arrays else cut
        self._n_layers = weights.n_layers if weights.unit_norm else 0

    def peaks(self, states: StateArray, groups: npt.NDArray[np.int64]) -> Peaks:
        """The largest activations above the floor and above 0, sorted by group and feature.

        Args:
            states: One per unit.
            groups: The group of each unit; ascending.
        """
        if self._n_layers:
            states = of_length_one(states, self._n_layers)

        def found(begin: int) -> Peaks:
            rows = slice(begin, begin + _ROWS)
            return self._of_some(states[rows], groups[rows], begin)

        return merged(self._workers.each(found, range(0, len(states), _ROWS)))

    def _of_some(self, states: Array, groups: npt.NDArray[np.int64], begin: int) -> Peaks:
        products = self._multiply(states)
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        parts = []
        for start, end in pairwise([*starts.tolist(), len(groups)]):
            own = products[start:end]
            tops = own.max(axis=0) + self._bias
            features = np.flatnonzero(tops > self._cut)
            # The first maximum of the raw products is the peak: biases do not change their order.
            units = own[:, features].argmax(axis=0) + (begin + start)
            of_group = np.full(len(features), groups[start])
            parts.append(Peaks(of_group, features, tops[features], units))
        return joined(parts)


def joined(parts: list[Peaks]) -> Peaks:
    """The entries of all parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    names = ("groups", "features", "strengths", "units")
    return Peaks(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def of_length_one(states: StateArray, n_layers: int) -> StateArray:
    """The states with each layer's slice normalised to unit length."""
    layers = states.reshape(len(states), n_layers, -1)
    lengths = np.sqrt(np.einsum("ijk,ijk->ij", layers, layers))[:, :, None]
    taken: StateArray = (layers / np.maximum(lengths, _SMALLEST)).reshape(len(states), -1)
    return taken
