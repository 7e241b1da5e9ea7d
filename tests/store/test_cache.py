"""A folder of the cache is whole or made again, and appears in one step."""

import errno
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest

from corpuscope.errors import StorageFull, StoreDamaged
from corpuscope.store.cache import (
    Cache,
    check_lengths,
    check_starts,
    mapped,
    new_array,
    saved_array,
)


@pytest.fixture
def built() -> list[Path]:
    """The folders that were built so far."""
    return []


@pytest.fixture
def build(built: list[Path]) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        built.append(folder)
        saved_array(folder, "numbers", np.arange(5))

    return build


def numbers_of(folder: Path) -> list[int]:
    found: list[int] = mapped(folder, "numbers").tolist()
    return found


def test_a_folder_is_built_once(
    tmp_path: Path, build: Callable[[Path], None], built: list[Path]
) -> None:
    folders = {Cache(tmp_path, "abc").folder("n", arrays=["numbers"], build=build) for _ in "12"}
    assert folders == {tmp_path / "cache" / "abc" / "n"}
    assert len(built) == 1
    assert not built[0].exists()
    assert numbers_of(folders.pop()) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("damage", ["removed", "other bytes", "no checksums", "odd checksums"])
def test_a_folder_that_is_not_whole_is_built_again_and_that_is_said(
    tmp_path: Path, build: Callable[[Path], None], built: list[Path], damage: str
) -> None:
    folder = Cache(tmp_path, "abc").folder("n", arrays=["numbers"], build=build)
    if damage == "removed":
        (folder / "numbers.npy").unlink()
    elif damage == "other bytes":
        (folder / "numbers.npy").write_bytes(b"else")
    elif damage == "no checksums":
        (folder / "checksums.json").unlink()
    else:
        (folder / "checksums.json").write_text("[1]")
    cache = Cache(tmp_path, "abc")
    for _ in range(2):
        assert numbers_of(cache.folder("n", arrays=["numbers"], build=build)) == [0, 1, 2, 3, 4]
    assert len(built) == 2
    assert len(cache.mended) == 1
    assert str(folder) in cache.mended[0]
    cache.verify()


def test_a_folder_without_an_array_that_is_asked_for_is_built_again(
    tmp_path: Path, build: Callable[[Path], None], built: list[Path]
) -> None:
    cache = Cache(tmp_path, "abc")
    cache.folder("n", arrays=[], build=build)

    def build_more(folder: Path) -> None:
        build(folder)
        saved_array(folder, "more", np.ones(1))

    folder = cache.folder("n", arrays=["numbers", "more"], build=build_more)
    assert mapped(folder, "more").tolist() == [1.0]
    assert len(built) == 2
    assert "more.npy" in cache.mended[0]


def test_a_folder_is_not_there_before_it_is_whole(
    tmp_path: Path, build: Callable[[Path], None]
) -> None:
    def break_off(folder: Path) -> None:
        build(folder)
        assert not (tmp_path / "cache" / "abc" / "n").exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Cache(tmp_path, "abc").folder("n", arrays=["numbers"], build=break_off)
    assert list((tmp_path / "cache" / "abc").iterdir()) == []


def test_verify_finds_what_looks_whole(tmp_path: Path, build: Callable[[Path], None]) -> None:
    cache = Cache(tmp_path, "abc")
    cache.verify()
    folder = cache.folder("n", arrays=["numbers"], build=build)
    cache.verify()
    (folder / "numbers.npy").write_bytes(b"else")
    with pytest.raises(StoreDamaged, match="numbers") as refused:
        cache.verify()
    assert str(folder) in refused.value.found


def test_another_state_of_the_store_clears_the_old_one_away(
    tmp_path: Path, build: Callable[[Path], None]
) -> None:
    Cache(tmp_path, "old").folder("n", arrays=["numbers"], build=build)
    Cache(tmp_path, "new").folder("n", arrays=["numbers"], build=build)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["new"]


def test_what_was_left_unfinished_a_day_ago_is_cleared_away(
    tmp_path: Path, build: Callable[[Path], None]
) -> None:
    home = tmp_path / "cache" / "abc"
    ages = {".a-1.tmp": 25, ".b-2.tmp": 23, ".c-3": 25}
    for name, hours in ages.items():
        (home / name).mkdir(parents=True)
        os.utime(home / name, (time.time() - 3600 * hours,) * 2)
    Cache(tmp_path, "abc").folder("n", arrays=["numbers"], build=build)
    assert {path.name for path in home.glob(".*")} == {".b-2.tmp", ".c-3"}


