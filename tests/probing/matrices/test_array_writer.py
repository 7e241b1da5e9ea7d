"""Arrays that are written piece by piece are read back whole."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.probing.matrices import array_writer
from corpuscope.probing.matrices.array_writer import ArrayWriter
from corpuscope.store.cache import mapped


@pytest.mark.parametrize("at_once", [1, 3, 7, 1 << 20])
@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "uint8"])
def test_pieces_come_back_end_to_end(
    at_once: int, dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_writer, "_AT_ONCE", at_once)
    pieces = [np.arange(n, dtype=dtype) + n for n in (4, 0, 1, 6, 3)]
    writer = ArrayWriter(tmp_path)
    for piece in pieces:
        writer.add("one", piece)
    writer.finish()
    found = mapped(tmp_path, "one")
    assert found.dtype == np.dtype(dtype)
    assert found.tolist() == np.concatenate(pieces).tolist()


def test_arrays_do_not_mix_and_no_raw_file_is_left(tmp_path: Path) -> None:
    writer = ArrayWriter(tmp_path)
    for i in range(3):
        writer.add("a", np.array([i], dtype=np.int64))
        writer.add("größe", np.full((2, 2), i, dtype=np.float32))
    writer.finish()
    assert mapped(tmp_path, "a").tolist() == [0, 1, 2]
    assert mapped(tmp_path, "größe").tolist() == [0.0] * 4 + [1.0] * 4 + [2.0] * 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npy", "größe.npy"]


def test_the_first_piece_decides_the_type(tmp_path: Path) -> None:
    writer = ArrayWriter(tmp_path)
    writer.add("one", np.array([0.5, 1.5], dtype=np.float16))
    writer.add("one", np.array([2.25], dtype=np.float64))
    writer.finish()
    found = mapped(tmp_path, "one")
    assert found.dtype == np.float16
    assert found.tolist() == [0.5, 1.5, 2.25]


def test_matrices_are_written_row_by_row_whatever_their_order_in_memory(tmp_path: Path) -> None:
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4)
    writer = ArrayWriter(tmp_path)
    writer.add("plain", matrix)
    writer.add("turned", np.asfortranarray(matrix))
    writer.add("every second", matrix[:, ::2])
    writer.finish()
    assert mapped(tmp_path, "plain").tolist() == list(range(12))
    assert mapped(tmp_path, "turned").tolist() == list(range(12))
    assert mapped(tmp_path, "every second").tolist() == list(range(0, 12, 2))


def test_an_array_without_values_is_empty(tmp_path: Path) -> None:
    writer = ArrayWriter(tmp_path)
    writer.add("none", np.empty((0, 5), dtype=np.float16))
    writer.finish()
    assert mapped(tmp_path, "none").shape == (0,)


def test_rows_of_sparse_matrices_come_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pieces = [rng.integers(1, 9, (n, 5)) * (rng.random((n, 5)) < 0.4) for n in (3, 1, 4)]
    writer = ArrayWriter(tmp_path)
    for piece in pieces:
        writer.add_rows("features", sp.csr_array(piece.astype(np.float32)))
    writer.add_rows("features", sp.csr_array(np.zeros((2, 5), dtype=np.float32)))
    writer.finish()
    values, columns, counts = (
        mapped(tmp_path, f"features-{kind}") for kind in ("values", "columns", "counts")
    )
    assert [str(one.dtype) for one in (values, columns, counts)] == ["float16", "int32", "int64"]
    starts = np.concatenate([[0], np.cumsum(counts)])
    found = sp.csr_array((values.astype(np.float32), columns, starts), shape=(10, 5))
    assert found.toarray().tolist() == np.vstack([*pieces, np.zeros((2, 5))]).tolist()


def test_activations_beyond_half_precision_are_clipped(tmp_path: Path) -> None:
    largest = float(np.finfo(np.float16).max)
    given = sp.csr_array(np.array([[1e9, 0.0, 2.0], [np.inf, largest, 0.0]], dtype=np.float32))
    writer = ArrayWriter(tmp_path)
    writer.add_rows("x", given)
    writer.finish()
    assert mapped(tmp_path, "x-values").tolist() == [largest, 2.0, largest, largest]
