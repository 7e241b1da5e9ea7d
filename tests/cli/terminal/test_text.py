"""Text on a terminal: one line each, quoted around its place, and tables that fit."""

import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import (
    AROUND,
    add_numbers,
    called,
    fault,
    in_words,
    new_table,
    note,
    points,
    print_indented,
    print_json,
    print_result,
    print_table,
    quoted,
    resumable,
    visible,
    warn,
    window,
)
from corpuscope.errors import InputError
from corpuscope.store.evidence import Evidence

WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen " * 12


def console(width: int = 80) -> tuple[Console, io.StringIO]:
    """A console without colours, and what it prints."""
    written = io.StringIO()
    return Console(file=written, width=width, highlight=False, color_system=None), written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain größe 雪 🙂", "plain größe 雪 🙂"),
        ("a\nb", "a⏎ b"),
        ("a\tb", "a b"),
        ("a\rb\x00c\x1bd", "a␍b␀c␛d"),
        ("a\x7fb\x85c\x9bd", "a\ufffdb\ufffdc\ufffdd"),
        # Signs that would reorder the rest of the line are left out.
        ("a\u202eb\u202cc\u2066d\u2069e", "abcde"),
        # Marks between letters are text.
        ("a\u200db\u200ec", "a\u200db\u200ec"),
        ("", ""),
    ],
)
def test_a_text_is_on_one_line_and_moves_no_cursor(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_no_control_character_is_left() -> None:
    every = "".join(map(chr, range(0x3000)))
    found = visible(every)
    assert not any(ord(one) < 32 or 0x7F <= ord(one) < 0xA0 for one in found)
    assert visible(found) == found


@pytest.mark.parametrize("length", [0, 1, 39, 40, 41, 300])
def test_long_names_of_groups_are_cut_at_forty_characters(length: int) -> None:
    name = ("größe" * 60)[:length]
    found = called(name)
    assert len(found) == min(length, 40)
    assert found == name if length <= 40 else found == f"{name[:39]}…"


@pytest.mark.parametrize(
    ("difference", "digits", "expected"),
    [
        (0.123, 0, "+12"), (-0.001, 0, "+0"), (-0.5, 0, "-50"), (0.0, 0, "+0"), (1.0, 1, "+100.0"),
        (-0.00123, 2, "-0.12"), (math.nan, 0, "-"), (math.nan, 2, "-"),
    ],
)  # fmt: skip
def test_differences_are_in_points_with_their_sign(
    difference: float, digits: int, expected: str
) -> None:
    assert points(difference, digits=digits) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "yes"), (False, "no"), (None, "missing"), (0, "0"), (1.5, "1.5"), ("größe", "größe")],
)
def test_values_are_words(value: object, expected: str) -> None:
    assert in_words(value) == expected


@pytest.mark.parametrize("start", [0, 3, 60, 150, 400, len(WORDS) - 4])
@pytest.mark.parametrize("length", [0, 1, 40])
def test_a_window_has_its_place_and_begins_and_ends_between_words(start: int, length: int) -> None:
    end = min(start + length, len(WORDS))
    first, last = window(WORDS, start, end)
    assert 0 <= first <= start
    assert end <= last <= len(WORDS)
    assert start - first <= AROUND // 2
    assert last - end <= AROUND // 2
    if first:
        assert WORDS[first - 1].isspace()
        # As much as fits: one word more would be too long.
        assert start - first > AROUND // 2 - len(" thirteen")
    if last < len(WORDS):
        assert WORDS[last].isspace()
        assert last - end > AROUND // 2 - len(" thirteen")