def refusing(number: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused")

    return refuse


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_where_nothing_may_be_written_a_folder_lies_elsewhere_as_long_as_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[Path], None],
    built: list[Path], number: int,
) -> None:  # fmt: skip
    cache = Cache(tmp_path / "a.scope", "abc")
    with monkeypatch.context() as patched:
        patched.setattr("tempfile.TemporaryFile", refusing(number))
        folders = {cache.folder("n", arrays=["numbers"], build=build) for _ in "12"}
    (folder,) = folders
    assert tmp_path not in folder.parents
    assert numbers_of(folder) == [0, 1, 2, 3, 4]
    assert len(built) == 1
    del cache
    assert not folder.exists()


def test_another_complaint_of_the_system_is_no_reason_to_go_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", refusing(errno.EIO))
    with pytest.raises(OSError, match="refused"):
        Cache(tmp_path, "abc").folder("n", arrays=["numbers"], build=build)


def test_a_full_disk_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StorageFull, match="abc"):
        Cache(tmp_path, "abc").folder("n", arrays=[], build=refusing(errno.ENOSPC))
    assert list((tmp_path / "cache" / "abc").iterdir()) == []


def test_where_another_process_was_first_its_folder_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[Path], None]
) -> None:
    rename = Path.rename

    def too_late(unfinished: Path, place: Path) -> Path:
        place.mkdir()
        saved_array(place, "numbers", np.array([7]))
        (place / "checksums.json").write_text("{}")
        return rename(unfinished, place)

    monkeypatch.setattr(Path, "rename", too_late)
    place = Cache(tmp_path, "abc").folder("n", arrays=["numbers"], build=build)
    assert numbers_of(place) == [7]
    assert [path.name for path in place.parent.iterdir()] == ["n"]


def test_a_folder_that_cannot_be_put_in_its_place_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(Path, "rename", refusing(errno.EIO))
    with pytest.raises(OSError, match="refused"):
        Cache(tmp_path, "abc").folder("n", arrays=["numbers"], build=build)


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.uint32, np.bool_])
@pytest.mark.parametrize("n", [0, 3])
def test_arrays_come_back_with_their_type(tmp_path: Path, dtype: type, n: int) -> None:
    values = np.ones(n, dtype=dtype)
    saved_array(tmp_path, "a", values)
    found = mapped(tmp_path, "a")
    assert found.dtype == values.dtype
    assert found.tolist() == values.tolist()
    with pytest.raises(ValueError, match="read-only"):
        found[:] = 0


def test_a_new_array_takes_its_room_at_once(tmp_path: Path) -> None:
    array = new_array(tmp_path, "a", dtype=np.float64, length=1000)
    assert (tmp_path / "a.npy").stat().st_blocks * 512 >= 8000
    array[:] = 7
    assert set(mapped(tmp_path, "a").tolist()) == {7.0}


def refused_unless(is_right: bool) -> AbstractContextManager[object]:
    return nullcontext() if is_right else pytest.raises(StoreDamaged)


@pytest.mark.parametrize(
    ("starts", "n_runs", "n_entries", "is_right"),
    [
        ([0], 0, 0, True),
        ([0, 2, 2, 5], 3, 5, True),
        ([0, 2, 2, 5], 2, 5, False),
        ([0, 2, 2, 5], 3, 6, False),
        ([1, 2, 2, 5], 3, 5, False),
        ([0, 3, 2, 5], 3, 5, False),
    ],
)
def test_runs_must_cut_all_entries(
    starts: list[int], n_runs: int, n_entries: int, is_right: bool
) -> None:
    with refused_unless(is_right):
        check_starts(np.array(starts), n_runs=n_runs, n_entries=n_entries)


@pytest.mark.parametrize(
    ("columns", "is_right"),
    [([], True), ([0, 2], True), ([2, 0], True), ([3], False), ([0, -1], False)],
)
def test_columns_must_be_there(columns: list[int], is_right: bool) -> None:
    with refused_unless(is_right):
        check_lengths(np.array(columns, dtype=np.int64), 3)
