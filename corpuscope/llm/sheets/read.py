"""Reads sheets that people have filled in: saved as `answers*.csv`, or under their own names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpuscope.errors import InputError
from corpuscope.llm.request import Request
from corpuscope.llm.sheets.cells import table_in
from corpuscope.llm.sheets.rows import Decision, decisions_in, listed, value_of

__all__ = [
    "ALLOWED",
    "ANSWER",
    "ID",
    "NUMBER",
    "READER",
    "REASON",
    "FilledRow",
    "Half",
    "SheetAnswer",
    "answers_in",
    "begun_ids",
    "filled_rows",
    "is_sheet",
]  # fmt: skip

ID, NUMBER, ALLOWED = "id", "number", "allowed answers"
ANSWER, REASON, READER = "answer", "reason", "reader"
_NEEDED = (ID, NUMBER, ANSWER)
_WORKBOOKS = {".xlsx", ".xls", ".ods", ".numbers"}


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row with an answer.

    Attributes:
        place: Its file and row, for messages.
        custom_id: The id of its request.
        number: Its number among the rows of its request, from 1.
        answer: The answer as it was written.
        reason: The reason; empty if there is none.
        reader: Who answered; empty if the sheet does not say.
        allowed: The answers that the sheet says are allowed.
    """

    place: str
    custom_id: str
    number: int
    answer: str
    reason: str
    reader: str
    allowed: str


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """All rows of a request, filled in by one reader.

    Attributes:
        custom_id: The id of the request.
        reader: Who answered; empty if the sheet does not say.
        place: The file and row where it begins.
        value: The answer.
    """

    custom_id: str
    reader: str
    place: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Half:
    """A request of which some rows have no answer.

    Attributes:
        custom_id: The id of the request.
        n_filled: Rows with an answer, by the reader who has most.
        n_rows: Rows of the request.
    """

    custom_id: str
    n_filled: int
    n_rows: int


@dataclass(slots=True)
class _Rows:
    """The rows of one request by one reader."""

    place: str
    by_number: dict[int, FilledRow] = field(default_factory=dict)


def is_sheet(path: Path) -> bool:
    """Whether a file of answers is a sheet.

    Raises:
        InputError: It is a workbook, which is not read.
    """
    if path.suffix.lower() in _WORKBOOKS:
        raise InputError(
            f"{path.name} is a workbook",
            expected="a sheet saved as CSV",
            next_step="save it as CSV, and remove the workbook from the folder",
        )
    return path.suffix.lower() == ".csv"


def begun_ids(path: Path) -> set[str]:
    """The ids of all requests in a sheet; none if no row has an answer.

    Raises:
        InputError: It is no sheet.
    """
    rows = [row for _, row in table_in(path, _NEEDED)]
    return {row[ID] for row in rows} if any(row.get(ANSWER) for row in rows) else set()


def filled_rows(folder: Path) -> list[FilledRow]:
    """The rows with an answer of all sheets in a folder, in the order of the files' names.

    A name in the column `reader` that is the only one of its file goes for all of its rows.

    Raises:
        InputError: A sheet cannot be read, or a row has no id or number.
    """
    paths = [path for path in folder.glob("answers*") if is_sheet(path)]
    paths += folder.glob("sheet-*.csv")
    return [row for path in sorted(paths) for row in _rows_of(path)]


def _rows_of(path: Path) -> Iterator[FilledRow]:
    table = table_in(path, _NEEDED)
    readers = {row.get(READER, "") for _, row in table} - {""}
    only = next(iter(readers)) if len(readers) == 1 else ""
    for number, row in table:
        if not row.get(ANSWER):
            continue
        place = f"{path.name}, row {number}"
        if not row[ID] or not row[NUMBER].isdecimal():
            raise InputError(
                f"{place}, has the id {row[ID]!r} and the number {row[NUMBER]!r}",
                expected="the id and the number that the sheet was written with",
                next_step="copy them from the sheet, or remove that row",
            )
        yield FilledRow(
            place, row[ID], int(row[NUMBER]), row[ANSWER], row.get(REASON, ""),
            row.get(READER) or only, row.get(ALLOWED, ""),
        )  # fmt: skip


def answers_in(
    rows: Sequence[FilledRow], requests: Mapping[str, Request]
) -> tuple[list[SheetAnswer], list[Half]]:
    """The answers that rows make up, and the requests of which rows are missing.

    Args:
        rows: The rows, in order; those of other requests are passed over.
        requests: The requests, by id.

    Raises:
        InputError: An answer is not allowed, or a reader gives two to one row.
    """
    whole: list[SheetAnswer] = []
    halves: dict[str, Half] = {}
    for (custom_id, reader), found in _grouped(rows, requests).items():
        request = requests[custom_id]
        decisions = decisions_in(request.schema)
        given = _given(found.by_number, decisions)
        n_filled = len(found.by_number)
        if n_filled == len(decisions):
            value = value_of(request.schema, given)
            whole.append(SheetAnswer(custom_id, reader, found.place, value))
        elif custom_id not in halves or n_filled > halves[custom_id].n_filled:
            halves[custom_id] = Half(custom_id, n_filled, len(decisions))
    answered = {one.custom_id for one in whole}
    return whole, [one for name, one in halves.items() if name not in answered]


def _grouped(
    rows: Sequence[FilledRow], requests: Mapping[str, Request]
) -> dict[tuple[str, str], _Rows]:
    """The rows of each request and reader, in the order in which these begin."""
    found: dict[tuple[str, str], _Rows] = {}
    for row in rows:
        if row.custom_id not in requests:
            continue
        own = found.setdefault((row.custom_id, row.reader), _Rows(row.place))
        earlier = own.by_number.setdefault(row.number, row)
        if earlier.answer.casefold() != row.answer.casefold():
            raise InputError(
                f"{row.place} and {earlier.place} answer {row.custom_id} differently "
                f"({row.answer!r} and {earlier.answer!r})",
                expected="one answer of each reader to each row",
                next_step=f"remove one of the two, or name both in the column {READER}",
            )
    return found


def _given(rows: Mapping[int, FilledRow], decisions: Sequence[Decision]) -> dict[str, Any]:
    """The fields that rows give."""
    given: dict[str, Any] = {}
    for number, row in rows.items():
        if not 1 <= number <= len(decisions):
            raise InputError(
                f"{row.place}, has the number {number}",
                expected=f"a number from 1 to {len(decisions)}",
                next_step="copy it from the sheet",
            )
        decision = decisions[number - 1]
        value = decision.value(row.answer)
        if value is None:
            raise InputError(
                f"{row.place}, has the answer {row.answer!r}",
                expected=listed(decision.allowed),
                next_step="correct that answer, or empty it",
            )
        given[decision.field] = value
        if decision.reason is not None:
            given[decision.reason] = row.reason
    return given
