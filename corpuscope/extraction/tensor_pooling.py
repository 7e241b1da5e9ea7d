"""The peaks of features with torch, in the dtype and on the device of the reader."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.read import Units
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.max_pooling import max_pooled
from corpuscope.sae.peaks import Peaks


class TensorPooling:
    """Peaks in states that are tensors."""

    def __init__(
        self,
        reader: LanguageModel,
        dictionary: Dictionary,
        floors: Sequence[npt.NDArray[np.float32]],
    ) -> None:
        self._parts = dictionary.parts
        self._saes = [part.sae.to(reader.device).to(reader.dtype) for part in dictionary.parts]
        self._floors = [torch.from_numpy(floor).to(reader.device) for floor in floors]

    def peaks(self, part: int, units: Units) -> Peaks:
        """The peaks of a part's features in each document."""
        states = units.joined(self._parts[part].places)
        return max_pooled(self._saes[part], states, units.documents, floor=self._floors[part])
