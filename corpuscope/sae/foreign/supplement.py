"""What a layout leaves open and whoever opens it must say, in Python or in a file beside it."""

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from corpuscope.errors import DictionaryError

FILE = "corpuscope.json"


@dataclass(frozen=True, slots=True)
class Supplement:
    """What is known about a foreign dictionary beyond its files; None for what they say.

    Attributes:
        reader: The language model, by its name on the Hub or its folder.
        hook: The place of the states, such as `blocks.8.hook_resid_pre` or `model.layers.8`.
        context_size: How many tokens the model sees at once.
        prepends_bos: Whether each passage begins with the token of the beginning of a text.
        input_scale: What states are multiplied by before they are encoded.
        centres_states: Whether the mean over the width is subtracted from each state first, as
            for dictionaries trained on TransformerLens models with centred writing weights.
        threshold: The threshold of a BatchTopK dictionary that has none.
        k_per_token: Of a BatchTopK dictionary without a threshold, whether so many features of
            each token fire as of the batch on average. The results differ from training.
    """

    reader: str | None = None
    hook: str | None = None
    context_size: int | None = None
    prepends_bos: bool | None = None
    input_scale: float | None = None
    centres_states: bool | None = None
    threshold: float | None = None
    k_per_token: bool | None = None

    def over(self, other: "Supplement") -> "Supplement":
        """This one, completed by another."""
        return replace(
            other,
            **{f.name: getattr(self, f.name) for f in fields(self)
               if getattr(self, f.name) is not None},
        )  # fmt: skip


_KINDS: dict[str, type | tuple[type, ...]] = {
    "reader": str, "hook": str, "context_size": int, "prepends_bos": bool,
    "input_scale": (int, float), "centres_states": bool, "threshold": (int, float),
    "k_per_token": bool,
}  # fmt: skip


def file_beside(path: Path) -> Path:
    """Where the supplement of a dictionary lies: in its folder, or beside a single file."""
    return path / FILE if path.is_dir() else path.with_name(f"{path.name}.{FILE}")


def supplement_beside(path: Path) -> Supplement:
    """The supplement in the file beside a dictionary; an empty one if there is no file.

    Raises:
        DictionaryError: The file holds something else.
    """
    file = file_beside(path)
    if not file.is_file():
        return Supplement()
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _wrong(file, str(error)) from error
    if not isinstance(found, dict):
        raise _wrong(file, f"a {type(found).__name__}")
    for key, value in found.items():
        if key not in _KINDS:
            raise _wrong(file, f"the key {key!r}")
        is_number = isinstance(value, bool) and _KINDS[key] is not bool
        if not isinstance(value, _KINDS[key]) or is_number:
            raise _wrong(file, f"{key} {value!r}")
    return _made(found)


def _made(found: dict[str, Any]) -> Supplement:
    return replace(Supplement(), **found)


def _wrong(file: Path, found: str) -> DictionaryError:
    return DictionaryError(
        f"{file}: {found}",
        expected=f"a JSON object with keys among {', '.join(_KINDS)}",
        next_step="correct the file, or remove it",
    )
