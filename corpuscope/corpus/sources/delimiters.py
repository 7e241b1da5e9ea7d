"""Which sign stands between the cells of a table, told from its first records."""

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
    """How a table is written: the sign between cells, lines before the header, backslashes."""

    sign: str
    n_before: int
    escapes: bool


def delimiter_named(given: str | None) -> str | None:
    """The sign itself, of its name or of how it is typed.

    Raises:
        InputError: It is no single character.
    """
    found = None if given is None else _NAMES.get(given.lower(), given)
    if found is None or (len(found) == 1 and found not in '"\r\n'):
        return found
    raise InputError(
        f"the delimiter {given!r}",
        expected="one character, or one of tab, comma, semicolon, pipe",
        next_step="name the character between two cells",
    )


def layout_of(lines: Sequence[str], *, usual: str, given: str | None) -> Layout:
    """How a table is written.

    Args:
        lines: Its first lines.
        usual: The sign that the file's name speaks for.
        given: The sign that the user named.
    """
    named = _sign_named_in(lines[0]) if lines else None
    n_before = int(named is not None)
    rest = lines[n_before:]
    sign = given or named or delimiter_of(rest, usual=usual)
    return Layout(sign, n_before, uses_escapes(rest, sign))


def delimiter_of(lines: Sequence[str], *, usual: str) -> str:
    """The sign between cells: the usual one if it makes two cells or more, else the best."""
    widths = {sign: _width(lines, sign) for sign in dict.fromkeys([usual, *_USUAL])}
    if widths[usual] > 1:
        return usual
    best = max(widths, key=lambda sign: widths[sign])
    return best if widths[best] > 1 else usual


def _sign_named_in(line: str) -> str | None:
    """The sign that a first line such as `sep=;` names, as spreadsheets write it."""
    plain = line.rstrip("\r\n").strip('"')
    is_one = plain.lower().startswith("sep=") and len(plain) == len("sep=;")
    return plain[-1] if is_one else None


def _width(lines: Sequence[str], sign: str) -> int:
    """How many cells the first record has, if most of the others have as many; else 0.

    Records may have one more than the first, which then lacks a name for those of rows.
    """
    records: list[list[str]] = []
    # Lax, because one odd quote says nothing about what stands between cells.
    with contextlib.suppress(csv.Error):
        records.extend(cells for cells in csv.reader(iter(lines), delimiter=sign) if cells)
    if not records:
        return 0
    width = len(records[0])
    others = [len(cells) if any(cells[width:]) else min(width, len(cells)) for cells in records[1:]]
    n_like_it = max(others.count(width), others.count(width + 1))
    return width if n_like_it > _MOST * len(others) or not others else 0
