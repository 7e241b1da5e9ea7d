"""Tables with a row for each prompt and a column for each answer, as a row for each answer."""

from collections.abc import Iterable, Iterator, Sequence

from corpuscope.corpus.sources.rows import Broken, Row
from corpuscope.errors import InputError

ANSWER, ANSWER_OF, ROW = "answer", "answer_of", "row"
"""The columns of what is said, of whose column it was in, and of what answers one prompt."""

PREFERENCES = ("chosen", "rejected")
"""The usual names of two answers of which one was preferred."""


def unfolded(rows: Iterable[Row | Broken], answers: Sequence[str]) -> Iterator[Row | Broken]:
    """For each row one row an answer, with all other columns, and its number in `row`."""
    for number, row in enumerate(rows):
        if isinstance(row, Broken):
            yield row
            continue
        rest = {name: value for name, value in row.values.items() if name not in answers}
        for name in answers:
            own = {ANSWER: row.values.get(name), ANSWER_OF: name, ROW: f"{number:06d}"}
            yield Row({**rest, **own}, row.place)


def check_names_are_free(found: Iterable[str], answers: Sequence[str]) -> None:
    """Make sure that no other column has a name that is given here.

    Raises:
        InputError: One has.
    """
    taken = sorted({ANSWER, ANSWER_OF, ROW} & (set(found) - set(answers)))
    if taken:
        raise InputError(
            f"the table has the columns {', '.join(map(repr, taken))}",
            expected=f"none of {ANSWER!r}, {ANSWER_OF!r} and {ROW!r}, which are made from answers",
            next_step="rename these columns",
        )
