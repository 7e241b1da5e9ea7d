"""Batches that mix the states of two corpora in a fixed proportion."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.config import Moments
from corpuscope.tensor_shapes import States
from corpuscope.training.states.cache import StateStream


@dataclass(frozen=True, eq=False)
class Mixture:
    """A stream with some of another in every batch; only the first scales and evaluates.

    Attributes:
        main: The main stream.
        other: The stream mixed in.
        share: Share of each batch that comes from `other`, between 0 and 1.

    Raises:
        DictionaryError: The states differ in width, or the share is out of its range.
    """

    main: StateStream
    other: StateStream
    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            raise DictionaryError(
                f"{self.share} of each batch mixed in",
                expected="a share of at least 0 and below 1",
                next_step="choose a share in that range",
            )
        if self.main.width != self.other.width:
            raise DictionaryError(
                f"states of width {self.other.width} mixed into states of {self.main.width}",
                expected="states of one reader and the same layers",
                next_step="read both corpora with the same reader and layers",
            )

    @property
    def n_units(self) -> int:
        """The number of training states of the main stream."""
        return self.main.n_units

    @property
    def n_held_out(self) -> int:
        """The number of held-out states of the main stream."""
        return self.main.n_held_out

    def moments(self, *, unit_norm: bool) -> Moments:
        """The moments of the main stream."""
        return self.main.moments(unit_norm=unit_norm)

    def batches(self, size: int, *, seed: int = 0, first: int = 0) -> Iterator[States]:
        """An endless stream of batches from number `first` on.

        Raises:
            NotEnoughData: One of the two has too few states.
        """
        n_other = round(self.share * size)
        main = self.main.batches(size - n_other, seed=seed, first=first)
        if not n_other:
            yield from main
        other = self.other.batches(n_other, seed=seed, first=first)
        for one, two in zip(main, other, strict=False):
            yield torch.cat([one.float(), two.float()])

    def held_out(self, *, at_most: int | None = None) -> Iterator[States]:
        """The held-out states of the main stream."""
        return self.main.held_out(at_most=at_most)
