"""A record holds the strongest activation of each feature, where it is, and the units."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from corpuscope.corpus.document import Document
from corpuscope.extraction import records
from corpuscope.extraction.compatibility import plan_for
from corpuscope.extraction.progress import Clock, Progress
from corpuscope.extraction.records import FLOOR, Extractor, Outcome
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.read import read_documents
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.firing import Relu
from tests.reader.tiny import document, tiny_bert
from tests.sae.worlds import feature_table, random_dictionary, random_sae

TEXTS = ["The cat sat on the mat. It was warm there.", "Nobody knows.", "Dogs do not know. So?"]


@pytest.fixture(scope="module")
def reader() -> LanguageModel:
    return tiny_bert()


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpuscope.reader.threads.free_cores", lambda: 1)


def made(
    reader: LanguageModel, dictionary: Dictionary, documents: Sequence[Document], **options: Any
) -> Outcome:
    plan = replace(plan_for(dictionary, options.pop("roles", None), 256), **options)
    return Extractor(reader, dictionary, plan).records(documents, Clock(None, None))


def documents(texts: Sequence[str] = TEXTS) -> list[Document]:
    return [document(text, id=f"d{i}") for i, text in enumerate(texts)]


def test_strengths_and_peaks_are_those_of_the_strongest_unit(reader: LanguageModel) -> None:
    dictionary = random_dictionary()
    found = made(reader, dictionary, documents())
    assert sorted(found.records) == [0, 1, 2]
    for number, one in enumerate(documents()):
        (stretch,) = read_documents([one], reader, plan_for(dictionary, None, 256))
        token, sentence = dictionary.parts
        of_tokens = token.sae.encode(stretch.tokens.joined((2,))).numpy()
        of_sentences = sentence.sae.encode(stretch.sentences.joined((3, 4))).numpy()
        tops = np.concatenate([of_tokens.max(axis=0), of_sentences.max(axis=0)])
        stored = np.flatnonzero((tops > FLOOR * dictionary.thresholds) & (tops > 0))
        record = found.records[number]
        assert record.document == one
        assert record.features.tolist() == stored.tolist()
        assert record.strengths == pytest.approx(tops[stored], rel=2e-3)
        for feature, peak, strength in zip(
            record.features, record.peaks, record.strengths, strict=True
        ):
            of_kind, own = (of_tokens, 0) if feature < 24 else (of_sentences, 24)
            assert of_kind[peak, feature - own] == pytest.approx(float(strength), rel=2e-3)


def test_units_are_those_that_were_read(reader: LanguageModel) -> None:
    record = made(reader, random_dictionary(), documents()).records[0]
    words = [TEXTS[0][start:end] for start, end in record.token_spans.tolist()]
    assert "".join(words) == TEXTS[0].replace(" ", "")
    assert record.n_tokens == len(words)
    told = [TEXTS[0][start:end] for start, end in record.sentence_spans.tolist()]
    assert told == ["The cat sat on the mat.", "It was warm there."]
    assert record.vector is None


def test_documents_read_together_have_the_records_they_have_alone(
    reader: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LanguageModel, "load_characters", 60)
    dictionary = random_dictionary()
    long = [" ".join(TEXTS * 2), *TEXTS[:2]]
    together = made(reader, dictionary, documents(long), batch_tokens=60)
    monkeypatch.undo()
    for number, text in enumerate(long):
        alone = made(reader, dictionary, documents([text])).records[0]
        record = together.records[number]
        assert record.features.tolist() == alone.features.tolist()
        assert record.peaks.tolist() == alone.peaks.tolist()
        assert record.strengths == pytest.approx(alone.strengths, rel=2e-3)
        assert record.token_spans.tolist() == alone.token_spans.tolist()
        assert record.sentence_spans.tolist() == alone.sentence_spans.tolist()


def test_a_document_of_which_nothing_counts_has_no_record(reader: LanguageModel) -> None:
    some = [document(TEXTS[0], (0, 23, "user")), document(TEXTS[1], (0, 13, "bot"))]
    found = made(reader, random_dictionary(), some, roles=["user"])
    assert list(found.records) == [0]
    assert found.refused == {}
    assert found.records[0].token_spans.max() <= 23
    assert made(reader, random_dictionary(), []).records == {}


@pytest.mark.parametrize(("factor", "strengths"), [(1e9, {65_504.0}), (1e-12, set())])
def test_strengths_are_cut_to_what_sixteen_bits_hold(
    reader: LanguageModel, factor: float, strengths: set[float]
) -> None:
    sae = replace(random_sae(firing=Relu()), input_scale=factor, encoder_bias=torch.zeros(24))
    sae = replace(sae, decoder_bias=torch.zeros(16))
    dictionary = replace(
        random_dictionary(), parts=(Part("token", (2,), sae),), features=feature_table(24, 0, 0.0)
    )
    record = made(reader, dictionary, documents()).records[0]
    assert set(record.strengths.tolist()) == strengths
    assert len(record.features) == len(record.peaks) == len(record.strengths)
    assert record.n_tokens > 0


@pytest.mark.parametrize("threshold", [0.0, 0.5, 2.0])
def test_what_is_below_half_its_threshold_is_not_kept(
    reader: LanguageModel, threshold: float
) -> None:
    every = made(reader, random_dictionary(threshold=0.0), documents()).records[0]
    found = made(reader, random_dictionary(threshold=threshold), documents()).records[0]
    kept = every.strengths.astype(np.float32) > threshold / 2
    assert found.features.tolist() == every.features[kept].tolist()
    assert 0 < len(found.features) <= len(every.features)


def test_the_clock_is_told_and_memory_given_back_now_and_then(
    reader: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[int] = []
    told: list[Progress] = []
    monkeypatch.setattr(records, "_LOADS_PER_TRIM", 2)
    monkeypatch.setattr(records, "give_back", lambda: given_back.append(len(told)))
    monkeypatch.setattr(LanguageModel, "load_characters", 1)
    plan = replace(plan_for(random_dictionary(), None, 256), batch_tokens=8)
    extractor = Extractor(reader, random_dictionary(), plan)
    extractor.records(documents([*TEXTS, *TEXTS[:1]]), Clock(None, told.append))
    assert len(told) >= 4
    assert told[-1].n_documents == 4
    assert [one.n_tokens for one in told] == sorted({one.n_tokens for one in told})
    assert given_back == list(range(2, len(told) + 1, 2))
