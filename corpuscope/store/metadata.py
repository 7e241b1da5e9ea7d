"""Stores metadata of mixed types in typed Parquet columns, and reads it back.

A column `year` with integers in some documents and strings in others becomes two Parquet columns,
`metadata:int:year` and `metadata:text:year`, each null where the other has the value. So a column
can be read alone, values keep their types, and shards need not agree on them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpuscope.corpus.document import Document
from corpuscope.errors import InputError

__all__ = [
    "KINDS",
    "column_name",
    "column_values",
    "kinds_of_columns",
    "metadata_arrays",
    "row_value",
]

KINDS: Mapping[str, Any] = {
    "text": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "bigint": pa.string(),
}
"""The Arrow type of each kind of value; `bigint` is an integer beyond 64 bits, as decimal text."""

_INT64 = range(-(2**63), 2**63)


def column_name(name: str, kind: str) -> str:
    """The Parquet column for the values of one kind."""
    return f"metadata:{kind}:{name}"


def kinds_of_columns(documents: Sequence[Document]) -> dict[str, list[str]]:
    """The kinds of values of each metadata column, in a fixed order.

    A column whose values are all missing has no kinds.

    Raises:
        InputError: A value has an unsupported type.
    """
    found: dict[str, set[str]] = {}
    for document in documents:
        for name, value in document.metadata.items():
            kinds = found.setdefault(name, set())
            if value is not None:
                kinds.add(_kind(value, name=name, id=document.id))
    return {name: [kind for kind in KINDS if kind in kinds] for name, kinds in found.items()}


def _kind(value: object, *, name: str, id: str) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.integer):
        return "int" if int(value) in _INT64 else "bigint"
    if isinstance(value, float | np.floating):
        return "float"
    raise InputError(
        f"document {id!r} has a {type(value).__name__} in the column {name!r}",
        expected="text, a number, true, false or none",
        next_step="convert that column to text, or drop it",
    )


def metadata_arrays(
    documents: Sequence[Document], kinds_of: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """An Arrow array for each kind of value of each column, by Parquet column name."""
    arrays: dict[str, Any] = {}
    for name, kinds in kinds_of.items():
        values = [document.metadata.get(name) for document in documents]
        of_kind = [None if v is None else _kind(v, name=name, id="") for v in values]
        for kind in kinds:
            encode = _ENCODE[kind]
            cells = [
                encode(value) if found == kind else None
                for value, found in zip(values, of_kind, strict=True)
            ]
            arrays[column_name(name, kind)] = pa.array(cells, KINDS[kind], from_pandas=False)
    return arrays


_ENCODE: Mapping[str, Callable[[Any], object]] = {
    "text": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bigint": lambda value: str(int(value)),
}


def column_values(parts: Sequence[tuple[int, Mapping[str, Any]]]) -> npt.NDArray[Any]:
    """The values of one metadata column over all shards.

    Args:
        parts: For each shard its number of documents and its Arrow arrays, by kind.

    Returns:
        An array of int64, float64 or bool where every document has a value of that one kind;
        otherwise of Python objects, with None where a document has no value.
    """
    kinds = {kind for _, arrays in parts for kind in arrays}
    # A column without missing values and of one kind keeps its numpy dtype.
    if len(kinds) == 1 and kinds <= {"int", "float", "bool"} and _none_missing(parts):
        (kind,) = kinds
        arrays = [arrays[kind] for n, arrays in parts if n]
        return np.concatenate([array.to_numpy(zero_copy_only=False) for array in arrays])
    pieces = [_objects(n, arrays) for n, arrays in parts]
    return np.concatenate([*pieces, np.empty(0, dtype=object)])


def row_value(cells: Mapping[str, Sequence[Any]], name: str, kinds: Sequence[str]) -> Any:
    """The value of a metadata column in a table of one row, by Parquet column; None if missing."""
    for kind in kinds:
        value = cells[column_name(name, kind)][0]
        if value is not None:
            return int(value) if kind == "bigint" else value
    return None


def _none_missing(parts: Sequence[tuple[int, Mapping[str, Any]]]) -> bool:
    present = [array for n, arrays in parts if n for array in arrays.values()]
    n_shards = sum(n > 0 for n, _ in parts)
    return 0 < n_shards == len(present) and not any(array.null_count for array in present)


def _objects(n: int, arrays: Mapping[str, Any]) -> npt.NDArray[Any]:
    values = np.full(n, None, dtype=object)
    for kind, array in arrays.items():
        # Dictionary-encode, so that a repeated value is one Python object.
        encoded = array.dictionary_encode()
        where = np.flatnonzero(encoded.is_valid().to_numpy(zero_copy_only=False))
        decode = int if kind == "bigint" else (lambda value: value)
        distinct = np.empty(len(encoded.dictionary), dtype=object)
        distinct[:] = [decode(value) for value in encoded.dictionary.to_pylist()]
        codes = encoded.indices.drop_null().to_numpy(zero_copy_only=False)
        values[where] = distinct[codes]
    return values
