"""Reshapes tables with a column per answer to one row per answer."""

from collections.abc import Iterable, Iterator, Sequence

from corpuscope.corpus.sources.rows import Broken, Row
from corpuscope.errors import InputError

ANSWER, ANSWER_OF, ROW = "answer", "answer_of", "row"
"""The new columns: the answer, the name of its original column, and the number of its row."""

PREFERENCES = ("chosen", "rejected")
"""The usual columns of preference data."""


def unfolded(rows: Iterable[Row | Broken], answers: Sequence[str]) -> Iterator[Row | Broken]:
    """One row per row and answer, with all other columns, and the row's number in `row`."""
    for number, row in enumerate(rows):
        if isinstance(row, Broken):
            yield row
            continue
        rest = {name: value for name, value in row.values.items() if name not in answers}
        for name in answers:
            own = {ANSWER: row.values.get(name), ANSWER_OF: name, ROW: f"{number:06d}"}
            yield Row({**rest, **own}, row.place)


def check_names_are_free(found: Iterable[str], answers: Sequence[str]) -> None:
    """Check that no other column has the name of a new column.

    Raises:
        InputError: One has.
    """
    taken = sorted({ANSWER, ANSWER_OF, ROW} & (set(found) - set(answers)))
    if taken:
        raise InputError(
            f"the table has the columns {', '.join(map(repr, taken))}",
            expected=f"none of {ANSWER!r}, {ANSWER_OF!r} and {ROW!r}, which are added for answers",
            next_step="rename these columns",
        )
