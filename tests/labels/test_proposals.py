"""What the label says, for features whose contexts are known."""

from dataclasses import replace

import numpy as np
import pytest

from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.label import Label
from corpuscope.labels.proposals import label_feature
from corpuscope.labels.score import score_label
from corpuscope.labels.traits.token_traits import token_traits, whole_word
from tests.labels.worlds import (
    apologies,
    plain_sentence,
    questions,
    random_sentences,
    random_tokens,
    sentence,
    some_word,
    split,
    token,
    words_within,
)

TOKENS = random_tokens(600)
SENTENCES = random_sentences(600)


def named(contexts: list[FeatureContext], kind: UnitKind) -> Label:
    return label_feature(contexts, TOKENS if kind == "token" else SENTENCES, kind)


def held_out_score(label: Label, contexts: list[FeatureContext]) -> float:
    others = TOKENS if label.kind == "token" else SENTENCES
    return score_label(label, contexts, others).score


def test_a_feature_of_one_word_is_named_by_it() -> None:
    label = named(words_within(["however"], 30), "token")
    assert label.text == '"however"'
    assert held_out_score(label, words_within(["however"], 20, seed=8)) > 0.99


def test_several_words_of_one_sort_are_listed() -> None:
    words = ["may", "might", "could"]
    label = named(words_within(words, 36), "token")
    assert label.text is not None
    assert sorted(label.text.split(", ")) == ['"could"', '"may"', '"might"']
    assert held_out_score(label, words_within(words, 30, seed=8)) > 0.99


def test_a_word_that_always_opens_the_text_is_said_to() -> None:
    rng = np.random.default_rng(0)
    opening = [
        token(
            f"Certainly {some_word(rng)} {plain_sentence(rng)}",
            "Certainly",
            document=str(i),
            opens_text=True,
        )
        for i in range(24)
    ]
    plain = [replace(c, opens_text=i % 4 == 0) for i, c in enumerate(TOKENS)]
    elsewhere = [
        token(f"{c.text} Certainly.", "Certainly", document=c.document) for c in TOKENS[:8]
    ]
    label = label_feature(opening, [*plain, *elsewhere], "token")
    assert label.text == '"certainly" opening the text'
    assert label.matches(opening[0]) > label.matches(elsewhere[0])


def test_a_word_beside_another_is_shown_with_it() -> None:
    contexts = [token(f"Just feel free to {w}.", "free", document=w) for w in "abcdefghijklmnop"]
    assert named(contexts, "token").text == '"free" in "feel free"'


def test_what_follows_a_word_is_named_by_the_word_before() -> None:
    rng = np.random.default_rng(7)
    contexts = [
        token(f"{plain_sentence(rng)} It is not {w} {some_word(rng)}.", w, document=w)
        for w in _ADJECTIVES
    ]
    assert named(contexts, "token").text == 'after "not"'


_ADJECTIVES = split("red cold wise sharp round heavy bitter empty famous gentle hollow modern")


def test_list_numbers_are_one_class() -> None:
    rng = np.random.default_rng(8)
    contexts = [
        token(f"{i}. {some_word(rng).title()} the lid", str(i), document=str(i))
        for i in range(1, 20)
    ]
    prose = [token(f"It took {i} days.", str(i), document=f"p{i}") for i in range(60)]
    label = label_feature(contexts, [*TOKENS, *prose], "token")
    assert label.text is not None
    assert label.text.startswith("list number")
    assert label.matches(contexts[0]) > label.matches(prose[3])


@pytest.mark.parametrize(
    ("sign", "name"), [("?", "question mark"), (",", "comma"), ("(", "opening bracket")]
)
def test_signs_are_called_by_their_names(sign: str, name: str) -> None:
    rng = np.random.default_rng(1)
    contexts = [
        token(f"{plain_sentence(rng)[:-1]} {sign} so", sign, document=str(i)) for i in range(20)
    ]
    assert str(named(contexts, "token").text).startswith(name)


