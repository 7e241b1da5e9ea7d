"""Loads a dictionary in any supported format.

Loaders are imported on demand, so that looking for a dictionary loads no GPU library.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from corpuscope.errors import CorpuscopeError, DictionaryError
from corpuscope.extras import check_torch

if TYPE_CHECKING:
    from corpuscope.sae.dictionary import Dictionary

HUB = "hf:"
"""What names of dictionaries on the Hugging Face Hub begin with."""

BUILTIN = Path(__file__).parent.parent / "builtin" / "minilm"


@dataclass(frozen=True)
class Format:
    """A file format of dictionaries.

    Attributes:
        name: Its name in messages.
        files: A folder with all of these files has this format.
        suffixes: If any, a folder must also have a file that ends so, or be one.
        marker: If given, a key that the first of `files` must have, as it is JSON.
        needs_torch: Whether its loader does.
        module: The module of its loader, imported on demand.
        loader: The name of its loader, a function from a folder to a dictionary.
    """

    name: str
    files: tuple[str, ...]
    module: str
    loader: str
    suffixes: tuple[str, ...] = ()
    marker: str | None = None
    needs_torch: bool = False

    def is_in(self, folder: Path) -> bool:
        """Whether a folder has the files of this format."""
        if not all((folder / file).is_file() for file in self.files):
            return False
        if self.marker and not _has_key(folder / self.files[0], self.marker):
            return False
        return not self.suffixes or _has_suffix(folder, self.suffixes)

    def load(self, folder: Path) -> "Dictionary":
        """The dictionary in a folder of this format.

        Raises:
            DictionaryError: It is damaged.
            ReaderError: It needs torch, which is not installed.
        """
        if self.needs_torch:
            check_torch(f"a dictionary of another project ({folder})")
        opened: Callable[[Path], Dictionary] = getattr(import_module(self.module), self.loader)
        try:
            return opened(folder)
        except CorpuscopeError:
            raise
        # A loader reads what others wrote: whatever it stumbles over is a fault of the file.
        except Exception as error:
            raise DictionaryError(
                f"{folder} cannot be read as the format {self.name!r} "
                f"({type(error).__name__}: {error})",
                expected=f"{' and '.join(self.files) or 'its files'} as that format describes them",
                next_step="download or train it again",
            ) from error


def _has_key(file: Path, key: str) -> bool:
    """Whether a file is a JSON object with a key; also where it is damaged beyond telling."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True
    return isinstance(found, dict) and key in found


def _has_suffix(path: Path, suffixes: tuple[str, ...]) -> bool:
    places = (*path.glob("*"), *path.glob("checkpoints/*")) if path.is_dir() else (path,)
    return any(one.is_file() and one.suffix in suffixes for one in places)


# The first match wins.
FORMATS = (
    Format("corpuscope", ("config.json",), "corpuscope.sae.files", "load_own", marker="format"),
    Format("of another project", (), "corpuscope.sae.foreign.opener", "open_foreign",
           suffixes=(".safetensors", ".npz", ".pt", ".pth"), needs_torch=True),
)  # fmt: skip


def format_of(folder: Path) -> Format | None:
    """The format of the dictionary in a folder; None if there is none."""
    return next((one for one in FORMATS if one.is_in(folder)), None)


def load_dictionary(path: str | Path = "builtin") -> "Dictionary":
    """The dictionary in a folder, or the built-in one; its weights as float32.

    Args:
        path: A folder, "builtin", the folder or file of a dictionary that another project saved,
            or such a place on the Hugging Face Hub, `hf:owner/name/folder@revision`.

    Raises:
        DictionaryError: There is none, or it is damaged.
        ReaderError: It is of another project, and torch is not installed.
    """
    if str(path).startswith(HUB):
        check_torch(f"a dictionary of the hub ({path})")
        from corpuscope.sae.foreign.hub import downloaded
        from corpuscope.sae.foreign.opener import open_foreign

        artifact = downloaded(str(path))
        known = format_of(artifact.path)
        is_foreign = known is None or known.loader == open_foreign.__name__
        return open_foreign(artifact) if known is None or is_foreign else known.load(artifact.path)
    folder = BUILTIN if path == "builtin" else Path(path)
    found = format_of(folder)
    if found is not None:
        return found.load(folder)
    expected = " or ".join(" and ".join(one.files) for one in FORMATS if one.files)
    expected += ", or files of weights of another project"
    raise DictionaryError(
        f"no {folder / FORMATS[0].files[0]}",
        expected=f"the folder of a dictionary ({expected}), or builtin",
        next_step="check the path, or reinstall corpuscope if it is the built-in one",
    )
