"""JSON becomes rows, whether it is one object a line, an array, or one object."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuscope.corpus.sources.json_rows import JsonFile
from corpuscope.corpus.sources.rows import Broken, Row
from corpuscope.errors import InputError

Object = dict[str, object]

ROWS: list[Object] = [{"text": "é [x] {"}, {"text": 'a "b"\n', "n": [1, {"m": None}]}, {}]
KINDS = pytest.mark.parametrize("kind", ["json", "jsonl"])


def file(folder: Path, text: str, kind: str = "jsonl") -> JsonFile:
    path = folder / f"a.{kind}"
    path.write_text(text, "utf-8", newline="")
    return JsonFile(path, kind)


def values(part: JsonFile) -> list[object]:
    return [row.values if isinstance(row, Row) else row.reason for row in part.rows()]


def lines(part: JsonFile) -> list[int]:
    return [row.place.number for row in part.rows()]


def refusal(part: JsonFile) -> InputError:
    with pytest.raises(InputError) as caught:
        list(part.rows())
    return caught.value


def json_lines(rows: list[Object]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_nothing_is_known_of_the_file_before_it_is_read(tmp_path: Path) -> None:
    part = JsonFile(tmp_path / "none.json", "json")
    assert (part.name, part.kind) == (str(tmp_path / "none.json"), "json")
    assert (part.n_rows(), part.columns(), part.notes()) == (None, None, ())


@KINDS
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_an_array_or_a_line_for_each_object_gives_the_same_rows_whatever_the_name_says(
    tmp_path: Path, kind: str, indent: int | None, ending: str
) -> None:
    array = json.dumps(ROWS, indent=indent).replace("\n", ending)
    assert values(file(tmp_path, f"\ufeff{ending} {array}{ending}", kind)) == ROWS
    assert values(file(tmp_path, json_lines(ROWS).replace("\n", ending), kind)) == ROWS


@KINDS
@pytest.mark.parametrize("text", ["", "\n \n", "[]", " [ \n ] \n"])
def test_an_empty_file_or_array_has_no_rows(tmp_path: Path, kind: str, text: str) -> None:
    assert values(file(tmp_path, text, kind)) == []


@KINDS
def test_a_row_is_placed_on_the_line_on_which_it_begins(tmp_path: Path, kind: str) -> None:
    assert lines(file(tmp_path, '{"a": 1}\n\n\n{"a": 2}\n{"a": 3}', kind)) == [1, 4, 5]
    array = '[\n{"a": 1}, {"a":\n 2},\n\n{"a": 3}\n]'
    assert lines(file(tmp_path, array, kind)) == [2, 2, 5]
    long = "[" + ",\n".join(json.dumps({"a": [n] * 3}, indent=1) for n in range(50)) + "]"
    assert lines(file(tmp_path, long, kind)) == [1 + 7 * n for n in range(50)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('"just a text"', {"text": "just a text"}),
        ('[{"role": "user"}]', {"messages": [{"role": "user"}]}),
        ('{"a": 1},', {"a": 1}),
        ("7", "a line that is not a JSON object"),
        ("null", "a line that is not a JSON object"),
        ("[]", "a line that is not a JSON object"),
        ('[{"a": 1}, 2]', "a line that is not a JSON object"),
        ('{"a": 1', "a line that is not JSON"),
        ("{'a': 1}", "a line that is not JSON"),
        ('{"a": 1} {"a": 2}', "a line that is not JSON"),
        ('{"a": {"b": 1, "b": 2}}', "a line that is not JSON"),
        ("[" * 100_000, "a line that is not JSON"),
    ],
)
def test_what_a_line_may_hold(tmp_path: Path, line: str, expected: object) -> None:
    found = values(file(tmp_path, f'{{"first": 1}}\n{line}\n{{"last": 1}}\n'))
    assert found == [{"first": 1}, expected, {"last": 1}]


def test_a_broken_line_says_where_and_why(tmp_path: Path) -> None:
    part = file(tmp_path, '{"a": 1}\n{"a": }\n{"a": 1, "a": 2}\n3\n')
    _, unfinished, repeated, number = part.rows()
    assert isinstance(unfinished, Broken)
    assert (
        unfinished.error.found == f"{part.name}, line 2, is not JSON (Expecting value, character 7)"
    )
    assert unfinished.error.next_step == "correct or remove that line"
    assert isinstance(repeated, Broken)
    assert "the key 'a' is repeated in an object" in repeated.error.found
    assert isinstance(number, Broken)
    assert number.error.found == f"{part.name}, line 4, has int, not an object"
    assert "wrap each value" in number.error.next_step


@pytest.mark.parametrize("first", ['{"a": 1', '{"a": 1]', '{"a":' * 100_000])
def test_a_first_line_that_was_cut_short_begins_no_long_object(tmp_path: Path, first: str) -> None:
    assert values(file(tmp_path, f'{first}\n"text"\n'))[1:] == [{"text": "text"}]


def test_a_list_for_each_line_is_a_chat_a_line(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "Why?"}]
    part = file(tmp_path, f"{json.dumps(said)}\n{json.dumps(said * 2)}\n")
    assert values(part) == [{"messages": said}, {"messages": said * 2}]
    # An array of lists is one array, though its second line begins as the first does.
    array = file(tmp_path, f"[{json.dumps(said)},\n{json.dumps(said * 2)}]")
    assert values(array) == [{"messages": said}, {"messages": said * 2}]


@KINDS
def test_one_object_of_many_lines_may_hold_a_table(tmp_path: Path, kind: str) -> None:
    table = {"version": 1, "data": [{"text": "x"}, {"text": "y"}]}
    expected = [{"version": 1, "text": "x"}, {"version": 1, "text": "y"}]
    part = file(tmp_path, json.dumps(table, indent=1), kind)
    assert (values(part), lines(part)) == (expected, [1, 1])


def test_one_object_on_one_line_is_a_table_by_its_name_alone(tmp_path: Path) -> None:
    table = {"version": 1, "data": [{"text": "x"}, {"text": "y"}]}
    assert len(values(file(tmp_path, json.dumps(table), "json"))) == 2
    assert values(file(tmp_path, json.dumps(table), "jsonl")) == [table]


@KINDS
@pytest.mark.parametrize("between", ["\n", ",\n", "\n\n"])
def test_several_objects_of_many_lines_are_rows_each(
    tmp_path: Path, kind: str, between: str
) -> None:
    text = between.join(json.dumps(row, indent=1) for row in ROWS[:2]) + "\n"
    part = file(tmp_path, text, kind)
    assert values(part) == ROWS[:2]
    assert lines(part) == [1, 4 + between.count("\n") - 1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"a": 1},\n{"a": }]', "line 2, is not JSON (Expecting value"),
        ('[{"a": 1}\n', "line 2, is not JSON ('the end of the file' after an object)"),
        ('[{"a": 1} {"a": 2}]', "line 1, is not JSON ('{' after an object)"),
        ('[{"a": 1},\n]', "line 2, is not JSON (a comma before the closing bracket)"),
        ('[{"a": 1},\n', "line 2, has the end of the file, not an object"),
        ('[{"a": 1}]\n\n7', "line 3, is not JSON (text after the array)"),
        ('[\n{"a": 1, "a": 2}]', "line 2, is not JSON (the key 'a' is repeated in an object"),
        ("[" * 100_000, "line 1, is not JSON ("),
        ('{\n"a": 1\n', "line 1, is not JSON ("),
        ('{\n"a": 1\n}\n{\n"a": }', "line 4, is not JSON ("),
        ('{\n"a": 1\n}\n7', "line 4, has int, not an object"),
    ],
)
@KINDS
def test_an_array_or_a_long_object_that_is_torn_is_refused_with_its_line(
    tmp_path: Path, kind: str, text: str, found: str
) -> None:
    part = file(tmp_path, text, kind)
    assert refusal(part).found.startswith(f"{part.name}, {found}")


def test_values_of_an_array_that_are_no_objects_are_broken_rows(tmp_path: Path) -> None:
    part = file(tmp_path, '[{"a": 1}, 7, "a text", null]', "json")
    broken = "a line that is not a JSON object"
    assert values(part) == [{"a": 1}, broken, {"text": "a text"}, broken]


def test_packed_files_and_named_encodings_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(gzip.compress(json_lines(ROWS).encode()))
    assert values(JsonFile(tmp_path / "a.jsonl", "jsonl")) == ROWS
    text = json_lines(ROWS)
    (tmp_path / "a.jsonl").write_bytes(text.encode("cp1252"))
    assert values(JsonFile(tmp_path / "a.jsonl", "jsonl", "cp1252")) == ROWS


names = st.text("ab", max_size=2)
cells = st.none() | st.integers() | st.text('a"\\[]{},:\n é', max_size=5)
objects = st.dictionaries(names, cells | st.lists(cells, max_size=2), max_size=3)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(objects, min_size=2, max_size=5), st.sampled_from([None, 0, 3]))
def test_objects_come_back_from_arrays_and_from_lines(
    tmp_path: Path, rows: list[Object], indent: int | None
) -> None:
    assert values(file(tmp_path, json.dumps(rows, indent=indent))) == rows
    assert values(file(tmp_path, json_lines(rows))) == rows
