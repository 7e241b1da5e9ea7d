"""What was asked about: a group value for each document."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore

By = str | Sequence[object] | npt.NDArray[Any] | None
"""The column of the groups, or a value for each document; None for the stores."""


def name_of(by: By) -> str:
    """What messages call the groups' column."""
    return by if isinstance(by, str) else "store" if by is None else "given"


def group_values(source: NamedStore, by: By) -> npt.NDArray[np.object_]:
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


def document_mask(
    among: Sequence[bool] | npt.NDArray[np.bool_] | None, n_documents: int
) -> npt.NDArray[np.bool_]:
    """Which documents take part; all where `among` is None.

    Raises:
        InputError: It has not one value for each document.
    """
    if among is None:
        return np.ones(n_documents, dtype=bool)
    mask = np.asarray(among, dtype=bool)
    if len(mask) != n_documents:
        raise InputError(
            f"{len(mask)} values in among for {n_documents} documents",
            expected="one for each document of the store",
            next_step="give True or False for each document, in order",
        )
    return mask
