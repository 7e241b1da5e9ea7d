"""Lines flow into each other in prose, and are blocks of their own everywhere else."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.corpus.texts.lines_of_text import Block, split_blocks

LONG = "These are words that fill a line of hard-wrapped prose"
LONGER = f"{LONG} a little more"


def blocks(text: str) -> list[tuple[str, bool]]:
    return [(text[one.start : one.end], one.is_prose) for one in split_blocks(text)]


def n_blocks(*lines: str) -> int:
    return len(blocks("\n".join(lines)))


def test_a_line_is_a_block_without_the_space_around_it() -> None:
    assert list(split_blocks("  One line. \n")) == [Block(2, 11, True)]
    assert blocks("One.\n\n\tTwo. \r\n \nThree") == [
        ("One.", True),
        ("Two.", True),
        ("Three", True),
    ]
    assert list(split_blocks("")) == list(split_blocks(" \n\u2028\n")) == []


@pytest.mark.parametrize("separator", ["\n\n", "\r\r", "\n \n", "\r\n\r\n"])
def test_an_empty_line_always_divides(separator: str) -> None:
    assert len(blocks(f"{LONG}{separator}and so on")) == 2


@pytest.mark.parametrize("separator", ["\n", "\r\n", " \n"])
def test_hard_wrapped_prose_flows_on_over_a_single_break(separator: str) -> None:
    assert len(blocks(f"{LONG}{separator}goes on here")) == 1


def test_a_line_of_prose_flows_on_if_the_next_begins_small_or_it_is_left_open() -> None:
    assert n_blocks(LONG, "goes on") == n_blocks(LONG, "“goes on”") == n_blocks(LONG, "(é") == 1
    assert n_blocks(LONG, "Goes on") == n_blocks(LONG, "5 go on") == n_blocks(LONG, "“") == 2
    assert n_blocks(f"{LONGER},", "Mary") == n_blocks(f"{LONGER} of", "Mary") == 1
    assert n_blocks(f"{LONGER} too", "Mary") == n_blocks("Or so;", "Mary") == 2


def test_short_lines_do_not_flow() -> None:
    # Of 45 characters on a line is long enough for small letters, of 55 on for what is left open.
    assert n_blocks("x" * 44, "goes on") == 2
    assert n_blocks("x" * 45, "goes on") == 1
    assert n_blocks("x" * 53 + ",", "Mary") == 2
    assert n_blocks("x" * 54 + ",", "Mary") == 1


def test_a_stop_at_the_end_of_a_line_divides_unless_it_is_an_abbreviations() -> None:
    for stop in (".", "!", "?", ":", "…", '."', ".)", "。", "..."):
        assert n_blocks(LONG + stop, "goes on") == 2
    assert n_blocks(f"{LONG} of Dr.", "Smith") == 1
    assert n_blocks(f"{LONG} of Acme Inc.", "The firm") == 2


def test_deeper_lines_and_lines_of_code_do_not_flow() -> None:
    assert n_blocks(LONG, " goes on") == 2
    assert n_blocks(f"  {LONG}", "  goes on") == n_blocks(f"  {LONG}", "goes on") == 1
    for sign in "{}[(=\\":
        assert n_blocks(f"{LONG} {sign}", "goes on") == 2
    assert n_blocks(f"  {LONG}();", "  goes on") == 2
    assert n_blocks(f"{LONG} (so)", "goes on") == 1


@pytest.mark.parametrize("marker", ["-", "*", "•", "1.", "12)", "(a)", "iv.", "##", ">", ">>", "—"])
def test_an_item_begins_a_block_and_goes_on_as_prose_does(marker: str) -> None:
    first, second = f"{marker} {LONG}", f"{marker} goes on"
    assert blocks(f"{first}\n{second}") == [(first, True), (second, True)]
    assert n_blocks(first, "  goes on") == n_blocks(first, "      goes on") == 1
    assert n_blocks(first, "       goes on") == 2


def test_a_marker_alone_takes_the_next_line() -> None:
    assert blocks("1.\nThe first\n2.\nThe second") == [
        ("1.\nThe first", True),
        ("2.\nThe second", True),
    ]
    assert n_blocks("1.", "", "The first") == 2
    assert n_blocks("1.", "- The first") == 2


def test_rows_of_a_table_are_blocks_that_no_stop_divides() -> None:
    text = "| a | b |\n|---|---|\n| 1. | Two. Three. |"
    assert blocks(text) == [
        ("| a | b |\n|---|---|", False),
        ("| 1. | Two. Three. |", False),
    ]
    assert blocks("one | two | three") == [("one | two | three", False)]
    assert blocks("one | two") == [("one | two", True)]


@pytest.mark.parametrize("rule", ["---", "====", "***", "-- --", "─────"])
def test_an_underline_belongs_to_its_heading_and_a_rule_alone_is_no_prose(rule: str) -> None:
    assert blocks(f"A heading\n{rule}\nA text") == [(f"A heading\n{rule}", True), ("A text", True)]
    assert blocks(f"{rule}\n{rule}") == [(rule, False)] * 2
    assert n_blocks("A heading", "", rule) == 2


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_a_short_fenced_block_is_one_and_a_long_one_is_divided_by_lines(fence: str) -> None:
    short = f"{fence}python\n# A word. Another.\nx = 1\n{fence}"
    assert blocks(f"Text\n{short}\nText") == [("Text", True), (short, False), ("Text", True)]
    line = "x = 1"
    # Of the opening line, so many lines of code fit into 120 characters.
    n_fit = (120 - len(fence)) // (len(line) + 1)
    long = f"{fence}\n" + f"{line}\n" * (n_fit + 2) + fence
    found = blocks(long)
    assert [len(text) for text, _ in found][:1] == [len(fence) + n_fit * (len(line) + 1)]
    assert not any(is_prose for _, is_prose in found)


def test_one_fence_does_not_close_another_and_an_open_one_ends_with_the_text() -> None:
    assert blocks("~~~\na\n```\nb\n~~~\nText")[0] == ("~~~\na\n```\nb\n~~~", False)
    assert blocks("```\nText. More.") == [("```\nText. More.", False)]
    # An empty line divides code, too.
    assert blocks("```\na\n\nb\n```") == [("```\na", False), ("b\n```", False)]


pieces = st.sampled_from(
    [LONG, "goes on", "- item", "1.", "```", "---", "| a |", "", " ", "\r", "x."]
)


@settings(max_examples=15)
@given(st.lists(pieces, max_size=8).map("\n".join))
def test_blocks_hold_all_that_is_visible_once_and_in_order(text: str) -> None:
    found = list(split_blocks(text))
    assert "".join("".join(text[one.start : one.end].split()) for one in found) == "".join(
        text.split()
    )
    assert all(one.start < one.end for one in found)
    assert all(one.end < other.start for one, other in pairwise(found))
    assert all(text[one.start : one.end].strip() == text[one.start : one.end] for one in found)
