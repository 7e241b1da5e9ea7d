from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuscope.errors import StoreDamaged
from corpuscope.store.lookup import row_groups
from corpuscope.store.lookup.row_groups import RowGroups
from corpuscope.store.shards import opened_parquet

COLUMNS = ("b", "a")


def file_of(path: Path, first: int = 0, n: int = 40) -> Path:
    numbers = list(range(first, first + n))
    table = pa.table({"a": numbers, "b": [str(one) for one in numbers], "c": numbers})
    pq.write_table(table, path, row_group_size=10)
    return path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were opened, in order."""
    paths: list[Path] = []

    def counted(path: Path) -> Any:
        paths.append(path)
        return opened_parquet(path)

    monkeypatch.setattr(row_groups, "opened_parquet", counted)
    return paths


def numbers(tables: list[Any]) -> list[int]:
    return [number for table in tables for number in table["a"].to_pylist()]


def test_row_groups_come_in_the_order_asked_and_are_read_once(
    tmp_path: Path, opened: list[Path]
) -> None:
    path, kept = file_of(tmp_path / "a.parquet"), RowGroups(1 << 20)
    found = kept.read(path, [2, 0], COLUMNS)
    assert numbers(found) == [*range(20, 30), *range(10)]
    assert found[0].column_names == list(COLUMNS)
    assert numbers(kept.read(path, [0, 1, 2], COLUMNS)) == list(range(30))
    assert kept.read(path, [1], COLUMNS)[0] is kept.read(path, [1], COLUMNS)[0]
    assert len(opened) == 2
    # Other columns are read for themselves.
    assert kept.read(path, [1], ["c"])[0].column_names == ["c"]
    assert len(opened) == 3


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    path, kept = file_of(tmp_path / "a.parquet"), RowGroups(1 << 20)
    for first in (0, 100, 200):
        file_of(tmp_path / "b.parquet", first)
        (tmp_path / "b.parquet").replace(path)
        assert numbers(kept.read(path, [1], COLUMNS)) == list(range(first + 10, first + 20))


def test_memory_is_bounded_and_the_oldest_leave(tmp_path: Path, opened: list[Path]) -> None:
    path = file_of(tmp_path / "a.parquet")
    kept = RowGroups(4 * RowGroups(1 << 20).read(path, [0], ["a"])[0].nbytes)
    for group in (0, 1, 2, 3, 0):
        kept.read(path, [group], ["a"])
    # A fifth has no place beside the others: 1 was asked for longest ago.
    kept.read(path, [0], ["c"])
    opened.clear()
    for group in (0, 2, 3):
        kept.read(path, [group], ["a"])
    assert opened == []
    kept.read(path, [1], ["a"])
    assert len(opened) == 1


def test_what_would_fill_the_memory_is_not_kept(tmp_path: Path, opened: list[Path]) -> None:
    path, kept = file_of(tmp_path / "a.parquet"), RowGroups(100)
    for _ in range(2):
        assert len(numbers(kept.read(path, [0], COLUMNS))) == 10
    assert len(opened) == 2


def test_a_file_that_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match="missing"):
        RowGroups(100).read(tmp_path / "a.parquet", [0], COLUMNS)
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(StoreDamaged, match="cannot be read"):
        RowGroups(100).read(tmp_path / "b.parquet", [0], COLUMNS)
