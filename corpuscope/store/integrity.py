"""Checks that files are those that were written; each is hashed once after every change.

A verified file is remembered by its size, times and inode, in a log inside the store if that is
writable. Any normal change of a file changes one of these. Silent corruption on disk changes
none: for that there is `Store.verify`, which clears the log first.
"""

import contextlib
import json
import os
import time
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

__all__ = ["CheckedFiles", "ChecksummedFile", "Expected", "checksummed"]

_PIECE = 1 << 20

# File timestamps tick every 1 to 10 ms, so a write within a tick of the check would go unnoticed:
# a file is remembered only once it is older than that.
_SETTLED_NS = 50_000_000


@runtime_checkable
class Expected(Protocol):
    """The expected content of a file."""

    @property
    def digest(self) -> str:
        """A hash of the content."""

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` has this content; reads the whole file."""


@dataclass(frozen=True, slots=True)
class ChecksummedFile:
    """The expected size in bytes and CRC-32 of a cache file.

    A CRC detects accidental damage, not tampering, and is four times as fast as BLAKE2b.
    """

    n_bytes: int
    digest: str

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` has this content; reads the whole file."""
        try:
            return path.stat().st_size == self.n_bytes and _crc32(path) == self.digest
        except OSError:
            return False


def checksummed(path: Path) -> ChecksummedFile:
    """The size and checksum of the file at `path`."""
    return ChecksummedFile(path.stat().st_size, _crc32(path))


def _crc32(path: Path) -> str:
    running = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            running = zlib.crc32(piece, running)
    return f"{running:08x}"


class CheckedFiles:
    """Remembers which files below a folder were verified.

    Args:
        root: The folder.
        log: The log file; one that cannot be read or written only costs time.
    """

    def __init__(self, root: Path, log: Path) -> None:
        self._root, self._log = root, log
        self._names: dict[str, str] = {}

    def is_whole(self, path: Path, expected: Expected) -> bool:
        """Whether the file at `path` has the expected content.

        Cost: reads the whole file on the first call after it changed; then some microseconds.
        """
        # Take the state before reading: a change in between is then noticed the next time.
        state = self._state(path, expected)
        if state is None:
            return False
        if state in self._known:
            return True
        if not expected.is_at(path):
            return False
        self.remember(path, expected, state=state)
        return True

    def remember(self, path: Path, expected: Expected, *, state: str | None = None) -> None:
        """Record that a file was verified in this state; by default its present state."""
        state = state or self._state(path, expected)
        with contextlib.suppress(OSError):
            if state is None or time.time_ns() - path.stat().st_ctime_ns < _SETTLED_NS:
                return
            self._known.add(state)
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("a", encoding="utf-8") as file:
                file.write(f"{state}\n")

    def forget(self) -> None:
        """Clear the log, so that every file is verified again on its next use."""
        self._known.clear()
        with contextlib.suppress(OSError):
            self._log.unlink()

    @cached_property
    def _known(self) -> set[str]:
        try:
            return set(self._log.read_text(encoding="utf-8", errors="replace").splitlines())
        except OSError:
            return set()

    def _state(self, path: Path, expected: Expected) -> str | None:
        try:
            found = path.stat()
        except (OSError, ValueError):  # ValueError: not a valid file name.
            return None
        times = f"{found.st_mtime_ns} {found.st_ctime_ns}"
        return f"{self._name(path)} {expected.digest} {found.st_size} {times} {found.st_ino}"

    def _name(self, path: Path) -> str:
        """The file's name in the log; cached, since evidence looks up files thousands of times."""
        key = os.fspath(path)
        if key not in self._names:
            self._names[key] = json.dumps(Path(os.path.relpath(path, self._root)).as_posix())
        return self._names[key]
