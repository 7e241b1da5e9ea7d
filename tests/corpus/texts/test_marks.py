"""Format marks show themselves where they are, and only there."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.texts.marks import (
    MARKS_OF_SEVERAL_LINES,
    Mark,
    format_marks,
    hide,
    without_addresses,
)


def shown(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, start, end in format_marks(text):
        found.setdefault(name.strip("‹›"), []).append(text[start:end])
    return found


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("code block", "See\n```py\nx\n``` and ```y", ["```py\nx\n```", "```y"]),
        ("inline code", "use `x + 1` or ``y``", ["`x + 1`"]),
        ("link", "see https://a.org/b?c=1. Or www.a.org, ok", ["https://a.org/b?c=1", "www.a.org"]),
        ("e-mail address", "to me.you@a.co.uk. now", ["me.you@a.co.uk"]),
        ("mention", "hi @some_one, x@y and @a", ["@some_one"]),
        ("hashtag", "so #tag1 and #1 or a#b", ["#tag1"]),
        ("bullet list", "- a\n * b\n-c\n•\td", ["-", " *", "•"]),
        ("numbered list", "1. a\n (2) b\n3.c\n1234. d", ["1.", " (2)"]),
        ("heading", "# One\nx # no\n###### Six\n####### no", ["# One", "###### Six"]),
        ("bold", "a **b c** ** d** **e\nf**", ["**b c**"]),
        ("italics", "a *b c* and _d_ but snake_case_name, 2*3*4", ["*b c*", "_d_"]),
        ("table", "| a |\n| b |\n\n| c |\n", ["| a |\n| b |\n"]),
        ("question mark", "What?? 啊？ no", ["??", "？"]),
        ("exclamation mark", "Yes! a != b ！", ["!", "！"]),
        ("semicolon", "a; b;c &amp; d; e；", [";", ";", "；"]),
        ("colon", "a: b:c 12:30 d：", [":", "："]),
        ("parentheses", "f(x) (a\nb) （中）", ["(x)", "（中）"]),
        ("dash", "a—b 1–2 c – d e - f well-known x--y", ["—", "–", "-", "--"]),
        ("ellipsis", "a… b... c. . . d..", ["…", "...", ". . ."]),
        ("quotation marks", "\"a\" “b” «c» „d“ 'e'", ['"a"', "“b”", "«c»", "„d“"]),
        ("emoji", "ok 👋🏽 and 🇩🇪 ☀️ 👩‍💻", ["👋🏽", "🇩🇪", "☀️", "👩‍💻"]),
        ("capitals", "NASA: STOP NOW, IMPORTANT, DON'T", ["STOP NOW", "IMPORTANT", "DON'T"]),
        ("letters and digits", "id ab12cd, x1y2z3 and abc1de, a1", ["ab12cd", "x1y2z3"]),
        ("several paragraphs", "One\n \nTwo\nThree", ["\n \n"]),
        ("currency", "$5.00, 3 €, 7 USD, 5 dollars $", ["$5.00,", "3 €", "7 USD"]),
        ("percent", "5 % of 7% but %d", [" %", "%"]),
    ],
)  # fmt: skip
def test_a_mark_is_found_where_it_is(name: str, text: str, expected: list[str]) -> None:
    assert shown(text).get(name) == expected


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("- one bullet alone", "bullet list"),
        ("1. one number alone", "numbered list"),
        ("| one row |", "table"),
        ("One\nTwo", "several paragraphs"),
    ],
)
def test_marks_of_several_lines_take_several(text: str, mark: str) -> None:
    assert mark not in shown(text)
    assert f"‹{mark}›" in MARKS_OF_SEVERAL_LINES
    assert len(MARKS_OF_SEVERAL_LINES) == 4


def test_nothing_within_code_or_an_address_is_a_mark() -> None:
    found = shown("See `f(x); #tag!` and ```\n# Heading?\n``` or https://a.org/?q=(b#tag now.")
    assert set(found) == {"code block", "inline code", "link"}


@pytest.mark.parametrize(
    ("text", "mark", "characters"),
    [
        ("  “So”", "opens with a quotation mark", "“"),
        ("(so)", "opens with a bracket", "("),
        ("* so", 'opens with "*"', "*"),
        ("He said “so.” ", "ends with a quotation mark", "”"),
        ("so (it is)", "ends with a bracket", ")"),
        ("so...", "ends with an ellipsis", "."),
        ("so…\n", "ends with an ellipsis", "…"),
        ("so;", "ends with a semicolon", ";"),
        ("so:", "ends with a colon", ":"),
        ("so，", "ends with a comma", "，"),
        ("Is it so?!", "ends with a question", "?!"),
        ('He asked "why?"', "ends with a question", '?"'),
        ("So it is!* ", "ends with an exclamation", "!*"),
        ("So it is", "no final punctuation", "is"),
        ("x" * 50, "no final punctuation", "x" * 40),
    ],
)
def test_how_a_text_opens_and_ends_is_told(text: str, mark: str, characters: str) -> None:
    assert shown(text).get(mark) == [characters]


@pytest.mark.parametrize(
    "text", ["So it is.", "7 it is.", "`code` it is `code`", "是的。", "", " \n"]
)
def test_texts_that_open_with_a_word_and_end_with_a_stop_are_not_marked_for_it(text: str) -> None:
    assert not [name for name in shown(text) if name.startswith(("opens", "ends", "no final"))]


def test_a_text_of_small_letters_alone_is_told_by_its_first_word() -> None:
    assert shown("1 twenty letters are here.")["no capital letters"] == ["twenty"]
    assert "no capital letters" not in shown("too few letters, 1 2 3 4.")
    assert "no capital letters" not in shown("twenty letters are Here and there.")
    assert "no capital letters" not in shown("twenty letters are here, in É.")


def test_a_text_whose_long_words_have_capitals_is_told_by_the_first() -> None:
    mark = "each word with a capital"
    assert shown("The Great Story of Seven Little Houses")[mark] == ["Great"]
    assert mark not in shown("The Great Story of Seven Cats")
    assert mark not in shown("The Great Story of Seven little Houses")
    # Half of them in capitals throughout is too many.
    assert mark not in shown("GREAT STORY Seven Little")
    assert mark in shown("GREAT STORY Seven Little Houses")


def test_a_mark_needs_one_of_its_signs_and_as_many_matches_as_it_takes() -> None:
    mark = Mark("‹x›", ("a", "b"), re.compile(r"\w"), at_least=2)
    assert list(mark.occurrences("b1")) == [("‹x›", 0, 1), ("‹x›", 1, 2)]
    assert list(mark.occurrences("a")) == []
    assert list(mark.occurrences("12")) == []
    assert len(list(Mark("‹x›", (), re.compile(r"\w")).occurrences("1"))) == 1


def test_what_is_hidden_leaves_as_many_signs_and_hides_from_later_marks() -> None:
    letters = Mark("‹ab›", (), re.compile("ab"))
    others = Mark("‹b›", (), re.compile("b."))
    found, rest = hide("xabcb!", (letters, others))
    assert found == [("‹ab›", 1, 3), ("‹b›", 4, 6)]
    assert rest == "x\0\0c\0\0"
    assert hide("xyz", (letters,)) == ([], "xyz")


def test_addresses_are_hidden_at_the_same_length() -> None:
    text = "See www.a.org/b, mail me@a.org or @someone (#tag)."
    found = without_addresses(text)
    assert re.sub("\0+", "_", found) == "See _, mail _ or _ (#tag)."
    assert len(found) == len(text)
    assert without_addresses("none here") == "none here"


signs = st.text("aA1 \n*_`#|-.,;:!?()[]\"'“”@…$%é\r🙂", max_size=30)


@settings(max_examples=30)
@given(signs)
def test_marks_lie_within_any_text_and_hide_nothing_else(text: str) -> None:
    for name, start, end in format_marks(text):
        assert name.startswith("‹")
        assert name.endswith("›")
        assert 0 <= start < end <= len(text)
    hidden = without_addresses(text)
    assert len(hidden) == len(text)
    assert all(new in (old, "\0") for old, new in zip(text, hidden, strict=True))
