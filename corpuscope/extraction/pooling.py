"""Where the peaks of features are computed: with torch, or on arrays without it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import numpy.typing as npt

from corpuscope.reader.engines.array_reader import ArrayReader
from corpuscope.reader.protocol import Reader
from corpuscope.reader.read import Units
from corpuscope.sae.arrays.max_pooling import ArrayEncoder
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.peaks import Peaks

if TYPE_CHECKING:
    from corpuscope.reader.language_model import LanguageModel

Floors = Sequence[npt.NDArray[np.float32]]
"""For each part of a dictionary, the strength above which each feature is returned."""


class Pooling(Protocol):
    """A dictionary, prepared to find peaks."""

    def peaks(self, part: int, units: Units) -> Peaks:
        """The peaks of a part's features in each document."""


def pooling_of(reader: Reader, dictionary: Dictionary, floors: Floors) -> Pooling:
    """What finds peaks in the states of a reader."""
    if isinstance(reader, ArrayReader):
        return ArrayPooling(reader, dictionary, floors)
    from corpuscope.extraction.tensor_pooling import TensorPooling

    return TensorPooling(cast("LanguageModel", reader), dictionary, floors)


class ArrayPooling:
    """Peaks in states that are arrays."""

    def __init__(self, reader: ArrayReader, dictionary: Dictionary, floors: Floors) -> None:
        multiplier = reader.engine.multiplier
        self._parts = dictionary.parts
        self._encoders = [
            ArrayEncoder(part.weights, floor, multiplier, reader.workers)
            for part, floor in zip(dictionary.parts, floors, strict=True)
        ]

    def peaks(self, part: int, units: Units) -> Peaks:
        """The peaks of a part's features in each document."""
        states = units.joined(self._parts[part].places)
        return self._encoders[part].peaks(states, units.documents)
