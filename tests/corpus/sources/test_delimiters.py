"""The sign between cells is named, told by the first line, or seen."""

import pytest

from corpuscope.corpus.sources.delimiters import (
    Layout,
    delimiter_named,
    delimiter_of,
    layout_of,
)
from corpuscope.errors import InputError


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ("tab", "\t"),
        ("TAB", "\t"),
        ("\\t", "\t"),
        ("comma", ","),
        ("Semicolon", ";"),
        ("pipe", "|"),
        ("space", " "),
        ("^", "^"),
        ("\t", "\t"),
    ],
)
def test_a_sign_is_named_or_typed(given: str | None, expected: str | None) -> None:
    assert delimiter_named(given) == expected


@pytest.mark.parametrize("given", ["", "::", "tabs", '"', "\n", "\r"])
def test_what_can_divide_no_cells_is_refused(given: str) -> None:
    with pytest.raises(InputError) as caught:
        delimiter_named(given)
    assert caught.value.found == f"the delimiter {given!r}"
    assert "one character" in caught.value.expected
    assert caught.value.next_step == "give the character that separates cells"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("usual", [",", "\t"])
def test_the_sign_that_makes_cells_is_found(sign: str, usual: str) -> None:
    text = "id;text;note\n1;x;\n2;y;z\n".replace(";", sign)
    assert delimiter_of(lines(text), usual=usual) == sign


def test_the_usual_sign_wins_where_it_makes_two_cells_however_many_others_make() -> None:
    text = "a,b;c;d\n1,2;3;4\n"
    assert delimiter_of(lines(text), usual=",") == ","
    assert delimiter_of(lines(text), usual="\t") == ";"


@pytest.mark.parametrize("text", ["", "text\none\ntwo\n", "\n\n"])
def test_one_column_or_none_is_divided_as_usual(text: str) -> None:
    assert delimiter_of(lines(text), usual=",") == ","
    assert delimiter_of(lines(text), usual="\t") == "\t"


def test_a_sign_within_texts_does_not_divide() -> None:
    assert delimiter_of(lines("id\ttext\n1\tOh, well\n2\tYes, no, and\n"), usual=",") == "\t"
    # Nor one within quotes, where the other sign divides each record.
    assert delimiter_of(lines('a;b\n"x;y";2\n"z";3\n'), usual=",") == ";"


def test_a_sign_must_divide_most_records_as_the_first() -> None:
    most = "a;b\n1;2\n1;2\nodd\n"
    assert delimiter_of(lines(most), usual=",") == ";"
    half = "a;b\n1;2\nodd\n"
    assert delimiter_of(lines(half), usual=",") == ","


def test_a_header_alone_is_divided_and_names_of_rows_may_lack_one() -> None:
    assert delimiter_of(lines("a;b\n"), usual=",") == ";"
    assert delimiter_of(lines("a;b\n1;x;y\n2;x;y\n"), usual=",") == ";"
    assert delimiter_of(lines("a;b\n1;x;y;z\n2;x;y;z\n"), usual=",") == ","


def test_empty_cells_beyond_the_header_do_not_count() -> None:
    assert delimiter_of(lines("a;b\n1;x;;;\n2;y;;;\n"), usual=",") == ";"


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_a_first_line_may_name_the_sign_and_is_then_no_header(first: str) -> None:
    assert layout_of(lines(first + "a;b,c,d\n"), usual=",", given=None) == Layout(";", 1, False)


@pytest.mark.parametrize("first", ["sep=\n", "sep=;;\n", "separator;\n"])
def test_other_first_lines_are_headers(first: str) -> None:
    assert layout_of(lines(first), usual=",", given=None).n_before == 0


def test_what_the_user_names_is_believed_before_all_else() -> None:
    text = "sep=;\na;b|c\n1;2|3\n"
    assert layout_of(lines(text), usual=",", given="|") == Layout("|", 1, False)
    assert layout_of(lines("a;b\n1;2\n"), usual=",", given="|") == Layout("|", 0, False)


def test_the_layout_says_whether_backslashes_are_used() -> None:
    text = 'a;b\n"say \\"no\\"; he";2\n'
    assert layout_of(lines(text), usual=",", given=None) == Layout(";", 0, True)
    assert layout_of([], usual="\t", given=None) == Layout("\t", 0, False)
