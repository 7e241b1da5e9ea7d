"""Sites of blocks of the usual families, in tiny models with random weights."""

from typing import Any

import pytest
import torch
from torch import nn
from transformers import (
    Gemma2Config,
    Gemma2Model,
    Gemma3TextConfig,
    Gemma3TextModel,
    GPTNeoXConfig,
    GPTNeoXModel,
    Qwen3Config,
    Qwen3Model,
)

from corpuscope.errors import ReaderError
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.site_modules import input_width
from corpuscope.sites import Site, Tap
from tests.reader.tiny import byte_pieces, tiny_bert, tiny_gpt2, tiny_llama

SIZES: dict[str, Any] = {
    "vocab_size": 320,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
}
HEADS: dict[str, Any] = {"num_key_value_heads": 1, "head_dim": 12}
FAMILIES = ["llama", "gpt2", "neox", "gemma2", "gemma3", "qwen3"]


def made(family: str) -> LanguageModel:
    torch.manual_seed(0)
    if family == "llama":
        return tiny_llama()
    if family == "gpt2":
        return tiny_gpt2()
    model: nn.Module = {
        "neox": lambda: GPTNeoXModel(GPTNeoXConfig(**SIZES, use_parallel_residual=False)),
        "neox-parallel": lambda: GPTNeoXModel(GPTNeoXConfig(**SIZES)),
        "gemma2": lambda: Gemma2Model(Gemma2Config(**SIZES, **HEADS)),
        "gemma3": lambda: Gemma3TextModel(Gemma3TextConfig(**SIZES, **HEADS)),
        "qwen3": lambda: Qwen3Model(Qwen3Config(**SIZES, **HEADS)),
    }[family]()
    # Gains away from their start, so that before and after a norm are told apart.
    for name, weight in model.named_parameters():
        if "norm" in name:
            weight.data += 0.3 * torch.randn_like(weight)
    model = model.eval().requires_grad_(requires_grad=False)
    return LanguageModel(model, byte_pieces(), name=f"tiny/{family}", revision="1")


def states(reader: LanguageModel, *places: int | Tap) -> list[torch.Tensor]:
    ids = torch.arange(12).reshape(2, 6) + 20
    found = reader.states(ids, torch.ones(2, 6, dtype=torch.bool), layers=places)
    return [found[place] for place in places]


@pytest.mark.parametrize("family", FAMILIES)
def test_what_attention_and_mlp_add_is_the_difference_of_the_residual_stream(family: str) -> None:
    reader = made(family)
    for layer in (1, 2):
        before, middle, attention, mlp, after = states(
            reader,
            layer - 1,
            Tap(layer, "residual-mid"),
            Tap(layer, "attention"),
            Tap(layer, "mlp"),
            layer,
        )
        torch.testing.assert_close(before + attention, middle, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(middle + mlp, after, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("site", "outer", "inner"),
    [
        ("attention-heads", "self_attn attn attention", "o_proj c_proj dense"),
        ("mlp-hidden", "mlp", "down_proj c_proj dense_4h_to_h"),
    ],
)
def test_the_projection_of_heads_and_hidden_units_is_what_leaves_the_module(
    family: str, site: Site, outer: str, inner: str
) -> None:
    reader = made(family)
    block = reader.blocks[1]
    module = next(getattr(block, name) for name in outer.split() if hasattr(block, name))
    projection = next(getattr(module, name) for name in inner.split() if hasattr(module, name))
    kept = []
    handle = projection.register_forward_hook(lambda _m, _i, output: kept.append(output))
    place = Tap(2, site)
    # After the block too, so that the model does not stop before the projection.
    (taken, _) = states(reader, place, 2)
    handle.remove()
    torch.testing.assert_close(projection(taken), kept[0])
    assert taken.shape[-1] == reader.width_at(place) == input_width(projection)


def test_heads_may_be_wider_than_the_model() -> None:
    reader = made("gemma2")
    assert reader.width == 16
    assert reader.width_at(Tap(1, "attention-heads")) == 24
    assert reader.width_at(Tap(1, "mlp-hidden")) == 32
    assert reader.width_at(Tap(1, "mlp")) == 16


def test_nothing_runs_after_the_last_site_that_is_asked_for() -> None:
    reader = made("llama")
    ran: list[int] = []
    for number, block in enumerate(reader.blocks, start=1):
        block.mlp.register_forward_hook(lambda *_, number=number: ran.append(number))
    states(reader, Tap(2, "attention"), 1)
    assert ran == [1]


def test_a_block_that_reads_one_state_twice_has_no_middle() -> None:
    with pytest.raises(ReaderError, match="attention and MLP read one state"):
        states(made("neox-parallel"), Tap(1, "residual-mid"))
    assert len(states(made("neox-parallel"), Tap(1, "mlp"))) == 1


def test_in_bert_only_the_residual_stream_can_be_taken() -> None:
    reader = tiny_bert()
    block, (middle, after) = reader.blocks[1], states(reader, Tap(2, "residual-mid"), 2)
    expected = block.output(block.intermediate(middle), middle)
    torch.testing.assert_close(after, expected)
    for site in ("attention", "mlp"):
        with pytest.raises(ReaderError, match="no site"):
            states(reader, Tap(2, site))


def test_a_block_without_names_that_are_known_is_an_error_that_lists_them() -> None:
    reader = made("llama")
    reader.blocks[0] = nn.Sequential(nn.Linear(16, 16))
    with pytest.raises(ReaderError, match=r"no site 'mlp' in block 1.*Sequential"):
        reader.check_layers([Tap(1, "mlp")])


def test_a_site_of_a_layer_that_is_not_there_is_refused() -> None:
    for layer in (3, -1):
        with pytest.raises(ReaderError, match="layers from 0 to 2"):
            made("qwen3").check_layers([Tap(layer, "mlp")])


def test_the_text_stack_of_a_model_that_sees_pictures_is_found() -> None:
    from transformers import Gemma3Config, Gemma3Model, SiglipVisionConfig

    vision = SiglipVisionConfig(
        hidden_size=8, intermediate_size=8, num_hidden_layers=2, num_attention_heads=2,
        image_size=28, patch_size=14,
    )  # fmt: skip
    config = Gemma3Config(
        text_config=Gemma3TextConfig(**SIZES, **HEADS).to_dict(), vision_config=vision.to_dict(),
        mm_tokens_per_image=4, image_token_index=300,
    )  # fmt: skip
    model = Gemma3Model(config).eval().requires_grad_(requires_grad=False)
    reader = LanguageModel(model, byte_pieces(), name="tiny/gemma3", revision="1")
    assert (reader.width, reader.n_layers, reader.max_tokens) == (16, 2, 64)
    before, middle, attention = states(reader, 0, Tap(1, "residual-mid"), Tap(1, "attention"))
    torch.testing.assert_close(before + attention, middle, atol=1e-5, rtol=1e-4)
