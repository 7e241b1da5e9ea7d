"""The lexical layer names what is there and points at it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.corpus.texts.words import feature_kind, word_features


def shown(text: str, kind: str) -> list[tuple[str, str]]:
    return [
        (name, text[start:end])
        for name, start, end in word_features(text)
        if feature_kind(name) == kind
    ]


def marks(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, characters in shown(text, "mark"):
        found.setdefault(name, []).append(characters)
    return found


def test_words_are_lower_cased_and_keep_their_apostrophes():
    assert shown("Don’t STOP, O'Neil's café 1,000 3rd", "word") == [
        ("don't", "Don’t"),
        ("stop", "STOP"),
        ("o'neil's", "O'Neil's"),
        ("café", "café"),
        ("‹number›", "1,000"),
        ("‹number›", "3rd"),
    ]


def test_pairs_are_neighbours_with_only_spaces_or_a_hyphen_between():
    assert shown("of  course, well-known facts.\nNext 5 km", "pair") == [
        ("of course", "of  course"),
        ("well known", "well-known"),
        ("known facts", "known facts"),
        ("next ‹number›", "Next 5"),
        ("‹number› km", "5 km"),
    ]


def test_words_of_other_scripts_are_whole():
    assert [name for name, _ in shown("Привет नमस्ते 非常 שָׁלוֹם e\u0301tude", "word")] == [
        "привет",
        "नमस्ते",
        "非常",
        "שָׁלוֹם",
        "e\u0301tude",
    ]


def test_addresses_are_marks_and_not_words():
    text = "See https://example.org/a?b=1, mail me@example.org or @someone now"
    assert [name for name, _ in shown(text, "word")] == ["see", "mail", "or", "now"]
    found = marks(text)
    assert found["‹link›"] == ["https://example.org/a?b=1"]
    assert found["‹e-mail address›"] == ["me@example.org"]
    assert found["‹mention›"] == ["@someone"]
    assert "‹question mark›" not in found


@pytest.mark.parametrize(
    ("text", "name", "characters"),
    [
        ("- a\n- b", "‹bullet list›", ["-", "-"]),
        ("1. a\n2) b", "‹numbered list›", ["1.", "2)"]),
        ("## Plan\nx", "‹heading›", ["## Plan"]),
        ("a **big** deal", "‹bold›", ["**big**"]),
        ("a *small* _deal_", "‹italics›", ["*small*", "_deal_"]),
        ("x\n```\na? b\n```", "‹code block›", ["```\na? b\n```"]),
        ("run `ls -l` now", "‹inline code›", ["`ls -l`"]),
        ("| a | b |\n|---|---|\n| c | d |\n", "‹table›", ["| a | b |\n|---|---|\n| c | d |\n"]),
        ("Why?? Well?", "‹question mark›", ["??", "?"]),
        ("Go! a != b", "‹exclamation mark›", ["!"]),
        ("a; b &amp; c", "‹semicolon›", [";"]),
        ("note: at 10:30", "‹colon›", [":"]),
        ("so (they say) it is", "‹parentheses›", ["(they say)"]),
        ("this — that - and--so well-known 1–2", "‹dash›", ["—", "-", "--"]),
        ("well... so… . . .", "‹ellipsis›", ["...", "…", ". . ."]),
        ('a "b" and “c”', "‹quotation marks›", ['"b"', "“c”"]),
        ("ok 👩🏽‍💻 ❤️", "‹emoji›", ["👩🏽‍💻", "❤️"]),
        ("so #Blessed and #1", "‹hashtag›", ["#Blessed"]),
        ("THIS IS BAD by NASA, TERRIBLE", "‹capitals›", ["THIS IS BAD", "TERRIBLE"]),
        ("a\n \nb\n\n\nc\n\n", "‹several paragraphs›", ["\n \n", "\n\n\n"]),
        ("$5.00 and 7 €", "‹currency›", ["$5.00", "7 €"]),
        ("a 5% rise", "‹percent›", ["%"]),
        ("the end", "‹no final punctuation›", ["end"]),
        ('is it "so?" ', "‹ends with a question›", ['?"']),
        ("so!", "‹ends with an exclamation›", ["!"]),
        ("“However, no.", '‹opens with "however"›', ["However"]),
        ("3 things.", "‹opens with a number›", ["3"]),
        ("1. they all went there together", "‹no capital letters›", ["they"]),
        ("Seven Little Words From Another World", "‹each word with a capital›", ["Seven"]),
        ("see 7TX3K9 there", "‹letters and digits›", ["7TX3K9"]),
        ("* this.", '‹opens with "*"›', ["*"]),
        ("“Yes”, she said.", "‹opens with a quotation mark›", ["“"]),
        ("(They said so.)", "‹opens with a bracket›", ["("]),
        ("(They said so.)", "‹ends with a bracket›", [")"]),
        ('They said "so."', "‹ends with a quotation mark›", ['"']),
        ("and so on...", "‹ends with an ellipsis›", ["."]),
        ("first this;", "‹ends with a semicolon›", [";"]),
        ("as follows:", "‹ends with a colon›", [":"]),
        ("Dear all,", "‹ends with a comma›", [","]),
    ],
)
def test_a_mark_is_found_where_it_shows(text, name, characters):
    assert marks(text)[name] == characters


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("- once", "‹bullet list›"),
        ("2 * 3 * 4", "‹italics›"),
        ("snake_case_name and __init__", "‹italics›"),
        ("x = **a, **b", "‹bold›"),
        ("```\nis it (so)?\n```", "‹question mark›"),
        ("`f(x)`", "‹parentheses›"),
        ("NASA and I", "‹capitals›"),
        ("one\ntwo", "‹several paragraphs›"),
        ("me@example.org", "‹mention›"),
        ("It ends.", "‹no final punctuation›"),
        ("they all went to England together", "‹no capital letters›"),
        ("yes, i do", "‹no capital letters›"),
        ("```\ncode\n```", "‹no final punctuation›"),
        ("10:30", "‹colon›"),
        ("#1 in C#", "‹hashtag›"),
        ("SEVEN LITTLE WORDS FROM ANOTHER WORLD", "‹each word with a capital›"),
        ("Angela Merkel and Barack Obama spoke", "‹each word with a capital›"),
        ("in the 1990s, on the 21st, B52", "‹letters and digits›"),
        ("https://example.org is down", '‹opens with "h"›'),
        ("3 things", '‹opens with "3"›'),
        ("so it ends.", "‹ends with an ellipsis›"),
    ],
)
def test_what_only_looks_like_a_mark_is_none(text, name):
    assert name not in marks(text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("however", "word"),
        ("‹number›", "word"),
        ("of course", "pair"),
        ("‹number› ‹number›", "pair"),
        ("‹bullet list›", "mark"),
        ('‹opens with "the"›', "mark"),
    ],
)
def test_the_kind_of_a_feature_is_told_by_its_name(name, kind):
    assert feature_kind(name) == kind


@given(st.text(st.characters(), max_size=200))
def test_every_span_is_within_the_text_and_shows_something(text):
    for name, start, end in word_features(text):
        assert 0 <= start < end <= len(text)
        if feature_kind(name) == "word" and name != "‹number›":
            assert name == text[start:end].lower().replace("’", "'")


def test_a_text_without_words_has_no_words():
    assert word_features("") == []
    assert shown("?! ...", "word") == []


def test_odd_texts_take_time_in_proportion_to_their_length():
    started = time.process_time()
    for sign in ("a", "1", "(", '"', "*", "_", "`", "|", "A", " ", "\n", "a@", "# ", "e\u0301"):
        word_features(sign * 50_000 + "x")
    # Quadratic patterns would take minutes; this is a wide margin over linear ones.
    assert time.process_time() - started < 10
