"""Files are unpacked by their first bytes, and what holds no text is named."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from corpuscope.corpus.sources.packed import (
    PACKED_ENDINGS,
    first_bytes,
    magic_of,
    name_within,
    opened,
)
from corpuscope.errors import InputError

TEXT = "".join(f"{number} é\n" for number in range(300)).encode()


def zipped(*names: str, data: bytes = TEXT) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"" if name.endswith("/") else data)
    return file.getvalue()


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
    ".zip": lambda data: zipped("rows.txt", data=data),
    "": bytes,
}


def contents(path: Path) -> bytes:
    with opened(path) as file:
        return file.read()


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        contents(path)
    assert str(path) in caught.value.found
    return caught.value


def test_all_endings_are_those_of_what_can_be_unpacked() -> None:
    assert {*PACKED_ENDINGS, ".zip", ""} == set(PACKED)


@pytest.mark.parametrize("ending", PACKED)
@pytest.mark.parametrize("name", ["a.csv", "odd"])
def test_a_file_is_unpacked_whatever_its_name_says(tmp_path: Path, ending: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACKED[ending](TEXT))
    assert contents(path) == TEXT
    assert first_bytes(path, 5) == TEXT[:5]
    assert first_bytes(path, 10**6) == TEXT


@pytest.mark.parametrize("ending", PACKED)
def test_lines_can_be_taken_one_by_one(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a").write_bytes(PACKED[ending](TEXT))
    with opened(tmp_path / "a") as file:
        assert list(file) == TEXT.splitlines(keepends=True)


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert contents(tmp_path / "a") == magic_of(tmp_path / "a") == b""


def test_the_first_bytes_of_a_packed_file_are_also_told_as_they_lie_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(TEXT))
    assert magic_of(tmp_path / "a") == gzip.compress(TEXT)[:32]


@pytest.mark.parametrize("ending", [ending for ending in PACKED if ending])
def test_what_is_damaged_is_refused_as_such(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a").write_bytes(PACKED[ending](TEXT)[:-20])
    error = refusal(tmp_path / "a")
    assert "cannot be decompressed" in error.found
    assert error.expected == "an intact compressed file"
    assert error.next_step == "download or compress the file again"


def test_what_is_not_there_is_refused_with_the_systems_reason(tmp_path: Path) -> None:
    error = refusal(tmp_path / "none.csv")
    assert error.found == f"{tmp_path / 'none.csv'} cannot be read (No such file or directory)"
    assert error.next_step == "check the path and the permissions"
    with pytest.raises(InputError, match="No such file or directory"):
        magic_of(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("first", "what", "next_step"),
    [
        (b"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer", "git lfs pull"),
        (b"\x93NUMPY\x01", "a numpy array", "save the texts as a table"),
        (b"FEA1xxxx", "a Feather file of version 1", "Parquet"),
        (b"\x80\x05\x95\x00", "a Python pickle", "Parquet"),
        (b"\x80\x04\x95\x00", "a Python pickle", "Parquet"),
        (b"SQLite format 3\x00", "an SQLite database", "CSV"),
        (b"%PDF-1.4", "a PDF document", ".txt"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old Word or Excel file", "CSV"),
        (b"\x89HDF\r\n", "an HDF5 file", "Parquet"),
        (b"7z\xbc\xaf\x27", "a 7-Zip archive", "extract it"),
        (b"Rar!\x1a", "a RAR archive", "extract it"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook", "CSV"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a Word document", ".txt"),
        (zipped("mimetype", "content.xml"), "an OpenDocument file", ".txt or CSV"),
    ],
)
def test_what_holds_no_text_is_named_with_the_way_out(
    tmp_path: Path, first: bytes, what: str, next_step: str
) -> None:
    (tmp_path / "a.csv").write_bytes(first)
    error = refusal(tmp_path / "a.csv")
    assert error.found.startswith(f"{tmp_path / 'a.csv'} is {what}")
    assert next_step in error.next_step


@pytest.mark.parametrize("name", ["a.tar", "A.TAR.GZ", "a.tgz", "a.tar.bz2", "a.tar.zst"])
def test_an_archive_of_files_is_told_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(TEXT))
    assert refusal(tmp_path / name).found.endswith("is an archive of files")


def test_the_one_file_in_a_zip_archive_is_found_among_what_systems_add(tmp_path: Path) -> None:
    names = ("data/", "data/rows.csv", "__MACOSX/data/._rows.csv", "data/.DS_Store")
    (tmp_path / "a.zip").write_bytes(zipped(*names))
    assert name_within(tmp_path / "a.zip") == "data/rows.csv"
    assert contents(tmp_path / "a.zip") == TEXT


def test_files_that_are_no_zip_archive_keep_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK is how it begins")
    assert name_within(tmp_path / "a.zip") == "a.zip"


def test_a_zip_archive_of_several_files_or_of_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped("1", "2", "3", "4", "5"))
    assert refusal(path).found == f"{path} is a zip archive of 5 files (1, 2, 3, 4, 5)"
    path.write_bytes(zipped("1", "2", "3", "4", "5", "6"))
    assert refusal(path).found.endswith("6 files (1, 2, 3, 4, 5, ...)")
    path.write_bytes(zipped("data/", ".hidden"))
    with pytest.raises(InputError, match=r"a zip archive of 0 files \(\)"):
        name_within(path)


def test_a_zip_archive_that_was_cut_has_no_name_within(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped("rows.csv")[:-20])
    with pytest.raises(InputError, match="cannot be decompressed"):
        name_within(tmp_path / "a.zip")


def test_a_zip_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped("rows.csv"))
    # The flag of encryption, in the header of the file and in that of the directory.
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(data))
    assert "an archive that cannot be opened" in refusal(tmp_path / "a.zip").found
