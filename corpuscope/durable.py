"""Files that are either whole or not there, whatever happens while they are written."""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from corpuscope.errors import StorageFull

__all__ = [
    "TEMPORARY_SUFFIX",
    "digest_of",
    "digest_of_file",
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
    temporary = path.with_name(f".{path.name}{TEMPORARY_SUFFIX}")
    with room_on_disk(path):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        sync(path.parent)


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
