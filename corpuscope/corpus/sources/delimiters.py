"""Detects the delimiter of a table from its first records."""

import contextlib
import csv
from collections.abc import Sequence
from typing import NamedTuple

from corpuscope.corpus.sources.records import uses_escapes
from corpuscope.errors import InputError

_USUAL = (",", ";", "\t", "|")
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_MOST = 0.5


class Layout(NamedTuple):
    """The format of a table: delimiter, lines before the header, and backslash escapes."""

    sign: str
    n_before: int
    escapes: bool


def delimiter_named(given: str | None) -> str | None:
    """The delimiter character, from its name or the character itself.

    Raises:
        InputError: It is not a single character.
    """
    found = None if given is None else _NAMES.get(given.lower(), given)
    if found is None or (len(found) == 1 and found not in '"\r\n'):
        return found
    raise InputError(
        f"the delimiter {given!r}",
        expected="one character, or one of tab, comma, semicolon, pipe",
        next_step="give the character that separates cells",
    )


def layout_of(lines: Sequence[str], *, usual: str, given: str | None) -> Layout:
    """The detected format of a table.

    Args:
        lines: Its first lines.
        usual: The usual delimiter for the file's suffix.
        given: The delimiter given by the user.
    """
    named = _sign_named_in(lines[0]) if lines else None
    n_before = int(named is not None)
    rest = lines[n_before:]
    sign = given or named or delimiter_of(rest, usual=usual)
    return Layout(sign, n_before, uses_escapes(rest, sign))


def delimiter_of(lines: Sequence[str], *, usual: str) -> str:
    """The delimiter: the usual one if it gives two cells or more, else the one with most."""
    widths = {sign: _width(lines, sign) for sign in dict.fromkeys([usual, *_USUAL])}
    if widths[usual] > 1:
        return usual
    best = max(widths, key=lambda sign: widths[sign])
    return best if widths[best] > 1 else usual


def _sign_named_in(line: str) -> str | None:
    """The delimiter in a first line such as `sep=;`, which spreadsheets write."""
    plain = line.rstrip("\r\n").strip('"')
    is_one = plain.lower().startswith("sep=") and len(plain) == len("sep=;")
    return plain[-1] if is_one else None


def _width(lines: Sequence[str], sign: str) -> int:
    """The number of cells of the first record, if most others have as many; else 0.

    Others may have one more, if the header lacks a name for the column of row names.
    """
    records: list[list[str]] = []
    # Lax parsing: a stray quote says nothing about the delimiter.
    with contextlib.suppress(csv.Error):
        records.extend(cells for cells in csv.reader(iter(lines), delimiter=sign) if cells)
    if not records:
        return 0
    width = len(records[0])
    others = [len(cells) if any(cells[width:]) else min(width, len(cells)) for cells in records[1:]]
    n_like_it = max(others.count(width), others.count(width + 1))
    return width if n_like_it > _MOST * len(others) or not others else 0
