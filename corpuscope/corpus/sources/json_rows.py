"""Rows from JSON: one object per line, an array of objects, or an object with a table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from corpuscope.corpus.chats.messages import MESSAGE_COLUMNS
from corpuscope.corpus.sources.json_tables import table_in
from corpuscope.corpus.sources.lines import decoded_lines, whole_text
from corpuscope.corpus.sources.rows import Broken, OneFile, Place, Row
from corpuscope.errors import InputError

_BLANK = " \t\n\r"
_NOT_JSON = "a line that is not JSON"
_NO_OBJECT = "a line that is not a JSON object"


@dataclass(frozen=True)
class JsonFile(OneFile):
    """A file with one JSON object per line, or a single JSON value, as detected.

    Empty lines are ignored. An array is read incrementally. A multi-line object may contain a
    table (`json_tables`).

    Attributes:
        kind: Its format by name: `jsonl` or `json`.
        encoding: The character encoding; None to detect it.
    """

    kind: str
    encoding: str | None = None

    def columns(self) -> tuple[str, ...] | None:
        """None: columns are found in the rows."""
        return None

    def rows(self) -> Iterator[Row | Broken]:
        """One row per object."""
        first, second = self._first_lines()
        if first.lstrip(_BLANK).startswith("[") and not _is_a_chat_a_line(first, second):
            yield from _ArrayScanner(self.path, self._lines()).rows()
        elif _begins_long_object(first, second) or (self.kind == "json" and not second):
            yield from self._rows_of_objects()
        else:
            yield from self._rows_of_lines()

    def _lines(self) -> Iterator[str]:
        return decoded_lines(self.path, self.encoding)

    def _first_lines(self) -> tuple[str, str]:
        """The first two non-empty lines, or as many as there are."""
        lines = (line for line in self._lines() if line.strip())
        found = next(lines, ""), next(lines, "")
        lines.close()
        return found

    def _rows_of_lines(self) -> Iterator[Row | Broken]:
        for number, line in enumerate(self._lines(), start=1):
            if line.strip():
                yield _parsed_row(line, Place(self.name, "line", number))

    def _rows_of_objects(self) -> Iterator[Row]:
        """The rows of one multi-line object, or of several in sequence."""
        text, at, found = whole_text(self.path, self.encoding).strip(), 0, []
        while at < len(text):
            place = Place(self.name, "line", 1 + text.count("\n", 0, at))
            try:
                value, at = _decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                raise _broken(place, str(error)) from error
            at += len(text[at:]) - len(text[at:].lstrip(_BLANK + ","))
            found.append((value, place))
        for value, place in found:
            if not isinstance(value, dict):
                raise _not_an_object(place, type(value).__name__)
            for row in table_in(value) if len(found) == 1 else [value]:
                yield Row(row, place)


def _is_a_chat_a_line(first: str, second: str) -> bool:
    """Whether each line is a JSON list (a chat)."""
    if not second.lstrip(_BLANK).startswith("["):
        return False
    try:
        return isinstance(json.loads(first), list)
    except (ValueError, RecursionError):
        return False


def _begins_long_object(line: str, following: str) -> bool:
    """Whether a line begins an object that continues on the next lines."""
    plain = line.strip()
    if not plain.startswith("{") or following.lstrip(_BLANK).startswith("{"):
        return False
    try:
        json.loads(plain)
    except ValueError as error:
        # A truncated line also fails to parse; one that ends with punctuation continues.
        return isinstance(error, json.JSONDecodeError) and plain[-1] in "{[,:"
    except RecursionError:
        return False
    return False


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A dict; raises ValueError for repeated keys, of which one value would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {repeated!r} is repeated in an object")
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_object)


class _ArrayScanner:
    """Parses an array incrementally, with a buffer of little more than one object."""

    def __init__(self, path: Path, lines: Iterator[str]) -> None:
        self._path = path
        self._lines = lines
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._counted_to = 0

    def rows(self) -> Iterator[Row | Broken]:
        """The objects in the array, each with the line on which it begins."""
        if not self._next_sign():
            return
        self._at += 1
        sign = self._next_sign()
        while sign != "]":
            place = self._place()
            if not sign:
                raise _not_an_object(place, "the end of the file")
            yield _row_of(self._next_value(place), place)
            sign = self._sign_after_object()
        self._at += 1
        if self._next_sign():
            raise _broken(self._place(), "text after the array")

    def _sign_after_object(self) -> str:
        """The first character of the next object, or the closing bracket."""
        sign = self._next_sign()
        if sign not in (",", "]"):
            raise _broken(self._place(), f"{sign or 'the end of the file'!r} after an object")
        if sign == "]":
            return sign
        self._at += 1
        following = self._next_sign()
        if following == "]":
            raise _broken(self._place(), "a comma before the closing bracket")
        return following

    def _next_sign(self) -> str:
        """The next non-blank character, without consuming it; empty at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _BLANK:
                    return self._buffer[self._at]
                self._at += 1
            if not self._read_more(1):
                return ""

    def _next_value(self, place: Place) -> object:
        n_wanted = 1
        while True:
            try:
                value, self._at = _decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                # Double the lines, so that a long object is not parsed again for each line.
                n_wanted *= 2
                if not self._read_more(n_wanted):
                    raise _broken(place, str(error)) from error
            else:
                return value

    def _read_more(self, n_lines: int) -> bool:
        """Read more lines and drop the consumed text; returns whether there were any."""
        self._place()
        fresh = list(islice(self._lines, n_lines))
        self._buffer = self._buffer[self._at :] + "".join(fresh)
        self._at = self._counted_to = 0
        return bool(fresh)

    def _place(self) -> Place:
        self._line += self._buffer.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        return Place(str(self._path), "line", self._line)


def _parsed_row(line: str, place: Place) -> Row | Broken:
    try:
        value = _decoder.decode(line.rstrip(_BLANK).removesuffix(","))
    except json.JSONDecodeError as error:
        # The error's own line number would be relative to this line.
        reason = f"{error.msg}, character {error.pos + 1}"
        return Broken(_NOT_JSON, _broken(place, reason), place)
    except (ValueError, RecursionError) as error:
        return Broken(_NOT_JSON, _broken(place, str(error)), place)
    return _row_of(value, place)


def _row_of(value: object, place: Place) -> Row | Broken:
    """A value as a row: an object is a row, a list a chat, a string a text."""
    if isinstance(value, dict):
        return Row(value, place)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return Row({MESSAGE_COLUMNS[0]: value}, place)
    if isinstance(value, str):
        return Row({"text": value}, place)
    return Broken(_NO_OBJECT, _not_an_object(place, type(value).__name__), place)


def _broken(place: Place, reason: str) -> InputError:
    return InputError(
        f"{place}, is not JSON ({reason})",
        expected="one complete JSON object per row",
        next_step="correct or remove that line",
    )


def _not_an_object(place: Place, found: str) -> InputError:
    return InputError(
        f"{place}, has {found}, not an object",
        expected='a JSON object with named columns, such as {"text": "..."}',
        next_step="wrap each value in an object with a column name",
    )
