"""Contexts and traits as a table that grows, and random units to hold contexts against."""

from dataclasses import replace

import numpy as np

from corpuscope.labels.traits.sentence_traits import sentence_traits
from corpuscope.labels.traits.token_traits import token_traits
from corpuscope.labels.traits.trait_table import Background, TraitNames, traits_of
from tests.labels.worlds import random_sentences, random_tokens, sentence, token


def test_traits_are_of_the_kind_of_unit() -> None:
    context = token("May we?", "May")
    assert traits_of(context, "token") == token_traits(context)
    assert traits_of(context, "sentence") == sentence_traits(context) != token_traits(context)


def test_a_table_has_a_one_for_each_trait_of_a_context() -> None:
    names, contexts = TraitNames("sentence"), random_sentences(20)
    table = names.table(contexts)
    assert table.shape == (20, len(names.names))
    for row, context in zip(table.toarray(), contexts, strict=True):
        assert {names.names[at] for at in np.flatnonzero(row)} == set(sentence_traits(context))
    assert table.data.tolist() == [1] * table.nnz
    assert names.column == {name: at for at, name in enumerate(names.names)}


def test_columns_stay_where_they_are_as_contexts_are_added() -> None:
    names = TraitNames("token")
    first = names.table(random_tokens(5))
    known = list(names.names)
    second = names.table(random_tokens(30, seed=1))
    assert names.names[: len(known)] == known
    assert second.shape[1] == len(names.names) > first.shape[1]
    again = names.table(random_tokens(5))
    assert (again.toarray()[:, : len(known)] == first.toarray()).all()
    assert names.table([]).shape == (0, len(names.names))


def background() -> Background:
    texts = ("The river.", "A river?", "The bridge.", "No way.")
    contexts = [sentence(text, document=f"d{at}") for at, text in enumerate(texts)]
    rows = [4, 4, 0, 2]
    return Background.of(
        [replace(one, row=row) for one, row in zip(contexts, rows, strict=True)], "sentence"
    )


def test_the_background_knows_who_has_a_trait() -> None:
    found = background()
    assert found.has("word=river").tolist() == [0, 1]
    assert found.has("form=question").tolist() == [1]
    assert found.has("word=zebra").tolist() == []
    assert found.counts[found.traits.column["word=the"]] == 2
    assert found.counts.sum() == found.by_context.nnz
    assert (found.by_context.toarray() == found.by_trait.toarray()).all()


def test_traits_that_came_later_are_in_no_unit_of_it() -> None:
    found = background()
    found.traits.table([sentence("A zebra.")])
    assert "word=zebra" in found.traits.column
    assert found.has("word=zebra").tolist() == []


def test_units_without_a_feature_are_of_documents_without_it() -> None:
    present = np.array([True, False, False, True, False])
    assert background().without(present).tolist() == [True, True, False, True]
    assert Background.of([], "token").has("word=a").tolist() == []
