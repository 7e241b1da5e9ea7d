"""Which sign stands between the cells of a table, told from its first records."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from corpuscope.errors import InputError

_USUAL = (",", ";", "\t", "|")
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_N_LINES, _N_CHARACTERS = 200, 1 << 18

# Larger than any text, and within the C long of every platform.
csv.field_size_limit(2**31 - 1)


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


def delimiter_of(lines: Iterable[str], *, usual: str) -> str:
    """The sign between cells.

    Args:
        lines: The first lines of the table.
        usual: The sign that the file's name speaks for; it is taken if it makes two cells or more
            and as many in each record, or if no other does.
    """
    sample = list(_first(lines))
    widths = {sign: _width(sample, sign) for sign in dict.fromkeys([usual, *_USUAL])}
    if widths[usual] > 1:
        return usual
    best = max(widths, key=lambda sign: widths[sign])
    return best if widths[best] > 1 else usual


def sign_named_in(line: str) -> str | None:
    """The sign that a first line such as `sep=;` names, as spreadsheets write it."""
    plain = line.rstrip("\r\n").strip('"')
    is_one = plain.lower().startswith("sep=") and len(plain) == len("sep=;")
    return plain[-1] if is_one else None


def parsed(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line on which each record ends, and its cells.

    Raises:
        csv.Error: Quotes are not closed, or something follows after them.
    """
    # Strict, because the lax parser silently drops quotes and swallows the rest of a file.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for cells in reader:
        yield reader.line_num, cells


def _first(lines: Iterable[str]) -> Iterator[str]:
    n_characters = 0
    for line in islice(lines, _N_LINES):
        n_characters += len(line)
        yield line
        if n_characters > _N_CHARACTERS:
            return


def _width(lines: Sequence[str], sign: str) -> int:
    """How many cells each record has; 0 where they differ or cannot be parsed.

    What the last lines of a piece hold may be cut, so they do not count against a sign.
    """
    records: list[list[str]] = []
    try:
        for _, cells in parsed(iter(lines), sign):
            records.append(cells)
    except csv.Error:
        if len(lines) < _N_LINES and sum(map(len, lines)) <= _N_CHARACTERS:
            return 0
    widths = {len(cells) for cells in records if cells}
    return widths.pop() if len(widths) == 1 else 0
