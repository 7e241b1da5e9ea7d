"""OpenVINO and numpy give the states that torch gives."""

import numpy as np
import pytest

from corpuscope.corpus.document import Document
from corpuscope.errors import ReaderError
from corpuscope.reader.engines.array_reader import ArrayReader, Engine
from corpuscope.reader.engines.numpy_engine import NumpyEngine
from corpuscope.reader.engines.openvino_engine import OpenVinoEngine
from corpuscope.reader.language_model import load_reader
from corpuscope.reader.loading.builtin import local_builtin
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sites import Tap

TEXTS = [
    "The cat sat on the mat. It was warm there, and the cat slept! Ünïcode 😀 works. Yes.",
    "Hello there, my friend [SEP] what " * 120,
    "It was warm there, and the cat slept! Yes.",
    "One.",
]
DOCUMENTS = [Document(str(number), text, {}) for number, text in enumerate(TEXTS)]
PLAN = ReadingPlan((4,), (4, 6))


def engine_named(name: str) -> Engine:
    if name == "numpy":
        return NumpyEngine()
    pytest.importorskip("openvino")
    return OpenVinoEngine(bf16=False)


@pytest.fixture(scope="module", params=["openvino", "numpy"])
def reader(request: pytest.FixtureRequest) -> ArrayReader:
    return ArrayReader(engine_named(request.param))


def test_states_and_units_are_those_of_torch(reader: ArrayReader) -> None:
    if local_builtin() is None:
        pytest.skip("the reader's weights for torch are not on this machine")
    (expected,) = read_documents(DOCUMENTS, load_reader(device="cpu", dtype="float32"), PLAN)
    (found,) = read_documents(DOCUMENTS, reader, PLAN)
    for one, other in ((found.tokens, expected.tokens), (found.sentences, expected.sentences)):
        assert np.array_equal(one.documents, other.documents)
        assert np.array_equal(one.spans, other.spans)
        for layer, states in one.states.items():
            # Shipped weights have 16 bits each.
            assert states == pytest.approx(other.states[layer].numpy(), abs=3e-3)


def test_both_engines_compute_the_same() -> None:
    found = [
        next(iter(read_documents(DOCUMENTS, ArrayReader(engine_named(name)), PLAN)))
        for name in ("openvino", "numpy")
    ]
    assert found[0].tokens.states[4] == pytest.approx(found[1].tokens.states[4], abs=2e-5)
    for layer in (4, 6):
        one, other = (stretch.sentences.states[layer] for stretch in found)
        assert one == pytest.approx(other, abs=2e-5)


@pytest.mark.parametrize("n_threads", [1, 3])
def test_states_do_not_depend_on_the_number_of_threads(
    reader: ArrayReader, n_threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (expected,) = read_documents(DOCUMENTS, reader, PLAN)
    monkeypatch.setattr("corpuscope.reader.engines.array_reader.free_cores", lambda: n_threads)
    other = ArrayReader(reader.engine)
    other.prepare()
    (found,) = read_documents(DOCUMENTS, other, PLAN)
    assert np.array_equal(found.tokens.states[4], expected.tokens.states[4])


def test_states_of_a_text_do_not_depend_on_the_others(reader: ArrayReader) -> None:
    (together,) = read_documents(DOCUMENTS, reader, PLAN)
    for number, document in enumerate(DOCUMENTS):
        (alone,) = read_documents([document], reader, PLAN)
        own = together.tokens.states[4][together.tokens.documents == number]
        assert own == pytest.approx(alone.tokens.states[4], abs=1e-5)


def test_layer_0_and_texts_without_a_frame_are_read(reader: ArrayReader) -> None:
    plan = ReadingPlan((0, 6), (6,), "passage", 64, prepends_bos=False)
    (found,) = read_documents(DOCUMENTS[:1], reader, plan)
    assert len(found.tokens.states[0]) == len(found.tokens.states[6]) == len(found.tokens)
    assert np.isfinite(found.tokens.states[6]).all()


def test_its_tokens_are_those_of_the_reader_of_torch(reader: ArrayReader) -> None:
    if local_builtin() is None:
        pytest.skip("the reader's tokenizer for torch is not on this machine")
    expected = load_reader(device="cpu")
    assert reader.provenance()["tokenizer"] == expected.tokenizer_digest
    assert reader.special_ids == expected.special_ids
    assert reader.frame == expected.frame
    assert (reader.pad_id, reader.max_tokens) == (expected.pad_id, expected.max_tokens)
    assert (reader.n_layers, reader.width_at(3)) == (expected.n_layers, expected.width)


def test_provenance_names_the_engine(reader: ArrayReader) -> None:
    found = reader.provenance()
    assert found["engine"] == reader.engine.name
    assert found["dtype"] == "float32"
    assert found["revision"].startswith("shipped-")
    assert reader.chat_provenance() == {}


def test_layers_and_sites_that_it_has_not_are_refused(reader: ArrayReader) -> None:
    with pytest.raises(ReaderError, match=r"layers \[7\]"):
        reader.check_layers([7])
    with pytest.raises(ReaderError, match="site mlp"):
        reader.check_layers([Tap(2, "mlp")])


def test_bfloat16_is_near_float32() -> None:
    pytest.importorskip("openvino")
    half = ArrayReader(OpenVinoEngine(bf16=True))
    assert half.provenance()["dtype"] == "bfloat16"
    (found,) = read_documents(DOCUMENTS, half, PLAN)
    (exact,) = read_documents(DOCUMENTS, ArrayReader(OpenVinoEngine(bf16=False)), PLAN)
    norms = np.linalg.norm(exact.tokens.states[4], axis=1)
    errors = np.linalg.norm(found.tokens.states[4] - exact.tokens.states[4], axis=1)
    assert (errors < 0.1 * norms).all()
