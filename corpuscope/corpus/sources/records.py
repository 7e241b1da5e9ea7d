"""Parses the records of a delimited table, in any style of quoting.

Unbalanced quotes are taken literally, so that a stray quote affects only its own line.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

_MOST_CHARACTERS = 50_000_000
"""If a record of several lines is longer than this, its quotes are taken literally."""

# Larger than any text, and within the C long of every platform.
csv.field_size_limit(2**31 - 1)


class Records:
    """The records in some lines.

    Args:
        lines: The lines, from the first on.
        sign: The delimiter.
        escapes: Whether a backslash escapes a quote.
    """

    def __init__(self, lines: Iterable[str], sign: str, *, escapes: bool = False) -> None:
        self._lines = iter(lines)
        self._pending: deque[str] = deque()
        self._taken: list[str] = []
        self._sign = sign
        self._escape = "\\" if escapes else None
        self._width = 0

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """The line on which each record begins, from 1, and its cells."""
        line = 1
        while True:
            self._taken = []
            cells = self._next_cells()
            if cells is None:
                return
            self._width = self._width or len(cells)
            if cells:
                yield line, cells
            line += len(self._taken)

    def _next_cells(self) -> list[str] | None:
        # Strict, because the lax parser silently drops quotes, and may swallow the rest of a file.
        reader = csv.reader(
            self._feed(), delimiter=self._sign, escapechar=self._escape, strict=True
        )
        try:
            cells = next(reader, None)
        except csv.Error:
            return self._first_line_alone()
        return self._first_line_alone() if self._took_rows() else cells

    def _feed(self) -> Iterator[str]:
        n_characters = 0
        while True:
            line = self._pending.popleft() if self._pending else next(self._lines, None)
            if line is None:
                return
            n_characters += len(line)
            self._taken.append(line)
            if len(self._taken) > 1 and n_characters > _MOST_CHARACTERS:
                raise csv.Error("a cell without an end")
            yield line

    def _took_rows(self) -> bool:
        """Whether several complete rows were swallowed by one quoted cell.

        This is decided only for tab-separated tables: tabs are rare in texts, so rows with the
        right number of them are no coincidence.
        """
        if len(self._taken) < 2 or self._sign != "\t":
            return False
        return all(line.count("\t") == self._width - 1 for line in self._taken)

    def _first_line_alone(self) -> list[str]:
        """The first line's cells with literal quotes; the other lines are parsed again."""
        first, *rest = self._taken
        self._pending.extendleft(reversed(rest))
        self._taken = [first]
        return first.rstrip("\r\n").split(self._sign)


def uses_escapes(lines: Sequence[str], sign: str) -> bool:
    r"""Whether more records have the right width if a backslash escapes quotes."""
    if not any('\\"' in line for line in lines):
        return False
    return _n_of_first_width(lines, sign, "\\") > _n_of_first_width(lines, sign, None)


def _n_of_first_width(lines: Sequence[str], sign: str, escape: str | None) -> int:
    """The number of records with the width of the first, up to the first parse error."""
    n, width = 0, None
    reader = csv.reader(iter(lines), delimiter=sign, escapechar=escape, strict=True)
    try:
        for cells in filter(None, reader):
            width = width or len(cells)
            n += len(cells) == width
    except csv.Error:
        return n
    return n


def first_lines(lines: Iterable[str], n_lines: int, n_characters: int) -> list[str]:
    """The first lines, up to a number of lines or characters."""
    found, n = [], 0
    for line in islice(lines, n_lines):
        found.append(line)
        n += len(line)
        if n > n_characters:
            break
    return found
