from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from corpuscope import extras
from corpuscope.errors import ReaderError
from corpuscope.reader.language_model import load_reader
from corpuscope.reader.loading.gguf import gguf_tokenizer
from corpuscope.training.loss_recovered.lm_head import predicting_model
from tests.reader.loading.tiny_gguf import TEMPLATE, write_gguf
from tests.reader.tiny import TEXTS, tiny_llama

needs_gguf = pytest.mark.skipif(
    find_spec("gguf") is None or find_spec("accelerate") is None,
    reason="needs gguf and accelerate, the extra [gguf]",
)


@needs_gguf
def test_a_gguf_file_is_read_as_the_model_it_was_made_of(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "tiny.gguf")
    found = load_reader(str(path), dtype="float32")
    original = tiny_llama()
    assert (found.name, found.n_layers, found.width) == ("tiny.gguf", 3, 16)
    assert found.revision.startswith("file-")
    assert found.is_local
    text = TEXTS[0]
    mine, theirs = found.tokenize([text]), original.tokenize([text])
    assert mine.ids.tolist() == theirs.ids.tolist()
    assert mine.ends.tolist() == theirs.ends.tolist()
    ids = torch.from_numpy(mine.ids)[None]
    mask = torch.ones_like(ids, dtype=torch.bool)
    for layer in (0, 1, 3):
        expected = original.states(ids, mask, layers=[layer])[layer]
        torch.testing.assert_close(found.states(ids, mask, layers=[layer])[layer], expected)


@needs_gguf
def test_a_gguf_file_has_its_chat_template_and_its_control_tokens(tmp_path: Path) -> None:
    tokenizer = gguf_tokenizer(write_gguf(tmp_path / "tiny.gguf"))
    assert tokenizer.chat_template == TEMPLATE
    special = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    assert {"<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"} <= special


@needs_gguf
def test_a_gguf_file_has_no_tokens_that_its_model_does_not_know(tmp_path: Path) -> None:
    reader = load_reader(str(write_gguf(tmp_path / "tiny.gguf")))
    ids = reader.tokenize(["a <|endoftext|> b"]).ids
    assert ids.max() < reader.model.config.vocab_size


@needs_gguf
def test_digits_are_split_as_smollm_was_taught(tmp_path: Path) -> None:
    tokenizer = gguf_tokenizer(write_gguf(tmp_path / "tiny.gguf", pre="smollm"))
    splitter = tokenizer.backend_tokenizer.pre_tokenizer
    assert [word for word, _ in splitter.pre_tokenize_str("a  12")] == ["a", "ĠĠ", "1", "2"]


@needs_gguf
def test_the_head_of_a_gguf_file_is_loaded_from_it(tmp_path: Path) -> None:
    reader = load_reader(str(write_gguf(tmp_path / "tiny.gguf")), dtype="float32")
    found = predicting_model(reader.name, reader=reader)
    assert found.is_causal
    assert found.n_tokens == reader.model.config.vocab_size


@needs_gguf
def test_a_damaged_gguf_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ReaderError, match=r"bad.gguf"):
        load_reader(str(tmp_path / "bad.gguf"))


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    with pytest.raises(ReaderError, match=r"needs gguf and accelerate.*extra \[gguf\]"):
        load_reader(str(tmp_path / "tiny.gguf"))
