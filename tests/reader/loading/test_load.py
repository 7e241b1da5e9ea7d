import json
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, PreTrainedTokenizerFast

from corpuscope import extras
from corpuscope.errors import ReaderError
from corpuscope.reader.language_model import load_reader
from corpuscope.reader.loading import load
from corpuscope.reader.loading.load import Origin, arguments_of, failed, load_tokenizer
from corpuscope.reader.loading.memory import Machine
from corpuscope.reader.loading.placement import Placement
from corpuscope.reader.loading.settings import LoadingSettings
from corpuscope.reader.loading.source import Source
from tests.reader.tiny import tiny_bert, tiny_llama

needs_accelerate = pytest.mark.skipif(
    find_spec("accelerate") is None, reason="needs accelerate, the extra [large]"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reader = tiny_llama()
    reader.model.save_pretrained(tmp_path)  # type: ignore[operator]
    reader.tokenizer.save_pretrained(tmp_path)
    return tmp_path


def states(reader: object) -> torch.Tensor:
    ids = torch.arange(5, 25).view(2, 10)
    found: torch.Tensor = reader.states(ids, torch.ones_like(ids, dtype=torch.bool), layers=[3])[3]  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_weights_have_the_dtype_that_was_asked_for(folder: Path, name: str) -> None:
    reader = load_reader(str(folder), dtype=name, device="cpu")
    assert str(reader.dtype) == f"torch.{name}"
    assert reader.is_bf16 == (name == "bfloat16")
    exact = states(tiny_llama())
    torch.testing.assert_close(states(reader).float(), exact, atol=0.05, rtol=0.05)


def test_a_reader_knows_from_where_it_was_loaded(folder: Path) -> None:
    reader = load_reader(str(folder), dtype="float32")
    assert reader.origin is not None
    assert reader.origin.source.location == str(folder)
    assert reader.quantization is None
    assert tiny_llama().quantization is None


def test_a_model_that_is_too_large_is_not_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "this_machine", lambda: Machine((), 1_000))
    monkeypatch.setattr(AutoModel, "from_pretrained", lambda *_, **__: pytest.fail("was loaded"))
    with pytest.raises(ReaderError, match=r"needs about .* GB, and cpu has .* free"):
        load_reader(str(folder))


@needs_accelerate
def test_a_model_that_lies_partly_on_the_disk_computes_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map of devices as accelerate makes it where memory is short, here by hand."""
    model = AutoModel.from_pretrained(
        folder,
        device_map={"embed_tokens": "cpu", "layers.0": "cpu", "layers.1": "disk",
                    "layers.2": "cpu", "norm": "cpu", "rotary_emb": "cpu"},
        offload_folder=tmp_path / "offloaded",
    )  # fmt: skip
    monkeypatch.setattr(load, "load_model", lambda kind, origin: model)
    from corpuscope.reader.language_model import LanguageModel

    reader = LanguageModel(model.eval(), tiny_llama().tokenizer, name="m", revision="1")
    assert reader.device == torch.device("cpu")
    torch.testing.assert_close(states(reader), states(tiny_llama()))
    torch.testing.assert_close(states(reader), states(tiny_llama()))


@needs_accelerate
def test_a_map_of_devices_is_passed_on(folder: Path) -> None:
    reader = load_reader(str(folder), dtype="float32", device_map="auto")
    assert reader.origin is not None
    assert reader.origin.placement.device_map == "auto"
    torch.testing.assert_close(states(reader).cpu(), states(tiny_llama()))


def test_a_map_of_devices_needs_an_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(ReaderError, match=r"needs accelerate.*\[large\]"):
        load_reader(str(folder), device_map="auto")


@pytest.mark.parametrize("name", ["8bit", "4bit"])
def test_few_bits_need_an_extra(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(ReaderError, match=r"needs bitsandbytes and accelerate.*\[quantized\]"):
        load_reader(str(folder), quantization=name)


@pytest.mark.parametrize("name", ["8bit", "4bit"])
def test_few_bits_are_asked_of_transformers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    asked: dict[str, object] = {}
    monkeypatch.setattr(transformers, "BitsAndBytesConfig", lambda **given: asked.update(given))
    settings = LoadingSettings(quantization="8bit" if name == "8bit" else "4bit")
    source = Source("m", "a/b", "hub", "v1", is_offline=True)
    origin = Origin(source, settings, torch.bfloat16, Placement(torch.device("cuda:1")))
    found = arguments_of(origin)
    assert asked[f"load_in_{name}"]
    assert found["device_map"] == {"": torch.device("cuda:1")}
    assert (found["revision"], found["local_files_only"]) == ("v1", True)


def test_a_model_that_is_spread_over_gpus_keeps_off_the_processor() -> None:
    place = Placement(device_map="auto", max_memory={0: 5, 1: 7})
    origin = Origin(Source("m", "f", "folder"), LoadingSettings(), torch.float32, place)
    found = arguments_of(origin)
    assert (found["device_map"], found["max_memory"]) == ("auto", {0: 5, 1: 7})


def test_a_tokenizer_without_offsets_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        is_fast = False

    import transformers

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda *_, **__: Slow())
    with pytest.raises(ReaderError, match="does not return character positions"):
        load_tokenizer(Source("m", str(tmp_path), "folder"))


def test_a_folder_without_a_tokenizer_is_refused(folder: Path) -> None:
    for file in folder.glob("*token*"):
        file.unlink()
    with pytest.raises(ReaderError, match="could not be loaded"):
        load_reader(str(folder))


def test_a_damaged_configuration_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(ReaderError, match="could not be loaded"):
        load_reader(str(folder))
    (folder / "config.json").write_text(json.dumps({"model_type": "of another kind"}))
    with pytest.raises(ReaderError, match="could not be loaded"):
        load_reader(str(folder))


@pytest.mark.parametrize(
    ("message", "next_step"),
    [
        ("set trust_remote_code=True", "without code of its own"),
        ("CUDA out of memory. Tried", "fewer bits"),
        ("nothing there", "check the name"),
        ("", "check the name"),
    ],
)
def test_the_next_step_fits_the_failure(message: str, next_step: str) -> None:
    assert next_step in failed("m", OSError(message)).next_step


def test_the_tokenizer_of_a_folder_is_loaded(tmp_path: Path) -> None:
    tiny_bert().tokenizer.save_pretrained(tmp_path)
    found = load_tokenizer(Source("m", str(tmp_path), "folder"))
    assert isinstance(found, PreTrainedTokenizerFast)
