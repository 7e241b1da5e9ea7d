"""Checks whether everything that corpuscope needs is installed.

Uses no network. Loads the whole built-in dictionary, to detect damage.
"""

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from corpuscope.errors import CorpuscopeError
from corpuscope.extras import TO_READ
from corpuscope.inference.processor import has_bf16
from corpuscope.reader.engines.choose import engine_for
from corpuscope.reader.engines.shipped_weights import shipped_revision
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.loading.smollm2 import has_smollm2
from corpuscope.reader.threads import allowed_cores, free_cores

_BASE = ("numpy", "scipy", "pandas", "pyarrow", "openvino", "safetensors", "tokenizers")
_OPTIONAL = ("matplotlib", *TO_READ)


def examine(folder: Path) -> dict[str, Any]:
    """The facts about this installation; `folder` is where stores would be written."""
    checks: dict[str, Any] = {"corpuscope": version("corpuscope"), **_versions()}
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
    named = {name: _version(name) for name in (*_BASE, *_OPTIONAL)}
    return {"python": platform.python_version(), **named}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _reading() -> tuple[dict[str, Any], list[str]]:
    """Facts about reading corpora with the built-in reader and dictionary, and warnings."""
    dictionary, damage = _builtin_dictionary()
    with catch_warnings(record=True) as caught:
        simplefilter("always")
        engine = engine_for(BUILTIN_READER)
    warnings = [damage] if damage else []
    warnings += [str(one.message) for one in caught]
    missing = [name for name in TO_READ if find_spec(name) is None]
    if missing:
        warnings.append(
            f"no {', '.join(missing)}: texts are read with the built-in reader alone, and nothing "
            "is trained; for more: pip install 'corpuscope[read]'"
        )
    return {
        "can_read_corpora": damage is None,
        "can_use_other_readers": not missing,
        "engine": engine,
        "builtin_reader": shipped_revision(),
        "builtin_dictionary": dictionary,
        "smollm2": has_smollm2(),
        "device": "gpu" if engine == "torch" else "cpu",
        "bf16": has_bf16(),
        "cores": allowed_cores(),
        "threads": free_cores(),
    }, warnings


def _builtin_dictionary() -> tuple[str | None, str | None]:
    """A description of the built-in dictionary, or what is wrong with it."""
    from corpuscope.sae.formats import load_dictionary

    try:
        found = load_dictionary()
    except CorpuscopeError as error:
        return None, f"the built-in dictionary is damaged: {error}"
    return f"{len(found.features)} features, {found.digest[:12]}", None
