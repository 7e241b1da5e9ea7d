"""A language model that is run up to a given layer, without later layers and LM head."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from corpuscope.errors import ReaderError
from corpuscope.reader.builtin import BUILTIN_READER, find_builtin
from corpuscope.reader.site_modules import input_width, module_at
from corpuscope.reader.taps import AllTakenError, Hooks, Request
from corpuscope.sites import Place, Tap, layer_of
from corpuscope.tensor_shapes import BatchStates, TokenIds, TokenMask

_PlaceT = TypeVar("_PlaceT", bound=Place)


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


class LanguageModel:
    """A Hugging Face encoder or decoder that returns the hidden states of its layers.

    Layer `n` is the output of block `n`, counted from 1 (before any final norm); layer 0 is the
    input of the first block. A `Tap` names another site in a block. A model from a folder has the
    folder's name, and a hash of its content as revision: provenance contains no path, so the
    folder may move.
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
        self._hooks = Hooks(self.blocks)
        self.width = int(_text_config(model).hidden_size)

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
        positions = getattr(_text_config(self.model), "max_position_embeddings", None)
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

    def framed(self, *, prepends_bos: bool | None) -> tuple[list[int], list[int]]:
        """The special tokens before and after a text, with or without that of its beginning.

        Args:
            prepends_bos: None leaves this to the tokenizer.

        Raises:
            ReaderError: The tokenizer has no token for the beginning of a text.
        """
        before, after = self.frame
        bos = self.tokenizer.bos_token_id
        if bos is None:
            # What encoders call it.
            bos = self.tokenizer.cls_token_id
        if prepends_bos and bos is None:
            raise ReaderError(
                f"the tokenizer of {self.name} has no token for the beginning of a text",
                expected="one, since the dictionary was trained with it",
                next_step="set the tokenizer's bos_token, or prepends_bos of the dictionary to "
                "None",
            )
        if prepends_bos and bos not in before:
            return [bos, *before], after
        if prepends_bos is False:
            return [token for token in before if token != bos], after
        return before, after

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

    def check_layers(self, layers: Sequence[Place]) -> None:
        """Check that the model has these layers, and sites in them.

        Raises:
            ReaderError: It does not, or no layer is given.
        """
        numbers = sorted({layer_of(place) for place in layers})
        if not layers or numbers[0] < 0 or numbers[-1] > self.n_layers:
            raise ReaderError(
                f"layers {numbers} of {self.name}",
                expected=f"layers from 0 to {self.n_layers}, at least one",
                next_step="choose layers in that range",
            )
        self._hooks.prepare(layers)

    def width_at(self, place: Place) -> int:
        """The dimension of states at a place.

        Raises:
            ReaderError: The model has no such layer, or no such site in it.
        """
        self.check_layers([place])
        if isinstance(place, Tap) and place.site in ("attention-heads", "mlp-hidden"):
            found = input_width(module_at(self.blocks[place.layer - 1], place).module)
            return found or self.width
        return self.width

    def states(
        self, ids: TokenIds, mask: TokenMask, *, layers: Sequence[_PlaceT]
    ) -> dict[_PlaceT, BatchStates]:
        """The states of a padded batch at each of `layers`; the model stops at the deepest.

        Padding must be on the right, so that it does not affect the states of tokens.

        Args:
            ids: Input ids.
            mask: Attention mask.
            layers: Numbers of layers, or other places in them.

        Raises:
            ReaderError: The model has no such layer, or does not compute such a site.
        """
        self.check_layers(layers)
        request = Request(layers)
        inputs = {"input_ids": ids.to(self.device), "attention_mask": mask.to(self.device)}
        self._hooks.taps.request = request
        try:
            with torch.inference_mode(), suppress(AllTakenError):
                self.model(**inputs)
        finally:
            self._hooks.taps.request = None
        if missing := [str(place) for place in layers if place not in request.found]:
            raise ReaderError(
                f"{self.name} ran without computing {', '.join(missing)}",
                expected="a model that runs the modules of its blocks",
                next_step="choose another site or reader, and report this one",
            )
        return {place: request.found[place] for place in layers}


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


def _text_config(model: nn.Module) -> Any:
    """The configuration of the model that reads text, which may be a part of a larger one."""
    config: Any = model.config
    return config.get_text_config() if hasattr(config, "get_text_config") else config


def _blocks(model: nn.Module) -> nn.ModuleList:
    n_layers = int(_text_config(model).num_hidden_layers)
    # A model that also sees pictures may have as many blocks for these.
    for module in getattr(model, "language_model", model).modules():
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
