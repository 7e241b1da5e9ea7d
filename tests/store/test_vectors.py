import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from corpuscope.store.manifest import manifest_path
from corpuscope.store.store import Store
from tests.store.worlds import random_records, record, write


def test_vectors_come_back_in_the_order_of_the_documents(tmp_path: Path) -> None:
    records = random_records(20)
    store = write(tmp_path, records, size=7)
    assert store.vector_width == 6
    found = np.concatenate(list(store.vector_batches()))
    np.testing.assert_array_equal(found, np.stack([one.vector for one in records]))  # type: ignore[arg-type]


def test_vectors_are_lists_of_float16_in_the_file_of_strengths(tmp_path: Path) -> None:
    write(tmp_path, random_records(3))
    column = pq.read_table(tmp_path / "strengths" / "00000.parquet")["vector"]
    assert str(column.type.value_type) == "halffloat"
    assert [len(cell) for cell in column] == [6, 6, 6]


def without_vectors(path: Path) -> Store:
    return write(path, [record(f"d{i}", strengths={1: (1.0, 0)}) for i in range(5)])


def test_a_store_without_vectors_has_none_of_their_traces(tmp_path: Path) -> None:
    store = without_vectors(tmp_path)
    assert store.vector_width == 0
    assert "vectors" not in json.loads(manifest_path(tmp_path).read_text())["shards"][0]
    names = pq.read_schema(tmp_path / "strengths" / "00000.parquet").names
    assert names == ["features", "strengths", "peaks"]
    with pytest.raises(ValueError, match="no vectors"):
        next(store.vector_batches())


def test_where_one_shard_has_none_the_store_has_none(tmp_path: Path) -> None:
    plain = [record("x"), record("y")]
    store = write(tmp_path, [*random_records(2), *plain], size=2)
    assert store.vector_width == 0
    assert store.strengths().n_documents == 4


def test_where_one_document_has_none_its_shard_has_none(tmp_path: Path) -> None:
    store = write(tmp_path, [*random_records(2), record("x")], size=7)
    assert store.vector_width == 0


def test_a_vector_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="vector"):
        write(tmp_path, [record("x", vector=[1.0, float("nan")])])


def test_strengths_are_read_as_before_beside_vectors(tmp_path: Path) -> None:
    with_vectors = write(tmp_path / "a", [record("x", strengths={1: (2.0, 1)}, vector=[1.0])])
    plain = write(tmp_path / "b", [record("x", strengths={1: (2.0, 1)})])
    one, two = (s.strengths().to_csr().toarray() for s in (with_vectors, plain))
    np.testing.assert_array_equal(one, two)
    assert with_vectors.digest != plain.digest
