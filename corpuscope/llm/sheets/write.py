"""Writes the requests of a batch folder as sheets for people: one row for each decision.

Rows are in the order of ids, which are hashes: neither order nor purpose tells whoever answers
which texts are there to test them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpuscope.durable import write_durably
from corpuscope.llm.request import Request
from corpuscope.llm.sheets.cells import written
from corpuscope.llm.sheets.read import ALLOWED, ANSWER, ID, NUMBER, READER, REASON, begun_ids
from corpuscope.llm.sheets.rows import decisions_in, listed

__all__ = ["Sheets", "write_sheets"]

_QUESTION, _RULES = "question", "rules"
_RULES_FILE = "sheet-rules.txt"
_MOST_ROWS = 50_000
# A spreadsheet's cell takes 32,767 characters, and loses the rest without a word.
_MOST_CHARACTERS = 32_000

_HOW = f"""\
How to fill in a sheet

Write one of the allowed answers into the column "{ANSWER}" of each row; case does not matter.
Where any text is allowed, write your own. The column "{REASON}" may stay empty. A row without an
answer counts as not answered yet. Write your name into the column "{READER}" of one row, at least
if others answer the same questions. Save the sheet as CSV, in this folder, under its own name or
one that begins with "answers", and run the same command again.

The column "{_RULES}" says which of these rules go with a row.
"""


@dataclass(frozen=True, slots=True)
class Sheets:
    """What was written for people.

    Attributes:
        files: The sheets to be filled in, those included that somebody has begun.
        n_left_out: Requests that no sheet can show: with lists, or too long for a cell.
    """

    files: tuple[Path, ...]
    n_left_out: int


def write_sheets(folder: Path, requests: Mapping[str, Request]) -> Sheets:
    """Write sheets of the requests that are in no sheet yet that somebody has begun.

    Sheets without an answer are replaced; others are left as they are.

    Args:
        folder: The folder.
        requests: The requests, by id.

    Raises:
        InputError: A sheet in the folder cannot be read.
        StorageFull: There is no room.
    """
    begun = {path: begun_ids(path) for path in folder.glob("sheet-*.csv")}
    covered: dict[str, Path] = {}
    for path, ids in begun.items():
        if ids:
            covered |= dict.fromkeys(ids, path)
        else:
            path.unlink()
    shown = {name: requests[name] for name in sorted(requests) if _can_be_shown(requests[name])}
    files = {covered[name] for name in shown if name in covered}
    fresh = {name: one for name, one in shown.items() if name not in covered}
    if fresh:
        files |= set(_written(folder, fresh))
    return Sheets(tuple(sorted(files)), len(requests) - len(shown))


def _can_be_shown(request: Request) -> bool:
    cells = [*_texts(request).values(), *_questions(request).values()]
    return (
        bool(decisions_in(request.schema)) and max(map(len, cells), default=0) <= _MOST_CHARACTERS
    )


def _texts(request: Request) -> Mapping[str, str]:
    return {"request": request.user} if request.shown is None else request.shown.texts


def _questions(request: Request) -> Mapping[str, str]:
    return {} if request.shown is None else request.shown.questions


def _written(folder: Path, requests: Mapping[str, Request]) -> list[Path]:
    rules = list(dict.fromkeys(one.system for one in requests.values()))
    _write_rules(folder, rules)
    names = dict.fromkeys(name for one in requests.values() for name in _texts(one))
    columns = [ID, NUMBER, _RULES, _QUESTION, *names, ALLOWED, ANSWER, REASON, READER]
    files: list[Path] = []
    for part in _parts(requests):
        path = _next_path(folder)
        rows = (
            row
            for name in part
            for row in _rows(name, requests[name], rules=rules.index(requests[name].system) + 1)
        )
        write_durably(path, memoryview(written(columns, rows)))
        files.append(path)
    return files


def _rows(custom_id: str, request: Request, *, rules: int) -> Iterable[dict[str, str]]:
    questions = _questions(request)
    for number, one in enumerate(decisions_in(request.schema), start=1):
        yield {
            **_texts(request),
            ID: custom_id,
            NUMBER: str(number),
            _RULES: str(rules),
            _QUESTION: questions.get(one.field, one.field),
            ALLOWED: listed(one.allowed),
        }


def _parts(requests: Mapping[str, Request]) -> Iterable[list[str]]:
    """Ids of one sheet after the other; no request is divided."""
    part: list[str] = []
    n_rows = 0
    for name, one in requests.items():
        n_own = len(decisions_in(one.schema))
        if part and n_rows + n_own > _MOST_ROWS:
            yield part
            part, n_rows = [], 0
        part.append(name)
        n_rows += n_own
    yield part


def _next_path(folder: Path) -> Path:
    number = 1
    while (path := folder / f"sheet-{number}.csv").exists():
        number += 1
    return path


def _write_rules(folder: Path, rules: Sequence[str]) -> None:
    parts = [_HOW, *(f"Rules {number}\n\n{one}\n" for number, one in enumerate(rules, start=1))]
    # With a mark of its encoding, as the sheets: old editors look for it.
    write_durably(folder / _RULES_FILE, memoryview("\n".join(parts).encode("utf-8-sig", "replace")))
