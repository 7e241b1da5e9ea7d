"""A stop ends its sentence unless it is part of a word, of a number or of what goes on."""

import pytest

from corpuscope.corpus.texts.stops import ends_sentence, word_set


def ends(marked: str, closing: str = "") -> bool:
    """Whether the stop behind `¦` ends its sentence, with the quotes or brackets behind it."""
    stop = marked.index("¦")
    text = marked.replace("¦", "")
    end = stop + len(text[stop:].split()[0])
    assert text[stop:end].endswith(closing)
    after = end + len(text[end:]) - len(text[end:].lstrip())
    return ends_sentence(text, begin=0, stop=stop, end=end, after=after)


def test_words_of_a_string_are_a_set() -> None:
    assert word_set("b a\n b") == {"a", "b"}
    assert word_set("") == frozenset()


@pytest.mark.parametrize(
    "marked",
    [
        "He left¦. She stayed",
        "Really¦? She stayed",
        "really¦? yes",
        "Stop¦! now",
        "it is done¦. then we left",
        "They met in Calif¦. She stayed",
        'He said "no¦." She stayed',
        "He left (at last¦.) She stayed",
        "Then I stayed, and I¦. She left",
        "It was I¦. She stayed",
        "He counted to 3¦. She stayed",
        "One went¦... Then another",
        "One went¦… Then another",
        "so we . . . left¦ . Then",
        "He works at Acme Inc¦. The firm is old",
        "Cats, dogs, etc¦. They came",
        "They came in Jan¦. The year was new",
        "No¦. That was all",
        "Is it no¦. Maybe so",
        "It is 5 p.m¦. She left",
        "We found it, e.g¦! She left",
        "so it was ¦. then we left",
    ],
)
def test_these_end_their_sentence(marked: str) -> None:
    assert ends(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "Dr¦. Smith",
        "(Dr¦. Smith",
        "see e.g¦. Smith",
        "MRS¦. Smith",
        "J¦. Smith",
        "by J¦. R. Smith",
        "3¦. The third",
        "b¦. The second",
        "No¦. 5 is alive",
        "see fig¦. 3",
        "Jan¦. 5 was cold",
        "in Jan¦. Smith was cold",
        "the Acme Inc¦. shares rose",
        "the Acme Inc¦. Smith founded",
        "apples, pears, etc¦. are fruit",
        "the U.S¦. Senate met",
        "a Ph.D¦. Smith met",
        "in Calif¦. we met",
        "read v1.2¦. it is new",
        "One went¦... then another",
        "One went¦… then another",
        'He said "no¦." and left',
        'He asked "why¦?" and left',
        "He left¦.) , she stayed",
        "He left¦. , she stayed",
        "He left¦. ; she stayed",
        "He left¦. % she stayed",
    ],
)
def test_these_do_not(marked: str) -> None:
    assert not ends(marked)


def test_a_stop_of_chinese_or_japanese_needs_no_space_and_no_capital() -> None:
    for sign in "。！？｡":
        assert ends_sentence(f"x{sign}yz", begin=0, stop=1, end=2, after=2)
        assert ends_sentence(f"x{sign},z", begin=0, stop=1, end=2, after=2)


def test_a_number_or_a_letter_is_a_marker_only_where_the_sentence_begins() -> None:
    text = "We left. 3. The third"
    stop = text.index("3.") + 1
    where = {"stop": stop, "end": stop + 1, "after": stop + 2}
    assert not ends_sentence(text, begin=stop - 1, **where)
    assert ends_sentence(text, begin=0, **where)


def test_words_before_the_sentence_begins_do_not_count() -> None:
    text = "x.Dr. Smith"
    assert not ends_sentence(text, begin=2, stop=4, end=5, after=6)
    # Of a longer word than any abbreviation only the end is seen.
    assert ends("Dr" * 20 + "¦. Smith")


def test_a_capital_must_begin_one_of_the_usual_words_after_an_abbreviation() -> None:
    assert ends("at Acme Ltd¦. They grew")
    assert not ends("at Acme Ltd¦. they grew")
    assert not ends("at Acme Ltd¦. Theo grew")
    assert ends("at Acme Ltd¦. “They grew”")
    assert not ends("at Acme Ltd¦. 5 grew")
