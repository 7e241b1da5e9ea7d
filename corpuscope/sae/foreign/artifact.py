"""The files of a foreign dictionary: found, and read without running any code in them."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from corpuscope.errors import DictionaryError

_READERS = (".safetensors", ".npz", ".pt", ".pth")


@dataclass(frozen=True, eq=False)
class Artifact:
    """What lies at a path: a folder, or a single file of weights.

    Attributes:
        path: The folder or the file.
        repo: The repository that it was downloaded from; None for what was there.
        revision: Which commit of it.
        folder_in_repo: Where it lies in the repository.
    """

    path: Path
    repo: str | None = None
    revision: str | None = None
    folder_in_repo: str = ""

    @cached_property
    def folder(self) -> Path:
        """The folder, or that of the single file."""
        return self.path if self.path.is_dir() else self.path.parent

    @cached_property
    def location(self) -> str:
        """Where it lies, for layouts that say in folder names what they are."""
        # Caches spell the repository as models--owner--name.
        around = str(self.path.absolute()).replace("models--", "").replace("--", "/")
        return f"{self.repo or ''}/{around}"

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files at the path, one folder deep, sorted; for a single file its name alone."""
        if self.path.is_file():
            return (self.path.name,)
        inner = (*self.folder.glob("*"), *self.folder.glob("checkpoints/*"))
        return tuple(sorted(one.relative_to(self.folder).as_posix() for one in inner
                            if one.is_file()))  # fmt: skip

    def weights_file(self, patterns: tuple[str, ...]) -> Path | None:
        """The file whose name matches a pattern, if exactly one does for the first that fits."""
        for pattern in patterns:
            found = [name for name in self.files if re.fullmatch(pattern, name)]
            if len(found) == 1:
                return self.folder / found[0]
        return None

    def config(self, name: str, *, above: int = 0) -> Mapping[str, Any] | None:
        """A JSON object beside the weights, or so many folders above; None if there is none.

        Raises:
            DictionaryError: The file is no JSON object.
        """
        folder = self.folder
        for _ in range(above):
            folder = folder.parent
        file = folder / name
        if not file.is_file():
            return None
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self.error(
                f"{name} cannot be read ({error})", expected="a JSON object",
                next_step="download it again",
            ) from error  # fmt: skip
        return found if isinstance(found, dict) else None

    @cached_property
    def _states(self) -> dict[Path, Mapping[str, Any]]:
        return {}

    def state(self, file: Path) -> Mapping[str, Any]:
        """What a file of weights holds, by name; tensors as they are stored.

        Raises:
            DictionaryError: The file is damaged, or holds code that would have to be run.
        """
        if file not in self._states:
            self._states[file] = self._read(file)
        return self._states[file]

    def _read(self, file: Path) -> Mapping[str, Any]:
        try:
            if file.suffix == ".safetensors":
                return _safetensors(file)
            if file.suffix == ".npz":
                return _arrays(file)
            return _checkpoint(file)
        except CodeInFileError as error:
            raise self.error(
                f"{file.name} holds Python objects beside tensors ({error})",
                expected="tensors, numbers, text and plain containers: nothing else is read, "
                "since opening it would run code from the file",
                next_step="save its tensors anew as safetensors where the file is trusted",
            ) from error
        except Exception as error:
            raise self.error(
                f"{file.name} is damaged or cut short ({type(error).__name__}: {error})",
                expected="a complete file of weights",
                next_step="download it again",
            ) from error

    def sha256(self, file: Path) -> str:
        """The hash of a file's content."""
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    def error(self, found: str, *, expected: str, next_step: str) -> DictionaryError:
        """An error about this artifact."""
        return DictionaryError(f"{self.path}: {found}", expected=expected, next_step=next_step)


class CodeInFileError(Exception):
    """A file that only Python's pickle can open, with classes of a program."""


def has_weights(path: Path) -> bool:
    """Whether a path is, or a folder has, a file that may hold foreign weights."""
    if path.is_file():
        return path.suffix in _READERS
    places = (*path.glob("*"), *path.glob("checkpoints/*")) if path.is_dir() else ()
    return any(one.suffix in _READERS for one in places)


def _safetensors(file: Path) -> Mapping[str, Any]:
    from safetensors.torch import load_file

    found: Mapping[str, Any] = load_file(file)
    return found


def _arrays(file: Path) -> Mapping[str, Any]:
    import numpy as np

    # Without pickles: object arrays are refused.
    with np.load(file, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files}


def _checkpoint(file: Path) -> Mapping[str, Any]:
    import pickle

    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = str(error).splitlines()[0] if str(error) else "unknown objects"
        if "Unsupported" in str(error) or "global" in str(error).lower():
            named = re.search(r"GLOBAL ([\w.]+)", str(error))
            raise CodeInFileError(named[1] if named else reason) from error
        raise
    if isinstance(found, Mapping):
        return found
    raise CodeInFileError(f"a {type(found).__name__} instead of a table of tensors")
