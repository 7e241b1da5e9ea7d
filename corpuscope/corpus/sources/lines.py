"""Decodes the lines of a file, and suggests encodings for a file that is not UTF-8.

A few invalid lines in a UTF-8 file are decoded with surrogate escapes, so that their rows are
skipped and counted; a file in another encoding is rejected, never guessed.
"""

import codecs
from collections.abc import Iterator
from io import BufferedIOBase, TextIOWrapper
from pathlib import Path
from typing import Any

from corpuscope.corpus.sources.packed import first_bytes, opened
from corpuscope.errors import InputError

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte-order marks; of two with a common prefix the longer comes first."""

# Line breaks of these are more than one byte, so lines are split after decoding.
_WIDE = ("utf-16", "utf-32")

_MOST_ODD = 0.05
"""A file is not UTF-8 if more than this share of its non-ASCII lines is invalid."""
_SURELY = 1_000
"""This many invalid lines may decide before the end of the file."""

_SAMPLE, _SHOWN, _N_ODD, _N_CANDIDATES = 1 << 12, 60, 200, 5
_ZEROS, _WITHOUT_MARK = 0.03, ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_USUAL = ("cp1252", "gb18030", "shift_jis", "big5", "euc_kr", "cp1251", "cp1250", "cp1254")
_ASIAN = frozenset({
    "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "shift_jis", "cp932", "euc_jp", "euc_kr",
    "cp949", "johab", "hz", "iso2022_jp", "iso2022_kr", "cp1251", "koi8_r", "koi8_u",
    "mac_cyrillic",
})  # fmt: skip


def checked_encoding(name: str | None) -> str | None:
    """The normalised name of an encoding.

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
            f"there is no encoding {name!r}",
            expected="a name such as utf-8, utf-16, cp1252, gb18030 or shift_jis",
            next_step="check the name",
        ) from error
    return found.name


def decoded_lines(path: Path, encoding: str | None = None) -> Iterator[str]:
    """The lines of a file with their line breaks, without a byte-order mark.

    Only a line feed ends a line, so that rare separators inside a text are kept.

    Args:
        path: The file, compressed or not.
        encoding: By default that of a byte-order mark, else UTF-16 if every other byte is zero,
            else UTF-8.

    Raises:
        InputError: The file is in another encoding, or cannot be read.
    """
    found = encoding or _encoding_of(first_bytes(path, _SAMPLE))
    with opened(path) as file:
        if found.startswith(_WIDE):
            yield from _wide_lines(path, found)
        else:
            lines = _narrow_lines(path, file, found)
            yield from (
                _mostly_utf_8(lines, path) if found == "utf-8" else (text for _, text, _ in lines)
            )


def whole_text(path: Path, encoding: str | None = None) -> str:
    """The text of a file with its original line breaks; may contain surrogate escapes.

    Raises:
        InputError: As `decoded_lines`.
    """
    return "".join(decoded_lines(path, encoding))


def _encoding_of(first: bytes) -> str:
    """The encoding by byte-order mark, or by the positions of zero bytes; else UTF-8."""
    for mark, name in _MARKS.items():
        if first.startswith(mark):
            return name
    if first.count(0) < max(_ZEROS * len(first), 4):
        return "utf-8"
    plain = {name: _n_plain(first, name) for name in _WITHOUT_MARK}
    best = max(plain, key=lambda name: plain[name])
    return best if plain[best] else "utf-8"


def _n_plain(first: bytes, encoding: str) -> int:
    """The number of ASCII characters if the bytes are decoded in a multi-byte encoding.

    0 if they are not valid text in it.
    """
    width = 4 if "32" in encoding else 2
    whole = first[: len(first) - len(first) % width]
    try:
        text = whole.decode(encoding)
    except UnicodeDecodeError as error:
        # The last character may be incomplete.
        text = whole[: error.start].decode(encoding) if error.start >= len(whole) - 2 else "\0"
    if "\0" in text or text.count("\n") != first.count(b"\n"):
        return 0
    return sum(sign.isascii() for sign in text)


