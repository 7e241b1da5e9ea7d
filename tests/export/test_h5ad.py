"""Columns of all types are encoded so that missing values stay missing."""

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

h5py = pytest.importorskip("h5py", reason="h5py, of the extra export, is not installed")

from corpuscope.export import h5ad  # noqa: E402
from corpuscope.export.h5ad import CsrMatrix, Growing, add_table, h5_file  # noqa: E402


def written(path: Path, *arrays: Any) -> Any:
    """The group of a table with one column of these arrays."""
    n = sum(len(array) for array in arrays)
    index = pa.array([str(number) for number in range(n)])
    with h5_file(path) as file:
        add_table(file, "t", index=lambda: iter([index]), columns=[("c", lambda: iter(arrays))])
    return h5py.File(path)["t"]


def kind_of(node: Any) -> str:
    return str(node.attrs["encoding-type"])


def strings(values: Any) -> list[str]:
    return [one.decode("utf-8") for one in values]


def test_a_table_names_its_index_and_the_order_of_its_columns(tmp_path: Path) -> None:
    table = written(tmp_path / "a.h5ad", pa.array([1, 2]), pa.array([3]))
    assert kind_of(table) == "dataframe"
    assert table.attrs["_index"] == "_index"
    assert list(table.attrs["column-order"]) == ["c"]
    assert strings(table["_index"]) == ["0", "1", "2"]
    assert kind_of(table["c"]) == "array"
    assert table["c"][:].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("values", "encoding", "filled"),
    [([1, None], "nullable-integer", [1, 0]), ([True, None], "nullable-boolean", [True, False])],
)
def test_missing_values_have_a_mask(
    tmp_path: Path, values: list[Any], encoding: str, filled: list[Any]
) -> None:
    column = written(tmp_path / "a.h5ad", pa.array(values))["c"]
    assert kind_of(column) == encoding
    assert column["values"][:].tolist() == filled
    assert column["mask"][:].tolist() == [False, True]


def test_missing_numbers_are_nan(tmp_path: Path) -> None:
    column = written(tmp_path / "a.h5ad", pa.array([0.5, None]))["c"]
    np.testing.assert_array_equal(column[:], [0.5, np.nan])


def test_texts_that_repeat_become_categories(tmp_path: Path) -> None:
    column = written(tmp_path / "a.h5ad", pa.array(["b", "a"]), pa.array([None, "b"]))["c"]
    assert kind_of(column) == "categorical"
    assert strings(column["categories"]) == ["a", "b"]
    assert column["codes"][:].tolist() == [1, 0, -1, 1]


def test_texts_that_do_not_repeat_stay_texts(tmp_path: Path) -> None:
    column = written(tmp_path / "a.h5ad", pa.array(["größe", "a\0b"]))["c"]
    assert kind_of(column) == "string-array"
    assert strings(column) == ["größe", "a␀b"]


@pytest.mark.parametrize("values", [["a", "b", None], ["a", "b", "c", "a"]])
def test_too_many_texts_for_categories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: Sequence[str | None]
) -> None:
    monkeypatch.setattr(h5ad, "_MOST_CATEGORIES", 1)
    column = written(tmp_path / "a.h5ad", pa.array(values))["c"]
    if None in values:
        assert kind_of(column) == "nullable-string-array"
        assert column["mask"][:].tolist() == [False, False, True]
    else:
        assert kind_of(column) == "string-array"


def test_a_column_without_any_value(tmp_path: Path) -> None:
    column = written(tmp_path / "a.h5ad", pa.array([None, None], pa.string()))["c"]
    assert column["codes"][:].tolist() == [-1, -1]


def test_an_empty_table(tmp_path: Path) -> None:
    table = written(tmp_path / "a.h5ad", pa.array([], pa.int64()))
    assert len(table["c"]) == len(table["_index"]) == 0


def test_matrices_grow_row_by_row(tmp_path: Path) -> None:
    with h5_file(tmp_path / "a.h5ad") as file:
        matrix = CsrMatrix(file, "X", 5, np.float32, most_entries=9)
        for counts, columns in (([1, 0], [4]), ([2], [0, 3])):
            values = np.ones(len(columns), dtype=np.float32)
            matrix.append(np.array(counts), np.array(columns, dtype=np.int32), values)
        matrix.close()
        found = file["X"]
        assert found["indptr"][:].tolist() == [0, 1, 1, 3]
        assert found["indices"][:].tolist() == [4, 0, 3]
        assert found.attrs["shape"].tolist() == [3, 5]
        assert found["indptr"].dtype == np.int32


def test_row_starts_are_wide_beyond_two_billion_entries(tmp_path: Path) -> None:
    with h5_file(tmp_path / "a.h5ad") as file:
        CsrMatrix(file, "X", 5, np.float32, most_entries=2**31).close()
        assert file["X"]["indptr"].dtype == np.int64


def test_arrays_with_rows_grow_too(tmp_path: Path) -> None:
    with h5_file(tmp_path / "a.h5ad") as file:
        array = Growing(file, "v", np.float32, width=2)
        array.append(np.ones((3, 2), dtype=np.float32))
        assert file["v"].shape == (3, 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_an_error_of_the_system_and_leaves_hdf5_whole() -> None:
    with (
        pytest.raises(OSError, match="No space left") as caught,
        h5_file(Path("/dev/full")) as file,
    ):
        Growing(file, "v", np.float32).append(np.ones(100_000, dtype=np.float32))
    assert caught.value.errno == errno.ENOSPC


def test_after_an_error_everything_is_dropped() -> None:
    class Full:
        n_tries = 0

        def write(self, _: bytes) -> int:
            self.n_tries += 1
            raise OSError(errno.ENOSPC, "full")

        def truncate(self, _: int) -> int:
            raise AssertionError

    full = Full()
    disk = h5ad._Disk(full)
    assert disk.write(b"abc") == 3
    assert disk.write(b"abc") == 3
    assert disk.truncate(5) == 5
    assert full.n_tries == 1
    assert disk.error is not None
