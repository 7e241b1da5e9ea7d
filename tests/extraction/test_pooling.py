"""Peaks are found with torch or without it, as the reader's states are."""

import numpy as np
import pyarrow as pa

from corpuscope.corpus.document import Document
from corpuscope.extraction.pooling import ArrayPooling, pooling_of
from corpuscope.extraction.tensor_pooling import TensorPooling
from corpuscope.reader.engines.array_reader import ArrayReader
from corpuscope.reader.engines.numpy_engine import NumpyEngine
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sae.dictionary import Dictionary, Part
from tests.reader.tiny import tiny_bert
from tests.sae.worlds import random_dictionary, random_sae


def test_the_reader_decides() -> None:
    parts = (Part("token", (1,), random_sae(8, 384)), Part("sentence", (0, 1), random_sae(4, 768)))
    features = pa.table({"feature": range(12), "kind": ["token"] * 8 + ["sentence"] * 4})
    own = Dictionary(BUILTIN_READER, "any", "sentence", 64, {"outlier_norm": 10.0}, parts, features)
    floors = [np.zeros(8, np.float32), np.zeros(4, np.float32)]
    reader = ArrayReader(NumpyEngine())
    found = pooling_of(reader, own, floors)
    assert isinstance(found, ArrayPooling)
    documents = [Document("a", "One cat. Two dogs.", {}), Document("b", "Three.", {})]
    (stretch,) = read_documents(documents, reader, ReadingPlan((1,), (0, 1)))
    for number, units in ((0, stretch.tokens), (1, stretch.sentences)):
        peaks = found.peaks(number, units)
        states = units.joined(parts[number].places)
        activations = parts[number].sae.encode(torch_of(states)).numpy()
        for group in (0, 1):
            tops = activations[units.documents == group].max(axis=0)
            mine = peaks.groups == group
            assert peaks.features[mine].tolist() == np.flatnonzero(tops > 0).tolist()
            np.testing.assert_allclose(peaks.strengths[mine], tops[tops > 0], rtol=1e-3)
    other = random_dictionary()
    floors = [np.zeros(24, np.float32), np.zeros(12, np.float32)]
    assert isinstance(pooling_of(tiny_bert(), other, floors), TensorPooling)


def torch_of(states: np.ndarray):  # type: ignore[no-untyped-def]
    import torch

    return torch.from_numpy(states)
