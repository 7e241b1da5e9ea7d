from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import DictionaryError
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.model import SAE
from corpuscope.sae.token_norm import TokenNorm
from corpuscope.training.finetune import Finetuned, finetune
from corpuscope.training.settings import ReadingSettings
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states
from tests.asking import ask
from tests.reader.tiny import tiny_bert
from tests.sae.worlds import random_dictionary

NOUNS, VERBS = ("cat", "dog", "onion", "mat", "question"), ("sat on", "fried", "saw", "asked")


@pytest.fixture
def corpus() -> Corpus:
    return read_corpus([
        {"id": f"{i}", "text": f"The {one} {verb} the {other} {i % 7}. It was one of {i}."}
        for i, (one, verb, other) in enumerate(
            (one, verb, other) for one in NOUNS for verb in VERBS for other in NOUNS
        )
    ])  # fmt: skip


def finetuned(corpus: Corpus, folder: Path, **options: Any) -> Finetuned:
    return ask(
        finetune, random_dictionary(), corpus, into=folder, batch_size=64,
        reading=ReadingSettings(reader=tiny_bert()), **{"n_units": 640, **options},
    )  # fmt: skip


def token_part(dictionary: Dictionary) -> SAE:
    return next(part.sae for part in dictionary.parts if part.unit == "token")


def test_learning_hardly_at_all_leaves_the_dictionary_as_it_was(
    corpus: Corpus, tmp_path: Path
) -> None:
    found = finetuned(corpus, tmp_path, n_units=64, learning_rate=1e-9)
    assert np.allclose(found.cosines, 1, atol=1e-4)
    before, after = token_part(random_dictionary()), token_part(found.dictionary)
    states = torch.randn(20, before.width, generator=torch.Generator().manual_seed(0))
    one, two = before.decode(before.encode(states)), after.decode(after.encode(states))
    assert torch.corrcoef(torch.stack([one.flatten(), two.flatten()]))[0, 1] > 0.9


def test_the_part_that_did_not_learn_stays(corpus: Corpus, tmp_path: Path) -> None:
    found = finetuned(corpus, tmp_path, learning_rate=1e-2)
    old, new = random_dictionary(), found.dictionary
    assert [part.unit for part in new.parts] == [part.unit for part in old.parts]
    for before, after in zip(old.parts, new.parts, strict=True):
        is_same = torch.equal(before.sae.decoder, after.sae.decoder)
        assert is_same == (before.unit == "sentence")
    assert not np.allclose(found.cosines, 1, atol=1e-4)


def test_those_that_fire_least_begin_anew(corpus: Corpus, tmp_path: Path) -> None:
    found = finetuned(corpus, tmp_path, renewed=0.25)
    sae = token_part(random_dictionary())
    states = read_states(
        corpus,
        into=tmp_path / "mine",
        streams=[Stream("token", (2,))],
        reading=ReadingSettings(reader=tiny_bert(), max_tokens=random_dictionary().max_tokens),
    ).stream(Stream("token", (2,)))
    density = (sae.encode(next(states.batches(states.n_units))) > 0).double().mean(dim=0).numpy()
    anew = np.isnan(found.cosines)
    assert anew.sum() == round(0.25 * sae.n_features)
    assert density[anew].max() <= density[~anew].min()


def test_mixed_in_texts_are_judged_apart(corpus: Corpus, tmp_path: Path) -> None:
    other = read_corpus([{"id": str(i), "text": f"Dogs sleep {i}. Fry it!"} for i in range(80)])
    found = finetuned(corpus, tmp_path, also=other, also_share=0.5, from_scratch=True)
    assert set(found.evaluations) == set(found.kept) == {"unchanged", "finetuned", "from scratch"}
    assert found.kept["unchanged"].n_units != found.evaluations["unchanged"].n_units


@pytest.mark.parametrize("change", ["site", "norm", "first token"])
def test_what_training_does_not_know_is_refused(
    change: str, corpus: Corpus, tmp_path: Path
) -> None:
    base = random_dictionary()
    part = base.parts[0]
    if change == "site":
        part = replace(part, site="residual-mid")
    elif change == "norm":
        part = replace(part, autoencoder=replace(part.sae, token_norm=TokenNorm(is_centred=True)))
    base = replace(
        base, parts=(part, base.parts[1]), prepends_bos=True if change == "first token" else None
    )
    with pytest.raises(DictionaryError, match="prepends_bos") as caught:
        ask(
            finetune, base, corpus, into=tmp_path, batch_size=64, n_units=64,
            reading=ReadingSettings(reader=tiny_bert()),
        )  # fmt: skip
    assert "training knows no other" in caught.value.expected
