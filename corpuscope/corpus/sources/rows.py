"""Rows and their places: the common interface of files, tables and datasets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from corpuscope.errors import InputError

N_ROWS_PEEKED = 100
"""How many rows are read to find the columns of a source that does not declare them."""


class Place(NamedTuple):
    """The place of a row in its source, such as line 3 of a file; counted from 1."""

    source: str
    unit: str = ""
    number: int = 0

    def __str__(self) -> str:
        return f"{self.source}, {self.unit} {self.number}" if self.unit else self.source


class Row(NamedTuple):
    """The values of a row by column, and its place."""

    values: Mapping[str, object]
    place: Place


class Broken(NamedTuple):
    """An unreadable row: a short reason, and the full error."""

    reason: str
    error: InputError
    place: Place


@runtime_checkable
class SourcePart(Protocol):
    """One file, folder of texts, table or dataset; can be read any number of times."""

    @property
    def name(self) -> str:
        """Its name in messages."""

    @property
    def kind(self) -> str:
        """Its format, for provenance."""

    def n_rows(self) -> int | None:
        """The number of rows, or None if unknown without reading."""

    def columns(self) -> tuple[str, ...] | None:
        """The columns it declares, or None."""

    def rows(self) -> Iterator[Row | Broken]:
        """The rows, in order, never all in memory at once."""

    def notes(self) -> tuple[str, ...]:
        """Notes for the user on how it was read."""


@dataclass(frozen=True)
class OneFile:
    """What parts that are one file have in common; each of them says how its rows are read.

    Attributes:
        path: The file.
    """

    path: Path

    @property
    def name(self) -> str:
        """The path as given."""
        return str(self.path)

    def n_rows(self) -> int | None:
        """None: unknown without reading."""
        return None

    def notes(self) -> tuple[str, ...]:
        """There are no notes."""
        return ()


@dataclass(frozen=True)
class Labelled:
    """A part with an additional constant column, such as the file name or split.

    Attributes:
        part: The part.
        column: The column; existing values in it are kept.
        value: Its value.
    """

    part: SourcePart
    column: str
    value: str

    @property
    def name(self) -> str:
        """The part's name."""
        return self.part.name

    @property
    def kind(self) -> str:
        """The part's format."""
        return self.part.kind

    def n_rows(self) -> int | None:
        """The part's number of rows."""
        return self.part.n_rows()

    def columns(self) -> tuple[str, ...] | None:
        """The part's columns and the additional one."""
        found = self.part.columns()
        return tuple(dict.fromkeys([*found, self.column])) if found else found

    def rows(self) -> Iterator[Row | Broken]:
        """The part's rows with the additional column."""
        for row in self.part.rows():
            if isinstance(row, Broken):
                yield row
            else:
                yield Row({self.column: self.value, **row.values}, row.place)

    def notes(self) -> tuple[str, ...]:
        """The part's notes."""
        return self.part.notes()


def columns_found(part: SourcePart, n_rows: int = N_ROWS_PEEKED) -> tuple[str, ...]:
    """The columns that `part` declares, or those of its first rows, in order."""
    declared = part.columns()
    if declared is not None:
        return declared
    first_rows = islice(part.rows(), n_rows)
    return tuple(
        dict.fromkeys(name for row in first_rows if isinstance(row, Row) for name in row.values)
    )
