"""Opens files, decompressed according to their first bytes, whatever their names."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import cast

import pyarrow as pa

from corpuscope.errors import InputError

PACKED_ENDINGS = (".gz", ".bz2", ".xz", ".zst")
"""Suffixes of compressed files; compression is also detected without them."""

_Opener = Callable[[Path], BufferedIOBase]


def _zstd(path: Path) -> BufferedIOBase:
    stream = pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")
    return BufferedReader(stream, 1 << 16)


def _zip(path: Path) -> BufferedIOBase:
    with zipfile.ZipFile(path) as archive:
        member = _only_member(path, archive)
        try:
            return cast(BufferedIOBase, archive.open(member))
        except RuntimeError as error:
            # Encrypted, or an unsupported compression method.
            what = f"an archive that cannot be opened ({error})"
            raise _other(path, what, "extract it and name the file inside") from error


def _only_member(path: Path, archive: zipfile.ZipFile) -> str:
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    for beginning, (what, next_step) in _OFFICE.items():
        if any(name.startswith(beginning) for name in names):
            raise _other(path, what, next_step)
    kept = [
        name for name in names
        if not name.startswith("__MACOSX/") and not name.rsplit("/", 1)[-1].startswith(".")
    ]  # fmt: skip
    if len(kept) != 1:
        some = ", ".join(kept[:5]) + (", ..." if len(kept) > 5 else "")
        raise _other(path, f"a zip archive of {len(kept)} files ({some})",
                     "extract it and name the file to read")  # fmt: skip
    return kept[0]


def name_within(path: Path) -> str:
    """The name of the only file in a zip archive; for other files their own name.

    Raises:
        InputError: The archive has several files, or is damaged.
    """
    if _first_of(path)[:4] != b"PK\x03\x04":
        return path.name
    try:
        with zipfile.ZipFile(path) as archive:
            return _only_member(path, archive)
    except zipfile.BadZipFile as error:
        raise _damaged(path, error) from error


def magic_of(path: Path) -> bytes:
    """The first bytes of a file, not decompressed.

    Raises:
        InputError: It cannot be opened.
    """
    try:
        return _first_of(path)
    except OSError as error:
        raise _closed(path, error) from error


def _first_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_N_FIRST)


_OPENERS: dict[bytes, _Opener] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": _zstd,
    b"PK\x03\x04": _zip,
}
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
_SAVE_SHEET = "save its sheet as CSV and name that file"
_OFFICE = {
    "xl/": ("an Excel workbook", _SAVE_SHEET),
    "word/": ("a Word document", "save its text as .txt"),
    "content.xml": ("an OpenDocument file", "save its text or its sheet as .txt or CSV"),
}
_NOT_TEXT = {
    b"version https://git-lfs": ("a Git LFS pointer, not the file itself", "run git lfs pull"),
    b"\x93NUMPY": ("a numpy array", "save the texts as a table"),
    b"FEA1": ("a Feather file of version 1", "save the table as Parquet"),
    b"\x80\x05\x95": ("a Python pickle", "write the table to Parquet"),
    b"SQLite format 3\x00": ("an SQLite database", "write the table to a CSV file"),
    b"%PDF-": ("a PDF document", "extract its text into a .txt file"),
    b"\xd0\xcf\x11\xe0": ("an old Word or Excel file", "save its text or its sheet as CSV"),
    b"\x89HDF": ("an HDF5 file", "write the table to Parquet"),
    b"\x80\x04\x95": ("a Python pickle", "write the table to Parquet"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "extract it and name the file to read"),
    b"Rar!": ("a RAR archive", "extract it and name the file to read"),
}
_N_FIRST = 32


@contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """A context with the bytes of a file, decompressed from gzip, bzip2, xz, zstd or a zip file.

    Raises:
        InputError: The file cannot be opened or decompressed, or its format is unsupported.
    """
    try:
        with _open(path) as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise _damaged(path, error) from error
    except OSError as error:
        # bz2 and Arrow raise OSError without errno for damaged data.
        if error.errno is None:
            raise _damaged(path, error) from error
        raise _closed(path, error) from error


def first_bytes(path: Path, n: int) -> bytes:
    """The first `n` bytes after decompression, or all if there are fewer.

    Raises:
        InputError: As `opened`.
    """
    with opened(path) as file:
        return file.read(n)


def _open(path: Path) -> BufferedIOBase:
    first = _first_of(path)
    if path.name.lower().endswith(_TAR):
        raise _other(path, "an archive of files", "extract it and name the file to read")
    for mark, (what, next_step) in _NOT_TEXT.items():
        if first.startswith(mark):
            raise _other(path, what, next_step)
    for mark, opener in _OPENERS.items():
        if first.startswith(mark):
            return opener(path)
    return path.open("rb")


def _closed(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path} cannot be read ({error.strerror or error})",
        expected="a readable file",
        next_step="check the path and the permissions",
    )


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path} cannot be decompressed ({error})",
        expected="an intact compressed file",
        next_step="download or compress the file again",
    )


def _other(path: Path, what: str, next_step: str) -> InputError:
    return InputError(
        f"{path} is {what}", expected="a table or text, compressed or not", next_step=next_step
    )
