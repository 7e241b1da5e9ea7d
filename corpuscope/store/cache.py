"""A cache of arrays computed from a store; it can be deleted at any time.

Its folders are in `cache/<digest of the store's content>/` inside the store, or in a temporary
folder if the store is read-only. A folder appears atomically, with a checksum of each file. A
damaged one is computed again, with a warning.
"""

import contextlib
import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.durable import TEMPORARY_SUFFIX, room_on_disk, sync
from corpuscope.errors import StoreDamaged
from corpuscope.store.integrity import CheckedFiles, ChecksummedFile, checksummed

__all__ = ["Cache", "check_lengths", "check_starts", "mapped", "new_array", "saved_array"]

_CHECKSUMS = "checksums.json"
_MAY_NOT_WRITE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR}
_ABANDONED_AFTER_S = 24 * 3600.0


class Cache:
    """The folders computed from one version of one store.

    Args:
        store: The store's folder.
        digest: The hash of its documents and strengths.
    """

    def __init__(self, store: Path, digest: str) -> None:
        self._root = store / "cache"
        self._home = self._root / digest
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self.checked = CheckedFiles(store, self._home / "checked.log")
        # A warning for each damaged folder.
        self.mended: list[str] = []

    def folder(self, name: str, *, arrays: Sequence[str], build: Callable[[Path], None]) -> Path:
        """The folder of that name, computed by `build(folder)` unless it exists.

        Args:
            name: The folder's name.
            arrays: The arrays that it must contain; if a file is damaged, all are computed anew.
            build: Fills an empty folder.

        Raises:
            StorageFull: The disk is full.
        """
        kept = self._home / name
        if self._is_whole(kept, arrays):
            return kept
        place = self._writable_home() / name
        if place == kept or not self._is_whole(place, arrays):
            with room_on_disk(place):
                _build_in_one_step(place, build)
            for file, expected in _read_checksums(place).items():
                self.checked.remember(place / file, expected)
            self._remove_stale()
        return place

    def verify(self) -> None:
        """Verify every file of every folder against its checksum.

        Raises:
            StoreDamaged: A file is not the one that was written.
        """
        for folder in sorted(path for path in self._home.glob("[!.]*") if path.is_dir()):
            if fault := self._fault(folder, ()):
                raise _not_whole(folder, fault)

    def _is_whole(self, folder: Path, arrays: Sequence[str]) -> bool:
        if not folder.is_dir():
            return False
        fault = self._fault(folder, arrays)
        line = f"{folder} was damaged ({fault}); it was not used, but computed again"
        if fault and line not in self.mended:
            self.mended.append(line)
        return fault is None

    def _fault(self, folder: Path, arrays: Sequence[str]) -> str | None:
        """What is wrong with a folder, or None."""
        try:
            files = _read_checksums(folder)
        except (OSError, ValueError, TypeError, AttributeError):
            return f"{_CHECKSUMS} cannot be read"
        if missing := sorted({f"{name}.npy" for name in arrays} - files.keys()):
            return f"{missing[0]} is missing"
        for name, expected in files.items():
            if not self.checked.is_whole(folder / name, expected):
                return f"{name} has changed"
        return None

    def _writable_home(self) -> Path:
        if self._scratch is not None:
            return Path(self._scratch.name)
        try:
            # Try to write: permission bits do not show read-only mounts.
            self._home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._home):
                return self._home
        except OSError as error:
            if error.errno not in _MAY_NOT_WRITE:
                raise
        self._scratch = tempfile.TemporaryDirectory(prefix="corpuscope-")
        return Path(self._scratch.name)

    def _remove_stale(self) -> None:
        if self._scratch is not None:
            return
        # Folders of other digests are of earlier contents of the store.
        for other in self._root.glob("*"):
            if other.name != self._home.name:
                shutil.rmtree(other, ignore_errors=True)
        long_ago = time.time() - _ABANDONED_AFTER_S
        for unfinished in self._home.glob(f".*{TEMPORARY_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):
                if unfinished.stat().st_mtime < long_ago:
                    shutil.rmtree(unfinished, ignore_errors=True)


def mapped(folder: Path, name: str) -> npt.NDArray[Any]:
    """A memory-mapped array of a cache folder."""
    return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))


def new_array(folder: Path, name: str, *, dtype: npt.DTypeLike, length: int) -> Any:
    """A memory-mapped array to be filled, with its disk space allocated up front.

    Otherwise a full disk would kill the process by a signal (SIGBUS) instead of an error.
    """
    path = folder / f"{name}.npy"
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=(length,))
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def saved_array(folder: Path, name: str, values: npt.NDArray[Any]) -> None:
    """Save a small array in a cache folder."""
    new_array(folder, name, dtype=values.dtype, length=len(values))[:] = values


def check_starts(starts: npt.NDArray[np.integer[Any]], *, n_runs: int, n_entries: int) -> None:
    """Check that `starts` divides concatenated entries into runs.

    Checksums detect accidents; this keeps compiled loops within bounds whatever a file contains.

    Raises:
        StoreDamaged: It does not.
    """
    ends_well = len(starts) == n_runs + 1 and starts[0] == 0 and starts[-1] == n_entries
    if not ends_well or np.any(starts[1:] < starts[:-1]):
        raise _not_whole(Path("cache"), f"offsets do not divide {n_entries} entries in {n_runs}")


def check_lengths(columns: npt.NDArray[np.integer[Any]], n: int) -> None:
    """Check that all column (or row) indices are from 0 to `n` - 1.

    Raises:
        StoreDamaged: One is not.
    """
    if len(columns) and not (columns.min() >= 0 and columns.max() < n):
        raise _not_whole(Path("cache"), f"{columns.min()} to {columns.max()} are not 0 to {n - 1}")


def _not_whole(folder: Path, fault: str) -> StoreDamaged:
    return StoreDamaged(
        f"{folder} in a store is damaged ({fault})",
        expected="arrays as they were written",
        next_step="delete that folder and run again: it is computed anew",
    )


def _read_checksums(folder: Path) -> dict[str, ChecksummedFile]:
    read = json.loads((folder / _CHECKSUMS).read_bytes())
    return {name: ChecksummedFile(*expected) for name, expected in read.items()}


def _write_checksums(folder: Path) -> None:
    files = sorted(folder.iterdir())
    found = {path.name: checksummed(path) for path in files}
    content = {name: [one.n_bytes, one.digest] for name, one in found.items()}
    (folder / _CHECKSUMS).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _build_in_one_step(place: Path, build: Callable[[Path], None]) -> None:
    unfinished = place.with_name(f".{place.name}-{os.getpid()}{TEMPORARY_SUFFIX}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        build(unfinished)
        _write_checksums(unfinished)
        _sync_files(unfinished)
        # Sync before the rename, so that a folder under its final name is always complete.
        shutil.rmtree(place, ignore_errors=True)
        try:
            unfinished.rename(place)
        except OSError:
            # Another process may have created the same folder first; then ours is not needed.
            if not place.exists():
                raise
        sync(place.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _sync_files(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
