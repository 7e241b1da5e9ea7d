"""Labels in words: heads, tails, and how a stem is written."""

import pytest

from corpuscope.labels.label import Clause
from corpuscope.labels.said import said_by
from corpuscope.labels.wording import FORM_NAMES, surface_forms, wording
from tests.labels.worlds import sentence

SURFACES = {"apolog": "apologies", "ship": "ships"}


def clauses(*parts: str) -> list[Clause]:
    """Traits of one clause are parted by a bar."""
    return [Clause(tuple(part.split("|"))) for part in parts]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (["word=may|word=might"], '"may", "might"'), (["word=,"], "comma"),
        (["forms=apolog"], 'forms of "apologies"'), (["near=ship|near=sea"], 'near "ships", "sea"'),
        (["after=of the"], 'after "of the"'), (["before=‹number› %"], 'before number "%"'),
        (["after=however ,"], 'after "however,"'), (["after=( see"], 'after "(see"'),
        (["ending='s|ending=ly"], "word ending in -'s or -ly"),
        (["beginning=un|beginning=re"], "word beginning with un- or re-"),
        (["where=second in a sentence"], "second word of a sentence"),
        (["where=somewhere"], "somewhere"), (["in=question"], "word in a question"),
        (["class=number|class=year"], "number or year"),
        # Of a word and one beside it the phrase is told.
        (["word=free", "after=feel"], '"free" in "feel free"'),
        (["word=thank", "before=you very"], '"thank" in "thank you very"'),
        (["word=free|word=glad", "after=feel"], '"free", "glad" after "feel"'),
        (["word=free", "after=,"], '"free" after comma'),
        (["forms=apolog", "after=my"], 'forms of "apologies" after "my"'),
        (["word=may", "where=ending a sentence", "in=few words"],
         '"may" ending a sentence in few words'),
        (["class=number", "initial=1", "final=0"], "number beginning with 1- ending in -0"),
        (["where=opening a line", "word=so"], 'start of a line ("so")'),
        (["near=ship", "ending=ing"], 'near "ships" (word ending in -ing)'),
    ],
)  # fmt: skip
def test_names_of_tokens(parts: list[str], text: str) -> None:
    assert wording(clauses(*parts), "token", SURFACES) == text


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (["word=apolog|word=sorry"], "apologies or sorry"),
        (["word=ship", "phrase=at sea"], "ships, at sea"),
        (["word=ship", "form=question"], "ships, in a question"),
        (["form=question"], "question"), (["form=few words"], "a few words"),
        (["form=question", "word=ship"], "question: ships"),
        (["form=few words", "form=question", "word=ship"], "a few words in a question: ships"),
        (["form=opening the text", "form=with a number"], "opening of the text with a number"),
        (['word=ship', 'form="if"'], 'ships, with "if"'),
    ],
)  # fmt: skip
def test_names_of_sentences(parts: list[str], text: str) -> None:
    assert wording(clauses(*parts), "sentence", SURFACES) == text


def test_what_a_name_says_can_be_read_back_from_it() -> None:
    name = wording(clauses("form=few words", "form=question", "word=ship"), "sentence", SURFACES)
    assert said_by(name, "sentence") == ("ships",)
    assert said_by(wording(clauses("form=few words"), "sentence", {}), "sentence") == ()
    assert "in few words" in FORM_NAMES
    assert "a few words" in FORM_NAMES


def test_a_stem_is_written_as_the_shortest_of_its_usual_words() -> None:
    def contexts(**times: int) -> list[str]:
        return [f"{word} {chr(97 + i)}" for word, n in times.items() for i in range(n)]

    def written(**times: int) -> str:
        forms = surface_forms(sentence(text) for text in contexts(**times))
        return forms["apolog"]

    assert written(apologies=6, apology=2) == "apology"
    # Less than a third of the most usual one.
    assert written(apologies=7, apology=2) == "apologies"
    assert written(apologise=3, apologies=3) == "apologies"
    assert written(apologies=3, apologised=3) == "apologies"


def test_a_word_counts_once_in_each_context() -> None:
    texts = ["ship ship ship ship", "ships a", "ships b", "ships c", "ships d"]
    assert surface_forms(map(sentence, texts))["ship"] == "ships"
    assert surface_forms([]) == {}
