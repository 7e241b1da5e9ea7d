"""The peaks of features with torch, in the dtype and on the device of the reader."""

from dataclasses import replace

import torch

from corpuscope.extraction.pooling import Floors, firsts
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.read import Units
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.max_pooling import max_pooled
from corpuscope.sae.peaks import Peaks


class TensorPooling:
    """Peaks in states that are tensors."""

    def __init__(self, reader: LanguageModel, dictionary: Dictionary, floors: Floors) -> None:
        self._parts = dictionary.parts
        self._firsts = firsts(dictionary)
        self._saes = [part.sae.to(reader.device).to(reader.dtype) for part in dictionary.parts]
        self._floors = [torch.from_numpy(floor).to(reader.device) for floor in floors]

    def peaks(self, part: int, units: Units) -> Peaks:
        """The peaks of a part's features in each document; features numbered over all parts."""
        states = units.joined(self._parts[part].places)
        found = max_pooled(self._saes[part], states, units.documents, floor=self._floors[part])
        return replace(found, features=found.features + self._firsts[part])
