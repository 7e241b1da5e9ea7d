"""What was asked: numbers in their ranges, and a group value for each document."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.source import Source
from corpuscope.errors import InputError

By = str | Sequence[object] | npt.NDArray[Any] | None
"""The column of the groups, or a value for each document; None for the stores."""


def name_of(by: By) -> str:
    """What messages call the groups' column."""
    return by if isinstance(by, str) else "store" if by is None else "given"


def group_values(source: Source, by: By) -> npt.NDArray[np.object_]:
    """The group value of each document, None where it has none.

    Raises:
        ColumnNotFound: There is no such column.
        InputError: There are more or fewer values than documents.
    """
    if by is None:
        return source.store_names()
    if isinstance(by, str):
        return source.column(by)
    values = np.empty(len(by), dtype=object)
    values[:] = list(by)
    if len(values) != source.n_documents:
        raise InputError(
            f"{len(values)} group values for {source.n_documents} documents",
            expected="one value for each document, None for those to leave out",
            next_step="give a column's name, or one value for each document in order",
        )
    return values


def check_q(q: float) -> None:
    """Raise InputError unless `q` is a share of findings that may be false."""
    if not 0 < q < 1:
        raise InputError(
            f"q is {q}",
            expected="a number between 0 and 1",
            next_step="give the share of findings that may be false, such as 0.05",
        )


def check_numbers(*, q: float, holdout: float, evidence: int, min_support: int) -> None:
    """Raise InputError unless each is in its range."""
    check_q(q)
    if not 0 < holdout < 1:
        raise InputError(
            f"holdout is {holdout}",
            expected="a number between 0 and 1",
            next_step="give the share of the documents to look again on, such as 0.5",
        )
    if evidence < 0 or min_support < 0:
        raise InputError(
            f"evidence is {evidence} and min_support is {min_support}",
            expected="numbers of documents, 0 or more",
            next_step="leave them out for the usual ones",
        )