def test_a_text_without_spaces_is_cut_anywhere() -> None:
    text = "雪" * 500
    assert window(text, 200, 210) == (200 - AROUND // 2, 210 + AROUND // 2)
    assert window(text[:50], 3, 10) == (0, 50)


def entry(text: str, *spans: tuple[int, int], id: str = "d1") -> Evidence:
    return Evidence(id, text, "a", spans, 1.0)


@pytest.mark.parametrize("marked", [False, True])
def test_a_short_text_is_quoted_whole_with_its_place(marked: bool) -> None:
    found = quoted(entry("The cat\nsat here.", (4, 7), (8, 11)), "old", marked=marked)
    place = "[[cat]]" if marked else "cat"
    assert found.plain == f"old d1: The {place}⏎ sat here."
    reverse = [found.plain[one.start : one.end] for one in found.spans if one.style == "reverse"]
    assert reverse == ["cat"]


def test_a_long_text_is_quoted_around_its_place() -> None:
    start = WORDS.index("seven", 400)
    found = quoted(entry(WORDS, (start, start + 5)), "old", marked=True).plain
    assert found.startswith("old d1: …")
    assert found.endswith("…")
    assert found.count("[[seven]]") == 1
    inner = found.removeprefix("old d1: …").removesuffix("…").replace("[[", "").replace("]]", "")
    assert inner in WORDS
    assert AROUND - 20 < len(inner) <= AROUND + 5


def test_a_text_without_a_place_is_quoted_from_its_beginning() -> None:
    found = quoted(entry(WORDS), "", marked=True).plain
    assert found.startswith("d1: one two three")
    assert "[[" not in found
    assert found.endswith("…")


def test_remarks_are_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    note("[bold]not markup[/bold] " + "long " * 60)
    warn(["first", "second"])
    warn([])
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert lines[0].startswith("[bold]not markup[/bold] long long")
    assert lines[1:] == ["note: first", "note: second"]


def test_an_error_is_told_in_three_lines(capsys: pytest.CaptureFixture[str]) -> None:
    fault(InputError("k is [3]", expected="größe", next_step="leave it out"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "corpuscope: k is [3]\n  expected: größe\n  next: leave it out\n"


def test_an_interruption_says_where_progress_is_and_leaves_with_130(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with resumable(tmp_path / "s"):
        pass
    assert capsys.readouterr().err == ""
    with pytest.raises(SystemExit) as left, resumable(Path("s.scope")):
        raise KeyboardInterrupt
    assert left.value.code == 130
    assert "progress is saved in s.scope; repeat the command" in capsys.readouterr().err
    with pytest.raises(ValueError, match="other"), resumable(tmp_path / "s"):
        raise ValueError("other")


@pytest.mark.parametrize("width", [24, 40, 80])
def test_every_line_of_a_text_is_indented(width: int) -> None:
    screen, written = console(width)
    print_indented(screen, Text("one two three four five six seven eight nine ten"))
    lines = written.getvalue().splitlines()
    assert all(line.startswith("   ") and line[3] != " " for line in lines)
    assert " ".join(line.strip() for line in lines) == (
        "one two three four five six seven eight nine ten"
    )
    assert (len(lines) > 1) == (width < 60)
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(
    ("encoding", "is_escaped"), [("utf-8", False), ("ascii", True), ("cp1252", True)]
)
def test_json_is_one_line_that_any_terminal_can_show(
    encoding: str, is_escaped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    print_json({"größe": ["雪", None, 1.5], "a": {"b": True}})
    sys.stdout.flush()
    text = written.getvalue().decode(encoding)
    assert json.loads(text) == {"größe": ["雪", None, 1.5], "a": {"b": True}}
    assert text.count("\n") == 1
    assert ("雪" not in text) == is_escaped


def test_json_has_no_numbers_that_json_has_not() -> None:
    with pytest.raises(ValueError, match="JSON"):
        print_json({"x": math.nan})


class Found:
    """A result with a warning."""

    warnings = ("watch out",)

    def to_json(self) -> dict[str, Any]:
        return {"n": 3}


def test_a_result_is_printed_as_json_or_with_its_warnings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def body(screen: Console) -> None:
        screen.print("three")

    print_result(Found(), as_json=True, body=body)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ('{"n": 3}\n', "")
    print_result(Found(), as_json=False, body=body)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("three\n", "note: watch out\n")


def table_of(width: int) -> list[str]:
    """The lines of a table of two rows, a label and two numbers each."""
    screen, written = console(width)
    table = new_table()
    table.add_column("", no_wrap=True)
    table.add_column("feature", max_width=46)
    add_numbers(table, "old %", "new\n%")
    table.add_row("1", Text("a label of several words"), "12", "3.5")
    table.add_row("2", "another", "", "100")
    print_table(screen, table)
    return [line.rstrip() for line in written.getvalue().splitlines() if line.strip()]


def test_a_wide_terminal_has_a_row_for_each_line() -> None:
    lines = table_of(100)
    assert len(lines) == 4
    assert "a label of several words" in lines[2]
    # Numbers end in the same column.
    assert lines[2].endswith(" 3.5")
    assert lines[3].endswith(" 100")
    assert len(lines[2]) == len(lines[3])


def test_a_narrow_terminal_has_the_label_of_each_row_on_a_line_of_its_own() -> None:
    assert table_of(40) == [
        "1  a label of several words",
        "   old % 12  new % 3.5",
        "2  another",
        "   new % 100",
    ]


def test_a_table_of_numbers_alone_is_printed_as_it_is() -> None:
    screen, written = console(20)
    table = new_table()
    add_numbers(table, "a", "b")
    table.add_row("1", "2")
    print_table(screen, table)
    assert [line.split() for line in written.getvalue().splitlines()] == [["a", "b"], ["1", "2"]]
