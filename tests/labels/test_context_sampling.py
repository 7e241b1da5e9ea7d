"""No text and no document speaks twice, and what is held out was not seen in training."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.labels.context import FeatureContext, FeatureContexts
from corpuscope.labels.context_sampling import held_out_contexts
from tests.labels.worlds import random_sentences, sentence

LONG = "One two three four five six seven {}."
SHORT = "Chapter {}"


def kept(
    strong: list[FeatureContext], weak: list[FeatureContext] | None = None, **options: Any
) -> FeatureContexts:
    given = {"n": 100, "copies": False, "seed": 0} | options
    return held_out_contexts(3, "sentence", (strong, weak or []), 50, **given)


def every(found: FeatureContexts) -> list[FeatureContext]:
    return [*found.training, *found.held_out]


def texts(found: FeatureContexts) -> list[str]:
    return sorted(context.text for context in every(found))


def documents(n: int, text: str = "{}", start: int = 0) -> list[FeatureContext]:
    return [sentence(text.format(f"text {'x' * i}"), document=f"d{start + i}") for i in range(n)]


def test_a_long_sentence_counts_once_and_a_short_one_thrice() -> None:
    copied = [sentence(LONG.format(i), document=f"a{i}") for i in range(5)]
    heads = [sentence(SHORT.format(i), document=f"b{i}") for i in range(5)]
    # Numbers do not make another text of it.
    assert len(every(kept(copied))) == 1
    assert len(every(kept(heads))) == 3
    assert len(every(kept([*copied, *heads], copies=True))) == 10
    # Seven spaces are a long sentence, six words with five spaces a short one.
    assert len(every(kept([sentence("a b c d e f", document=f"{i}") for i in range(5)]))) == 3
    assert len(every(kept([sentence("a b c d e f g", document=f"{i}") for i in range(5)]))) == 1


def test_texts_without_letters_are_told_apart_by_their_signs() -> None:
    signs = [sentence(sign, document=f"d{sign}") for sign in ("1", "2", "---", "3", "4")]
    assert len(every(kept(signs))) == 5


def test_parts_of_one_document_count_thrice_and_stay_on_one_side() -> None:
    parts = [sentence(f"text {'x' * i}", document=f"d{i % 2}#{i}") for i in range(10)]
    found = kept(parts)
    families = [{one.document[:2] for one in side} for side in (found.training, found.held_out)]
    assert sorted(map(len, (found.training, found.held_out))) == [3, 3]
    assert families[0].isdisjoint(families[1])


@pytest.mark.parametrize(("n", "n_kept"), [(6, 6), (7, 8), (1, 2), (0, 0)])
def test_each_half_gives_half_of_what_is_wanted(n: int, n_kept: int) -> None:
    found = kept(documents(10), documents(10, "weak {}", start=10), n=n)
    assert len(every(found)) == n_kept
    assert sum(text.startswith("weak") for text in texts(found)) == n_kept // 2


def test_two_fifths_are_held_out_and_the_first_is_not() -> None:
    for n, n_held in ((0, 0), (1, 0), (2, 1), (5, 2), (10, 4), (50, 20)):
        found = kept(documents(n))
        assert (len(found.training), len(found.held_out)) == (n - n_held, n_held), n


def test_what_is_told_of_the_feature_is_kept() -> None:
    found = kept(documents(4))
    assert (found.feature, found.kind, found.n_documents) == (3, "sentence", 50)


def test_the_seed_and_the_feature_say_which_are_kept() -> None:
    many = documents(40)
    one, same, other = (texts(kept(many, n=10, seed=seed)) for seed in (0, 0, 1))
    assert one == same != other
    of_another = held_out_contexts(4, "sentence", (many, []), 50, n=10, copies=False, seed=0)
    assert texts(of_another) != one


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12)), max_size=30), st.booleans())
def test_no_document_is_on_both_sides(drawn: list[tuple[int, int]], copies: bool) -> None:
    plain = random_sentences(13)
    contexts = [sentence(plain[text].text, document=f"d{document}#{at}")
                for at, (document, text) in enumerate(drawn)]  # fmt: skip
    found = kept(contexts, copies=copies)
    sides = [{one.document.partition("#")[0] for one in side}
             for side in (found.training, found.held_out)]  # fmt: skip
    assert sides[0].isdisjoint(sides[1])
    assert len(found.held_out) <= len(every(found))
    assert {one.document for one in every(found)} <= {one.document for one in contexts}
