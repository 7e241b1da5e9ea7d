"""A file is whole where its bytes are those expected, and is read once for each change."""

import os
import time
import zlib
from pathlib import Path

import pytest

from corpuscope.store import integrity
from corpuscope.store.integrity import CheckedFiles, ChecksummedFile, checksummed


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once; otherwise each test would wait for the clock."""
    monkeypatch.setattr(integrity, "_SETTLED_NS", -(10**12))


@pytest.fixture
def n_read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read through so far."""
    seen: list[Path] = []
    real = integrity._crc32
    monkeypatch.setattr(integrity, "_crc32", lambda path: (seen.append(path), real(path))[1])
    return seen


def file_of(path: Path, content: bytes = b"some") -> tuple[Path, ChecksummedFile]:
    path.write_bytes(content)
    return path, checksummed(path)


@pytest.mark.parametrize("content", [b"", b"a", bytes(range(256)) * 10])
def test_a_checksum_is_the_size_and_the_crc_in_eight_digits(tmp_path: Path, content: bytes) -> None:
    file, found = file_of(tmp_path / "a", content)
    assert found == ChecksummedFile(len(content), f"{zlib.crc32(content):08x}")
    assert len(found.digest) == 8
    assert found.is_at(file)


def test_a_checksum_does_not_depend_on_the_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, found = file_of(tmp_path / "a", b"some content")
    monkeypatch.setattr(integrity, "_PIECE", 5)
    assert checksummed(tmp_path / "a") == found


@pytest.mark.parametrize("other", [b"same", b"som", b"somee", b""])
def test_another_content_is_not_the_file(tmp_path: Path, other: bytes) -> None:
    file, expected = file_of(tmp_path / "a")
    file.write_bytes(other)
    assert not expected.is_at(file)
    assert not CheckedFiles(tmp_path, tmp_path / "log").is_whole(file, expected)


def test_a_file_that_is_not_there_is_not_whole(tmp_path: Path) -> None:
    checked = CheckedFiles(tmp_path, tmp_path / "log")
    for name in ("no", "no/no", "a\0b"):
        assert not checked.is_whole(tmp_path / name, ChecksummedFile(0, "00000000"))


def test_a_file_is_read_once_by_all_who_share_a_log(tmp_path: Path, n_read: list[Path]) -> None:
    file, expected = file_of(tmp_path / "a")
    n_read.clear()
    for checked in (CheckedFiles(tmp_path, tmp_path / "x" / "log") for _ in range(3)):
        assert checked.is_whole(file, expected)
        assert checked.is_whole(file, expected)
    assert n_read == [file]
    assert CheckedFiles(tmp_path, tmp_path / "another").is_whole(file, expected)
    assert len(n_read) == 2


def test_a_folder_may_be_moved_with_its_log(tmp_path: Path, n_read: list[Path]) -> None:
    """The log calls files by their places below the folder."""
    (tmp_path / "a").mkdir()
    file, expected = file_of(tmp_path / "a" / "f")
    CheckedFiles(tmp_path / "a", tmp_path / "a" / "log").is_whole(file, expected)
    (tmp_path / "a").rename(tmp_path / "b")
    n_read.clear()
    moved = CheckedFiles(tmp_path / "b", tmp_path / "b" / "log")
    assert moved.is_whole(tmp_path / "b" / "f", expected)
    assert n_read == []


@pytest.mark.parametrize("change", ["content", "times", "expected"])
def test_what_changes_is_read_again(tmp_path: Path, n_read: list[Path], change: str) -> None:
    file, expected = file_of(tmp_path / "a")
    checked = CheckedFiles(tmp_path, tmp_path / "log")
    assert checked.is_whole(file, expected)
    n_read.clear()
    if change == "content":
        file.write_bytes(b"else")
    elif change == "times":
        os.utime(file, (1, 1))
    else:
        expected = ChecksummedFile(4, "00000000")
    assert checked.is_whole(file, expected) == (change == "times")
    assert n_read == [file]


def test_what_is_not_whole_is_not_remembered_as_whole(tmp_path: Path) -> None:
    file, expected = file_of(tmp_path / "a")
    file.write_bytes(b"else")
    for _ in range(2):
        assert not CheckedFiles(tmp_path, tmp_path / "log").is_whole(file, expected)
    assert not (tmp_path / "log").exists()


def test_what_is_remembered_is_not_read(tmp_path: Path, n_read: list[Path]) -> None:
    file, expected = file_of(tmp_path / "a")
    n_read.clear()
    checked = CheckedFiles(tmp_path, tmp_path / "log")
    checked.remember(file, expected)
    checked.remember(tmp_path / "no", expected)
    assert checked.is_whole(file, expected)
    assert n_read == []


def test_what_was_written_just_now_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "_SETTLED_NS", 10**12)
    file, expected = file_of(tmp_path / "a")
    checked = CheckedFiles(tmp_path, tmp_path / "log")
    assert checked.is_whole(file, expected)
    checked.remember(file, expected)
    assert not (tmp_path / "log").exists()
    assert file.stat().st_ctime_ns > time.time_ns() - 10**12


def test_what_is_forgotten_is_read_again(tmp_path: Path, n_read: list[Path]) -> None:
    file, expected = file_of(tmp_path / "a")
    checked = CheckedFiles(tmp_path, tmp_path / "log")
    checked.forget()
    checked.is_whole(file, expected)
    checked.forget()
    assert not (tmp_path / "log").exists()
    n_read.clear()
    assert checked.is_whole(file, expected)
    assert n_read == [file]


def test_a_log_that_cannot_be_written_costs_time_alone(tmp_path: Path, n_read: list[Path]) -> None:
    file, expected = file_of(tmp_path / "a")
    (tmp_path / "blocked").write_text("a file where a folder would be")
    for _ in range(2):
        assert CheckedFiles(tmp_path, tmp_path / "blocked" / "log").is_whole(file, expected)
    assert len(n_read) == 3
