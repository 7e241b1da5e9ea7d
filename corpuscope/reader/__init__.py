"""A language model, read up to one layer.

`language_model` loads one and taps its layers; `sections` and `passages` cut documents into
what it is fed; `masks` says which tokens count; `read` puts them together. Knows no dictionary.
"""

from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, Stretch, Units, read_documents

__all__ = [
    "LanguageModel",
    "MaskPolicy",
    "ReadingPlan",
    "Stretch",
    "Units",
    "load_reader",
    "read_documents",
]
