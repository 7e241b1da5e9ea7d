"""Delimited files become rows, with the columns that their first line names."""

from pathlib import Path

import pytest

from corpuscope.corpus.sources.rows import Broken, Row
from corpuscope.corpus.sources.table_files import DelimitedFile
from corpuscope.errors import InputError


def table(folder: Path, text: str, kind: str = "csv", **how: str) -> DelimitedFile:
    path = folder / f"a.{kind}"
    path.write_bytes(text.encode(how.get("encoding", "utf-8")))
    return DelimitedFile(path, kind, **how)


def values(part: DelimitedFile) -> list[dict[str, object]]:
    return [dict(row.values) for row in part.rows() if isinstance(row, Row)]


def test_cells_are_text_and_empty_cells_no_value(tmp_path: Path) -> None:
    part = table(tmp_path, 'id,text\n1,"x, ""y""\nz"\n2,\n03, \n')
    assert part.columns() == ("id", "text")
    assert values(part) == [
        {"id": "1", "text": 'x, "y"\nz'},
        {"id": "2", "text": None},
        {"id": "03", "text": " "},
    ]
    assert [str(row.place) for row in part.rows()] == [f"{part.name}, line {n}" for n in (2, 4, 5)]
    assert part.n_rows() is None
    assert part.notes() == ()
    assert values(part) == values(part)


def test_a_table_without_rows_has_columns_and_an_empty_file_has_none(tmp_path: Path) -> None:
    assert table(tmp_path, "id,text\n").columns() == ("id", "text")
    assert values(table(tmp_path, "id,text\n")) == []
    assert table(tmp_path, "").columns() == ()
    assert values(table(tmp_path, "")) == []


def test_the_sign_that_a_name_speaks_for_goes_without_saying(tmp_path: Path) -> None:
    part = table(tmp_path, "id\ttext\n1\tOh, well\n", "tsv")
    assert values(part) == [{"id": "1", "text": "Oh, well"}]
    assert part.notes() == ()


@pytest.mark.parametrize(
    ("sign", "told"),
    [(";", "a semicolon"), ("\t", "a tab"), ("|", "a vertical bar")],
)
def test_another_sign_is_seen_and_told(tmp_path: Path, sign: str, told: str) -> None:
    part = table(tmp_path, "id;text\n1;x\n2;y\n".replace(";", sign))
    assert values(part) == [{"id": "1", "text": "x"}, {"id": "2", "text": "y"}]
    assert part.notes() == (f"a.csv: the delimiter is {told}",)
    assert table(tmp_path, "id,text\n1,x\n", "tsv").notes()[0].endswith("delimiter is a comma")


def test_a_named_sign_is_used_and_not_told(tmp_path: Path) -> None:
    part = table(tmp_path, "id^text\n1^x,y\n", delimiter="^")
    assert values(part) == [{"id": "1", "text": "x,y"}]
    assert part.notes() == ()


def test_a_line_that_names_the_sign_is_no_header_but_counts(tmp_path: Path) -> None:
    part = table(tmp_path, "sep=;\nid;text\n1;x\n")
    assert part.columns() == ("id", "text")
    (row,) = part.rows()
    assert (row.place.number, values(part)) == (3, [{"id": "1", "text": "x"}])


def test_backslashes_before_quotes_are_seen_and_told(tmp_path: Path) -> None:
    part = table(tmp_path, 'id,text\n1,"say \\"no\\", he"\n')
    assert values(part) == [{"id": "1", "text": 'say "no", he'}]
    assert part.notes() == ("a.csv: quotes are escaped by a backslash",)


def test_both_notes_are_one(tmp_path: Path) -> None:
    part = table(tmp_path, 'id;text\n1;"say \\"no\\"; he"\n')
    told = "the delimiter is a semicolon, quotes are escaped by a backslash"
    assert part.notes() == (f"a.csv: {told}",)


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        table(tmp_path, "b,a,b,a,c\n").columns()
    assert caught.value.found.endswith("names these columns more than once: 'a', 'b'")
    assert caught.value.expected == "different column names"
    assert caught.value.next_step == "rename the columns in the first line"


def test_columns_without_a_name_are_called_by_their_places_where_they_hold_something(
    tmp_path: Path,
) -> None:
    part = table(tmp_path, ",text,\n0,x,\n1,y,z\n")
    assert part.columns() == ("column 1", "text", "column 3")
    assert values(part) == [
        {"column 1": "0", "text": "x"},
        {"column 1": "1", "text": "y", "column 3": "z"},
    ]


def test_a_header_without_a_name_for_those_of_rows_gets_one(tmp_path: Path) -> None:
    part = table(tmp_path, 'text,note\n"1",x,p\n"2",y,q\n')
    assert part.columns() == ("row_name", "text", "note")
    assert values(part)[1] == {"row_name": "2", "text": "y", "note": "q"}


@pytest.mark.parametrize("odd", ["3,z\n", "3,z,\n"])
def test_names_of_rows_are_believed_only_if_all_rows_have_one(tmp_path: Path, odd: str) -> None:
    part = table(tmp_path, f"text,note\n1,x,p\n{odd}")
    assert part.columns() == ("text", "note")


def test_rows_with_more_or_fewer_cells_are_broken_unless_the_rest_is_empty(
    tmp_path: Path,
) -> None:
    part = table(tmp_path, "id,text\n1,x,,\n2\n3,y,z\n4,w\n")
    first, short, long, last = part.rows()
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert (first.values, last.values) == ({"id": "1", "text": "x"}, {"id": "4", "text": "w"})
    assert isinstance(short, Broken)
    assert isinstance(long, Broken)
    assert short.error.found == f"{part.name}, line 3, has 1 cells"
    assert long.error.found == f"{part.name}, line 4, has 3 cells"
    assert long.error.expected == "2 cells, as in the first line"
    assert "quotes" in long.error.next_step
    assert long.reason == "a line with more or fewer cells than the first"


def test_carriage_returns_alone_end_lines_as_old_programs_wrote_them(tmp_path: Path) -> None:
    assert values(table(tmp_path, "id,text\r1,x\r2,y")) == [
        {"id": "1", "text": "x"},
        {"id": "2", "text": "y"},
    ]
    assert values(table(tmp_path, "id,text\r\n1,x\r\n")) == [{"id": "1", "text": "x"}]


def test_a_named_encoding_is_used(tmp_path: Path) -> None:
    part = table(tmp_path, "id,texte\n1,déjà\n", encoding="cp1252")
    assert values(part) == [{"id": "1", "texte": "déjà"}]
