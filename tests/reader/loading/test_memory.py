from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import LlamaConfig, LlamaModel

from corpuscope.reader.loading import memory
from corpuscope.reader.loading.memory import this_machine, weight_bytes

CONFIG = LlamaConfig(
    vocab_size=100, hidden_size=64, num_hidden_layers=2, num_attention_heads=2,
    intermediate_size=128,
)  # fmt: skip


def test_weights_need_what_they_have() -> None:
    model = LlamaModel(CONFIG)
    n_weights = sum(weights.numel() for weights in model.parameters())
    assert weight_bytes(CONFIG, torch.float32) == 4 * n_weights
    assert weight_bytes(CONFIG, torch.bfloat16) == 2 * n_weights
    linear = 2 * (4 * 64 * 64 + 3 * 64 * 128)
    assert weight_bytes(CONFIG, torch.bfloat16, "8bit") == 2 * (n_weights - linear) + linear
    four = weight_bytes(CONFIG, torch.bfloat16, "4bit")
    assert four == 2 * (n_weights - linear) + linear * 9 // 16


def test_a_large_model_is_measured_without_memory_for_it() -> None:
    """Llama 3 with 70 billion weights; without its head it has 69.5."""
    large = LlamaConfig(
        vocab_size=128_256, hidden_size=8_192, num_hidden_layers=80, num_attention_heads=64,
        num_key_value_heads=8, intermediate_size=28_672,
    )  # fmt: skip
    needed = weight_bytes(large, torch.bfloat16)
    assert needed is not None
    assert round(needed / 2e9, 1) == 69.5


def test_what_cannot_be_said_is_none() -> None:
    assert weight_bytes(SimpleNamespace(), torch.float32) is None
    stored = LlamaConfig(quantization_config={"quant_method": "gptq", "bits": 4})
    assert weight_bytes(stored, torch.float32) is None


def test_this_machine_has_memory() -> None:
    machine = this_machine()
    assert len(machine.gpus) == (torch.cuda.device_count() if torch.cuda.is_available() else 0)
    assert machine.cpu is None or machine.cpu > 10**6


def test_a_limit_of_the_group_is_less_what_is_used_and_not_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    monkeypatch.setattr(memory, "_of_system", lambda: None)
    assert this_machine().cpu is None
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    assert this_machine().cpu == 300
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 100\nactive_file 50\n")
    assert this_machine().cpu == 450
    (tmp_path / "memory.max").write_text("max\n")
    assert this_machine().cpu is None
