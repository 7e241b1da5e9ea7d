"""Pools units to documents: states, reconstructions, errors and features, in several poolings.

Documents are streamed, and a long one may span several batches; the memory per document does not
grow with its length, except for the sparse activations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.errors import InputError

ALWAYS = ("mean", "max", "last")
"""Poolings that are cached for every store that is read."""

_LARGEST = float(np.finfo(np.float16).max)


def position_of(pooling: str) -> int | None:
    """The index of the unit that a pooling takes, negative from the end; None for mean and max.

    Raises:
        InputError: There is no such pooling.

    Example:
        >>> position_of("last"), position_of("position=3"), position_of("mean")
        (-1, 3, None)
    """
    if pooling in ("mean", "max"):
        return None
    if pooling == "last":
        return -1
    name, _, number = pooling.partition("=")
    try:
        if name == "position":
            return int(number)
    except ValueError:
        pass
    raise InputError(
        f"the pooling {pooling!r}",
        expected="mean, max, last, position=N, or (for tokens) attention",
        next_step="choose one of these",
    )


@dataclass(frozen=True, eq=False)
class Pooled:
    """Some documents, pooled in one way.

    Attributes:
        dense: Documents x sides x width; sides are states, reconstructions and errors.
        features: Documents x features of the part.
    """

    dense: npt.NDArray[np.float16]
    features: sp.csr_array


class Pools:
    """Accumulates the pooled units of some documents, batch by batch.

    Args:
        n_units: How many units each document has.
        width: Width of a state.
        n_features: Number of features of the part.
        poolings: Names of the poolings.
    """

    def __init__(
        self,
        n_units: npt.NDArray[np.int64],
        *,
        width: int,
        n_features: int,
        poolings: Sequence[str],
    ) -> None:
        shape = (len(n_units), 3, width)
        self._n_features = n_features
        self._poolings = tuple(poolings)
        self._seen = np.zeros(len(n_units), dtype=np.int64)
        self._total = np.zeros(shape)
        self._largest = np.full(shape, -np.inf, dtype=np.float32)
        places = {name: position_of(name) for name in poolings}
        self._wanted = {
            name: np.clip(place if place >= 0 else n_units + place, 0, n_units - 1)
            for name, place in places.items()
            if place is not None
        }
        self._picked = {name: np.zeros(shape, dtype=np.float32) for name in self._wanted}
        self._picked_features: dict[str, dict[int, sp.csr_array]] = {n: {} for n in self._wanted}
        self._triplets: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]] = []

    def add(
        self,
        documents: npt.NDArray[np.int64],
        sides: npt.NDArray[np.float32],
        activations: sp.csr_array,
    ) -> None:
        """Add the next units, in document order.

        Args:
            documents: For each unit its document.
            sides: Units x sides x width.
            activations: Units x features.
        """
        starts = np.flatnonzero(np.diff(documents, prepend=-1))
        present, lengths = documents[starts], np.diff(starts, append=len(documents))
        self._total[present] += np.add.reduceat(sides, starts, axis=0)
        self._largest[present] = np.maximum(
            self._largest[present], np.maximum.reduceat(sides, starts, axis=0)
        )
        for name, wanted in self._wanted.items():
            # The wanted unit or the nearest so far: later batches overwrite it with nearer ones.
            offset = np.minimum(wanted[present] - self._seen[present], lengths - 1)
            for at, row in zip(present[offset >= 0], (starts + offset)[offset >= 0], strict=True):
                self._picked[name][at] = sides[row]
                self._picked_features[name][int(at)] = activations[[row]]
        # One integer key per (document, feature), so that a sort groups their activations.
        owners = np.repeat(documents, np.diff(activations.indptr))
        self._triplets.append((owners * self._n_features + activations.indices, activations.data))
        self._seen[present] += lengths

    def pooled(self) -> dict[str, Pooled]:
        """All documents in each pooling; zeros for a document without units."""
        n = np.maximum(self._seen, 1)
        dense: dict[str, npt.NDArray[Any]] = {"mean": self._total / n[:, None, None]}
        dense |= {"max": self._largest, **self._picked}
        features = self._over_units(n) | {
            name: self._of_units(picked) for name, picked in self._picked_features.items()
        }
        return {name: Pooled(storable(dense[name]), features[name]) for name in self._poolings}

    def _over_units(self, n: npt.NDArray[np.int64]) -> dict[str, sp.csr_array]:
        """The mean and the largest activation of each feature in each document."""
        keys = np.concatenate([key for key, _ in self._triplets] or [np.empty(0, np.int64)])
        values = np.concatenate([v for _, v in self._triplets] or [np.empty(0, np.float32)])
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        rows, columns = np.divmod(keys[starts], self._n_features)
        shape = (len(n), self._n_features)
        if not len(starts):
            nothing: Any = sp.csr_array(shape, dtype=np.float32)
            return {"mean": nothing, "max": nothing}
        # Over all units of the document: units without an activation count as 0.
        means = np.add.reduceat(values, starts) / n[rows]
        largest = np.maximum.reduceat(values, starts)
        found: dict[str, sp.csr_array] = {}
        for name, data in (("mean", means), ("max", largest)):
            placed = sp.coo_array((data.astype(np.float32), (rows, columns)), shape=shape)
            found[name] = sp.csr_array(placed)
        return found

    def _of_units(self, picked: dict[int, sp.csr_array]) -> sp.csr_array:
        nothing = sp.csr_array((1, self._n_features), dtype=np.float32)
        rows = [picked.get(at, nothing) for at in range(len(self._seen))]
        return sp.csr_array(sp.vstack(rows, format="csr"))


def storable(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float16]:
    """Values as float16, clipped to its range; -inf (no unit) becomes 0."""
    finite = np.where(np.isneginf(values), 0.0, values)
    return np.clip(finite, -_LARGEST, _LARGEST).astype(np.float16)
