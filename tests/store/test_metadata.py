"""Each value comes back as it went in, with its type."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.document import Document
from corpuscope.errors import InputError
from corpuscope.store.metadata import (
    KINDS,
    column_name,
    column_values,
    kinds_of_columns,
    metadata_arrays,
)
from tests.store.worlds import record, write

scalars = st.one_of(
    st.none(),
    st.text(max_size=4),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
)


def documents(values: Sequence[Any], name: str = "x") -> list[Document]:
    return [Document(f"d{i}", "a", {name: value}) for i, value in enumerate(values)]


def through(*shards: Sequence[Any]) -> np.ndarray:
    """The values of some shards, put into Arrow arrays and taken out again."""
    parts = []
    for values in shards:
        made = documents(values)
        kinds_of = kinds_of_columns(made)
        arrays = metadata_arrays(made, kinds_of)
        assert set(arrays) == {column_name("x", kind) for kind in kinds_of.get("x", [])}
        parts.append((len(values), {c.split(":")[1]: array for c, array in arrays.items()}))
    return column_values(parts)


def test_kinds_come_in_one_order_whatever_the_order_of_the_values() -> None:
    values = [2**63, True, 1.5, 7, "a", None]
    assert kinds_of_columns(documents(values)) == {"x": list(KINDS)}
    assert kinds_of_columns(documents(values[::-1])) == {"x": list(KINDS)}
    assert kinds_of_columns(documents([None, None])) == {"x": []}
    assert kinds_of_columns([]) == {}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", "text"),
        (True, "bool"),
        (np.True_, "bool"),
        (0, "int"),
        (np.int16(3), "int"),
        (2**63 - 1, "int"),
        (-(2**63), "int"),
        (2**63, "bigint"),
        (-(2**63) - 1, "bigint"),
        (1.0, "float"),
        (np.float32(0.5), "float"),
        (math.nan, "float"),
    ],
)
def test_each_value_has_a_kind(value: Any, kind: str) -> None:
    assert kinds_of_columns(documents([value])) == {"x": [kind]}
    array = metadata_arrays(documents([value]), {"x": [kind]})[f"metadata:{kind}:x"]
    assert array.type == KINDS[kind]
    assert array.null_count == 0


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"bytes", 1j, np.datetime64("2024-01-01")])
def test_what_is_no_scalar_is_refused_with_its_document_and_column(value: Any) -> None:
    with pytest.raises(InputError) as refused:
        kinds_of_columns(documents(["fine", value], name="shelf"))
    assert "'d1'" in refused.value.found
    assert "'shelf'" in refused.value.found
    assert type(value).__name__ in refused.value.found


def test_the_cells_of_a_kind_are_empty_where_the_value_is_of_another() -> None:
    found = metadata_arrays(documents([1, "1", None, 2**64]), {"x": ["text", "int", "bigint"]})
    assert {name: array.to_pylist() for name, array in found.items()} == {
        "metadata:text:x": [None, "1", None, None],
        "metadata:int:x": [1, None, None, None],
        "metadata:bigint:x": [None, None, None, str(2**64)],
    }


@settings(max_examples=30)
@given(st.lists(st.lists(scalars, max_size=6), max_size=4))
def test_all_values_come_back_with_their_types(shards: list[list[Any]]) -> None:
    found = through(*shards).tolist()
    given = [value for shard in shards for value in shard]
    assert found == given
    assert [type(value) for value in found] == [type(value) for value in given]


@pytest.mark.parametrize(
    ("shards", "dtype"),
    [
        (([1, 2], [3]), np.int64),
        (([1, 2], []), np.int64),
        (([0.5], [math.nan]), np.float64),
        (([True], [False]), np.bool_),
        (([1], [2.0]), object),
        (([1], [None]), object),
        (([1, None],), object),
        ((["a"], ["b"]), object),
        (([2**70],), object),
        (([],), object),
        ((), object),
    ],
)
def test_only_values_that_are_all_of_one_kind_make_an_array_of_it(
    shards: tuple[list[Any], ...], dtype: Any
) -> None:
    assert through(*shards).dtype == dtype


def test_a_shard_without_the_column_has_none() -> None:
    there = {"int": pa.array([7], pa.int64())}
    assert column_values([(2, {}), (1, there)]).tolist() == [None, None, 7]


def test_repeated_texts_are_one_object() -> None:
    values = through(["a long text"] * 3)
    assert values[0] is values[1] is values[2]


def test_the_values_of_one_document_are_those_of_the_columns(tmp_path: Path) -> None:
    every: list[dict[str, Any]] = [
        {"a": 1, "b": "x"}, {"a": "one", "c": 2**70}, {}, {"a": 0.5, "b": None}, {"d": True},
    ]  # fmt: skip
    records = [record(f"d{row}", metadata=one) for row, one in enumerate(every)]
    # Shards of two, so that not all of them have all columns.
    store = write(tmp_path / "s", records, size=2)
    for row, one in enumerate(every):
        found = store.metadata_of(row)
        assert list(found) == store.columns
        assert {name: value for name, value in found.items() if value is not None} == {
            name: value for name, value in one.items() if value is not None
        }
        assert found == {name: store.column(name)[row] for name in store.columns}
