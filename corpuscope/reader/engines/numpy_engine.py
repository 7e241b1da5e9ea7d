"""The built-in reader's layers in numpy: for where OpenVINO is not; one product after another."""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corpuscope.reader.engines.bert import Bert
from corpuscope.reader.engines.shipped_weights import shipped_weights

Array = npt.NDArray[np.float32]


class NumpyEngine:
    """Computes in float32; products take the threads that numpy's linear algebra takes."""

    name = "numpy"
    dtype = "float32"

    @cached_property
    def _bert(self) -> Bert:
        return Bert(shipped_weights())

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return self._bert.n_layers

    @property
    def width(self) -> int:
        """Dimension of states."""
        return self._bert.width

    def prepare(self, n_threads: int) -> int:
        """One call after the other, however many threads there are."""
        return 1

    def states(
        self, ids: npt.NDArray[np.int64], layers: Sequence[int], frame: tuple[int, int]
    ) -> list[Array]:
        """For each layer the states of texts of one length, without their frame."""
        states = self._bert.first_states(ids)
        found = {0: states}
        for layer in range(1, max(layers) + 1):
            states = found[layer] = self._bert.after(layer, states)
        inner = slice(frame[0], ids.shape[1] - frame[1])
        return [found[layer][:, inner] for layer in layers]

    def multiplier(self, matrix: Array) -> Callable[[Array], Array]:
        """A function from rows to `rows @ matrix.T`."""
        turned = np.ascontiguousarray(matrix.T)
        return lambda rows: rows @ turned
