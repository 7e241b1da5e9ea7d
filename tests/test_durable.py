"""Files are whole or not there, and a full disk is named."""

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope import durable
from corpuscope.durable import (
    digest_of,
    digest_of_file,
    new_file,
    new_folder,
    room_on_disk,
    sync,
    write_durably,
)
from corpuscope.errors import InputError, StorageFull


def written(path: Path, content: bytes) -> None:
    write_durably(path, memoryview(content))


@pytest.mark.parametrize("content", [b"", b"some", bytes(range(256)) * 9])
def test_what_was_written_is_there_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    written(tmp_path / "a", content)
    assert (tmp_path / "a").read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_a_shorter_content_leaves_nothing_of_the_longer_one(tmp_path: Path) -> None:
    written(tmp_path / "a", b"a long content")
    written(tmp_path / "a", b"short")
    assert (tmp_path / "a").read_bytes() == b"short"


def test_the_content_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash after the rename must not find a name without its content."""
    seen: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda n: (seen.append("fsync"), fsync(n))[1])
    monkeypatch.setattr(Path, "replace", lambda a, b: (seen.append("rename"), replace(a, b))[1])
    written(tmp_path / "a", b"some")
    assert seen == ["fsync", "rename", "fsync"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_keeps_what_was_there_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    written(tmp_path / "a", b"before")

    def full(_: int) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull) as refused:
        written(tmp_path / "a", b"after")
    assert str(tmp_path / "a") in refused.value.found
    assert refused.value.next_step
    assert [file.name for file in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"before"


def test_other_complaints_of_the_system_stay_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "a broken disk")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="a broken disk") as raised:
        written(tmp_path / "a", b"after")
    assert raised.value.errno == errno.EIO
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        written(tmp_path / "no" / "a", b"some")


def test_a_full_disk_is_told_though_its_free_space_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(StorageFull) as refused, room_on_disk(tmp_path / "no" / "a"):
        raise OSError(errno.ENOSPC, "full")
    assert isinstance(refused.value.__cause__, OSError)


def test_what_is_no_complaint_of_the_system_passes(tmp_path: Path) -> None:
    with pytest.raises(KeyError), room_on_disk(tmp_path):
        raise KeyError("a")


def test_a_folder_is_closed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    close = os.close
    monkeypatch.setattr(os, "close", lambda n: (closed.append(n), close(n))[1])
    sync(tmp_path)
    assert len(closed) == 1


def test_digests_are_those_of_the_standard_library(tmp_path: Path) -> None:
    truth = hashlib.blake2b(b"some", digest_size=32).hexdigest()
    (tmp_path / "a").write_bytes(b"some")
    assert digest_of(b"some") == digest_of(memoryview(b"some")) == truth
    assert digest_of_file(tmp_path / "a") == truth
    assert len(truth) == 64


@settings(max_examples=30)
@given(content=st.binary(max_size=40), piece=st.integers(1, 9))
def test_a_file_has_one_digest_however_large_its_pieces(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, piece: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "pieces"
    file.write_bytes(content)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(durable, "_PIECE", piece)
        assert digest_of_file(file) == digest_of(content)


def test_a_new_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    with new_file(tmp_path / "deep" / "a.bin") as temporary:
        temporary.write_bytes(b"whole")
        assert not (tmp_path / "deep" / "a.bin").exists()
    assert (tmp_path / "deep" / "a.bin").read_bytes() == b"whole"
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["a.bin"]


def test_a_new_folder_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    leftover = tmp_path / ".a.tmp" / "of a run that was killed"
    leftover.mkdir(parents=True)
    with new_folder(tmp_path / "a") as temporary:
        (temporary / "inner").mkdir()
        (temporary / "inner" / "b").write_text("whole")
        assert not (tmp_path / "a").exists()
    assert [file.name for file in tmp_path.rglob("*")] == ["a", "inner", "b"]


@pytest.mark.parametrize("opened", [new_file, new_folder])
def test_what_fails_leaves_nothing(
    tmp_path: Path, opened: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    def interrupted() -> None:
        with opened(tmp_path / "a") as temporary:
            if opened is new_file:
                temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opened", [new_file, new_folder])
@pytest.mark.parametrize("there", ["file", "folder", "broken link"])
def test_nothing_is_overwritten(
    tmp_path: Path, opened: Callable[[Path], AbstractContextManager[Path]], there: str
) -> None:
    path = tmp_path / "a"
    if there == "file":
        path.write_text("kept")
    elif there == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="already exists"), opened(path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("opened", [new_file, new_folder])
def test_what_came_to_be_meanwhile_is_not_overwritten(
    tmp_path: Path, opened: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    path = tmp_path / "a"

    def overtaken() -> None:
        with opened(path) as temporary:
            if opened is new_file:
                temporary.write_bytes(b"new")
            path.write_text("kept")

    with pytest.raises(InputError, match="already exists"):
        overtaken()
    assert path.read_text() == "kept"


@pytest.mark.parametrize("opened", [new_file, new_folder])
def test_a_full_disk_is_named_by_what_is_new_too(
    tmp_path: Path, opened: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    with pytest.raises(StorageFull, match="no room to write"), opened(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "full")
    assert list(tmp_path.iterdir()) == []
