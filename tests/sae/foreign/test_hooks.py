import pytest

from corpuscope.errors import DictionaryError
from corpuscope.sae.foreign.hooks import Hook, hook_of


@pytest.mark.parametrize(("name", "hook"), [
    ("blocks.8.hook_resid_post", Hook(9)),
    ("blocks.8.hook_resid_pre", Hook(8)),
    ("blocks.0.hook_resid_pre", Hook(0)),
    ("blocks.8.hook_resid_mid", Hook(9, "residual-mid")),
    ("blocks.8.hook_mlp_out", Hook(9, "mlp")),
    ("blocks.8.hook_attn_out", Hook(9, "attention")),
    ("blocks.8.attn.hook_z", Hook(9, "attention-heads")),
    ("blocks.8.mlp.hook_post", Hook(9, "mlp-hidden")),
    ("hook_embed", Hook(0)),
    ("model.layers.17.output", Hook(18)),
    ("model.layers.17", Hook(18)),
    ("model.language_model.layers.17.output.0", Hook(18)),
    ("model.layers.17.input", Hook(17)),
    ("layers.10", Hook(11)),
    ("h.3", Hook(4)),
    ("encoder.layer.2", Hook(3)),
    ("transformer.h.3", Hook(4)),
    ("gpt_neox.layers.5.mlp", Hook(6, "mlp")),
    ("layers.5.self_attn.o_proj.input", Hook(6, "attention-heads")),
    ("layers.5.self_attn", Hook(6, "attention")),
    ("model.layers.5.mlp.output", Hook(6, "mlp")),
    ("model.layers.5.post_feedforward_layernorm.output", Hook(6, "mlp")),
    ("embed_tokens", Hook(0)),
    ("resid_post_layer_8", Hook(9)),
    ("resid_pre_layer8", Hook(8)),
    ("mlp_out_layer_8", Hook(9, "mlp")),
    ("attention_out_layer_8", Hook(9, "attention")),
])  # fmt: skip
def test_names_of_hook_points_and_modules(name: str, hook: Hook) -> None:
    assert hook_of(name) == hook


def test_what_a_norm_behind_it_changes_is_not_what_is_added() -> None:
    norm = "model.layers.3.post_attention_layernorm.output"
    assert hook_of(norm, model="google/gemma-2-2b") == Hook(4, "attention")
    for name, model in ((norm, "meta-llama/Llama-3.1-8B"), ("layers.3.mlp", "google/gemma-3-1b"),
                        ("model.layers.3.self_attn.output", "allenai/OLMo-2-7B")):  # fmt: skip
        with pytest.raises(DictionaryError):
            hook_of(name, model=model)


@pytest.mark.parametrize(("name", "found"), [
    ("blocks.3.ln2.hook_normalized", "before the gain"), ("blocks.3.attn.hook_q", "hook_q"),
    ("lm_head", "lm_head"), ("", "''"), ("blocks.x.hook_resid_post", "blocks.x"),
    ("model.layers.3.input_layernorm.output", "input_layernorm"),
])  # fmt: skip
def test_places_that_are_not_taken(name: str, found: str) -> None:
    with pytest.raises(DictionaryError, match=found):
        hook_of(name)


def test_embeddings_of_gpt2_lack_positions() -> None:
    with pytest.raises(DictionaryError, match="positions"):
        hook_of("hook_embed", model="gpt2-small")
