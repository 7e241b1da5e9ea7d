"""What is done with the states of units as numpy arrays: outliers and sentence means."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from corpuscope.reader.masks import MaskPolicy
from corpuscope.shapes import KeptArray, SentenceArray, StateArray


class ArrayOperations:
    """The operations on states as arrays; see `protocol.Operations`."""

    def usual(
        self, masks: MaskPolicy, layers: Sequence[StateArray]
    ) -> npt.NDArray[np.bool_] | None:
        """Which units are not norm outliers at any of `layers`; None if all are not."""
        if masks.outlier_norm is None or not layers or not len(layers[0]):
            return None
        found = np.ones(len(layers[0]), dtype=np.bool_)
        for states in layers:
            lengths = np.sqrt(np.einsum("ij,ij->i", states, states))
            found &= lengths <= masks.outlier_norm * _lower_median(lengths)
        return None if found.all() else found

    def kept(self, states: StateArray, keep: npt.NDArray[np.bool_]) -> KeptArray:
        """The states of the units that are kept."""
        return states[keep]

    def means(self, states: StateArray, starts: npt.NDArray[np.int64]) -> SentenceArray:
        """The mean over each run of units that starts at one of `starts`."""
        if not len(starts):
            return np.zeros((0, states.shape[1]), dtype=np.float32)
        sums = np.add.reduceat(states, starts, axis=0)
        counts = np.diff(np.append(starts, len(states)))
        means: SentenceArray = sums / counts[:, None].astype(np.float32)
        return means


def _lower_median(values: npt.NDArray[np.float32]) -> np.float32:
    """The middle value; of two the lower one, as torch has it."""
    middle = (len(values) - 1) // 2
    found: np.float32 = np.partition(values, middle)[middle]
    return found
