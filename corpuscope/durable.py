"""Files that are either whole or not there, whatever happens while they are written."""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from corpuscope.errors import InputError, StorageFull

__all__ = [
    "TEMPORARY_SUFFIX",
    "check_new",
    "digest_of",
    "digest_of_file",
    "new_file",
    "new_folder",
    "room_on_disk",
    "sync",
    "write_durably",
]

TEMPORARY_SUFFIX = ".tmp"
"""How the name of a file that is not whole yet ends; such a file is never read."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PIECE = 1 << 20


def write_durably(path: Path, content: memoryview) -> None:
    """Put `content` at `path`, on the disk itself, in one step.

    Raises:
        StorageFull: There is no room; what was at `path` before is still there.
    """
    with _whole_file(path) as temporary:
        temporary.write_bytes(content)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A temporary path to write to; the file is at `path` once the block is done, whole.

    Raises:
        InputError: There is something at `path` already.
        StorageFull: There is no room.
    """
    check_new(path)
    with room_on_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _whole_file(path) as temporary:
        yield temporary
        check_new(path)


@contextlib.contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """A temporary path, which takes the place of `path` once the block is done."""
    temporary = path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")
    with room_on_disk(path):
        try:
            yield temporary
            sync(temporary)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync(path.parent)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder to write to; it is at `path` once the block is done, whole.

    Raises:
        InputError: There is something at `path` already.
        StorageFull: There is no room.
    """
    check_new(path)
    temporary = path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")
    with room_on_disk(path):
        # What is there was left by a run that was killed.
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        try:
            yield temporary
            for inner in [*temporary.rglob("*"), temporary]:
                sync(inner)
            check_new(path)
            temporary.rename(path)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        sync(path.parent)


def check_new(path: Path) -> None:
    """Check that there is nothing at `path` yet.

    Raises:
        InputError: There is a file or a folder.
    """
    # A broken link is something, too.
    if path.exists() or path.is_symlink():
        raise InputError(
            f"{path} already exists",
            expected="a new name; nothing is overwritten",
            next_step="choose another name, or remove it first",
        )


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk."""
    if os.name == "nt" and path.is_dir():  # Windows opens no folders, and keeps names with files.
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def room_on_disk(path: Path) -> Iterator[None]:
    """Turn the system's complaint of a full disk into one that the caller can act on.

    Raises:
        StorageFull: The disk, or the caller's share of it, is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StorageFull(
            f"no room to write {path} ({error.strerror}; {_free_space(path)})",
            expected="room on that disk",
            next_step="make room, then run the same command again; what was committed is safe",
        ) from error


def _free_space(path: Path) -> str:
    try:
        return f"{shutil.disk_usage(path.parent).free / 1e6:.0f} MB free"
    except OSError:
        return "free space unknown"


def digest_of(content: bytes | memoryview) -> str:
    """The BLAKE2b digest (32 bytes) of `content` in hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=32).hexdigest()


def digest_of_file(path: Path) -> str:
    """The digest of a file's content, read in pieces."""
    running = hashlib.blake2b(digest_size=32)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            running.update(piece)
    return running.hexdigest()
