"""From paths, folders and patterns to the files that hold rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpuscope.corpus.json_rows import JsonArray, JsonLines
from corpuscope.corpus.lines import whole_text
from corpuscope.corpus.rows import Part, Place, Row
from corpuscope.corpus.table_files import DelimitedFile, ParquetFile
from corpuscope.errors import InputError

_PLAIN_FORMATS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt")
FORMATS = (*_PLAIN_FORMATS, *(f"{ending}.gz" for ending in _PLAIN_FORMATS), ".parquet")
"""The endings of the files that can be read."""


@dataclass(frozen=True)
class TextFiles:
    """Plain text files, each of them one document, with an id each."""

    name: str
    paths: tuple[Path, ...]
    ids: tuple[str, ...]
    kind = "txt"

    def n_rows(self) -> int | None:
        """The number of files."""
        return len(self.paths)

    def columns(self) -> tuple[str, ...]:
        """An id, from the file's name, and the text."""
        return ("id", "text")

    def rows(self) -> Iterator[Row]:
        """One row for each file."""
        for id, path in zip(self.ids, self.paths, strict=True):
            yield Row({"id": id, "text": whole_text(path)}, Place(str(path)))


def parts_of_paths(paths: Sequence[str | Path]) -> tuple[Part, ...]:
    """The files that the paths, folders of texts and patterns stand for.

    Raises:
        InputError: Nothing is there, or a file has an ending that is not read.
    """
    return tuple(part for path in paths for part in _parts_of_path(path))


def looks_like_paths(texts: Sequence[object]) -> bool:
    """Whether every string ends like a file that can be read."""
    return bool(texts) and all(
        isinstance(text, str) and "\n" not in text and text.lower().endswith(FORMATS)
        for text in texts
    )


def _parts_of_path(given: str | Path) -> list[Part]:
    path = Path(given).expanduser()
    if _is_there(path):
        return [_folder_part(path) if path.is_dir() else _file_part(path)]
    found = sorted(_matches(path))
    if found:
        return [_file_part(path) for path in found]
    raise InputError(
        f"there is no file, folder or match for {_shortened(str(given))!r}",
        expected="the path of a file, of a folder of .txt files, or a pattern such as 'data/*.csv'",
        next_step="check the path; to read texts from memory, pass a list of strings",
    )


def _matches(pattern: Path) -> Iterator[Path]:
    if any(sign in str(pattern) for sign in "*?["):
        relative = pattern.relative_to(pattern.anchor)
        yield from filter(Path.is_file, Path(pattern.anchor).glob(str(relative)))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _shortened(name: str) -> str:
    return name if len(name) <= 200 else f"{name[:200]}..."


def _file_part(path: Path) -> Part:
    ending = _ending(path)
    if ending in (".jsonl", ".ndjson"):
        return JsonLines(path)
    if ending == ".json":
        return JsonArray(path)
    if ending == ".csv":
        return DelimitedFile(path, "csv", ",")
    if ending == ".tsv":
        return DelimitedFile(path, "tsv", "\t")
    if ending == ".parquet":
        return ParquetFile(path)
    if ending == ".txt":
        return TextFiles(str(path), (path,), (_without_ending(path.name),))
    raise InputError(
        f"{path} does not end like a file that can be read",
        expected=f"one of {', '.join(FORMATS)}",
        next_step="rename or convert the file",
    )


def _ending(path: Path) -> str:
    """The format's ending in lower case, whether compressed or not; empty if unknown."""
    name = path.name.lower()
    known = next((ending for ending in FORMATS if name.endswith(ending)), "")
    return known.removesuffix(".gz")


def _folder_part(folder: Path) -> Part:
    paths = tuple(sorted(path for path in folder.rglob("*") if _is_text_file(path)))
    if not paths:
        raise InputError(
            f"the folder {folder} holds no .txt files",
            expected="a folder of .txt files, each of them one document",
            next_step=f"name the files, for example with the pattern '{folder / '*.jsonl'}'",
        )
    ids = tuple(_without_ending(path.relative_to(folder).as_posix()) for path in paths)
    return TextFiles(str(folder), paths, ids)


def _is_text_file(path: Path) -> bool:
    return _ending(path) == ".txt" and path.is_file()


def _without_ending(name: str) -> str:
    stem = name[: -len(".gz")] if name.lower().endswith(".gz") else name
    return stem[: -len(".txt")]
