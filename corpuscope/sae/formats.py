"""Loads a dictionary in any supported format."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from corpuscope.errors import DictionaryError
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

    def load(self, folder: Path) -> Dictionary:
        """The dictionary in a folder of this format."""
        opened: Callable[[Path], Dictionary] = getattr(import_module(self.module), self.loader)
        return opened(folder)


# The first match wins.
FORMATS = (
    Format("corpuscope", ("config.json",), "corpuscope.sae.files", "load_own"),
)  # fmt: skip


def load_dictionary(path: str | Path = "builtin") -> Dictionary:
    """The dictionary in a folder, or the built-in one; its weights as float32.

    Raises:
        DictionaryError: There is none, or it is damaged.
    """
    folder = BUILTIN if path == "builtin" else Path(path)
    for one in FORMATS:
        if one.is_in(folder):
            return one.load(folder)
    expected = " or ".join(" and ".join(one.files) for one in FORMATS)
    raise DictionaryError(
        f"no {folder / FORMATS[0].files[0]}",
        expected=f"the folder of a dictionary ({expected}), or builtin",
        next_step="check the path, or reinstall corpuscope if it is the built-in one",
    )
