"""What happens to files: each damage changes one, given another of its folder."""

from collections.abc import Callable, Mapping
from pathlib import Path

Damage = Callable[[Path, Path, int], None]


def bit_flipped(file: Path, _other: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 1 << at % 8
    file.write_bytes(content)


def cut(file: Path, _other: Path, at: int) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: at % len(content)])


def zeroed(file: Path, _other: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    start = at % len(content)
    content[start : start + 16] = bytes(len(content[start : start + 16]))
    file.write_bytes(content)


def removed(file: Path, _other: Path, _at: int) -> None:
    file.unlink()


def emptied(file: Path, _other: Path, _at: int) -> None:
    file.write_bytes(b"")


def replaced(file: Path, other: Path, _at: int) -> None:
    file.write_bytes(other.read_bytes())


def lengthened(file: Path, _other: Path, at: int) -> None:
    file.write_bytes(file.read_bytes() + bytes([at % 251] * (1 + at % 64)))


DAMAGES: Mapping[str, Damage] = {
    "a bit flipped": bit_flipped,
    "cut": cut,
    "sixteen bytes zeroed": zeroed,
    "removed": removed,
    "emptied": emptied,
    "replaced by another of its folder": replaced,
    "garbage appended": lengthened,
}
