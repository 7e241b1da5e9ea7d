"""What was asked about: a group value for each document."""

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
