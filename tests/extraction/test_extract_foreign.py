"""Dictionaries of other projects, from their files to a store, with tiny models."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from corpuscope.errors import DictionaryError, ReaderError
from corpuscope.extraction.extract import extract
from corpuscope.reader.language_model import LanguageModel
from corpuscope.sae.formats import load_dictionary
from corpuscope.sites import Place, Tap
from tests.reader.test_language_model import (
    byte_pieces_without_frame,
    saved,
    without_first_token,
)
from tests.reader.tiny import tiny_gpt2, tiny_llama

N = 24
# A document that is one passage, so that the reference can read it whole.
TEXTS = ["The cat sat.", "Why do cats sleep?", "Heat the oil. Fry."]


def written(
    folder: Path, hook: str, *, model: str, width: int = 16, gain: float = 1.0, **about: Any
) -> Path:
    """A JumpReLU dictionary as SAELens saves it."""
    folder.mkdir()
    g = torch.Generator().manual_seed(0)
    save_file(
        {
            "W_enc": gain * torch.randn(width, N, generator=g),
            "b_enc": torch.randn(N, generator=g) / 3,
            "W_dec": torch.randn(N, width, generator=g), "b_dec": torch.randn(width, generator=g),
            "threshold": torch.rand(N, generator=g),
        },
        folder / "sae_weights.safetensors",
    )  # fmt: skip
    known = {"model_name": model, "hook_name": hook, "context_size": 32, "prepend_bos": True}
    config = {"architecture": "jumprelu", "d_in": width, "d_sae": N, "dtype": "float32",
              "apply_b_dec_to_input": False, "normalize_activations": "none",
              "metadata": known | about}  # fmt: skip
    (folder / "cfg.json").write_text(json.dumps(config))
    return folder


def rows() -> list[dict[str, str]]:
    return [{"id": f"d{number}", "text": text} for number, text in enumerate(TEXTS)]


def expected(reader: LanguageModel, path: Path, place: Place, first: list[int]) -> np.ndarray:
    """The largest activation of each feature over the tokens of each text, by numpy alone."""
    from safetensors.numpy import load_file

    w = load_file(path / "sae_weights.safetensors")
    found = []
    for text in TEXTS:
        tokens = reader.tokenizer(text, add_special_tokens=False)["input_ids"]
        ids = torch.tensor([[*first, *tokens]])
        states = reader.states(ids, torch.ones_like(ids, dtype=torch.bool), layers=[place])[place]
        tokens = reader.tokenize([text])
        # A token of blanks alone has no characters, and does not count.
        counted = states[0, len(first) :].numpy()[tokens.starts < tokens.ends]
        pre = counted @ w["W_enc"] + w["b_enc"]
        found.append((np.maximum(pre, 0) * (pre > w["threshold"])).max(axis=0))
    return np.array(found)


@pytest.mark.parametrize(
    ("hook", "place"),
    [
        ("blocks.1.hook_resid_post", 2),
        ("blocks.1.hook_resid_pre", 1),
        ("blocks.1.hook_mlp_out", Tap(2, "mlp")),
        ("blocks.1.attn.hook_z", Tap(2, "attention-heads")),
        ("model.layers.0.self_attn.output", Tap(1, "attention")),
    ],
)
def test_strengths_are_the_largest_activations_at_that_place(
    hook: str, place: Place, tmp_path: Path
) -> None:
    reader = tiny_llama()
    path = written(tmp_path / "sae", hook, model="tiny/llama", gain=30.0)
    store = extract(rows(), into=tmp_path / "s.scope", dictionary=path, reader=reader)
    found = store.strengths().to_csr().toarray()
    np.testing.assert_allclose(found, expected(reader, path, place, [0]), rtol=2e-3, atol=1e-4)
    assert (found > 0).sum() > 3


def test_the_first_token_is_read_where_the_dictionary_was_trained_with_it(tmp_path: Path) -> None:
    reader = tiny_gpt2()
    reader.tokenizer = byte_pieces_without_frame()
    found = []
    for bos, first in ((True, [0]), (False, [])):
        path = written(tmp_path / f"{bos}", "blocks.2.hook_resid_post", model="tiny/gpt2",
                       prepend_bos=bos)  # fmt: skip
        store = extract(rows(), into=tmp_path / f"{bos}.scope", dictionary=path, reader=reader)
        found.append(store.strengths().to_csr().toarray())
        right = expected(reader, path, 3, first)
        np.testing.assert_allclose(found[-1], right, rtol=2e-3, atol=1e-4)
    assert not np.allclose(*found)


def test_a_reader_without_such_a_token_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "sae", "blocks.2.hook_resid_post", model="tiny/gpt2")
    reader = tiny_gpt2()
    reader.tokenizer = without_first_token()
    with pytest.raises(ReaderError, match="no token for the beginning of a text"):
        extract(rows(), into=tmp_path / "s.scope", dictionary=path, reader=reader)


def test_the_reader_that_it_names_is_loaded(tmp_path: Path) -> None:
    reader = saved(tiny_llama(), tmp_path / "reader")
    path = written(tmp_path / "sae", "blocks.1.hook_resid_post", model=str(reader))
    store = extract(rows(), into=tmp_path / "s.scope", dictionary=path, device="cpu")
    assert store.provenance["reader"]["name"] == "reader"
    assert store.provenance["max_tokens"] == 32


@pytest.mark.parametrize(("hook", "width", "found"), [
    ("blocks.1.hook_resid_post", 24, "states of width 24, but tiny/llama has width 16"),
    ("blocks.1.mlp.hook_post", 16, "width 32 at mlp-hidden of each of the layers"),
    ("blocks.7.hook_mlp_out", 16, "layers \\[8\\]"),
])  # fmt: skip
def test_a_width_or_layer_that_does_not_fit_the_reader(
    hook: str, width: int, found: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "sae", hook, model="tiny/llama", width=width)
    with pytest.raises((DictionaryError, ReaderError), match=found):
        extract(rows(), into=tmp_path / "s.scope", dictionary=path, reader=tiny_llama())


def test_other_places_and_first_tokens_make_other_digests(tmp_path: Path) -> None:
    digests = {
        load_dictionary(
            written(tmp_path / f"{number}", hook, model="tiny/llama", prepend_bos=bos)
        ).digest
        for number, (hook, bos) in enumerate(
            [("blocks.1.hook_resid_post", True), ("blocks.1.hook_mlp_out", True),
             ("blocks.1.hook_mlp_out", False), ("blocks.1.hook_attn_out", True)]
        )
    }  # fmt: skip
    assert len(digests) == 4
