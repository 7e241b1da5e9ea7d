"""A language model, read up to one layer: no later layer runs, nor the language-model head."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from corpuscope.errors import ReaderError
from corpuscope.reader.builtin import BUILTIN_READER, find_builtin
from corpuscope.tensor_shapes import BatchStates, TokenIds, TokenMask


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text.

    Attributes:
        ids: What the model is fed, special tokens among them.
        starts: For each token the first character in the text it stands for.
        ends: For each token the character after its last; equal to the start for special tokens.
        is_special: Whether the tokenizer put the token there or it is one of its special tokens.
    """

    ids: list[int]
    starts: list[int]
    ends: list[int]
    is_special: list[bool]


class _DeepestLayerReached(Exception):
    """Thrown inside the model when nothing that comes later is wanted."""


class LanguageModel:
    """A Hugging Face encoder or decoder that yields the states of its layers.

    Layer `n` means the output of block `n`, counted from 1 (before any final norm); layer 0
    means what enters the first block.
    """

    def __init__(self, model: nn.Module, tokenizer: Any, *, name: str, revision: str) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.revision = revision
        self.blocks = _blocks(model)
        self.width = int(model.config.hidden_size)  # type: ignore[union-attr,arg-type]

    @property
    def n_layers(self) -> int:
        """How many blocks the model has."""
        return len(self.blocks)

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return next(self.model.parameters()).device

    @property
    def max_tokens(self) -> int:
        """The longest text the model can read at once, special tokens counted."""
        positions = getattr(self.model.config, "max_position_embeddings", None)
        limit = int(self.tokenizer.model_max_length)
        return min(limit, int(positions)) if positions else limit

    def tokenize(self, texts: Sequence[str], *, add_special_tokens: bool = True) -> list[Tokens]:
        """The tokens of each text with the characters they stand for, never truncated."""
        encoded = self.tokenizer(
            list(texts),
            add_special_tokens=add_special_tokens,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            verbose=False,
        )
        special = set(self.tokenizer.all_special_ids) - {self.tokenizer.unk_token_id}
        return [
            Tokens(
                ids=ids,
                starts=[start for start, _ in offsets],
                ends=[end for _, end in offsets],
                is_special=[bool(m) or i in special for i, m in zip(ids, mask, strict=True)],
            )
            for ids, offsets, mask in zip(
                encoded["input_ids"],
                encoded["offset_mapping"],
                encoded["special_tokens_mask"],
                strict=True,
            )
        ]

    def states(
        self, ids: TokenIds, mask: TokenMask, *, layers: Sequence[int]
    ) -> dict[int, BatchStates]:
        """The states of a padded batch after each of `layers`; the model stops at the deepest.

        Padding belongs on the right: with it the states of the tokens do not depend on it.

        Raises:
            ReaderError: The model has no such layer.
        """
        deepest = max(layers)
        if min(layers) < 0 or deepest > self.n_layers:
            raise ReaderError(
                f"layers {sorted(layers)} asked of {self.name}",
                expected=f"layers from 0 to {self.n_layers}",
                next_step="choose a layer in that range",
            )
        found: dict[int, BatchStates] = {}
        with self._taps(layers, deepest, found), torch.inference_mode():
            try:
                self.model(input_ids=ids.to(self.device), attention_mask=mask.to(self.device))
            except _DeepestLayerReached:
                pass
        return found

    @contextmanager
    def _taps(
        self, layers: Sequence[int], deepest: int, found: dict[int, BatchStates]
    ) -> Iterator[None]:
        def keep_output(layer: int) -> Any:
            def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
                found[layer] = output[0] if isinstance(output, tuple) else output
                if layer == deepest:
                    raise _DeepestLayerReached

            return hook

        def keep_input(_module: nn.Module, args: Any, kwargs: Any) -> None:
            found[0] = args[0] if args else kwargs["hidden_states"]
            if deepest == 0:
                raise _DeepestLayerReached

        handles = [
            self.blocks[layer - 1].register_forward_hook(keep_output(layer))
            for layer in set(layers)
            if layer > 0
        ]
        if 0 in layers:
            handles.append(self.blocks[0].register_forward_pre_hook(keep_input, with_kwargs=True))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


def load_reader(
    name: str = BUILTIN_READER,
    *,
    revision: str | None = None,
    device: str = "auto",
    dtype: torch.dtype | None = None,
) -> LanguageModel:
    """The language model of that name (Hugging Face) or path, ready to be read.

    The built-in reader comes from the local Hugging Face cache or the hub, else from the
    `offline` extra.

    Args:
        name: A repository name, a local folder, or the built-in reader's name.
        revision: A commit or tag of the repository.
        device: "auto" takes a GPU where there is one, else the processor.
        dtype: The number type of the weights; by default bfloat16 where the processor computes
            with it, else float32.

    Raises:
        ReaderError: No such model, or it cannot be loaded here.
    """
    place = _best_device() if device == "auto" else torch.device(device)
    source = find_builtin() if name == BUILTIN_READER and revision is None else name
    model, tokenizer = _load(source, name, revision, dtype or default_dtype(place))
    model = model.to(place).eval().requires_grad_(requires_grad=False)
    commit = getattr(model.config, "_commit_hash", None)
    return LanguageModel(model, tokenizer, name=name, revision=revision or commit or "local")


def default_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where it is computed natively, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    has_bf16 = Path("/proc/cpuinfo").is_file() and any(
        flag in Path("/proc/cpuinfo").read_text() for flag in ("amx_bf16", "avx512_bf16", " bf16")
    )
    return torch.bfloat16 if device.type == "cpu" and has_bf16 else torch.float32


def _best_device() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("cpu")


def _load(source: str, name: str, revision: str | None, dtype: torch.dtype) -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, use_fast=True)
        model = AutoModel.from_pretrained(source, revision=revision, dtype=dtype)
    except (OSError, ValueError, ImportError) as error:
        raise ReaderError(
            f"the language model {name!r} could not be loaded ({str(error).splitlines()[0]})",
            expected="a Hugging Face model name, or a folder with a model and its tokenizer",
            next_step="check the name, the network and the local cache, or leave --reader out "
            "to use the built-in reader",
        ) from error
    if not tokenizer.is_fast:
        raise ReaderError(
            f"the tokenizer of {name!r} does not tell character positions",
            expected="a model with a fast tokenizer (tokenizer.json)",
            next_step="convert its tokenizer or choose another reader",
        )
    if getattr(model.config, "is_encoder_decoder", False):
        model = model.get_encoder()
    return model, tokenizer


def _blocks(model: nn.Module) -> nn.ModuleList:
    n_layers = int(model.config.num_hidden_layers)  # type: ignore[union-attr,arg-type]
    for module in model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return module
    raise ReaderError(
        f"no list of {n_layers} blocks inside {type(model).__name__}",
        expected="a model whose blocks stand in one list",
        next_step="choose another reader and tell us about this one",
    )
