"""Files are whole or not there, and a full disk is named."""

import errno
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope import durable
from corpuscope.durable import (
    digest_of,
    digest_of_file,
    room_on_disk,
    sync,
    write_durably,
)
from corpuscope.errors import StorageFull


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
