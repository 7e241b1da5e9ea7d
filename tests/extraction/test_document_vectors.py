"""A document's vector is the direction of the mean of its sentences' directions."""

import numpy as np
import pytest
import torch

from corpuscope.extraction.document_vectors import VectorCollector, vector_layer
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.read import ReadingPlan, Units
from tests.reader.tiny import tiny_bert
from tests.sae.worlds import random_dictionary


def sentences(documents: list[int], states: list[list[float]], layer: int = 4) -> Units:
    spans = np.zeros((len(documents), 2), dtype=np.int64)
    of_layer = torch.tensor(states) if states else torch.zeros(0, 2)
    return Units(np.array(documents, dtype=np.int64), spans, {layer: of_layer})


@pytest.mark.parametrize(
    ("reader", "context", "layers", "expected"),
    [
        (BUILTIN_READER, "sentence", (4,), 4),
        (BUILTIN_READER, "sentence", (2, 4), 4),
        (BUILTIN_READER, "sentence", (2, 3), None),
        (BUILTIN_READER, "passage", (4,), None),
        ("tiny/bert", "sentence", (4,), None),
        (BUILTIN_READER, "sentence", (), None),
    ],
)
def test_only_the_last_layer_of_the_built_in_reader_gives_vectors(
    reader: str, context: str, layers: tuple[int, ...], expected: int | None
) -> None:
    plan = ReadingPlan(token_layers=(4,), sentence_layers=layers, context=context)  # type: ignore[arg-type]
    assert vector_layer(random_dictionary(reader=reader), tiny_bert(), plan) == expected


def test_long_states_count_as_short_ones() -> None:
    found = VectorCollector(4)
    found.add(sentences([0, 0, 2], [[9.0, 0.0], [0.0, 0.1], [0.0, -3.0]]))
    of_first, of_third = found.of(0), found.of(2)
    assert of_first is not None
    assert of_third is not None
    assert of_first.dtype == np.float16
    assert of_first == pytest.approx([0.5**0.5] * 2, abs=1e-3)
    assert of_third.tolist() == [0.0, -1.0]
    assert found.of(1) is None


def test_a_document_may_go_over_several_stretches() -> None:
    states = [[1.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 1.0]]
    once, twice = VectorCollector(4), VectorCollector(4)
    once.add(sentences([0, 0, 0, 1], states))
    twice.add(sentences([0], states[:1]))
    twice.add(sentences([], []))
    twice.add(sentences([0, 0, 1], states[1:]))
    for number in (0, 1):
        assert once.of(number) == pytest.approx(twice.of(number))
    assert once.of(0) == pytest.approx(np.array([1, 2]) / 5**0.5, abs=1e-3)


def test_the_layer_s_own_states_are_taken() -> None:
    units = sentences([0], [[1.0, 0.0]])
    other = Units(units.documents, units.spans, {3: -units.states[4], 4: units.states[4]})
    found = VectorCollector(3)
    found.add(other)
    assert found.of(0) == pytest.approx([-1.0, 0.0])


def test_states_of_half_the_width_are_summed_in_full() -> None:
    rng = np.random.default_rng(0)
    states = rng.normal(size=(200, 8))
    units = sentences([0] * 200, states.tolist())
    half = Units(units.documents, units.spans, {4: units.states[4].bfloat16()})
    found = VectorCollector(4)
    found.add(half)
    truth = (states / np.linalg.norm(states, axis=1, keepdims=True)).sum(axis=0)
    assert found.of(0) == pytest.approx(truth / np.linalg.norm(truth), abs=0.02)


def test_without_a_layer_there_are_no_vectors() -> None:
    found = VectorCollector(None)
    found.add(sentences([0], [[1.0, 0.0]]))
    assert found.of(0) is None
