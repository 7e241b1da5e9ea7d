"""The decoded lines of a file, and what a file that is not UTF-8 may be.

A line that is not UTF-8 among many that are comes with its odd bytes as half surrogate pairs, so
that its row is left out and counted; a file in another encoding is refused, never guessed.
"""

import codecs
from collections.abc import Iterator
from io import BufferedIOBase, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any

from corpuscope.corpus.packed import opened
from corpuscope.errors import InputError

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte-order marks; the longer of two that begin alike comes first."""

# A line break of these is more than one byte, so lines are taken after decoding.
_WIDE = ("utf-16", "utf-32")

_MOST_ODD = 0.05
"""Of the lines with more than ASCII: from this share on that is not UTF-8, the file is none."""
_SURELY = 20
"""So many odd lines tell it before the end."""

_SAMPLE, _SHOWN, _CANDIDATES = 1 << 16, 60, 6
_USUAL = ("gb18030", "cp1252", "shift_jis", "big5", "euc_kr", "cp1251", "cp1250")


def checked_encoding(name: str | None) -> str | None:
    """The encoding's usual name.

    Raises:
        InputError: There is no such encoding.
    """
    if name is None:
        return None
    try:
        found = codecs.lookup(name)
        "a".encode(found.name)
    except (LookupError, ValueError) as error:
        raise InputError(
            f"no encoding is called {name!r}",
            expected="a name such as utf-8, utf-16, cp1252, gb18030 or shift_jis",
            next_step="check the name",
        ) from error
    return found.name


def decoded_lines(path: Path, encoding: str | None = None) -> Iterator[str]:
    """The lines of a file with their line breaks, without a byte-order mark.

    Only a line feed ends a line, so that rare separators inside a text stay inside it.

    Args:
        path: The file, packed or not.
        encoding: How its characters are written; by default what a byte-order mark says, else
            UTF-16 where every other byte is zero, else UTF-8.

    Raises:
        InputError: The file is in another encoding, or it cannot be read.
    """
    with opened(path) as file:
        first = file.readline()
        found = _encoding_of(first) if encoding is None else encoding
        if found.startswith(_WIDE):
            yield from _wide_lines(path, found)
        else:
            lines = _narrow_lines(path, first, file, found)
            yield from (
                _mostly_utf_8(lines, path) if found == "utf-8" else (text for _, text, _ in lines)
            )


def whole_text(path: Path, encoding: str | None = None) -> str:
    """The text of a file, its line breaks as they are; may hold half surrogate pairs.

    Raises:
        InputError: As `decoded_lines`.
    """
    return "".join(decoded_lines(path, encoding))


def _encoding_of(first: bytes) -> str:
    for mark, name in _MARKS.items():
        if first.startswith(mark):
            return name
    if len(first) >= 4 and not first[1] and not first[3] and first[0] and first[2]:
        return "utf-16-le"
    if len(first) >= 4 and not first[0] and not first[2] and first[1] and first[3]:
        return "utf-16-be"
    return "utf-8"


def _wide_lines(path: Path, encoding: str) -> Iterator[str]:
    number = 0
    with opened(path) as file:
        try:
            for number, line in enumerate(_decoded(file, encoding), start=1):
                yield line.removeprefix("\ufeff") if number == 1 else line
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}, after line {number}, is not {encoding.upper()} ({error.reason})",
                expected="text in one encoding from beginning to end",
                next_step="write the file again in UTF-8, or name its encoding",
            ) from error


def _decoded(file: Any, encoding: str) -> Iterator[str]:
    return iter(TextIOWrapper(file, encoding, newline="\n"))


def _narrow_lines(
    path: Path, first: bytes, file: BufferedIOBase, encoding: str
) -> Iterator[tuple[bytes, str, bool]]:
    """Lines as they are, decoded, and whether they hold odd bytes: UTF-8 is read all the same."""
    line, number = first.removeprefix(codecs.BOM_UTF8), 1
    while line:
        try:
            text, is_odd = line.decode(encoding), False
        except UnicodeDecodeError as error:
            if encoding != "utf-8":
                raise InputError(
                    f"{path}, line {number}, is not {encoding} (byte 0x{line[error.start]:02x} "
                    f"at column {error.start + 1})",
                    expected="text in the encoding that is named",
                    next_step="name another encoding, or none",
                ) from error
            text, is_odd = line.decode("utf-8", "surrogateescape"), True
        yield line, text, is_odd
        line, number = file.readline(), number + 1


def _mostly_utf_8(lines: Iterator[tuple[bytes, str, bool]], path: Path) -> Iterator[str]:
    """The lines, if those that are not UTF-8 are few among those with more than ASCII."""
    n_odd = n_beyond_ascii = 0
    first_odd: tuple[int, bytes] | None = None
    for number, (line, text, is_odd) in enumerate(lines, start=1):
        n_beyond_ascii += not line.isascii()
        if is_odd:
            n_odd += 1
            first_odd = first_odd or (number, line)
            if n_odd >= _SURELY and n_odd > _MOST_ODD * n_beyond_ascii:
                break
        yield text
    if first_odd and n_odd > _MOST_ODD * n_beyond_ascii:
        raise _in_another_encoding(path, *first_odd)


def _in_another_encoding(path: Path, number: int, line: bytes) -> InputError:
    try:
        line.decode("utf-8")
        at = 0
    except UnicodeDecodeError as error:
        at = error.start
    read_as = _candidates(path, line, at)
    told = "; ".join(f"as {name} it reads {text!r}" for name, text in read_as)
    return InputError(
        f"{path}, line {number}, is not UTF-8 (byte 0x{line[at]:02x} at column {at + 1})"
        + (f"; {told}" if told else ""),
        expected="text in UTF-8, or the name of its encoding",
        next_step="name the encoding in which that line reads well (--encoding, encoding=), "
        "or write the file again in UTF-8",
    )


def _candidates(path: Path, line: bytes, at: int) -> list[tuple[str, str]]:
    """Encodings in which the file can be read, likely ones first, and the line in each."""
    from charset_normalizer import from_bytes

    with opened(path) as file:
        sample = b"".join(islice(file, 2_000))[:_SAMPLE]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    beyond = b"".join(one for one in sample.splitlines(keepends=True) if not one.isascii())
    likely = [one.encoding for one in from_bytes(beyond or line)]
    found: dict[str, str] = {}
    for name in dict.fromkeys([*likely[:2], *_USUAL]):
        try:
            (beyond or line).decode(name)
            text = line.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        start = max(len(line[:at].decode(name, "ignore")) - _SHOWN // 3, 0)
        shown = text[start : start + _SHOWN].strip()
        if shown not in found.values():
            found[name] = shown
    return list(found.items())[:_CANDIDATES]
