"""Rows and where they came from: what files, tables and data sets have in common."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol, runtime_checkable

from corpuscope.errors import InputError

N_ROWS_PEEKED = 100
"""How many rows tell the columns of a source that does not declare them."""


class Place(NamedTuple):
    """Where a row stands, such as line 3 of a file; counted from 1."""

    source: str
    unit: str = ""
    number: int = 0

    def __str__(self) -> str:
        return f"{self.source}, {self.unit} {self.number}" if self.unit else self.source


class Row(NamedTuple):
    """The values of one row by column, and the row's place."""

    values: Mapping[str, object]
    place: Place


class Broken(NamedTuple):
    """A row that cannot be read: why in a few words, and the error that says it in full."""

    reason: str
    error: InputError
    place: Place


@runtime_checkable
class SourcePart(Protocol):
    """One file, folder of texts, table or data set; can be read any number of times."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    @property
    def kind(self) -> str:
        """Its format, for the record."""

    def n_rows(self) -> int | None:
        """How many rows it has, where that is known without reading them."""

    def columns(self) -> tuple[str, ...] | None:
        """The columns it declares; None where only its rows tell."""

    def rows(self) -> Iterator[Row | Broken]:
        """The rows, in order, never all in memory at once."""

    def notes(self) -> tuple[str, ...]:
        """What was seen in it that its reader should know."""


@dataclass(frozen=True)
class Labelled:
    """A part whose rows say where they are from, in a column that they do not have.

    Attributes:
        part: What is labelled.
        column: The column; values that rows have there themselves stay.
        value: What it says.
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
        """As many as the part has."""
        return self.part.n_rows()

    def columns(self) -> tuple[str, ...] | None:
        """The part's and the one more."""
        found = self.part.columns()
        return tuple(dict.fromkeys([*found, self.column])) if found else found

    def rows(self) -> Iterator[Row | Broken]:
        """The part's rows with the label."""
        for row in self.part.rows():
            if isinstance(row, Broken):
                yield row
            else:
                yield Row({self.column: self.value, **row.values}, row.place)

    def notes(self) -> tuple[str, ...]:
        """The part's."""
        return self.part.notes()


def columns_found(part: SourcePart, n_rows: int = N_ROWS_PEEKED) -> tuple[str, ...]:
    """The columns that `part` declares, or else those of its first rows, in order."""
    declared = part.columns()
    if declared is not None:
        return declared
    first_rows = islice(part.rows(), n_rows)
    return tuple(
        dict.fromkeys(name for row in first_rows if isinstance(row, Row) for name in row.values)
    )
