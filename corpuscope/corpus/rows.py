"""Rows and where they came from: what files, tables and data sets have in common."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple, Protocol, runtime_checkable

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


@runtime_checkable
class Part(Protocol):
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

    def rows(self) -> Iterator[Row]:
        """The rows, in order, never all in memory at once."""


def columns_found(part: Part) -> tuple[str, ...]:
    """The columns that `part` declares, or else those of its first rows, in order."""
    declared = part.columns()
    if declared is not None:
        return declared
    first_rows = islice(part.rows(), N_ROWS_PEEKED)
    return tuple(dict.fromkeys(name for row in first_rows for name in row.values))
