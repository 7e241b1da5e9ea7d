"""Arguments of a comparison: the group of each document, and which documents to include."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore

By = str | Sequence[object] | npt.NDArray[Any] | None
"""The grouping column, or one value per document; None groups documents by store."""


def name_of(by: By) -> str:
    """The name of the grouping column as used in messages."""
    return by if isinstance(by, str) else "store" if by is None else "given"


def group_values(source: NamedStore, by: By) -> npt.NDArray[np.object_]:
    """The group value of each document; None where it is missing.

    Raises:
        ColumnNotFound: There is no such column.
        InputError: The number of values differs from the number of documents.
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
            expected="one value per document, None for documents to leave out",
            next_step="give the name of a column, or one value per document in order",
        )
    return values


def document_mask(
    among: Sequence[bool] | npt.NDArray[np.bool_] | None, n_documents: int
) -> npt.NDArray[np.bool_]:
    """Which documents are included; all of them if `among` is None.

    Raises:
        InputError: The length of `among` differs from the number of documents.
    """
    if among is None:
        return np.ones(n_documents, dtype=bool)
    mask = np.asarray(among, dtype=bool)
    if len(mask) != n_documents:
        raise InputError(
            f"{len(mask)} values in among for {n_documents} documents",
            expected="one value per document of the store",
            next_step="give True or False for each document, in order",
        )
    return mask