def _wide_lines(path: Path, encoding: str) -> Iterator[str]:
    number = 0
    with opened(path) as file:
        try:
            for number, line in enumerate(_decoded(file, encoding), start=1):
                yield line.removeprefix("\ufeff") if number == 1 else line
        except UnicodeError as error:
            raise InputError(
                f"{path}, after line {number}, is not {encoding.upper()} ({error})",
                expected="text in one encoding throughout",
                next_step="save the file as UTF-8, or name its encoding",
            ) from error


def _decoded(file: Any, encoding: str) -> Iterator[str]:
    return iter(TextIOWrapper(file, encoding, newline="\n"))


def _narrow_lines(
    path: Path, file: BufferedIOBase, encoding: str
) -> Iterator[tuple[bytes, str, bool]]:
    """Raw lines, their text, and whether they have invalid bytes (tolerated in UTF-8)."""
    for number, line in enumerate(file, start=1):
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        try:
            text, is_odd = line.decode(encoding), False
        except UnicodeError as error:
            if encoding != "utf-8":
                raise InputError(
                    f"{path}, line {number}, is not {encoding} ({error})",
                    expected="text in the encoding given",
                    next_step="name another encoding, or none",
                ) from error
            text, is_odd = line.decode("utf-8", "surrogateescape"), True
        yield line, text, is_odd


def _mostly_utf_8(lines: Iterator[tuple[bytes, str, bool]], path: Path) -> Iterator[str]:
    """The lines, if only few of those with non-ASCII characters are invalid UTF-8."""
    n_odd = n_beyond_ascii = 0
    odd: list[tuple[int, bytes]] = []
    for number, (line, text, is_odd) in enumerate(lines, start=1):
        n_beyond_ascii += not line.isascii()
        if is_odd:
            n_odd += 1
            if len(odd) < _N_ODD:
                odd.append((number, line))
            if n_odd >= _SURELY and n_odd > _MOST_ODD * n_beyond_ascii:
                break
        yield text
    if odd and n_odd > _MOST_ODD * n_beyond_ascii:
        raise _in_another_encoding(path, odd)


def _in_another_encoding(path: Path, odd: list[tuple[int, bytes]]) -> InputError:
    """The error, which shows the line that differs most between likely encodings."""
    names = _candidates(b"".join(line for _, line in odd))
    number, line = max(odd, key=lambda one: len({_read(one[1], name) for name in names}))
    at = _first_odd(line)
    readings = "; ".join(f"as {name} it reads {_read(line, name)!r}" for name in names)
    return InputError(
        f"{path}, line {number}, is not UTF-8 (byte 0x{line[at]:02x} at column {at + 1})"
        + (f"; {readings}" if readings else ""),
        expected="text in UTF-8, or the name of its encoding",
        next_step="name the encoding in which that line reads correctly (--encoding, encoding=), "
        "or save the file as UTF-8",
    )


def _first_odd(line: bytes) -> int:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _read(line: bytes, encoding: str) -> str:
    """The line around its first invalid byte."""
    start = max(len(line[: _first_odd(line)].decode(encoding, "ignore")) - _SHOWN // 3, 0)
    return line.decode(encoding, "replace")[start : start + _SHOWN].strip()


def _candidates(odd: bytes) -> list[str]:
    """Encodings that decode all invalid lines, to distinct texts, likely ones first."""
    from charset_normalizer import from_bytes

    likely = [one.encoding for one in from_bytes(odd)][:1]
    # Single-byte encodings cannot be told apart reliably; Western European is the most common.
    is_wide = bool(likely) and (likely[0] in _ASIAN or "cyrillic" in likely[0])
    names = [*likely, *_USUAL] if is_wide else [_USUAL[0], *likely, *_USUAL[1:]]
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        try:
            found.setdefault(odd.decode(name), name)
        except (UnicodeError, LookupError):
            continue
    return list(found.values())[:_N_CANDIDATES]
