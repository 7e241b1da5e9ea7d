"""Short texts are copies after one slip, without some words, or within another; else not."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.duplicates.short_texts import (
    SHORT,
    one_character_changed,
    short_within,
    words_left_out,
)

BALANCE = "what is my account balance"


def slips(*texts: str) -> list[tuple[int, int]]:
    return [pair for pair, _ in one_character_changed(dict(enumerate(texts)))]


def without_words(*texts: str) -> list[tuple[int, int]]:
    return [pair for pair, _ in words_left_out(dict(enumerate(texts)))]


def within(*texts: str, longest: int = 45) -> list[tuple[int, int]]:
    shorts = {row: text for row, text in enumerate(texts) if len(text) <= SHORT}
    return list(short_within(shorts, texts, longest=longest))


@pytest.mark.parametrize(
    ("one", "other", "is_slip"),
    [
        (BALANCE, BALANCE.replace("my", "me"), True),
        (BALANCE, BALANCE.replace("account", "acount"), True),
        (BALANCE, BALANCE + "s", True),
        (BALANCE, BALANCE[1:], True),
        (BALANCE, BALANCE[1:-1], False),
        (BALANCE, BALANCE.replace("my", "is"), False),
        ("a room for 2 of us", "a room for 3 of us", False),
        ("a room for 2 of us", "a room for x of us", False),
        ("a room for 20 of us", "a room for 2 of us", False),
        ("elevenchars", "elevenchart", False),
        ("elevenchars", "elevenchars!", True),
        ("x" * 60, "x" * 59 + "y", True),
        ("x" * 60, "x" * 61, False),
        ("x" * 61, "x" * 60 + "y", False),
    ],
)
def test_one_slip_in_a_text_of_a_dozen_characters_or_more(
    one: str, other: str, is_slip: bool
) -> None:
    assert slips(one, other) == ([(0, 1)] if is_slip else [])
    assert slips(other, one) == ([(0, 1)] if is_slip else [])


def is_one_edit(one: str, other: str) -> bool:
    """By trying out all edits."""
    ways = {one[:i] + c + one[i + 1 :] for i in range(len(one)) for c in "ab"}
    ways |= {one[:i] + one[i + 1 :] for i in range(len(one))}
    ways |= {one[:i] + c + one[i:] for i in range(len(one) + 1) for c in "ab"}
    return one != other and other in ways


@settings(max_examples=25)
@given(st.lists(st.text("ab", min_size=11, max_size=14), max_size=6, unique=True))
def test_slips_are_those_of_a_search_through_all_edits(texts: list[str]) -> None:
    truth = [
        (i, j)
        for (i, one), (j, other) in combinations(enumerate(texts), 2)
        if is_one_edit(one, other) and max(len(one), len(other)) >= 12
    ]
    assert sorted(slips(*texts)) == truth


def test_a_slip_leaves_all_but_one_of_the_longer_text_s_characters() -> None:
    found = dict(one_character_changed({3: "a dozen chars", 8: "a dozen char"}))
    assert found == {(3, 8): pytest.approx(12 / 13)}


@pytest.mark.parametrize(
    ("longer", "shorter", "is_copy"),
    [
        ("a b c d e", "b c d e", True),
        ("a b c d e", "a b d e", True),
        ("a b c d e", "c d e", False),
        ("a b c d", "a b c", False),
        ("a b c d e f g", "c d e f g", True),
        ("a b c d e f g", "a b c d e", True),
        ("a b c d e f g", "b c d e f", False),
        ("a b c d e f", "c d e f", False),
        ("a b c d e", "a b c d f", False),
        ("a b c d e", "b a c d", False),
        (" ".join(["w"] * 24), " ".join(["w"] * 23), True),
        (" ".join(["w"] * 25), " ".join(["w"] * 24), False),
    ],
)
def test_one_word_anywhere_or_two_at_an_end_may_be_left_out(
    longer: str, shorter: str, is_copy: bool
) -> None:
    assert without_words(longer, shorter) == ([(0, 1)] if is_copy else [])
    assert without_words(shorter, longer) == ([(0, 1)] if is_copy else [])


def test_the_share_of_a_text_without_words_is_of_its_characters() -> None:
    (found,) = words_left_out({7: "aa b c d e", 2: "b c d e"})
    assert found == ((2, 7), 0.7)


@pytest.mark.parametrize(
    ("around", "stands_in_it"),
    [
        (f"hi {BALANCE}", True),
        (f"{BALANCE} please", True),
        (f"hi {BALANCE} please", True),
        (BALANCE, False),
        (f"hi {BALANCE}s please", False),
        (f"hi{BALANCE} please", False),
        ("hi what is my account", False),
        (f"hi {BALANCE[:-1]} please", False),
    ],
)
def test_a_short_text_stands_in_another_from_word_to_word(around: str, stands_in_it: bool) -> None:
    assert within(BALANCE, around) == ([(0, 1)] if stands_in_it else [])
    assert within(around, BALANCE) == ([(0, 1)] if stands_in_it else [])


@pytest.mark.parametrize(
    ("text", "is_looked_for"),
    [
        ("four words make nophrase", False),
        ("five words make a phrase", True),
        ("a b c d e f g h i", False),
        ("a b c d e f g h i jk", True),
        ("a b c d " + "e" * 37, True),
        ("a b c d " + "e" * 38, False),
    ],
)
def test_what_is_short_enough_and_no_turn_of_phrase_is_looked_for(
    text: str, is_looked_for: bool
) -> None:
    assert within(text, f"and {text} too") == ([(0, 1)] if is_looked_for else [])


def test_all_texts_are_looked_through_wherever_the_short_ones_stand() -> None:
    long = f"{'word ' * 60}{BALANCE}"
    assert len(long) > SHORT
    assert within("another", long, BALANCE, f"oh {BALANCE}") == [(1, 2), (2, 3)]


@pytest.mark.parametrize(("n", "is_told"), [(32, True), (33, False)])
def test_what_stands_in_many_texts_is_a_template(n: int, is_told: bool) -> None:
    around = [f"number {'x' * i} {BALANCE}" for i in range(1, n + 1)]
    found = [pair for pair in within(BALANCE, *around) if pair[0] == 0]
    assert found == ([(0, i) for i in range(1, n + 1)] if is_told else [])


@pytest.mark.parametrize(("n", "is_told"), [(32, True), (33, False)])
def test_many_texts_of_one_slip_are_a_template(n: int, is_told: bool) -> None:
    texts = [f"room number {chr(0x4E00 + i)}" for i in range(n)]
    assert len(slips(*texts)) == (n * (n - 1) // 2 if is_told else 0)


def test_no_texts_have_no_copies() -> None:
    assert slips() == without_words() == within() == []
    assert slips(BALANCE) == without_words(BALANCE) == within(BALANCE) == []
    assert slips("", "a") == without_words("", "a") == within("", "a") == []
