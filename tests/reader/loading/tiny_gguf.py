"""A tiny Llama in one GGUF file, as other tools write them."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.reader.tiny import byte_pieces, tiny_llama

TEMPLATE = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}  # fmt: skip


def write_gguf(path: Path, *, pre: str = "default") -> Path:
    """The model of `tiny_llama` and its tokenizer, as a GGUF file."""
    import gguf

    reader = tiny_llama()
    config: Any = reader.model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer, pre)
    for name, weights in reader.model.state_dict().items():
        array = weights.to(torch.float32).numpy()
        if name.endswith(("q_proj.weight", "k_proj.weight")):
            array = _interleaved(array, config.num_attention_heads)
        writer.add_tensor(_name(name), np.ascontiguousarray(array))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tokenizer(writer: Any, pre: str) -> None:
    import json

    kept = json.loads(byte_pieces().backend_tokenizer.to_str())["model"]
    pieces = sorted(kept["vocab"], key=kept["vocab"].get)
    special = {"<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(pieces)
    writer.add_token_types([3 if piece in special else 1 for piece in pieces])
    writer.add_token_merges([" ".join(pair) for pair in kept["merges"]])
    writer.add_bos_token_id(pieces.index("<s>"))
    writer.add_eos_token_id(pieces.index("<|end|>"))
    writer.add_chat_template(TEMPLATE)


def _name(name: str) -> str:
    if name == "embed_tokens.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    _, layer, *inner, kind = name.split(".")
    return f"blk.{layer}.{_NAMES['.'.join(inner)]}.{kind}"


def _interleaved(array: np.ndarray, n_heads: int) -> np.ndarray:
    """Rows as GGUF has them: the two halves that a rotation turns side by side."""
    height, width = array.shape
    split = array.reshape(n_heads, 2, height // n_heads // 2, width)
    return split.swapaxes(1, 2).reshape(height, width)
