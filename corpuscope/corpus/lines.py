"""The decoded lines of a file, compressed or not, with errors that name the line."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from corpuscope.errors import InputError


@contextmanager
def opened(path: Path) -> Iterator[BufferedIOBase]:
    """The bytes of a file, unpacked where its name ends in `.gz`.

    Raises:
        InputError: The file cannot be opened, or its compression is damaged.
    """
    try:
        with _open(path) as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{path} cannot be unpacked ({error})",
            expected="a whole gzip file",
            next_step="fetch or compress the file again, or drop the ending .gz if it is plain",
        ) from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error})",
            expected="a file that may be read",
            next_step="check the path and the permissions",
        ) from error


def _open(path: Path) -> BufferedIOBase:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def decoded_lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file with their line breaks, without a byte-order mark.

    Only a line feed ends a line, so that rare separators inside a text stay inside it.

    Raises:
        InputError: A line is not UTF-8, or the file cannot be read.
    """
    with opened(path) as file:
        for number, line in enumerate(file, start=1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            yield _decoded(line, path=path, number=number)


def whole_text(path: Path) -> str:
    """The text of a UTF-8 file, its line breaks as they are.

    Raises:
        InputError: The file is not UTF-8 or cannot be read.
    """
    return "".join(decoded_lines(path))


def _decoded(line: bytes, *, path: Path, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise InputError(
            f"{path}, line {number}, is not UTF-8 (byte 0x{byte:02x} at column {error.start + 1})",
            expected="text in UTF-8",
            next_step=f"convert the file, for example: iconv -f WINDOWS-1252 -t UTF-8 {path.name}",
        ) from error
