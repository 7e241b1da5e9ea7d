"""Says in which format labels are written, and reads them.

A format is recognised by the names of files. More than one, or none, is an error that says what
was found and what each format needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpuscope.errors import InputError
from corpuscope.labels.foreign.delphi import is_delphi, read_delphi
from corpuscope.labels.foreign.goodfire import is_goodfire, read_goodfire
from corpuscope.labels.foreign.label_table import ForeignLabels
from corpuscope.labels.foreign.neuronpedia import batches_in, read_neuronpedia
from corpuscope.labels.foreign.plain_table import is_table, read_table

__all__ = ["LABEL_FORMATS", "LabelFormat", "read_labels"]


@dataclass(frozen=True)
class LabelFormat:
    """A format of labels.

    Attributes:
        name: Its name.
        needs: What a path of this format has, in words.
        is_at: Whether a path has it.
        read: Reads the labels of a path, and of one of several dictionaries if it is named.
    """

    name: str
    needs: str
    is_at: Callable[[Path], bool]
    read: Callable[[Path, str | None], ForeignLabels]


def _is_other_table(path: Path) -> bool:
    return is_table(path) and not is_goodfire(path) and not batches_in(path)


LABEL_FORMATS = (
    LabelFormat(
        "neuronpedia",
        "a folder of explanations with batch-*.jsonl.gz",
        lambda path: bool(batches_in(path)),
        lambda path, _: read_neuronpedia(path),
    ),
    LabelFormat(
        "goodfire",
        "a file Llama-3.1-8B-Instruct.json or Llama-3.3-70B-Instruct.json",
        is_goodfire,
        lambda path, _: read_goodfire(path),
    ),
    LabelFormat("delphi", "a run folder with explanations/*_latent*.txt", is_delphi, read_delphi),
    LabelFormat(
        "table",
        "a CSV, Parquet, JSON or JSON lines file with a column of features and one of labels",
        _is_other_table,
        lambda path, _: read_table(path),
    ),
)
"""The formats that labels are read from."""


def read_labels(
    path: str | Path, *, format: str | None = None, sae_id: str | None = None
) -> ForeignLabels:
    """The labels at a path, in whatever format they are.

    Args:
        path: A file or folder.
        format: The name of the format; recognised if None.
        sae_id: Which of several dictionaries, where a source has several.

    Raises:
        InputError: There is nothing at the path, no format or several are recognised, or what is
            there is not as the format has it.

    Example:
        >>> import json, tempfile
        >>> file = Path(tempfile.mkdtemp()) / "mine.json"
        >>> _ = file.write_text(json.dumps({"0": "polite thanks", "7": "a question"}))
        >>> read_labels(file).table[["feature", "label", "source"]].values.tolist()
        [[0, 'polite thanks', 'mine.json'], [7, 'a question', 'mine.json']]
    """
    place = Path(path)
    if not place.exists():
        raise InputError(f"nothing at {place}", expected=_needs(), next_step="check the path")
    found = [one for one in LABEL_FORMATS if one.is_at(place)]
    if format is not None:
        found = [one for one in LABEL_FORMATS if one.name == format]
        if not found:
            raise InputError(
                f"no format of labels is called {format!r}",
                expected=", ".join(one.name for one in LABEL_FORMATS),
                next_step="name one of these, or none",
            )
    if len(found) != 1:
        what = " and ".join(one.name for one in found) or "none of the known formats"
        raise InputError(
            f"{place} has the files of {what}: {_content(place)}",
            expected=f"one of: {_needs()}",
            next_step="name the format: --label-format" if found else "name the file or folder",
        )
    return found[0].read(place, sae_id)


def _needs() -> str:
    return "; ".join(f"{one.name}, {one.needs}" for one in LABEL_FORMATS)


def _content(path: Path) -> str:
    """What lies at a path, in a few names."""
    if path.is_file():
        return "a file"
    names = sorted(one.name + ("/" if one.is_dir() else "") for one in path.iterdir())
    more = f" and {len(names) - 6} others" if len(names) > 6 else ""
    return f"{', '.join(names[:6])}{more}" if names else "an empty folder"
