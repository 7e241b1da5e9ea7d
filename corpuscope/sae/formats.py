"""Loads a dictionary in any supported format.

Loaders are imported on demand, so that looking for a dictionary loads no GPU library.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from corpuscope.errors import CorpuscopeError, DictionaryError

if TYPE_CHECKING:
    from corpuscope.sae.dictionary import Dictionary

BUILTIN = Path(__file__).parent.parent / "builtin" / "minilm"


@dataclass(frozen=True)
class Format:
    """A file format of dictionaries.

    Attributes:
        name: Its name in messages.
        files: A folder with all of these files has this format.
        module: The module of its loader, imported on demand.
        loader: The name of its loader, a function from a folder to a dictionary.
    """

    name: str
    files: tuple[str, ...]
    module: str
    loader: str

    def is_in(self, folder: Path) -> bool:
        """Whether a folder has the files of this format."""
        return all((folder / file).is_file() for file in self.files)

    def load(self, folder: Path) -> "Dictionary":
        """The dictionary in a folder of this format.

        Raises:
            DictionaryError: It is damaged.
        """
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
                expected=f"{' and '.join(self.files)} as that format describes them",
                next_step="download or train it again",
            ) from error


# The first match wins.
FORMATS = (
    Format("corpuscope", ("config.json",), "corpuscope.sae.files", "load_own"),
)  # fmt: skip


def format_of(folder: Path) -> Format | None:
    """The format of the dictionary in a folder; None if there is none."""
    return next((one for one in FORMATS if one.is_in(folder)), None)


def load_dictionary(path: str | Path = "builtin") -> "Dictionary":
    """The dictionary in a folder, or the built-in one; its weights as float32.

    Raises:
        DictionaryError: There is none, or it is damaged.
    """
    folder = BUILTIN if path == "builtin" else Path(path)
    found = format_of(folder)
    if found is not None:
        return found.load(folder)
    expected = " or ".join(" and ".join(one.files) for one in FORMATS)
    raise DictionaryError(
        f"no {folder / FORMATS[0].files[0]}",
        expected=f"the folder of a dictionary ({expected}), or builtin",
        next_step="check the path, or reinstall corpuscope if it is the built-in one",
    )
