"""A small causal language model, learned on the spot: `python -m benchmarks.small_language_model`.

What is measured with a language-model head needs a model whose texts are known. This one learns
from the general corpus, in about ten minutes on a core that multiplies in bfloat16, and is kept;
a twentieth of the documents, with all their parts, teach it nothing.
"""

import hashlib
import math
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from benchmarks.kinds import Row, rows
from benchmarks.results import CACHE
from corpuscope.reader.loading.placement import default_dtype

FOLDER = CACHE / "small-language-model"
CONTEXT, WIDTH, N_LAYERS, N_PIECES = 128, 256, 4, 8192
_START, _END = "<s>", "</s>"
N_LEARNED = 16_000
"""How many of the documents that are not held out the model learns from, each once."""
_N_STEPS, _ROWS, _HEIGHT = 900, 16, 2e-3
_N_JUDGED = 256


@cache
def documents(*, held_out: bool) -> list[Row]:
    """The documents of one side in a fixed random order; parts of a document are on one side."""
    found = [
        {"id": row["id"], "text": row["text"]}
        for row in rows("general_corpus/documents.jsonl.gz")
        if _holds_out(row["id"]) == held_out
    ]
    random.Random(0).shuffle(found)
    return found


def small_language_model() -> Path:
    """The folder of the model and its tokenizer; they are learned if they are not there."""
    if not (FOLDER / "config.json").is_file():
        _learn().save_pretrained(FOLDER)
    return FOLDER


def _holds_out(id: str) -> bool:
    """Decided by the document that a part is of; answers to one prompt count as one document."""
    whole = id.split("#")[0]
    if whole.startswith("alpaca_eval/"):
        whole = whole.split("/")[-1]
    return hashlib.blake2b(whole.encode(), digest_size=1).digest()[0] < 256 // 20


def _tokenizer() -> Any:
    """Byte pairs of the learned side; a text begins with a token of its own."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=N_PIECES,
        special_tokens=[_START, _END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (row["text"] for row in documents(held_out=False)[:N_LEARNED])
    tokenizer.train_from_iterator(texts, trainer)
    frame = processors.TemplateProcessing(single=f"{_START} $A", special_tokens=[(_START, 0)])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), frame])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=_START,
        eos_token=_END,
        pad_token=_END,
        model_max_length=CONTEXT,
    )


def _rows_of_tokens(tokenizer: Any, *, held_out: bool, n_documents: int) -> torch.Tensor:
    """Passages, each with its begin, end to end in rows as long as the context."""
    start, flat = tokenizer.bos_token_id, []
    texts = [row["text"] for row in documents(held_out=held_out)[:n_documents]]
    for encoded in tokenizer.backend_tokenizer.encode_batch(texts, add_special_tokens=False):
        for at in range(0, len(encoded.ids), CONTEXT - 1):
            flat += [start, *encoded.ids[at : at + CONTEXT - 1]]
    n = len(flat) // CONTEXT
    return torch.tensor(flat[: n * CONTEXT]).view(n, CONTEXT)


def _learn() -> Any:
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(FOLDER)
    model = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(tokenizer),
            n_positions=CONTEXT,
            n_embd=WIDTH,
            n_layer=N_LAYERS,
            n_head=WIDTH // 64,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    learned = _rows_of_tokens(tokenizer, held_out=False, n_documents=N_LEARNED)
    judged = _rows_of_tokens(tokenizer, held_out=True, n_documents=_N_JUDGED * 4)[:_N_JUDGED]
    n_weights = sum(weight.numel() for weight in model.parameters())
    print(f"{n_weights:,} weights; {learned.numel():,} tokens to learn from", flush=True)
    print(f"held out, before: {_loss(model, judged):.3f} nats a token", flush=True)
    optimiser = torch.optim.AdamW(model.parameters(), lr=_HEIGHT, betas=(0.9, 0.95), fused=True)
    for step, batch in enumerate(_batches(learned)):
        optimiser.param_groups[0]["lr"] = _rate(step)
        loss = _batch_loss(model, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 100 == 0:
            print(f"step {step}: {float(loss):.3f}", flush=True)
    print(f"held out, after: {_loss(model, judged):.3f} nats a token", flush=True)
    return model


def _batches(learned: torch.Tensor) -> Iterator[torch.Tensor]:
    """A batch for each step; one pass ends before the next begins."""
    generator = torch.Generator().manual_seed(0)
    order = torch.empty(0, dtype=torch.int64)
    for _ in range(_N_STEPS):
        if len(order) < _ROWS:
            order = torch.randperm(len(learned), generator=generator)
        yield learned[order[:_ROWS]]
        order = order[_ROWS:]


def _rate(step: int) -> float:
    """Rises over a twentieth of the steps, then falls along half a cosine."""
    rise = min(1.0, (step + 1) / (_N_STEPS / 20))
    return _HEIGHT * rise * 0.5 * (1 + math.cos(math.pi * step / _N_STEPS))


def _batch_loss(model: Any, batch: torch.Tensor) -> torch.Tensor:
    is_short = default_dtype(batch.device) == torch.bfloat16
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_short):
        logits = model(input_ids=batch).logits[:, :-1]
    return cross_entropy(logits.flatten(0, 1).float(), batch[:, 1:].flatten())


@torch.no_grad()
def _loss(model: Any, judged: torch.Tensor) -> float:
    losses = [_batch_loss(model, batch) for batch in torch.split(judged, _ROWS)]
    return float(torch.stack(losses).mean())


if __name__ == "__main__":
    print(small_language_model())
