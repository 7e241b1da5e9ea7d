"""How far people agree who answered the same rows of sheets."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from corpuscope.errors import InputError
from corpuscope.llm.sheets.read import READER, FilledRow, filled_rows
from corpuscope.llm.sheets.rows import allowed_in

__all__ = ["Agreement", "agreement", "cohen_kappa"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two people on the rows that both answered, of one kind.

    Attributes:
        readers: Their names, in the order of their files.
        allowed: The answers that such rows allow, as the sheets list them.
        n: Rows that both answered.
        n_equal: Rows on which they gave the same answer.
        kappa: Cohen's kappa, at most 1, and 0 if they agree as often as by chance; NaN if both
            gave one and the same answer to all.
    """

    readers: tuple[str, str]
    allowed: str
    n: int
    n_equal: int
    kappa: float

    @property
    def share_equal(self) -> float:
        """The share of rows on which they gave the same answer."""
        return self.n_equal / self.n

    def to_json(self) -> dict[str, object]:
        """The fields as JSON values."""
        return {
            "readers": list(self.readers),
            "allowed_answers": self.allowed,
            "n": self.n,
            "n_equal": self.n_equal,
            "share_equal": self.share_equal,
            "kappa": None if math.isnan(self.kappa) else self.kappa,
        }


def agreement(folder: str | Path) -> list[Agreement]:
    """The agreement of each two readers whom the sheets in a folder name, by kind of row.

    Rows of a kind allow the same answers; those that allow any text are left out. Requests that
    are filled in only in part count with the rows that are. Every row counts once: rows of one
    request, or of one text, are not independent, so no interval is given.

    Args:
        folder: The batch folder.

    Raises:
        InputError: No row was answered by two readers with names, an answer is not allowed, or a
            reader gives two to one row.
    """
    answers: dict[tuple[str, int], dict[str, str]] = {}
    kinds: dict[tuple[str, int], str] = {}
    rows = [row for row in filled_rows(Path(folder)) if row.reader]
    for row in rows:
        place = (row.custom_id, row.number)
        kind = kinds[place] = kinds.get(place) or row.allowed
        if kind:
            _add(answers.setdefault(place, {}), row, _answer_in(row, kind))
    readers = list(dict.fromkeys(row.reader for row in rows))
    found = [
        _of(pair, kind, both)
        for pair in combinations(readers, 2)
        for kind in dict.fromkeys(kinds.values())
        if (both := [(one[pair[0]], one[pair[1]]) for place, one in answers.items()
                     if kinds[place] == kind and set(pair) <= set(one)])
    ]  # fmt: skip
    if not found:
        raise InputError(
            f"no row in {folder} was answered by two readers with names, of "
            f"{', '.join(readers) or 'none'}",
            expected=f"the same sheet filled in twice, with a name in the column {READER}",
            next_step="save each reader's sheet as answers-NAME.csv in that folder",
        )
    return found


def _answer_in(row: FilledRow, allowed: str) -> str:
    answer = allowed_in(row.answer, allowed)
    if answer is None:
        raise InputError(
            f"{row.place}, has the answer {row.answer!r}",
            expected=allowed,
            next_step="correct that answer, or empty it",
        )
    return str(answer)


def _add(given: dict[str, str], row: FilledRow, answer: str) -> None:
    if given.setdefault(row.reader, answer) != answer:
        raise InputError(
            f"{row.place}, has the answer {answer!r} of {row.reader}, whose other is "
            f"{given[row.reader]!r}",
            expected="one answer of each reader to each row",
            next_step="remove one of the two",
        )


def _of(readers: tuple[str, str], allowed: str, both: Sequence[tuple[str, str]]) -> Agreement:
    n_equal = sum(one == other for one, other in both)
    return Agreement(readers, allowed, len(both), n_equal, cohen_kappa(both))


def cohen_kappa(both: Sequence[tuple[str, str]]) -> float:
    """The agreement of two readers beyond chance, from the pairs of their answers.

    (observed - expected) / (1 - expected), where observed is the share of equal answers, and
    expected what it would be if the readers' answers were independent.

    Source: Cohen 1960, doi:10.1177/001316446002000104, equation 1.

    Example:
        >>> cohen_kappa([("yes", "yes"), ("yes", "no"), ("no", "no"), ("no", "no")])
        0.5
    """
    n = len(both)
    observed = sum(one == other for one, other in both) / n
    expected = sum(_expected(both)) / n**2
    return math.nan if expected == 1 else (observed - expected) / (1 - expected)


def _expected(both: Sequence[tuple[str, str]]) -> Iterator[int]:
    first, second = (Counter(answers) for answers in zip(*both, strict=True))
    return (n * second[answer] for answer, n in first.items())
