from hypothesis import given
from hypothesis import strategies as st

from corpuscope.labels.word_forms import pieces, stem, words_of
from tests.labels.worlds import split


def test_forms_of_one_word_share_a_stem() -> None:
    for forms in (
        "apologise apologize apologised apology apologies apologising",
        "book books booked booking",
        "stop stops stopped stopping",
        "city cities",
        "quick quickly",
    ):
        assert len({stem(form) for form in forms.split()}) == 1, forms


def test_words_that_differ_keep_their_stems_apart() -> None:
    words = split("this his thing sing red bed news new does doe business busy glass gas")
    assert len({stem(word) for word in words}) >= len(words) - 1


def test_words_numbers_and_runs_of_a_sign_are_pieces() -> None:
    found = pieces("Don’t pay $3,500... **now** (v2)")
    assert [word for word, _, _ in found] == [
        "don't", "pay", "$", "3,500", "...", "**", "now", "**", "(", "v2", ")",
    ]  # fmt: skip
    assert words_of("a, b_c") == ["a", "b", "c"]


@given(st.text(max_size=80))
def test_pieces_are_in_order_and_cover_everything_visible(text: str) -> None:
    at = 0
    for _, start, end in pieces(text):
        assert at <= start < end
        assert not any(map(str.isalnum, text[at:start]))
        at = end


@given(st.text(max_size=20))
def test_a_stem_is_no_longer_than_its_word(word: str) -> None:
    assert len(stem(word)) <= len(word)
