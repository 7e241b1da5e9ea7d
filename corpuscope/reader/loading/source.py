"""Where the files of a language model are: in a folder, in one GGUF file, or on the hub.

A model of the hub is asked for once, with a short patience, so that a wrong name, a missing
permission or a missing network is reported at once and not after many retries.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpuscope.errors import ReaderError
from corpuscope.reader.loading.builtin import BUILTIN_READER, find_builtin
from corpuscope.reader.loading.smollm2 import SMOLLM2, find_smollm2

_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files of a language model are.

    Attributes:
        name: Its name in provenance: the name that was given, or that of the folder or file.
        location: The folder, the file, or the repository.
        kind: Which of these.
        revision: The commit or tag of a repository.
        is_offline: Whether only files that are in the local cache are used.
    """

    name: str
    location: str
    kind: Literal["folder", "file", "hub"]
    revision: str | None = None
    is_offline: bool = False


def source_of(name: str, revision: str | None = None) -> Source:
    """Where the language model of that name is.

    Args:
        name: The built-in reader's name, `smollm2`, a folder, a GGUF file, or a repository.
        revision: A commit or tag of the repository.

    Raises:
        ReaderError: There is no such model, it must not be read, or the hub cannot be reached.
    """
    if name == BUILTIN_READER and revision is None:
        return Source(name, find_builtin(), "folder")
    if name == SMOLLM2:
        folder = find_smollm2()
        return Source(name, str(folder), "folder", revision=folder.name)
    path = Path(name).expanduser()
    if path.is_dir():
        return _in_folder(path)
    if path.is_file():
        return _in_file(path)
    if name.startswith((".", "~", os.sep)) or name.count("/") > 1 or path.suffix == ".gguf":
        raise ReaderError(
            f"there is no {name}",
            expected="a folder with a model, a .gguf file, or a model's name on the hub",
            next_step="check the path",
        )
    return _on_hub(name, revision)


def _in_folder(folder: Path) -> Source:
    name = folder.resolve().name
    if (folder / "config.json").is_file():
        return Source(name, str(folder), "folder")
    files = sorted(folder.glob("*.gguf"))
    if len(files) == 1:
        return _in_file(files[0])
    inside = f"{len(files)} .gguf files" if files else "neither a config.json nor a .gguf file"
    raise ReaderError(
        f"{folder} has {inside}",
        expected="a folder with a model and its tokenizer, or one .gguf file",
        next_step="name one of the files" if files else "check the path",
    )


def _in_file(path: Path) -> Source:
    with path.open("rb") as file:
        is_gguf = file.read(4) == b"GGUF"
    if not is_gguf:
        raise ReaderError(
            f"{path} is no GGUF file",
            expected="a folder with a model, or a file in the GGUF format",
            next_step="name the folder of the model, not one of its files",
        )
    return Source(path.name, str(path), "file")


def _on_hub(name: str, revision: str | None) -> Source:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        get_hf_file_metadata(hf_hub_url(name, "config.json", revision=revision), timeout=_PATIENCE)
    except GatedRepoError as error:
        raise _gated(name) from error
    except HFValidationError as error:
        raise _nowhere(name, "it is no valid name of a repository") from error
    except RevisionNotFoundError as error:
        raise _nowhere(name, f"it has no revision {revision!r}") from error
    except EntryNotFoundError as error:
        raise _nowhere(name, "its repository has no config.json") from error
    except RepositoryNotFoundError as error:
        raise _nowhere(name, "the hub has no such repository, or it is private") from error
    except Exception as error:
        if not _is_of_network(error):
            raise
        return _in_cache(name, revision, error)
    return Source(name, name, "hub", revision)


def _is_of_network(error: Exception) -> bool:
    # The hub's client has changed its HTTP library, and with it the classes of errors.
    modules = {kind.__module__.split(".")[0] for kind in type(error).__mro__}
    return bool(modules & {"httpx", "httpx2", "httpcore", "requests", "huggingface_hub"}) or (
        isinstance(error, OSError)
    )


def _in_cache(name: str, revision: str | None, error: Exception) -> Source:
    from huggingface_hub import try_to_load_from_cache

    if isinstance(try_to_load_from_cache(name, "config.json", revision=revision), str):
        return Source(name, name, "hub", revision, is_offline=True)
    raise ReaderError(
        f"there is no folder or file {name!r}, it is not in the local cache, and the Hugging Face "
        f"Hub cannot be reached ({type(error).__name__})",
        expected="a folder with a model, a .gguf file, or a model's name on the hub",
        next_step="check the name and the network, or name no reader to use the built-in one",
    ) from error


def _gated(name: str) -> ReaderError:
    return ReaderError(
        f"{name} is gated: its authors ask for consent to their terms",
        expected="a token of an account that was given access",
        next_step=f"accept the terms at https://huggingface.co/{name}, then run `hf auth login` "
        "or set HF_TOKEN, and try again",
    )


def _nowhere(name: str, reason: str) -> ReaderError:
    return ReaderError(
        f"the language model {name!r} could not be loaded: {reason}",
        expected="a folder with a model, a .gguf file, or a model's name on the hub",
        next_step="check the name and the revision; for a private model run `hf auth login`",
    )
