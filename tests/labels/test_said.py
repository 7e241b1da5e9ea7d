"""Which words names say, and which texts have them."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.labels.said import are_said_in, phrases_in, said_by
from tests.analyses.worlds import Made, write


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ('"may", "might"', ["may", "might"]),
        ('forms of "food" in a command', ["food"]),
        ('"free" in "feel free"', ["free", "feel free"]),
        ('after "however," before number "per cent"', ["however", "per cent"]),
        ('"don’t" near "the inn"', ["don't", "the inn"]),
        ("capitalised name, or opening bracket", []),
    ],
)
def test_names_of_tokens_say_what_they_quote(label: str, said: list[str]) -> None:
    assert list(said_by(label, "token")) == said


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("sorry, apologise, in few words", ["sorry", "apologise"]),
        ("question in a long sentence: hotel or inn, room", ["hotel", "inn", "room"]),
        ("negation (not, no, never) in few words", []),
        ("negation (not, no, never): use, battery life", ["use", "battery life"]),
        ("he or him in few words", []),
        ('idiot, with "you"', ["you", "idiot"]),
        ("page, in the first person, with he or him", ["page"]),
        ("questions of, heading", ["questions of"]),
    ],
)
def test_names_of_sentences_say_what_they_list(label: str, said: list[str]) -> None:
    assert list(said_by(label, "sentence")) == said


def test_a_phrase_is_there_only_with_its_words_in_a_row() -> None:
    texts = ["Feel — free to ask.", "He doesn’t mind; free feel."]
    wanted = ["feel free", "free feel", "free to", "doesn't mind", "ask he", "fee"]
    assert phrases_in(texts, wanted) == {"feel free", "free feel", "free to", "doesn't mind"}


def test_a_name_must_be_said_whole(tmp_path: Path) -> None:
    texts = (["the old inn", "a hotel"], ["a room"])
    stores = [
        write(tmp_path / str(number), [Made(text.split()) for text in some])
        for number, some in enumerate(texts)
    ]
    labels = ['"inn", "hotel"', '"inn", "motel"', None, "number", "room, hotel", "room, motel"]
    kinds = ["token"] * 4 + ["sentence"] * 2
    both = [True, False, False, True, True, False]
    assert are_said_in(stores, labels, kinds).tolist() == both
    assert are_said_in(stores[:1], labels, kinds).tolist() == [
        True,
        False,
        False,
        True,
        *[False] * 2,
    ]


def test_names_may_say_nothing(tmp_path: Path) -> None:
    store = write(tmp_path / "a", [Made(["word"])])
    assert not np.any(are_said_in([store], [None, None], ["token", "sentence"]))
