"""Sentences are cut where a reader would cut them, and nothing visible is lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.errors import InputError


def sentences(text: str, **options: int) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, **options)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Smith met Dr. J. K. Jones.", "They spoke."],
        ["He paid $3.50, e.g. for tea, i.e. little, etc. and left.", "Good."],
        ["Apples, pears, etc.", "They were ripe."],
        ["She moved to the U.S. in 1999.", "It was cold."],
        ["She lives in the U.S.", "She likes it."],
        ["We met at 5 p.m.", "The train was late."],
        ["Smith vs. Jones was heard on Jan. 5 by Gen. Lee."],
        ["See fig. 3 and no. 4.", "No.", "I said no.", "Never."],
        ["So do I.", "The end."],
        ["Well... perhaps not.", "Or...", "Yes!"],
        ["Wait… what?", "Oh no!!"],
        ['"Are you sure?" he asked.', '"Yes."', "She nodded."],
        ["(This stands alone.)", "This does not (really!) stop."],
        ["He said “no.”", "Then he left."],
        ["Version 2.0 is at www.example.com/a.html now.", "Try it!"],
        ["i like it.", "it works.", "thanks"],
        ["Great work! :)", "Bye. 😀", "More."],
        ["**Bold claim.**", "Then more."],
        ["Acme Inc. sells to Globex Corp. and others.", "It grows."],
    ],
)
def test_prose_is_cut_at_the_stops_that_end_sentences(expected):
    assert sentences(" ".join(expected)) == expected


def test_other_scripts_are_cut_at_their_own_stops():
    assert sentences("今天很好。你呢？「好。」走！") == ["今天很好。", "你呢？", "「好。」", "走！"]
    assert sentences("هل أنت هنا؟ نعم.") == ["هل أنت هنا؟", "نعم."]
    assert sentences("यह अच्छा है। वह गया।") == ["यह अच्छा है।", "वह गया।"]


def test_text_that_was_split_into_tokens_is_cut_at_lone_stops():
    text = 'a fine film . the plot is thin , alas . he said " go . " and so on . . . maybe ?'
    assert sentences(text) == [
        "a fine film .",
        "the plot is thin , alas .",
        'he said " go . "',
        "and so on . . . maybe ?",
    ]


def test_lists_headings_and_their_markers_are_lines_of_their_own():
    text = (
        "# 1. Plan\nWe need:\n- milk\n- eggs. Fresh ones.\n\n"
        "1. Go home.\n2.\nSleep well\nTitle\n==="
    )
    assert sentences(text) == [
        "# 1. Plan",
        "We need:",
        "- milk",
        "- eggs.",
        "Fresh ones.",
        "1. Go home.",
        "2.\nSleep well",
        "Title\n===",
    ]


def test_wrapped_prose_flows_on_and_verse_does_not():
    wrapped = (
        "It is a truth universally acknowledged, that a single man in\n"
        "possession of a good fortune must be in want of a wife, as Mr.\n"
        "Bennet knew.\nHe said so."
    )
    assert sentences(wrapped) == [wrapped.removesuffix("\nHe said so."), "He said so."]
    verse = ["The falling leaf, the silent stone,", "And all the rivers run alone"]
    assert sentences("\n".join(verse)) == verse


def test_a_blank_line_always_cuts():
    text = "it was a very long line that had no stop at its end at all\n\nand went on"
    assert len(sentences(text)) == 2


def test_short_lines_of_a_code_block_go_together_and_long_ones_do_not():
    long_line = "total = " + " + ".join(f"value_{i}" for i in range(14))
    text = f"Run this:\n```python\nimport os. x\nn = 1\n{long_line}\n```\nDone."
    assert sentences(text) == [
        "Run this:",
        "```python\nimport os. x\nn = 1",
        f"{long_line}",
        "```",
        "Done.",
    ]


def test_code_without_a_fence_is_cut_at_its_lines():
    code = ["def area(width, height):", "    # The product. Of both.", "    return width * height"]
    assert sentences("\n".join(code)) == [
        "def area(width, height):",
        "# The product.",
        "Of both.",
        "return width * height",
    ]


def test_rows_of_a_table_are_whole_and_the_rule_belongs_to_the_head():
    text = "| Name | Note |\n|---|---|\n| A. B. | Yes. No. |\n| C | D |"
    assert sentences(text) == [
        "| Name | Note |\n|---|---|",
        "| A. B. | Yes. No. |",
        "| C | D |",
    ]


def test_dialogue_is_cut_at_its_lines():
    lines = ["USER: where shall we go", "SYSTEM: To the sea.", "— Really?", "— Yes"]
    assert sentences("\n".join(lines)) == lines


def test_long_runs_are_cut_at_white_space_or_else_hard():
    assert sentences("aaa bbb ccc ddd", max_characters=8) == ["aaa bbb", "ccc ddd"]
    assert sentences("aaaaabbbbbcc", max_characters=5) == ["aaaaa", "bbbbb", "cc"]
    assert sentences("aaaaa bb", max_characters=5) == ["aaaaa", "bb"]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\u3000"])
def test_a_text_without_visible_characters_has_no_sentences(text):
    assert split_sentences(text) == []


def test_a_limit_below_one_is_refused():
    with pytest.raises(InputError, match="max_characters=0"):
        split_sentences("x", max_characters=0)


SIGNS = (
    "a I J. 1. 2.5 - # | ``` ~~~ --- === * ** > . ! ? ... … 。 」 ) ( \" ' , ; : :) Mr. e.g. word "
    "Word |---| 😀 é"
)
SPACES = [" ", "\n", "\n\n", "\r\n", "\t", "    ", "\x1c", "\x0c", "\x85", "\u2028", "\u3000"]
pieces = st.sampled_from([*SIGNS.split(), *SPACES, "x" * 60])


@given(
    text=st.one_of(st.text(), st.lists(pieces, max_size=40).map("".join)),
    limit=st.sampled_from([1, 2, 7, 60, 1000]),
)
def test_spans_are_ordered_trimmed_bounded_and_cover_everything_visible(text, limit):
    spans = split_sentences(text, max_characters=limit)
    end_before = 0
    for start, end in spans:
        assert end_before <= start < end <= len(text)
        assert end - start <= limit
        assert text[start:end] == text[start:end].strip()
        assert not text[end_before:start].strip()
        end_before = end
    assert not text[end_before:].strip()


@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "." * 300_000 + "a", ". " * 150_000 + "a", "-=" * 150_000 + "a", "`" * 300_000],
    ids=["letters", "stops", "lone stops", "rules", "ticks"],
)
def test_odd_texts_take_time_in_proportion_to_their_length(text):
    started = time.process_time()
    split_sentences(text)
    # A quadratic pattern would take minutes; this is a wide margin over a linear one.
    assert time.process_time() - started < 5
