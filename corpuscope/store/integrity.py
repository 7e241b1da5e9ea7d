"""Whether files are those that were written; each is read through once for each change of it.

A file that was read through is remembered by its size, its times and its inode, in a log beside
the store where that may be written to. What changes a file changes one of these. A disk that
decays changes none: for that there is `Store.verify`, which forgets the log first.
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

# The clock that stamps files ticks every 1 to 10 ms: what is written again within one tick after
# it was read through looks unchanged, so a file is remembered only once it is older than that.
_SETTLED_NS = 50_000_000


@runtime_checkable
class Expected(Protocol):
    """What a file must be."""

    @property
    def digest(self) -> str:
        """Names the content."""

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` is this one; reads it through."""


@dataclass(frozen=True, slots=True)
class ChecksummedFile:
    """What a file of a cache must be: its size in bytes and its CRC-32.

    A sum of 32 bits is for accidents, not against forgers, and four times as fast as BLAKE2b.
    """

    n_bytes: int
    digest: str

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` is this one; reads it through."""
        try:
            return path.stat().st_size == self.n_bytes and _crc32(path) == self.digest
        except OSError:
            return False


def checksummed(path: Path) -> ChecksummedFile:
    """What the file at `path` is now."""
    return ChecksummedFile(path.stat().st_size, _crc32(path))


def _crc32(path: Path) -> str:
    running = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            running = zlib.crc32(piece, running)
    return f"{running:08x}"


class CheckedFiles:
    """The files below a folder that were read through, and found to be what they must be.

    Args:
        root: The folder.
        log: Where that is remembered; a log that cannot be read or written costs time alone.
    """

    def __init__(self, root: Path, log: Path) -> None:
        self._root, self._log = root, log
        self._names: dict[str, str] = {}

    def is_whole(self, path: Path, expected: Expected) -> bool:
        """Whether the file at `path` is the one expected.

        Cost: reads it through on the first call after it changed; then some microseconds.
        """
        # The state comes before the reading: a change in between is found the next time.
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
        """Read a file no second time: it is as expected, and was so in this state.

        Without a state the present one counts.
        """
        state = state or self._state(path, expected)
        with contextlib.suppress(OSError):
            if state is None or time.time_ns() - path.stat().st_ctime_ns < _SETTLED_NS:
                return
            self._known.add(state)
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("a", encoding="utf-8") as file:
                file.write(f"{state}\n")

    def forget(self) -> None:
        """Read every file through again when it is next asked for."""
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
        except (OSError, ValueError):  # The latter where a name is none that a file may have.
            return None
        times = f"{found.st_mtime_ns} {found.st_ctime_ns}"
        return f"{self._name(path)} {expected.digest} {found.st_size} {times} {found.st_ino}"

    def _name(self, path: Path) -> str:
        """As the log calls it; kept, for evidence asks for the same files thousands of times."""
        key = os.fspath(path)
        if key not in self._names:
            self._names[key] = json.dumps(Path(os.path.relpath(path, self._root)).as_posix())
        return self._names[key]
