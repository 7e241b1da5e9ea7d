import warnings

import pytest

from corpuscope.errors import ReaderError
from corpuscope.reader.engines import choose
from corpuscope.reader.engines.array_reader import ArrayReader
from corpuscope.reader.engines.choose import engine_for, reader_for
from corpuscope.reader.loading.builtin import BUILTIN_READER


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "_GPU_FILES", ())
    monkeypatch.setattr(choose, "why_not", lambda: None)


def test_the_built_in_reader_on_a_processor_takes_openvino() -> None:
    assert engine_for(BUILTIN_READER) == engine_for(BUILTIN_READER, device="cpu") == "openvino"


@pytest.mark.parametrize(
    ("name", "more"),
    [("gpt2", {}), (BUILTIN_READER, {"is_simple": False}), (BUILTIN_READER, {"device": "cuda"}),
     (BUILTIN_READER, {"engine": "torch"})],
)  # fmt: skip
def test_everything_else_takes_torch(name: str, more: dict[str, object]) -> None:
    assert engine_for(name, **more) == "torch"  # type: ignore[arg-type]


def test_where_openvino_cannot_start_numpy_reads_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choose, "why_not", lambda: "no wheel")
    with pytest.warns(UserWarning, match="no wheel.*numpy"):
        assert engine_for(BUILTIN_READER) == "numpy"
    with pytest.raises(ReaderError, match=r"cannot start \(no wheel\)"):
        engine_for(BUILTIN_READER, engine="openvino")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert engine_for(BUILTIN_READER, engine="numpy") == "numpy"


@pytest.mark.parametrize(
    ("name", "engine", "device", "found"),
    [(BUILTIN_READER, "jax", "auto", "the engine 'jax'"),
     ("gpt2", "numpy", "auto", "numpy for gpt2"),
     (BUILTIN_READER, "openvino", "cuda:1", "the device 'cuda:1'")],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(
    name: str, engine: str, device: str, found: str
) -> None:
    with pytest.raises(ReaderError, match=found):
        engine_for(name, engine=engine, device=device)


def test_without_torch_other_readers_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpuscope.extras.find_spec", lambda name: None)
    with pytest.raises(ReaderError, match="the reader gpt2 needs torch") as caught:
        reader_for("gpt2")
    assert "pip install 'corpuscope[read]'" in caught.value.next_step


def test_the_reader_comes_with_the_engine() -> None:
    found = reader_for(BUILTIN_READER, engine="numpy")
    assert isinstance(found, ArrayReader)
    assert found.engine.name == "numpy"
