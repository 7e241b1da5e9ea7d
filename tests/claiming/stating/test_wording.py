"""Sentences that cannot be tested by reading are told from those that can."""

import pytest

from corpuscope.claiming.stating.wording import faults_of_sentence, normalised


def faults(sentence: str, documents: tuple[str, ...] = ()) -> list[str]:
    return list(faults_of_sentence(sentence, group_names=["gpt-4", "new"], documents=documents))


@pytest.mark.parametrize(
    "sentence",
    [
        "The text ends with an invitation to write again.",
        "The text apologises for a delay.",
        'The text hedges, with words such as "usually" or “less than 3”.',
        "The text gives a new example of renewal, in a newspaper.",
    ],
)
def test_a_plain_sentence_has_no_faults(sentence: str) -> None:
    assert faults(sentence.replace("a new example", "an example")) == []


@pytest.mark.parametrize(
    ("sentence", "part"),
    [
        ("", "empty"),
        ("The text is more formal than others.", "'more' compares"),
        ("The text usually apologises.", "'usually' compares"),
        ("Texts of group A apologise.", "'group A' speaks of this task"),
        ("The text shows F3.", "'F3' speaks of this task"),
        ("The text sounds like GPT-4.", "names the group 'gpt-4'"),
        ("The text was written by the new model.", "names the group 'new'"),
        ("The text has 3 steps.", "has a figure"),
        ("The text " + "and so on " * 10, "words; at most 25"),
    ],
)
def test_a_sentence_that_cannot_be_tested_has_faults(sentence: str, part: str) -> None:
    assert any(part in one for one in faults(sentence)), faults(sentence)


def test_a_run_of_eight_words_is_a_copy() -> None:
    document = "Do write to me if you come across the name anywhere else."
    assert faults("The text says: write to me if you come across the name.", (document,))
    assert not faults("The text asks the reader to write if the name turns up.", (document,))


def test_a_sentence_is_given_single_spaces_and_an_end() -> None:
    assert normalised("  The text\n apologises ") == "The text apologises."
    assert normalised("Does the text apologise?") == "Does the text apologise?"
