"""Rows from delimited files (CSV, TSV)."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice

from corpuscope.corpus.sources.delimiters import Layout, layout_of
from corpuscope.corpus.sources.lines import decoded_lines
from corpuscope.corpus.sources.records import Records, first_lines
from corpuscope.corpus.sources.rows import Broken, OneFile, Place, Row
from corpuscope.errors import InputError

_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
_N_LINES, _N_CHARACTERS, _N_RECORDS = 200, 1 << 18, 50
_ROW_NAME, _UNNAMED = "row_name", "column "


@dataclass(frozen=True)
class DelimitedFile(OneFile):
    """A file whose first line names the columns; cells are text, empty cells missing values.

    Attributes:
        kind: Its format by name: `csv` or `tsv`.
        delimiter: The delimiter; None to detect it.
        encoding: The character encoding; None to detect it.
    """

    kind: str
    delimiter: str | None = None
    encoding: str | None = None

    def notes(self) -> tuple[str, ...]:
        """What was detected about the format, if unusual."""
        found = self._layout()
        detected = []
        if not self.delimiter and found.sign != self._usual:
            detected.append(f"the delimiter is {_NAMES.get(found.sign, repr(found.sign))}")
        if found.escapes:
            detected.append("quotes are escaped by a backslash")
        return (f"{self.path.name}: {', '.join(detected)}",) if detected else ()

    def columns(self) -> tuple[str, ...]:
        """The names in the first line; empty for an empty file.

        Raises:
            InputError: A name is repeated.
        """
        header = self._header()
        repeated = sorted({name for name in header if header.count(name) > 1})
        if repeated:
            raise InputError(
                f"{self.name} names these columns more than once: {', '.join(map(repr, repeated))}",
                expected="different column names",
                next_step="rename the columns in the first line",
            )
        return tuple(header)

    def rows(self) -> Iterator[Row | Broken]:
        """One row per record; its place is the line on which the record begins."""
        header = self._header()
        unnamed = [name for name in header if name.startswith(_UNNAMED)]
        for line, cells in islice(self._records(), 1, None):
            place = Place(self.name, "line", line)
            if len(cells) > len(header) and not any(cells[len(header) :]):
                cells = cells[: len(header)]
            if len(cells) == len(header):
                values = dict(zip(header, (cell or None for cell in cells), strict=True))
                for name in unnamed:
                    if values[name] is None:
                        del values[name]
                yield Row(values, place)
            else:
                error = _ragged(place, len(cells), len(header))
                yield Broken("a line with more or fewer cells than the first", error, place)

    @property
    def _usual(self) -> str:
        return "\t" if self.kind == "tsv" else ","

    def _layout(self) -> Layout:
        lines = first_lines(self._lines(), _N_LINES, _N_CHARACTERS)
        return layout_of(lines, usual=self._usual, given=self.delimiter)

    def _header(self) -> list[str]:
        """The column names; columns without a name are numbered."""
        first, *others = [cells for _, cells in islice(self._records(), _N_RECORDS)] or [[]]
        if others and all(len(cells) == len(first) + 1 and cells[-1] for cells in others):
            # R's write.table: the column of row names has no header.
            first = [_ROW_NAME, *first]
        return [name or f"{_UNNAMED}{at}" for at, name in enumerate(first, start=1)]

    def _lines(self) -> Iterator[str]:
        """The file's lines; without any line feed (old Mac files), split at carriage returns."""
        lines = decoded_lines(self.path, self.encoding)
        first = next(lines, "")
        if first.endswith("\n") or "\r" not in first:
            yield first
            yield from lines
        else:
            yield from StringIO(first.replace("\r", "\n"))

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The line on which each record begins, and its cells."""
        found = self._layout()
        lines = islice(self._lines(), found.n_before, None)
        for line, cells in Records(lines, found.sign, escapes=found.escapes):
            yield line + found.n_before, cells


def _ragged(place: Place, n: int, expected: int) -> InputError:
    return InputError(
        f"{place}, has {n} cells",
        expected=f"{expected} cells, as in the first line",
        next_step="correct that line; a text that contains the delimiter needs quotes, with "
        "inner quotes doubled",
    )
