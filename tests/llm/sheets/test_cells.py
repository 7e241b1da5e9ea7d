"""What a spreadsheet does to a table is undone, and no text of a corpus becomes a formula."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.errors import InputError
from corpuscope.llm.sheets.cells import protected, table_in, unprotected, written

ATTACKS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", " =1", "\n=1")


@pytest.mark.parametrize("cell", ATTACKS)
def test_no_cell_begins_as_a_formula(cell: str) -> None:
    assert protected(cell) == f"'{cell}"
    assert unprotected(protected(cell)) == cell


@given(st.text(alphabet="'=+-@\t\r\n a", max_size=6))
def test_protection_is_undone_exactly(cell: str) -> None:
    assert unprotected(protected(cell)) == cell


@pytest.mark.parametrize("cell", ["", "yes", "a=b", "'quoted'", "it's"])
def test_harmless_cells_stay_as_they_are(cell: str) -> None:
    assert protected(cell) == unprotected(cell) == cell


def test_no_cell_is_a_formula_where_other_signs_divide_the_table() -> None:
    """A spreadsheet that expects semicolons cuts our cells at those within texts."""
    text = 'One; =cmd|x\n=cmd|y\n- item; -1, @z "=w'
    content = written(["id", "text"], [{"id": "a", "text": text}]).decode("utf-8-sig")
    for separator in ",;\t":
        for record in csv.reader(io.StringIO(content, newline=""), delimiter=separator):
            assert not any(cell.lstrip(" \"'").startswith(("=", "+", "-", "@")) for cell in record)


ROWS = [{"id": "a1", "answer": "ja, böse", "text": "zwei\nZeilen; mit, allem"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\r\n"])
def test_tables_are_read_as_spreadsheets_save_them(
    tmp_path: Path, encoding: str, separator: str, first: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, ["text", "ID", "Answer "], delimiter=separator)
    file.write(first.format(separator))
    writer.writeheader()
    writer.writerow({"text": ROWS[0]["text"], "ID": "a1", "Answer ": " ja, böse "})
    writer.writerow({"text": "", "ID": "", "Answer ": ""})
    path = tmp_path / "t.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    (first_row, *others) = table_in(path, ["id", "answer"])
    assert first_row == (2, ROWS[0])
    assert not any(any(row.values()) for _, row in others)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(written(["id", "answer", "text"], [{**ROWS[0], "answer": "=1"}, {"id": "b"}]))
    (_, one), (number, other) = table_in(path, ["id"])
    assert (one["answer"], one["text"]) == ("=1", ROWS[0]["text"])
    assert (number, other["id"], other["answer"]) == (3, "b", "")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "has no columns id, answer"),
        (b"id,reply\na,b\n", "has no columns id, answer"),
        ("id,answer\n".encode("utf-16-le"), "encoding that cannot be told"),
        (b"id,answer\na,\x81\n", "encoding that cannot be told"),
        (b'id,answer\na,"b\nc,d\n', "unexpected end of data"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=found):
        table_in(path, ["id", "answer"])
