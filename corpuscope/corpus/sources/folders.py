"""Reads a folder: tables of one kind, text files, or a dataset saved to disk."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpuscope.corpus.sources.rows import Labelled, SourcePart
from corpuscope.errors import InputError

FILE, SPLIT = "file", "split"
"""The columns for the file name of a row, and for its dataset split."""

_BESIDE = frozenset({
    "dataset_infos.json", "dataset_info.json", "dataset_dict.json", "state.json", "config.json",
    "metadata.json", "README.txt", "LICENSE.txt", "requirements.txt",
})  # fmt: skip
"""Files that accompany a dataset and contain no texts."""

_KindNamed = Callable[[Path], str | None]
_Open = Callable[[Path], SourcePart]
_OpenTexts = Callable[[str, Sequence[Path], Sequence[str]], SourcePart]


def parts_of_folder(
    folder: Path, kind_named: _KindNamed, opened: _Open, texts: _OpenTexts
) -> Iterator[SourcePart]:
    """The files below a folder, as parts of a corpus; hidden files are ignored.

    Args:
        folder: The folder.
        kind_named: Returns the format of a path by its name.
        opened: Opens a table.
        texts: Opens plain text files, one document each.

    Raises:
        InputError: It has no readable files, or files of several kinds.
    """
    if (folder / "dataset_dict.json").is_file():
        for name in _listed_in(folder / "dataset_dict.json", "splits"):
            for part in parts_of_folder(folder / str(name), kind_named, opened, texts):
                yield Labelled(part, SPLIT, str(name))
        return
    if (folder / "state.json").is_file() and (folder / "dataset_info.json").is_file():
        yield from map(opened, _files_of_data_set(folder))
        return
    found = _files_by_kind(folder, kind_named)
    if not found:
        raise InputError(
            f"the folder {folder} has no readable files",
            expected="a folder of .txt files, one document each, or of tables of one kind",
            next_step="name the files, for example by a pattern",
        )
    if len(found) > 1:
        listed = ", ".join(f"{len(paths):,} .{kind}" for kind, paths in sorted(found.items()))
        largest = max(found, key=lambda kind: sum(path.stat().st_size for path in found[kind]))
        raise InputError(
            f"the folder {folder} has files of several kinds: {listed}",
            expected="files of one kind",
            next_step=f"choose files by a pattern, for example '{folder / '**' / f'*.{largest}*'}'",
        )
    ((kind, paths),) = found.items()
    if kind == "txt":
        yield texts(str(folder), paths, [_id_of(path, folder) for path in paths])
    else:
        for path in paths:
            part = opened(path)
            for column, value in _named_in(path.relative_to(folder)):
                part = Labelled(part, column, value)
            yield part


def _named_in(path: Path) -> Iterator[tuple[str, str]]:
    """Columns from Hive-style folder names, as in `year=2020/part.parquet`."""
    for name in path.parts[:-1]:
        column, sign, value = name.partition("=")
        if sign and column:
            yield column, value


def _files_of_data_set(folder: Path) -> list[Path]:
    if _listed_in(folder / "state.json", "_indices_files", default=[]):
        raise InputError(
            f"the dataset in {folder} was shuffled or filtered without rewriting its rows",
            expected="a dataset whose files hold its rows",
            next_step="save it with flatten_indices().save_to_disk(...)",
        )
    files = [
        folder / str(one["filename"]) for one in _listed_in(folder / "state.json", "_data_files")
    ]
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise _damaged(folder, f"{missing[0].name} is missing")
    return files


def _listed_in(path: Path, name: str, default: list[Any] | None = None) -> list[Any]:
    try:
        about = json.loads(path.read_text("utf-8"))
        found = about[name] if default is None else about.get(name) or default
        return list(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path.parent, f"{path.name}: {error}") from error


def _damaged(folder: Path, what: str) -> InputError:
    return InputError(
        f"the dataset in {folder} is damaged ({what})",
        expected="a folder written by save_to_disk",
        next_step="save or copy it again",
    )


def _files_by_kind(folder: Path, kind_named: _KindNamed) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part[0] in "._" for part in path.relative_to(folder).parts)
        kind = None if path.name in _BESIDE else kind_named(path)
        if kind and not is_hidden and path.is_file():
            found.setdefault(kind, []).append(path)
    return found


def _id_of(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    return name[: name.lower().rindex(".txt")]
