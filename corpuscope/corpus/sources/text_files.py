"""Plain text: a folder of files, each of them a document, or the lines of one file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpuscope.corpus.sources.lines import decoded_lines, whole_text
from corpuscope.corpus.sources.rows import Place, Row


@dataclass(frozen=True)
class TextFiles:
    """Plain text files, each of them one document, with an id each."""

    name: str
    paths: tuple[Path, ...]
    ids: tuple[str, ...]
    encoding: str | None = None
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
            yield Row({"id": id, "text": whole_text(path, self.encoding)}, Place(str(path)))

    def notes(self) -> tuple[str, ...]:
        """Nothing that is not plain to see."""
        return ()


@dataclass(frozen=True)
class TextLines:
    """One plain text file, each line of it a document; empty lines do not count."""

    path: Path
    encoding: str | None = None
    kind = "txt"

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def n_rows(self) -> int | None:
        """Unknown without reading."""
        return None

    def columns(self) -> tuple[str, ...]:
        """The text alone."""
        return ("text",)

    def rows(self) -> Iterator[Row]:
        """One row for each line that is not empty."""
        for number, line in enumerate(decoded_lines(self.path, self.encoding), start=1):
            if line.strip():
                yield Row({"text": line.rstrip("\r\n")}, Place(self.name, "line", number))

    def notes(self) -> tuple[str, ...]:
        """That its lines are documents."""
        return (
            f"{self.path.name}: each line is a document; to read whole files as documents, "
            "name their folder",
        )
