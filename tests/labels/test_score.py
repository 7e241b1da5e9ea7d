import numpy as np
import pytest

from corpuscope.labels.label import Clause, Label
from corpuscope.labels.score import CHANCE, credits, interval_of, score_label, top_token_label
from tests.labels.worlds import (
    apologies,
    random_sentences,
    random_tokens,
    sentence,
    token,
    words_within,
)

MAY = Label("token", '"may"', (Clause(("word=may",)),))


def test_the_mean_over_all_draws_is_what_drawing_gives() -> None:
    rng = np.random.default_rng(0)
    fits, others = rng.integers(0, 4, 3) / 3, rng.integers(0, 4, 500) / 3
    drawn = np.zeros(len(fits))
    for _ in range(20_000):
        ten = others[rng.integers(0, len(others), 10)]
        ties = (ten[:, None] == fits).sum(axis=0)
        drawn += (ten[:, None] <= fits).all(axis=0) / (1 + ties)
    assert credits(fits, others) == pytest.approx(drawn / 20_000, abs=0.01)


def test_a_true_label_wins_and_one_that_says_nothing_gets_chance() -> None:
    held_out, others = words_within(["may"], 30), random_tokens(300)
    assert score_label(MAY, held_out, others).score > 0.99
    nothing = Label("token", None)
    assert score_label(nothing, held_out, others).score == pytest.approx(CHANCE)


def test_a_label_of_another_feature_gets_about_chance() -> None:
    others = random_tokens(400)
    score = score_label(MAY, random_tokens(60, seed=9), others)
    assert score.score == pytest.approx(CHANCE, abs=0.01)


def test_the_interval_holds_the_score_and_shrinks_with_trials() -> None:
    few, many = np.tile([0.0, 1.0], 5), np.tile([0.0, 1.0], 100)
    wide, narrow = interval_of(few, seed=0), interval_of(many, seed=0)
    assert wide.low < wide.score < wide.high
    assert narrow.high - narrow.low < wide.high - wide.low
    assert interval_of(many, seed=0) == narrow


def test_without_trials_there_is_no_score() -> None:
    score = score_label(MAY, [], random_tokens(50))
    assert np.isnan(score.score)
    assert score.n_trials == 0


def test_the_label_that_everyone_has_is_the_word_of_the_largest_mean() -> None:
    contexts = [
        token("You may go.", "may", strength=1.0),
        token("You may not.", "may", strength=1.0),
        token("You might.", "might", strength=3.0),
        token("It might.", "might", strength=2.0),
    ]
    assert top_token_label(contexts, "token").text == '"might"'
    assert top_token_label([], "token").text is None
    assert top_token_label([sentence("It is.")], "sentence").text is None


def test_a_label_of_a_sentence_reads_all_forms_of_its_words() -> None:
    label = Label("sentence", "apologise", (Clause(("word=apolog",)),))
    assert label.matches(sentence("My apologies!")) == 1.0
    assert label.matches(sentence("My word!")) == 0.0
    assert score_label(label, apologies(40), random_sentences(200)).score > 0.5
