"""Rows from JSON: one object a line, or one array of objects."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from corpuscope.corpus.lines import decoded_lines
from corpuscope.corpus.rows import Place, Row
from corpuscope.errors import InputError

_BLANK = " \t\n\r"


@dataclass(frozen=True)
class _JsonFile:
    """What both kinds of files have in common."""

    path: Path

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def n_rows(self) -> int | None:
        """Unknown without reading."""
        return None

    def columns(self) -> tuple[str, ...] | None:
        """Only the rows tell."""
        return None


@dataclass(frozen=True)
class JsonLines(_JsonFile):
    """A file with one JSON object a line; empty lines do not count."""

    kind = "jsonl"

    def rows(self) -> Iterator[Row]:
        """One row for each line that is not empty."""
        for number, line in enumerate(decoded_lines(self.path), start=1):
            if line.strip():
                place = Place(self.name, "line", number)
                yield Row(_parsed_object(line, place), place)


@dataclass(frozen=True)
class JsonArray(_JsonFile):
    """A file with one JSON array of objects, read piece by piece; JSON lines pass as well."""

    kind = "json"

    def rows(self) -> Iterator[Row]:
        """One row for each object of the array."""
        lines = (line for line in decoded_lines(self.path) if line.strip())
        first = next(lines, "")
        lines.close()
        if first.lstrip(_BLANK).startswith("[") or not first:
            yield from _ArrayScanner(self.path).rows()
        else:
            yield from JsonLines(self.path).rows()


class _ArrayScanner:
    """Walks through one array with a buffer that holds little more than one object."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = decoded_lines(path)
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._counted_to = 0
        self._decoder = json.JSONDecoder()

    def rows(self) -> Iterator[Row]:
        """The objects between the brackets, each with the line on which it begins."""
        if not self._next_sign():
            return
        self._at += 1
        sign = self._next_sign()
        while sign != "]":
            place = self._place()
            if sign != "{":
                raise _not_an_object(place, sign or "the end of the file")
            yield Row(self._next_object(place), place)
            sign = self._sign_after_object()
        self._at += 1
        if self._next_sign():
            raise _broken(self._place(), "more text after the array")

    def _sign_after_object(self) -> str:
        """The sign that begins the next object, or the closing bracket."""
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
        """The next character that is not blank, without passing it; empty at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _BLANK:
                    return self._buffer[self._at]
                self._at += 1
            if not self._read_more(1):
                return ""

    def _next_object(self, place: Place) -> dict[str, object]:
        n_wanted = 1
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                # Doubled, so that an object of many lines is not parsed once for each line.
                n_wanted *= 2
                if not self._read_more(n_wanted):
                    raise _broken(place, str(error)) from error
            else:
                return dict(value)

    def _read_more(self, n_lines: int) -> bool:
        """Whether there was more to read; forgets what was passed."""
        self._place()
        fresh = list(islice(self._lines, n_lines))
        self._buffer = self._buffer[self._at :] + "".join(fresh)
        self._at = self._counted_to = 0
        return bool(fresh)

    def _place(self) -> Place:
        self._line += self._buffer.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        return Place(str(self._path), "line", self._line)


def _parsed_object(line: str, place: Place) -> dict[str, object]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        # Its own line number would count from this line.
        raise _broken(place, f"{error.msg}, character {error.pos + 1}") from error
    except (ValueError, RecursionError) as error:
        raise _broken(place, str(error)) from error
    if not isinstance(value, dict):
        raise _not_an_object(place, type(value).__name__)
    return value


def _broken(place: Place, reason: str) -> InputError:
    return InputError(
        f"{place}, is not JSON ({reason})",
        expected="one whole JSON object for each row",
        next_step="mend or remove that line",
    )


def _not_an_object(place: Place, found: str) -> InputError:
    return InputError(
        f"{place}, holds {found}, not an object",
        expected='a JSON object with named columns, such as {"text": "..."}',
        next_step="wrap each value in an object with a column name",
    )
