"""Cells of a table that a spreadsheet opens and saves: formulas, encodings and delimiters."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from corpuscope.errors import InputError

__all__ = ["protected", "table_in", "unprotected", "written"]

_SIGNS = ("=", "+", "-", "@")
_BLANKS = ("\t", "\r", "\n")
_SEPARATORS = (",", ";", "\t")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What begins a cell of its own where a spreadsheet divides the table by other separators.
_INNER = re.compile(r"(?<=[;,\t\r\n\"])(?= *[=+\-@])")
_BREAK = "\N{ZERO WIDTH SPACE}"


def protected(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet might take it for a formula.

    Source: OWASP, "CSV Injection".

    Example:
        >>> protected("=1+1"), protected("a=b"), unprotected(protected("'=x"))
        ("'=1+1", 'a=b', "'=x")
    """
    return f"'{cell}" if _is_risky(cell) else cell


def unprotected(cell: str) -> str:
    """The cell as it was before `protected`."""
    return cell[1:] if cell.startswith("'") and _is_risky(cell[1:]) else cell


def _is_risky(cell: str) -> bool:
    # Apostrophes do not count, so that a cell with one of its own gets another.
    bare = cell.lstrip("'")
    return bare.startswith(_BLANKS) or bare.lstrip("' ").startswith(_SIGNS)


def written(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A table as bytes that spreadsheets open: UTF-8 with a mark, and no cell a formula.

    Within a cell, signs after a separator or a new line get an invisible character in front.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for row in rows:
        cells = (row.get(name, "") for name in columns)
        writer.writerow(protected(_INNER.sub(_BREAK, cell)) for cell in cells)
    return file.getvalue().encode("utf-8-sig", "replace")


def table_in(path: Path, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table as a spreadsheet saved it, each with its number there.

    Read are commas, semicolons and tabs, and UTF-8, UTF-16 and Windows-1252. Names of columns are
    in small letters; cells are without protection and without blanks around.

    Args:
        path: The file.
        needed: Columns that it must have.

    Raises:
        InputError: It is no such table.
    """
    text = _decoded(path)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        text = rest
    faults = []
    for separator in _SEPARATORS:
        try:
            # Strict: a quote that is never closed would swallow all further rows.
            lines = io.StringIO(text, newline="")
            records = list(csv.reader(lines, delimiter=separator, strict=True))
        except csv.Error as error:
            faults.append(str(error))
            continue
        names = [cell.strip().lower() for cell in records[0]] if records else []
        if set(needed) <= set(names):
            # A spreadsheet counts the row of names, too.
            return [(number, _row(names, one)) for number, one in enumerate(records[1:], start=2)]
    raise InputError(
        f"{path.name} has no columns {', '.join(needed)} in its first row"
        f"{f' ({faults[0]})' if faults else ''}",
        expected="a sheet of questions, filled in, with all of its columns",
        next_step="save the sheet as CSV again",
    )


def _row(names: Sequence[str], record: Sequence[str]) -> dict[str, str]:
    """The cells by column; those that a row lacks are empty."""
    cells = [unprotected(cell).strip() for cell in record]
    return dict(zip_longest(names, cells[: len(names)], fillvalue=""))


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    # No table has characters of code 0, unless it is in an encoding that cannot be told.
    encodings = [] if b"\0" in content else ["utf-8-sig", "cp1252"]
    if content.startswith(_UTF_16):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"{path.name} has an encoding that cannot be told",
        expected="CSV in UTF-8 (UTF-16 with a mark and Windows-1252 are read, too)",
        next_step='save it as "CSV UTF-8"',
    )
