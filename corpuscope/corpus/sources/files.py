"""Resolves paths, folders and patterns to files, and opens them by format."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from corpuscope.corpus.sources.arrow_files import ArrowFile
from corpuscope.corpus.sources.delimiters import delimiter_of
from corpuscope.corpus.sources.folders import FILE, parts_of_folder
from corpuscope.corpus.sources.json_rows import JsonFile
from corpuscope.corpus.sources.lines import decoded_lines
from corpuscope.corpus.sources.packed import PACKED_ENDINGS, magic_of, name_within
from corpuscope.corpus.sources.records import first_lines
from corpuscope.corpus.sources.rows import Labelled, SourcePart
from corpuscope.corpus.sources.table_files import DelimitedFile
from corpuscope.corpus.sources.text_files import TextFiles, TextLines
from corpuscope.errors import InputError

_KINDS = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv",
    ".tab": "tsv", ".txt": "txt", ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow",
    ".feather": "arrow",
}  # fmt: skip
_PLAIN = tuple(ending for ending, kind in _KINDS.items() if kind not in ("parquet", "arrow"))
FORMATS = (*_KINDS, *(plain + packed for plain in _PLAIN for packed in (*PACKED_ENDINGS, ".zip")))
"""The suffixes of supported files."""

_MAGIC = {b"PAR1": "parquet", b"ARROW1": "arrow"}
_N_SEEN = 100


@dataclass(frozen=True)
class _Opener:
    """Opens files, with the encoding and delimiter given by the user."""

    encoding: str | None
    delimiter: str | None

    def part(self, path: Path) -> SourcePart:
        """The file as a part of a corpus."""
        kind = self._kind(path)
        if kind in ("parquet", "arrow"):
            return ArrowFile(path, kind)
        if kind in ("jsonl", "json"):
            return JsonFile(path, kind, self.encoding)
        if kind in ("csv", "tsv"):
            return DelimitedFile(path, kind, self.delimiter, self.encoding)
        return TextLines(path, self.encoding)

    def texts(self, name: str, paths: Sequence[Path], ids: Sequence[str]) -> SourcePart:
        """Plain text files, one document each."""
        return TextFiles(name, tuple(paths), tuple(ids), self.encoding)

    def _kind(self, path: Path) -> str:
        """The format by magic bytes, else by name, else by the first line."""
        first = magic_of(path)
        magic = next((kind for mark, kind in _MAGIC.items() if first.startswith(mark)), None)
        named = kind_named(Path(name_within(path))) or kind_named(path)
        if magic or named:
            return str(magic or named)
        seen = self._kind_seen(path)
        if seen is None:
            raise InputError(
                f"{path} is not a supported file, by content or name",
                expected=f"one of {', '.join(_KINDS)}, compressed or not",
                next_step="rename or convert the file",
            )
        return seen

    def _kind_seen(self, path: Path) -> str | None:
        lines = decoded_lines(path, self.encoding)
        first = next((line for line in lines if line.strip()), "")
        if first.lstrip().startswith(("{", "[")):
            return "jsonl"
        sample = first_lines(decoded_lines(path, self.encoding), _N_SEEN, 1 << 16)
        sign = self.delimiter or delimiter_of(sample, usual="\t")
        return "csv" if sign in first and not path.suffix else None


def parts_of_paths(
    paths: Sequence[str | Path], *, encoding: str | None = None, delimiter: str | None = None
) -> tuple[SourcePart, ...]:
    """The files of these paths, folders and patterns, as parts of a corpus.

    If several tables are read, rows get a column `file` with the name of their file.

    Raises:
        InputError: Nothing is found, or a file has an unsupported format.
    """
    opener = _Opener(encoding, delimiter)
    different = {Path(path).expanduser().absolute(): path for path in paths}
    parts = [part for path in different.values() for part in _parts_of_path(path, opener)]
    texts = [part for part in parts if isinstance(part, TextLines)]
    if len(texts) > 1:
        # Several text files are one document each, as in a folder; in a single one each line is.
        files = opener.texts("the text files", [one.path for one in texts],
                             _short_names([one.path for one in texts]))  # fmt: skip
        parts = [files, *(part for part in parts if not isinstance(part, TextLines))]
    tables = [part for part in parts if not isinstance(part, TextFiles | Labelled)]
    if len(tables) < 2:
        return tuple(parts)
    names = iter(_short_names([Path(part.name) for part in tables]))
    return tuple(
        part if isinstance(part, TextFiles | Labelled) else Labelled(part, FILE, next(names))
        for part in parts
    )


def looks_like_paths(texts: Sequence[object]) -> bool:
    """Whether every string has a supported suffix or is an existing path."""
    return bool(texts) and all(
        isinstance(text, str)
        and "\n" not in text
        and (text.lower().endswith(FORMATS) or (bool(text) and bool(_found(Path(text)))))
        for text in texts
    )


def kind_named(path: Path) -> str | None:
    """The format by suffix, with or without a compression suffix; None if unknown."""
    name = path.name.lower()
    for ending in (*PACKED_ENDINGS, ".zip"):
        name = name.removesuffix(ending)
    return _KINDS.get(PurePosixPath(name).suffix)


def _parts_of_path(given: str | Path, opener: _Opener) -> list[SourcePart]:
    path = Path(given).expanduser()
    if str(given) and _is_there(path):
        if path.is_dir():
            return list(parts_of_folder(path, kind_named, opener.part, opener.texts))
        return [opener.part(path)]
    found = _found(path) if str(given) else []
    if found:
        return [part for one in found for part in _parts_of_path(one, opener)]
    if "://" in str(given):
        raise InputError(
            f"{_shortened(str(given))!r} is a URL",
            expected="files on this machine",
            next_step="download it first; open a Hugging Face dataset with "
            "datasets.load_dataset, and pass it to read_corpus",
        )
    raise InputError(
        f"there is no file, folder or match for {_shortened(str(given))!r}",
        expected="the path of a file, of a folder of files, or a pattern such as 'data/*.csv'",
        next_step="check the path; to read texts from memory, pass a list of strings",
    )


def _found(pattern: Path) -> list[Path]:
    """The matches of a path or a pattern: files, or folders if no file matches."""
    if _is_there(pattern):
        return [pattern]
    if not any(sign in str(pattern) for sign in "*?["):
        return []
    try:
        relative = pattern.relative_to(pattern.anchor)
        found = sorted(Path(pattern.anchor).glob(str(relative)))
    except (OSError, ValueError):
        return []
    return [path for path in found if path.is_file()] or found


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _shortened(name: str) -> str:
    return name if len(name) <= 200 else f"{name[:200]}..."


def _short_names(paths: Sequence[Path]) -> list[str]:
    """The names without suffixes, with as many parent folders as needed to be distinct."""
    plain = [without_ending(path) for path in paths]
    for depth in range(1, max(len(path.parts) for path in plain) + 1):
        names = ["/".join(path.parts[-depth:]) for path in plain]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def without_ending(path: Path) -> Path:
    """The path without supported suffixes."""
    for ending in (*PACKED_ENDINGS, ".zip", *_KINDS):
        if path.name.lower().endswith(ending) and len(path.name) > len(ending):
            path = path.with_name(path.name[: -len(ending)])
    return path
