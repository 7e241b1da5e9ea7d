"""A dictionary is read with the reader that it was made for, and as it was made."""

from dataclasses import replace

import pytest
import torch

from corpuscope.errors import DictionaryError, ReaderError
from corpuscope.extraction.compatibility import check_fits, plan_for
from corpuscope.reader.language_model import LanguageModel
from corpuscope.sae.dictionary import Dictionary, Part
from tests.reader.tiny import tiny_bert
from tests.sae.worlds import feature_table, random_dictionary, random_sae


def of_parts(*parts: Part) -> Dictionary:
    """The tiny dictionary with other parts."""
    n_token, n_sentence = (
        sum(part.sae.n_features for part in parts if part.unit == unit)
        for unit in ("token", "sentence")
    )
    table = feature_table(n_token, n_sentence, 0.5)
    return replace(random_dictionary(), parts=parts, features=table)


@pytest.fixture(scope="module")
def reader() -> LanguageModel:
    """Four layers of width 16."""
    return tiny_bert()


def test_the_reader_that_it_was_made_for_fits(reader: LanguageModel) -> None:
    check_fits(random_dictionary(), reader)


def test_another_reader_is_refused_by_both_names(reader: LanguageModel) -> None:
    with pytest.raises(DictionaryError) as refused:
        check_fits(random_dictionary(reader="large/llama"), reader)
    assert "large/llama" in refused.value.found
    assert "tiny/bert" in refused.value.found


def test_a_local_copy_may_have_another_name() -> None:
    reader = tiny_bert()
    reader.is_local = True
    check_fits(random_dictionary(reader="large/llama"), reader)


@pytest.mark.parametrize(
    ("layers", "width", "fits"),
    [((4,), 16, True), ((1, 2), 32, True), ((1,), 32, False), ((1, 2), 16, False)],
)
def test_states_must_have_the_width_of_their_layers(
    reader: LanguageModel, layers: tuple[int, ...], width: int, fits: bool
) -> None:
    dictionary = of_parts(
        Part("token", (2,), random_sae()), Part("sentence", layers, random_sae(3, width))
    )
    if fits:
        check_fits(dictionary, reader)
        return
    with pytest.raises(DictionaryError) as refused:
        check_fits(dictionary, reader)
    assert f"{width}" in refused.value.found
    assert f"{list(layers)}" in refused.value.found


def test_a_layer_that_the_reader_has_not_is_refused(reader: LanguageModel) -> None:
    with pytest.raises(ReaderError, match="5"):
        check_fits(of_parts(Part("token", (5,), random_sae())), reader)


def test_batches_are_small_where_the_cache_is(
    reader: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader.good_batch_tokens == 2_048
    monkeypatch.setattr(LanguageModel, "device", torch.device("meta"))
    assert reader.good_batch_tokens == 16_384


def test_a_plan_has_each_layer_of_each_unit_once_in_order() -> None:
    dictionary = of_parts(
        Part("token", (3,), random_sae()),
        Part("token", (1, 3), random_sae(5, 32)),
        Part("sentence", (2,), random_sae()),
    )
    plan = plan_for(dictionary, None, 77)
    assert (plan.token_layers, plan.sentence_layers) == ((1, 3), (2,))
    assert plan.batch_tokens == 77
    alone = plan_for(of_parts(Part("sentence", (4, 2), random_sae(3, 32))), None, 1)
    assert (alone.token_layers, alone.sentence_layers) == ((), (2, 4))


def test_a_plan_sees_and_counts_what_the_dictionary_does() -> None:
    dictionary = random_dictionary(context="passage", max_tokens=48, roles=["user"])
    plan = plan_for(dictionary, None, 10)
    assert (plan.context, plan.max_tokens) == ("passage", 48)
    assert plan.masks.roles == frozenset({"user"})
    assert plan.masks.outlier_norm == 10.0


def test_roles_that_are_asked_for_take_the_place_of_the_dictionary_s() -> None:
    dictionary = random_dictionary(roles=["user"])
    assert plan_for(dictionary, ["bot"], 10).masks.roles == frozenset({"bot"})
    assert plan_for(random_dictionary(), ["bot"], 10).masks.roles == frozenset({"bot"})
    assert plan_for(random_dictionary(), None, 10).masks.roles is None
