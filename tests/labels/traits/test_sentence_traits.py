"""What is seen of a sentence by looking: form by form, with one that nearly has it."""

import pytest

from corpuscope.labels.traits.sentence_traits import (
    content_stems,
    forms_around,
    sentence_forms,
    sentence_traits,
)
from tests.labels.worlds import sentence

FORMS = [
    ("numbered item", ["2. Sort them", "(a) Sort", "12) x", "b. x"],
     ["2.5 kilos", "1234. x", "a.b"]),
    ("list item", ["- one", "  • two", "* three"], ["-one", "a - b", "-"]),
    ("heading", ["## Part two", "**Summary**", "**Summary**: ", "== Plot =="],
     ["**Bold** words", "####### x", "= x"]),
    ("code line", ["x = foo(a);", "if a >= b then", "snake_case here", "import os  # of (x)",
                   "$ ls", "run --fast now", "a -> b", "np.array(3"],
     ["He said (no).", "A - dash", "well-known facts"]),
    ("link or address", ["on www.example.org", "at https://x", "mail me@example.org"],
     ["at @home", "http is old"]),
    ("dialogue turn", ["Bob: hello", "[Anna Lee]: no", "- Why not?", "– “Go!”"],
     ["bob: hello", "- why", "A name that is much too long to be one: x"]),
    ("quotation", ['He said "no way" now', "“Quite so”", "«Oui»", "``so''"], ['5" x', "it's 'so'"]),
    ("bracketed remark", ["as (you) know"], ["as (you", "as )you"]),
    ("with a number", ["in 1987"], ["in one"]),
    ("question", ["Why?", 'He asked "why?"', "何？", "Why?** "], ["Why? No.", "Why", ""]),
    ("exclamation", ["Go!", "走！", "Go!)"], ["Go! Now."]),
    ("ends with a colon", ["As follows:", "As **follows:**"], ["a: b", "Why?"]),
    ("no final punctuation", ["one two", "one 2", "in “quotes”"], ["one.", "one…", "one -"]),
    ("lower-case text", ["all of it."], ["All of it.", "abc", "12 34"]),
    ("all capitals", ["ALL OF IT."], ["ALL of it", "ABC"]),
    ("mostly signs or digits", ["12 34 5%", "a = 5", "..."], ["abc 123", "ab12"]),
    ("not in Latin letters", ["Где ты?", "雪が"], ["größer", "Ok, дa b c", "naïve"]),
    ("no words", ["", "--", "?!"], ["a"]),
    ("few words", ["One two.", "One two three four."], ["", "One two three four five."]),
    ("long sentence", ["w " * 30], ["w " * 29]),
    ("command", ["Add me to it.", "- Explain why", "2 Make it so"], ["We add it.", "Adding it"]),
    ('first person "I"', ["So I’m here", "my cat"], ["it is"]),
    ('first person "we"', ["let us go"], ["the bus"]),
    ('second person "you"', ["your turn"], ["young"]),
    ('"he"', ["with him"], ["the"]), ('"she"', ["hers"], ["shed"]), ('"they"', ["them"], ["theme"]),
    ("negation", ["I can't", "no way"], ["I know"]), ('"if"', ["as if"], ["gift"]),
]  # fmt: skip


@pytest.mark.parametrize(("form", "having", "lacking"), FORMS, ids=[form for form, *_ in FORMS])
def test_a_form_is_told_from_what_nearly_has_it(
    form: str, having: list[str], lacking: list[str]
) -> None:
    assert [text for text in having if form not in sentence_forms(sentence(text))] == []
    assert [text for text in lacking if form in sentence_forms(sentence(text))] == []


@pytest.mark.parametrize(
    ("place", "form"),
    [({"opens_text": True}, "opening the text"), ({"ends_text": True}, "ending the text"),
     ({"opens_text": True, "ends_text": True}, "the whole text"),
     ({"before": "Is it?** \n"}, "after a question"), ({}, None), ({"before": "It is."}, None)],
)  # fmt: skip
def test_a_sentence_has_one_place_in_its_text(place: dict[str, object], form: str | None) -> None:
    places = {"opening the text", "ending the text", "the whole text", "after a question"}
    found = places & set(sentence_forms(sentence("Some words of it.", **place)))  # type: ignore[arg-type]
    assert found == ({form} if form else set())


def test_what_matters_to_a_token_are_the_forms_around_it() -> None:
    around = forms_around("I said “no way” to 3 of them:")
    assert around == ("ends with a colon",)


def test_words_are_stems_and_phrases_stand_as_they_are() -> None:
    found = sentence_traits(sentence("The ships, ships of 12 well-known ports"))
    assert [trait for trait in found if trait.startswith("word=")] == [
        "word=the", "word=ship", "word=of", "word=well", "word=known", "word=port",
    ]  # fmt: skip
    phrases = [trait for trait in found if trait.startswith("phrase=")]
    # A comma parts two words, and a hyphen or a space does not.
    assert phrases == ["phrase=the ships", "phrase=ships of", "phrase=of 12", "phrase=12 well",
                       "phrase=well known", "phrase=known ports"]  # fmt: skip
    assert len(set(found)) == len(found)
    assert "form=with a number" in found


def test_words_far_apart_are_no_phrase() -> None:
    phrases = [t for t in sentence_traits(sentence("one  two   three")) if t.startswith("phrase")]
    assert phrases == ["phrase=one two"]


def test_content_words_are_told_once_by_their_stems() -> None:
    assert content_stems("The ships and a ship of the harbour") == ("ship", "harbour")
    assert content_stems("of the and") == ()
