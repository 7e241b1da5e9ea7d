"""Plain text files are a document each, and the lines of one alone are."""

from pathlib import Path

import pytest

from corpuscope.corpus.sources.rows import Place, Row
from corpuscope.corpus.sources.text_files import TextFiles, TextLines
from corpuscope.errors import InputError


def test_each_file_is_a_row_with_its_id_and_its_whole_text(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfsecond\r\n\nline\n")
    (tmp_path / "a.txt").write_bytes(b"")
    part = TextFiles("texts", (tmp_path / "b.txt", tmp_path / "a.txt"), ("b", "deep/a"))
    rows = [
        Row({"id": "b", "text": "second\r\n\nline\n"}, Place(str(tmp_path / "b.txt"))),
        Row({"id": "deep/a", "text": ""}, Place(str(tmp_path / "a.txt"))),
    ]
    assert list(part.rows()) == rows
    assert list(part.rows()) == rows
    assert (part.name, part.kind, part.n_rows()) == ("texts", "txt", 2)
    assert part.columns() == ("id", "text")
    assert part.notes() == ()


def test_files_without_ids_of_their_own_are_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ValueError, match="longer than"):
        list(TextFiles("texts", (tmp_path / "a.txt",), ()).rows())


def test_each_line_that_is_not_empty_is_a_row_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b" one \r\n\n \t\ntwo\nlast")
    part = TextLines(tmp_path / "a.txt")
    found = [row for row in part.rows() if isinstance(row, Row)]
    assert [row.place.number for row in found] == [1, 4, 5]
    assert [row.values for row in found] == [{"text": " one "}, {"text": "two"}, {"text": "last"}]
    assert str(found[0].place) == f"{tmp_path / 'a.txt'}, line 1"


def test_what_lines_are_is_told_with_the_other_way_to_read_them(tmp_path: Path) -> None:
    part = TextLines(tmp_path / "a.txt")
    assert (part.name, part.kind, part.n_rows()) == (str(tmp_path / "a.txt"), "txt", None)
    assert part.columns() == ("text",)
    (note,) = part.notes()
    assert note.startswith("a.txt: each line is a document")
    assert "name their folder" in note


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le"])
def test_a_named_encoding_is_used_for_files_and_for_lines(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("é\nà".encode(encoding))
    (whole,) = TextFiles("texts", (path,), ("a",), encoding).rows()
    assert whole.values["text"] == "é\nà"
    assert [row.values["text"] for row in TextLines(path, encoding).rows()] == ["é", "à"]


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    gone = tmp_path / "gone.txt"
    with pytest.raises(InputError, match=r"gone\.txt"):
        list(TextLines(gone).rows())
    with pytest.raises(InputError, match=r"gone\.txt"):
        list(TextFiles("texts", (gone,), ("gone",)).rows())
