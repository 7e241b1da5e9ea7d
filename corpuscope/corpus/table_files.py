"""Rows from delimited files."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpuscope.corpus.delimiters import delimiter_of, parsed, sign_named_in
from corpuscope.corpus.lines import decoded_lines
from corpuscope.corpus.rows import Broken, Place, Row
from corpuscope.errors import InputError

_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}


@dataclass(frozen=True)
class DelimitedFile:
    """A file whose first line names the columns; cells are text, an empty cell is no value.

    Attributes:
        path: The file.
        kind: What its name says it is: `csv` or `tsv`.
        delimiter: The sign between cells; None to see it in the file.
        encoding: How its characters are written; None to see it.
    """

    path: Path
    kind: str
    delimiter: str | None = None
    encoding: str | None = None

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def n_rows(self) -> int | None:
        """Unknown without reading."""
        return None

    def notes(self) -> tuple[str, ...]:
        """What was seen in the file and not told."""
        found, _ = self._layout()
        if self.delimiter or found == self._usual:
            return ()
        return (f"{self.path.name}: cells are divided by {_NAMES.get(found, repr(found))}",)

    def columns(self) -> tuple[str, ...]:
        """The names in the first line; none where the file is empty.

        Raises:
            InputError: A name is there twice.
        """
        _, header = next(self._records(), (0, []))
        repeated = sorted({name for name in header if header.count(name) > 1})
        if repeated:
            raise InputError(
                f"{self.name} names these columns more than once: {', '.join(map(repr, repeated))}",
                expected="different column names",
                next_step="rename the columns in the first line",
            )
        return tuple(header)

    def rows(self) -> Iterator[Row | Broken]:
        """One row for each record; the place is the line on which the record begins."""
        records = self._records()
        _, header = next(records, (0, []))
        for line, cells in records:
            place = Place(self.name, "line", line)
            if len(cells) > len(header) and not any(cells[len(header) :]):
                cells = cells[: len(header)]
            if len(cells) == len(header):
                values = zip(header, (cell or None for cell in cells), strict=True)
                yield Row(dict(values), place)
            else:
                error = self._ragged(place, len(cells), len(header))
                yield Broken("a line with more or fewer cells than the first", error, place)

    @property
    def _usual(self) -> str:
        return "\t" if self.kind == "tsv" else ","

    def _layout(self) -> tuple[str, int]:
        """The sign between cells, and how many lines come before the names of columns."""
        lines = self._lines()
        first = next(lines, "")
        named = sign_named_in(first)
        sign = self.delimiter or named
        if sign is None:
            sign = delimiter_of(self._lines(), usual=self._usual)
        return sign, int(named is not None)

    def _lines(self) -> Iterator[str]:
        """The file's lines; of one without line feeds, as old Macs wrote, by carriage returns."""
        for line in decoded_lines(self.path, self.encoding):
            if "\r" in line.rstrip("\r\n") and '"' not in line:
                yield from line.splitlines(keepends=True)
            else:
                yield line

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The line on which each record begins, and its cells."""
        sign, n_before = self._layout()
        lines = self._lines()
        for _ in range(n_before):
            next(lines, None)
        line = 1 + n_before
        try:
            for end, cells in parsed(lines, sign):
                if cells:
                    yield line, cells
                line = end + 1 + n_before
        except csv.Error as error:
            raise InputError(
                f"{self.name}, the record from line {line}, cannot be parsed ({error})",
                expected="quoted cells that are closed, with inner quotes doubled",
                next_step="mend that record, or save the table as .jsonl or .parquet",
            ) from error

    @staticmethod
    def _ragged(place: Place, n: int, expected: int) -> InputError:
        return InputError(
            f"{place}, has {n} cells",
            expected=f"{expected} cells, as in the first line",
            next_step="mend that line; a text with the delimiter in it needs quotes",
        )
