"""Folders of arrays that are computed from a store once, and can be deleted at any time.

They lie in `cache/<digest of what they were computed from>/` inside the store, or in a
temporary folder where the store may not be written to. A folder appears in one step, whole.
"""

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.store.durable import TEMPORARY_SUFFIX, room_on_disk, sync_folder

__all__ = ["Cache", "mapped", "new_array", "saved_array"]

_MAY_NOT_WRITE = {errno.EACCES, errno.EPERM, errno.EROFS}
_ABANDONED_AFTER_S = 24 * 3600.0


class Cache:
    """The folders computed from one state of one store.

    Args:
        store: The store's folder.
        digest: Of the documents and strengths in it.
    """

    def __init__(self, store: Path, digest: str) -> None:
        self._root = store / "cache"
        self._home = self._root / digest
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def folder(self, name: str, *, arrays: Sequence[str], build: Callable[[Path], None]) -> Path:
        """The folder of that name, computed by `build(folder)` unless it is there already.

        Args:
            name: The folder's name.
            arrays: The arrays that must be in it; where one is not whole, all are made anew.
            build: Fills an empty folder.

        Raises:
            StorageFull: There is no room for it.
        """
        kept = self._home / name
        if _is_whole(kept, arrays):
            return kept
        place = self._writable_home() / name
        if not _is_whole(place, arrays):
            with room_on_disk(place):
                _build_in_one_step(place, build)
            self._remove_stale()
        return place

    def _writable_home(self) -> Path:
        if self._scratch is not None:
            return Path(self._scratch.name)
        try:
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
        for other in self._root.glob("*"):
            if other.name != self._home.name:
                shutil.rmtree(other, ignore_errors=True)
        long_ago = time.time() - _ABANDONED_AFTER_S
        for unfinished in self._home.glob(f".*{TEMPORARY_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):
                if unfinished.stat().st_mtime < long_ago:
                    shutil.rmtree(unfinished, ignore_errors=True)


def mapped(folder: Path, name: str) -> npt.NDArray[Any]:
    """An array of a cache folder, read from the disk as it is used."""
    return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))


def new_array(folder: Path, name: str, *, dtype: npt.DTypeLike, length: int) -> Any:
    """An array in a file, to be filled; its room on the disk is taken at once.

    Without that, a disk that fills up would end the process by a signal, not by an error.
    """
    path = folder / f"{name}.npy"
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(dtype), shape=(length,))
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def saved_array(folder: Path, name: str, values: npt.NDArray[Any]) -> None:
    """Keep a small array in a cache folder."""
    new_array(folder, name, dtype=values.dtype, length=len(values))[:] = values


def _is_whole(folder: Path, arrays: Sequence[str]) -> bool:
    try:
        for name in arrays:
            mapped(folder, name)
    except (OSError, ValueError):
        return False
    return True


def _build_in_one_step(place: Path, build: Callable[[Path], None]) -> None:
    unfinished = place.with_name(f".{place.name}-{os.getpid()}{TEMPORARY_SUFFIX}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        build(unfinished)
        _sync_files(unfinished)
        shutil.rmtree(place, ignore_errors=True)
        try:
            unfinished.rename(place)
        except OSError:
            # Another process may have put the same folder there first; then ours is not needed.
            if not place.exists():
                raise
        sync_folder(place.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _sync_files(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
