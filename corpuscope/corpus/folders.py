"""What a folder holds: tables of one kind, text files, or a data set saved to disk."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from corpuscope.corpus.rows import Labelled, Part
from corpuscope.errors import InputError

FILE, SPLIT = "file", "split"
"""The columns with the name of a row's file, and of the part of a data set that it is in."""

_KindNamed = Callable[[Path], str | None]
_Open = Callable[[Path], Part]
_OpenTexts = Callable[[str, Sequence[Path], Sequence[str]], Part]


def parts_of_folder(
    folder: Path, kind_named: _KindNamed, opened: _Open, texts: _OpenTexts
) -> Iterator[Part]:
    """The parts of a corpus in a folder, whatever lies below it; hidden files do not count.

    Args:
        folder: The folder.
        kind_named: Which format a path's name says.
        opened: Opens a table.
        texts: Opens plain text files, each of them a document.

    Raises:
        InputError: It holds no files that can be read, or files of several kinds.
    """
    if (folder / "dataset_dict.json").is_file():
        for name in json.loads((folder / "dataset_dict.json").read_text("utf-8"))["splits"]:
            for part in parts_of_folder(folder / name, kind_named, opened, texts):
                yield Labelled(part, SPLIT, name)
        return
    if (folder / "state.json").is_file() and (folder / "dataset_info.json").is_file():
        state = json.loads((folder / "state.json").read_text("utf-8"))
        yield from (opened(folder / one["filename"]) for one in state["_data_files"])
        return
    found = _files_by_kind(folder, kind_named)
    if not found:
        raise InputError(
            f"the folder {folder} holds no files that can be read",
            expected="a folder of .txt files, each of them one document, or of tables of one kind",
            next_step="name the files, for example with a pattern",
        )
    if len(found) > 1:
        told = ", ".join(f"{len(paths):,} .{kind}" for kind, paths in sorted(found.items()))
        raise InputError(
            f"the folder {folder} holds files of several kinds: {told}",
            expected="files of one kind",
            next_step="name those that are meant with a pattern, "
            f"for example '{folder / f'*.{min(found)}'}'",
        )
    ((kind, paths),) = found.items()
    if kind == "txt":
        yield texts(str(folder), paths, [_id_of(path, folder) for path in paths])
    else:
        yield from map(opened, paths)


def _files_by_kind(folder: Path, kind_named: _KindNamed) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part[0] in "._" for part in path.relative_to(folder).parts)
        kind = kind_named(path)
        if kind and not is_hidden and path.is_file():
            found.setdefault(kind, []).append(path)
    return found


def _id_of(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()
    return name[: name.lower().rindex(".txt")]
