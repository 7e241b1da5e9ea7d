"""A shortcut is told in words, and takes the names that its features have in these texts."""

from dataclasses import replace

import numpy as np
import pytest

from corpuscope.analyses.audit.shortcut import Shortcut, is_labelled
from corpuscope.analyses.results.naming import Name

NAN = float("nan")
HERE = Shortcut(
    value="spam", feature=3, label="feature 3", members=("feature 4", '"cash"', "x", "fourth"),
    nature="isolated", rate=0.42, rate_elsewhere=0.07, auroc=0.675, context_auroc=0.53,
    isolated_below=0.6, z=5.0, q_value=0.01, member_features=(4, "cash", 5, 6),
)  # fmt: skip


def test_the_feature_and_three_members_are_named_of_a_sentence_cluster_all() -> None:
    assert HERE.named == (3, 4, "cash", 5)
    assert replace(HERE, sentences=((0, 1),)).named == (3, 4, "cash", 5, 6)


def test_names_from_these_texts_replace_those_it_had_and_others_stay() -> None:
    told = HERE.called({3: Name("offers", 0.9, "here"), 5: Name("haste", 0.8, "here")})
    assert (told.label, told.label_source) == ("offers", "here")
    assert told.members == ("feature 4", '"cash"', "haste", "fourth")
    unchanged = replace(HERE, label_source="people").called({})
    assert (unchanged.label, unchanged.label_source) == ("feature 3", "people")
    assert unchanged.members == HERE.members


def test_a_sentence_cluster_is_called_after_two_of_its_features_named_ones_first() -> None:
    kind = replace(HERE, feature="sentences 0", sentences=((0, 1),))
    label = kind.called({6: Name("farewell", 0.9, "here")}).label
    assert label.endswith('"cash", x')
    some = replace(kind, members=("feature 4", "feature 9", "thanks"), member_features=(4, 9, 7))
    assert some.called({}).label.endswith("thanks, feature 4")


@pytest.mark.parametrize(
    ("changed", "said", "unsaid"),
    [
        ({}, ["42%", "7%", "'spam'", '"cash"', "not predictable", "0.53"], ["fourth"]),
        ({"nature": "content"}, ["42%", "0.53"], ["not predictable"]),
        ({"nature": "form"}, ["42%", '"cash"'], ["0.53", "predictable"]),
        ({"context_auroc": NAN}, ["42%"], ["nan"]),
        ({"sentences": ((0, 1),)}, ["42%", "0.53"], ['"cash"']),
        ({"members": (), "member_features": ()}, ["42%", "0.53"], ["with"]),
        ({"nature": "length", "rate": 31.0, "rate_elsewhere": 20.4},
         ["31 ", "20 ", "'spam'", "0.68"], ["%", '"cash"']),
    ],
    ids=["isolated", "content", "form", "unknown", "sentences", "lonely", "length"],
)  # fmt: skip
def test_words_give_rates_and_what_is_known_of_the_context(
    changed: dict[str, object], said: list[str], unsaid: list[str]
) -> None:
    text = replace(HERE, **changed).in_words()  # type: ignore[arg-type]
    assert [one for one in said if one not in text] == []
    assert [one for one in unsaid if one in text] == []


def test_documents_without_a_label_are_told_from_those_with_an_empty_one() -> None:
    values = np.array(["a", None, "", "None", 0], dtype=object)
    assert is_labelled(values).tolist() == [True, False, True, True, True]
    assert is_labelled(values[:0]).tolist() == []
