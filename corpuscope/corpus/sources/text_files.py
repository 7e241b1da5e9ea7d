"""Plain text: several files, one document each, or one file with a document per line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpuscope.corpus.sources.lines import decoded_lines, whole_text
from corpuscope.corpus.sources.rows import OneFile, Place, Row


@dataclass(frozen=True)
class TextFiles:
    """Plain text files, one document each, with ids."""

    name: str
    paths: tuple[Path, ...]
    ids: tuple[str, ...]
    encoding: str | None = None
    kind = "txt"

    def n_rows(self) -> int | None:
        """The number of files."""
        return len(self.paths)

    def columns(self) -> tuple[str, ...]:
        """The id, from the file's name, and the text."""
        return ("id", "text")

    def rows(self) -> Iterator[Row]:
        """One row per file."""
        for id, path in zip(self.ids, self.paths, strict=True):
            yield Row({"id": id, "text": whole_text(path, self.encoding)}, Place(str(path)))

    def notes(self) -> tuple[str, ...]:
        """There are no notes."""
        return ()


@dataclass(frozen=True)
class TextLines(OneFile):
    """One plain text file with a document per line; empty lines are ignored."""

    encoding: str | None = None
    kind = "txt"

    def columns(self) -> tuple[str, ...]:
        """The text only."""
        return ("text",)

    def rows(self) -> Iterator[Row]:
        """One row per non-empty line."""
        for number, line in enumerate(decoded_lines(self.path, self.encoding), start=1):
            if line.strip():
                yield Row({"text": line.rstrip("\r\n")}, Place(self.name, "line", number))

    def notes(self) -> tuple[str, ...]:
        """A note that each line is a document."""
        return (
            f"{self.path.name}: each line is a document; to read whole files as documents, "
            "name their folder",
        )
