"""The dictionary: sparse autoencoders over states; knows no text.

`model` is one SAE and `firing` its rule; `train` learns it; `dictionary` adds what it takes to
use it, `files` keeps that in a folder; `strongest` encodes and pools.
"""

from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.files import load_dictionary, save_dictionary
from corpuscope.sae.firing import BatchTopK, FiringRule, Relu, Threshold, TopK
from corpuscope.sae.model import SAE

__all__ = [
    "SAE",
    "BatchTopK",
    "Dictionary",
    "FiringRule",
    "Part",
    "Relu",
    "Threshold",
    "TopK",
    "load_dictionary",
    "save_dictionary",
]
