"""Lines become records, whatever way of quoting wrote them."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.sources import records as records_room
from corpuscope.corpus.sources.records import Records, first_lines, uses_escapes

Found = list[tuple[int, list[str]]]


def records(text: str, sign: str = ",", *, escapes: bool = False) -> Found:
    return list(Records(io.StringIO(text, newline="\n"), sign, escapes=escapes))


def test_records_come_with_the_line_on_which_they_begin() -> None:
    assert records('a,b\n"x\ny",2\n3,4\n') == [(1, ["a", "b"]), (2, ["x\ny", "2"]), (4, ["3", "4"])]


def test_empty_lines_are_no_records_but_count() -> None:
    assert records("a\n\n\nb\n") == [(1, ["a"]), (4, ["b"])]
    assert records("") == []
    assert records("\n\n") == []


def test_doubled_quotes_and_signs_within_quotes_are_of_the_text() -> None:
    assert records('"say ""no"", he",2\n') == [(1, ['say "no", he', "2"])]
    assert records("a;b,c\n", ";") == [(1, ["a", "b,c"])]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"x" y,2', ['"x" y', "2"]),
        ('"x,2', ['"x', "2"]),
        ('5",2', ['5"', "2"]),
        ('2,"', ["2", '"']),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_an_odd_quote_costs_no_more_than_its_line(line: str, cells: list[str], ending: str) -> None:
    text = ending.join(["a,b", line, "3,4", ""])
    assert records(text) == [(1, ["a", "b"]), (2, cells), (3, ["3", "4"])]


def test_lines_after_several_odd_quotes_come_once_each() -> None:
    text = 'a,b\n"x,1\n"y,2\n"z" ,3\n4,4\n'
    assert [line for line, _ in records(text)] == [1, 2, 3, 4, 5]
    assert [cells[-1] for _, cells in records(text)] == ["b", "1", "2", "3", "4"]


def test_quotes_around_whole_rows_of_tabs_are_signs_of_the_text() -> None:
    text = 'a\tb\n"x\t1\ny"\t2\n'
    assert records(text, "\t") == [(1, ["a", "b"]), (2, ['"x', "1"]), (3, ['y"', "2"])]
    # With commas the same is one cell of two lines.
    assert records(text.replace("\t", ",")) == [(1, ["a", "b"]), (2, ["x,1\ny", "2"])]
    # A cell of several lines that are no whole rows stays one.
    assert records('a\tb\n"x\ny"\t2\n', "\t") == [(1, ["a", "b"]), (2, ["x\ny", "2"])]


def test_a_backslash_before_a_quote_makes_it_one_of_the_text_only_where_asked() -> None:
    text = 'a,b\n"say \\"no\\", he",2\n'
    assert records(text, escapes=True)[1] == (2, ['say "no", he', "2"])
    without = list(Records(text.splitlines(keepends=True), ","))
    assert without == records(text)
    assert without[1] == (2, ['"say \\"no\\"', ' he"', "2"])


def test_quotes_around_more_than_any_text_are_no_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'a,b\n"xxx\ny",2\n'
    monkeypatch.setattr(records_room, "_MOST_CHARACTERS", len('"xxx\ny",2\n'))
    assert records(text)[1:] == [(2, ["xxx\ny", "2"])]
    monkeypatch.setattr(records_room, "_MOST_CHARACTERS", len('"xxx\ny",2\n') - 1)
    assert records(text)[1:] == [(2, ['"xxx']), (3, ['y"', "2"])]
    # One line may be as long as it likes.
    assert records("a,b\n" + "x" * 40 + ",2\n")[1] == (2, ["x" * 40, "2"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,b\n"say \\"no\\", he",2\n', True),
        ('a,b\n"say ""no"", he",2\n', False),
        ('a,b\n"C:\\",2\n"D:\\",3\n', False),
        ("a,b\nx\\y,2\n", False),
        ('a,b\nx\\"y,2\n', False),
        ("", False),
    ],
)
def test_escapes_are_seen_where_records_fit_only_with_them(text: str, expected: bool) -> None:
    assert uses_escapes(text.splitlines(keepends=True), ",") is expected


cells_of_a_row = st.lists(st.text('ab",;|\n\r\\ é', max_size=5), min_size=1, max_size=3)


@settings(max_examples=50)
@given(st.lists(cells_of_a_row, max_size=3), st.sampled_from(",;|"))
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]], sign: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=sign, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    assert [cells for _, cells in records(file.getvalue(), sign)] == rows


def test_first_lines_stop_at_either_limit() -> None:
    lines = ["aa", "bb", "cc", "dd"]
    assert first_lines(lines, 3, 100) == ["aa", "bb", "cc"]
    assert first_lines(lines, 9, 3) == ["aa", "bb"]
    assert first_lines(lines, 9, 4) == ["aa", "bb", "cc"]
    assert first_lines(lines, 0, 9) == []
    assert first_lines([], 9, 9) == []


def test_first_lines_take_no_more_than_they_need() -> None:
    lines = iter(["aa", "bb", "cc"])
    assert first_lines(lines, 2, 100) == ["aa", "bb"]
    assert list(lines) == ["cc"]
