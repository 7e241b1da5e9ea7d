"""Loads a language model and its tokenizer from where they are, to where they fit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from corpuscope.errors import ReaderError, reason_of
from corpuscope.extras import check_extra
from corpuscope.reader.loading.gguf import gguf_arguments, gguf_tokenizer
from corpuscope.reader.loading.memory import this_machine, weight_bytes
from corpuscope.reader.loading.placement import (
    Placement,
    default_dtype,
    likely_device,
    placement,
)
from corpuscope.reader.loading.quiet import quietly
from corpuscope.reader.loading.settings import LoadingSettings
from corpuscope.reader.loading.source import Source

_FAILURES = (OSError, ValueError, ImportError, RuntimeError, KeyError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a model was loaded, and how: what it takes to load it again.

    Attributes:
        source: Where its files are.
        settings: How it was loaded.
        dtype: The dtype of its weights.
        placement: Where it was put.
    """

    source: Source
    settings: LoadingSettings
    dtype: torch.dtype
    placement: Placement


def origin_of(source: Source, settings: LoadingSettings) -> Origin:
    """How a model will be loaded, found before its weights are.

    Raises:
        ReaderError: Its configuration cannot be read, it does not fit into memory, or an extra
            is not installed.
    """
    machine = this_machine()
    dtype = settings.dtype or default_dtype(likely_device(settings, machine))
    needed = weight_bytes(_config(source), dtype, settings.quantization)
    place = placement(source.name, settings, needed, machine)
    if place.device_map is not None:
        check_extra("large", ("accelerate",), what="a reader on several devices")
    if settings.quantization:
        packages = ("bitsandbytes", "accelerate")
        check_extra("quantized", packages, what="loading weights with few bits")
    return Origin(source, settings, dtype, place)


def load_tokenizer(source: Source) -> Any:
    """The tokenizer of a language model.

    Raises:
        ReaderError: It cannot be loaded, or does not say where its tokens are in the text.
    """
    from transformers import AutoTokenizer

    with quietly():
        if source.kind == "file":
            tokenizer = gguf_tokenizer(Path(source.location))
        else:
            try:
                tokenizer = AutoTokenizer.from_pretrained(
                    source.location, use_fast=True, **_where(source)
                )
            except _FAILURES as error:
                raise failed(source.name, error) from error
    if not getattr(tokenizer, "is_fast", False):
        raise ReaderError(
            f"the tokenizer of {source.name!r} does not return character positions",
            expected="a model with a fast tokenizer (tokenizer.json)",
            next_step="convert its tokenizer or choose another reader",
        )
    return tokenizer


def load_model(kind: Any, origin: Origin) -> nn.Module:
    """The model, ready to compute.

    Args:
        kind: The class of transformers that loads it, such as `AutoModel`.
        origin: From where, and how.

    Raises:
        ReaderError: It cannot be loaded.
    """
    try:
        with quietly():
            model = kind.from_pretrained(_folder(origin.source), **arguments_of(origin))
    except _FAILURES as error:
        raise failed(origin.source.name, error) from error
    if origin.placement.device is not None and origin.settings.quantization is None:
        model = model.to(origin.placement.device)
    found: nn.Module = model.eval().requires_grad_(requires_grad=False)
    return found


def arguments_of(origin: Origin) -> dict[str, Any]:
    """The arguments with which transformers loads the model."""
    found: dict[str, Any] = {"dtype": origin.dtype, **_where(origin.source)}
    if origin.source.kind == "file":
        found |= gguf_arguments(Path(origin.source.location))
    place = origin.placement
    if place.device_map is not None:
        found |= {"device_map": place.device_map, "max_memory": place.max_memory}
    if origin.settings.quantization:
        found["quantization_config"] = _few_bits(origin)
        found.setdefault("device_map", {"": place.device})
    return found


def failed(name: str, error: Exception) -> ReaderError:
    """The error of a model that could not be loaded, with the next step that fits."""
    reason = reason_of(error)
    next_step = "check the name, the network and the local cache, or name no reader to use the "
    next_step += "built-in one"
    if "trust_remote_code" in str(error):
        next_step = "choose a reader that transformers knows without code of its own"
    elif "out of memory" in str(error).lower():
        next_step = "free memory, choose a smaller reader, or load it with fewer bits (--quantize)"
    return ReaderError(
        f"the language model {name!r} could not be loaded ({reason})",
        expected="a Hugging Face model name, a folder with a model and its tokenizer, or a .gguf "
        "file",
        next_step=next_step,
    )


def _config(source: Source) -> Any:
    from transformers import AutoConfig

    more = gguf_arguments(Path(source.location)) if source.kind == "file" else {}
    more.pop("quantization_config", None)
    try:
        with quietly():
            return AutoConfig.from_pretrained(_folder(source), **_where(source), **more)
    except _FAILURES as error:
        raise failed(source.name, error) from error


def _folder(source: Source) -> str:
    return str(Path(source.location).parent) if source.kind == "file" else source.location


def _where(source: Source) -> dict[str, Any]:
    if source.kind != "hub":
        return {}
    return {"revision": source.revision, "local_files_only": source.is_offline}


def _few_bits(origin: Origin) -> Any:
    from transformers import BitsAndBytesConfig

    kind: Any = BitsAndBytesConfig
    if origin.settings.quantization == "8bit":
        return kind(load_in_8bit=True)
    return kind(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=origin.dtype)
