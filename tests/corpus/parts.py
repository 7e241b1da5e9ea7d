"""Sources in memory, whose rows and places are known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corpuscope.corpus.sources.rows import Broken, Place, Row
from corpuscope.errors import InputError


@dataclass(frozen=True)
class Listed:
    """A source of the rows given; a string stands for a row that is broken in that way."""

    given: tuple[Mapping[str, object] | str, ...]
    name: str = "listed"
    kind: str = "list"
    declared: tuple[str, ...] | None = None
    n: int | None = None
    seen: tuple[str, ...] = ()

    def n_rows(self) -> int | None:
        return self.n

    def columns(self) -> tuple[str, ...] | None:
        return self.declared

    def rows(self) -> Iterator[Row | Broken]:
        for number, values in enumerate(self.given, start=1):
            place = Place(self.name, "row", number)
            yield broken(values, place) if isinstance(values, str) else Row(values, place)

    def notes(self) -> tuple[str, ...]:
        return self.seen


def broken(reason: str, place: Place) -> Broken:
    error = InputError(f"{place}, is {reason}", expected="a row", next_step="mend it")
    return Broken(reason, error, place)


def row(**values: object) -> Row:
    return Row(values, Place("listed", "row", 1))
