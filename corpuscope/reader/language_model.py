"""A language model that is run up to a given layer, without later layers and LM head."""

import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
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
from corpuscope.reader.builtin import BUILTIN_READER, find_builtin
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
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.name = name
        self.revision = revision
        self.is_local = is_local
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
        """Where the model computes."""
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
        # Unknown tokens stand for real text, so they count.
        special = set(self.tokenizer.all_special_ids) - {self.tokenizer.unk_token_id}
        starts, ends = _merged(offsets[:, 0], offsets[:, 1], owners)
        return Tokens(ids, starts, ends, owners, np.isin(ids, sorted(special)))

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
        return tap.found


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
    dtype: torch.dtype | None = None,
) -> LanguageModel:
    """The language model of that Hugging Face name or path.

    The built-in reader is loaded from the local Hugging Face cache, the `offline` extra, or the
    Hub.

    Args:
        name: A repository name, a local folder, or the built-in reader's name.
        revision: A commit or tag of the repository.
        device: "auto" takes a GPU where there is one, else the CPU.
        dtype: The dtype of the weights; by default bfloat16 where the hardware supports it, else
            float32.

    Raises:
        ReaderError: There is no such model, or it cannot be loaded here.
    """
    place = _best_device() if device == "auto" else torch.device(device)
    source = find_builtin() if name == BUILTIN_READER and revision is None else name
    model, tokenizer = _load(source, name, revision, dtype or default_dtype(place))
    model = model.to(place).eval().requires_grad_(requires_grad=False)
    if Path(name).is_dir():
        known = {"name": Path(name).resolve().name, "revision": _fingerprint(Path(name))}
        return LanguageModel(model, tokenizer, **known, is_local=True)
    commit = getattr(model.config, "_commit_hash", None)
    return LanguageModel(model, tokenizer, name=name, revision=revision or commit or "local")


def _fingerprint(folder: Path) -> str:
    """A hash of a folder's model: of each file's name, size and first bytes.

    Files are not read completely, since weights may be very large.
    """
    running = hashlib.blake2b(digest_size=16)
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        with file.open("rb") as opened:
            start = opened.read(_READ_OF_FILE)
        running.update(f"{file.name} {file.stat().st_size} ".encode() + start)
    return f"folder-{running.hexdigest()}"


def default_dtype(device: torch.device) -> torch.dtype:
    """The default dtype: bfloat16 where the hardware supports it, else float32."""
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
        with _no_progress_bar():
            tokenizer = AutoTokenizer.from_pretrained(source, revision=revision, use_fast=True)
            model = AutoModel.from_pretrained(source, revision=revision, dtype=dtype)
    except (OSError, ValueError, ImportError) as error:
        raise ReaderError(
            f"the language model {name!r} could not be loaded ({str(error).splitlines()[0]})",
            expected="a Hugging Face model name, or a folder with a model and its tokenizer",
            next_step="check the name, the network and the local cache, or name no reader to "
            "use the built-in one",
        ) from error
    if not tokenizer.is_fast:
        raise ReaderError(
            f"the tokenizer of {name!r} does not return character positions",
            expected="a model with a fast tokenizer (tokenizer.json)",
            next_step="convert its tokenizer or choose another reader",
        )
    if getattr(model.config, "is_encoder_decoder", False):
        model = model.get_encoder()
    return model, tokenizer


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """A context without transformers' progress bar for loading weights."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


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