def test_a_part_of_a_word_stands_for_the_whole_word() -> None:
    context = token("An unbelievably long day.", "##believ".removeprefix("##"))
    assert whole_word(context) == "unbelievably"
    contexts = [token(f"{w} is unbelievably good.", "believ", document=w) for w in _ADJECTIVES]
    label = named(contexts, "token")
    assert label.text is not None
    assert "unbelievably" in label.text
    assert "##" not in label.text


def test_words_that_share_only_an_ending_are_named_by_it() -> None:
    words = split("slowly gladly rarely boldly deeply fairly kindly loudly nearly openly")
    rng = np.random.default_rng(7)
    contexts = [
        token(f"{plain_sentence(rng)[:-1]} {word} {some_word(rng)}.", word, document=f"{word}{i}")
        for word in words
        for i in range(2)
    ]
    assert named(contexts, "token").text == "word ending in -ly"


def test_apologies_are_named_by_their_words() -> None:
    label = named(apologies(36), "sentence")
    assert label.text is not None
    assert "sorry" in label.text
    assert "apolog" in label.text
    assert held_out_score(label, apologies(30, seed=8)) > 0.9


def test_forms_of_a_word_are_not_listed_twice() -> None:
    label = named(apologies(36), "sentence")
    assert str(label.text).count("apolog") == 1


def test_questions_are_named_by_their_form() -> None:
    label = named(questions(30), "sentence")
    assert str(label.text).startswith("question")
    assert held_out_score(label, questions(20, seed=8)) > 0.9


def test_form_and_words_are_named_together() -> None:
    rng = np.random.default_rng(4)
    asked = [
        sentence(f"{plain_sentence(rng)[:-1]} {rng.choice(['hotel', 'room'])}?", document=str(i))
        for i in range(30)
    ]
    others = [
        *SENTENCES,
        *questions(60),
        *[sentence(f"The {w} hotel room.") for w in _ADJECTIVES * 10],
    ]
    label = label_feature(asked, others, "sentence")
    assert label.text is not None
    assert "question" in label.text
    assert "hotel" in label.text or "room" in label.text


def test_lower_case_text_is_named_by_its_looks() -> None:
    rng = np.random.default_rng(6)
    contexts = [sentence(plain_sentence(rng).lower(), document=str(i)) for i in range(24)]
    assert str(named(contexts, "sentence").text).startswith("lower-case text")


@pytest.mark.parametrize("kind", ["token", "sentence"])
def test_where_nothing_sets_contexts_apart_there_is_no_label(kind: UnitKind) -> None:
    draw = random_tokens if kind == "token" else random_sentences
    n_named, scores = 0, []
    for seed in range(20):
        label = named(draw(36, seed=100 + seed), kind)
        if label.text is None:
            assert label.reason == "no trait distinguishes its contexts from others"
        else:
            n_named += 1
            scores.append(held_out_score(label, draw(30, seed=300 + seed)))
    # Some chance label is found at times; the held-out trials then show what it is worth.
    assert n_named == 0 or np.mean(scores) < 0.14


def test_too_few_contexts_make_no_label_but_a_reason() -> None:
    for n in range(4):
        label = named(words_within(["may"], n), "token")
        assert label.text is None
        assert label.criteria == ()
        assert label.reason == f"only {n} training contexts"
    assert label_feature(words_within(["may"], 20), [], "token").text is None


def test_the_order_of_contexts_does_not_matter() -> None:
    for contexts, kind in (
        (words_within(["may", "might"], 30), "token"),
        (apologies(30), "sentence"),
    ):
        label = named(contexts, kind)  # type: ignore[arg-type]
        assert named(contexts[::-1], kind) == label  # type: ignore[arg-type]


def test_the_label_says_all_that_it_is_tested_by() -> None:
    for contexts, kind in (
        (words_within(["may", "might"], 30), "token"),
        (apologies(30), "sentence"),
    ):
        label = named(contexts, kind)  # type: ignore[arg-type]
        for clause in label.criteria:
            for value in clause.values:
                assert value[:4] in str(label.text)


def test_white_space_and_strange_units_have_traits() -> None:
    assert token_traits(token("a b", " ")) == ["class=white space"]
    assert token_traits(FeatureContext("", 0, 0, 1.0, "d")) == ["class=white space"]
    assert "class=emoji" in token_traits(token("Good 😊", "😊"))
