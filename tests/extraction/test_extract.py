"""From texts to a store and back, with tiny models made on the spot."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch

from corpuscope.corpus.read import read_corpus
from corpuscope.errors import (
    CorpusChanged,
    DictionaryError,
    FeatureMismatch,
    NotEnoughData,
    ReaderError,
)
from corpuscope.extraction.extract import extract
from corpuscope.extraction.progress import Progress
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, read_documents
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.files import save_dictionary
from corpuscope.store.store import Store
from tests.reader.chat.chats import TEMPLATES
from tests.reader.tiny import chat_reader, tiny_bert
from tests.sae.worlds import random_dictionary, random_sae
from tests.store.worlds import files_of

WORDS = str.split(
    "cat dog mat pan oil onion sleep warm sat knows One two three ? ! . . 😀 größe 雪"
)


def texts(n: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=rng.randint(1, 60))) for _ in range(n)]


def rows(n: int, seed: int = 0) -> list[dict[str, Any]]:
    return [{"text": text, "n": i} for i, text in enumerate(texts(n, seed))]


@pytest.fixture(autouse=True)
def no_watching_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpuscope.reader.threads.free_cores", lambda: 1)


@pytest.fixture
def extracted(tmp_path: Path) -> Callable[..., Store]:
    """A store of some rows, each time in a folder of its own unless `into` says where."""
    n_folders = 0

    def extracted(source: object, **options: Any) -> Store:
        nonlocal n_folders
        n_folders += 1
        options = {
            "into": tmp_path / f"{n_folders}.scope",
            "dictionary": random_dictionary(),
            "reader": tiny_bert(),
            "shard_documents": 8,
            **options,
        }
        return extract(source, **options)

    return extracted


def expected(text: str, dictionary: Dictionary, reader: LanguageModel) -> dict[int, float]:
    """Strengths of one document by the shortest way: encode every unit, take the largest."""
    plan = ReadingPlan((2,), (3, 4), dictionary.context, dictionary.max_tokens, MaskPolicy())
    (document,) = read_corpus([{"text": text}])
    (stretch,) = read_documents([document], reader, plan)
    token, sentence = dictionary.parts
    tops = torch.cat(
        [
            token.sae.encode(stretch.tokens.joined((2,))).amax(dim=0),
            sentence.sae.encode(stretch.sentences.joined((3, 4))).amax(dim=0),
        ]
    ).numpy()
    keep = tops > dictionary.thresholds / 2
    return {int(i): float(tops[i]) for i in np.flatnonzero(keep & (tops > 0))}


@pytest.mark.parametrize("context", ["sentence", "passage"])
def test_strengths_are_the_largest_activations_above_half_the_threshold(
    extracted: Callable[..., Store], context: Any
) -> None:
    dictionary, reader = random_dictionary(context=context), tiny_bert()
    source = rows(20)
    store = extracted(source, dictionary=dictionary)
    matrix = store.strengths().to_csr().toarray()
    assert matrix.shape == (20, 36)
    assert (matrix[:, :24] > 0).any()
    assert (matrix[:, 24:] > 0).any()
    for row, entry in zip(matrix, source, strict=True):
        strengths = expected(entry["text"], dictionary, reader)
        assert set(np.flatnonzero(row)) == set(strengths)
        np.testing.assert_allclose(
            row[sorted(strengths)], [strengths[i] for i in sorted(strengths)], rtol=2e-3
        )
    assert store.is_complete


def test_the_peak_is_the_unit_whose_activation_the_strength_is(
    extracted: Callable[..., Store],
) -> None:
    dictionary, reader = random_dictionary(), tiny_bert()
    store = extracted(rows(5), dictionary=dictionary)
    plan = ReadingPlan((2,), (3, 4), "sentence", 32, MaskPolicy())
    strengths = pq.read_table(store.path / "strengths" / "00000.parquet").to_pylist()
    documents = pq.read_table(store.path / "documents" / "00000.parquet").to_pylist()
    for number, document in enumerate(read_corpus(rows(5))):
        (stretch,) = read_documents([document], reader, plan)
        assert documents[number]["token_starts"] == stretch.tokens.spans[:, 0].tolist()
        assert documents[number]["sentence_ends"] == stretch.sentences.spans[:, 1].tolist()
        assert documents[number]["n_tokens"] == len(stretch.tokens)
        token, sentence = dictionary.parts
        activations = {
            "token": token.sae.encode(stretch.tokens.joined((2,))),
            "sentence": sentence.sae.encode(stretch.sentences.joined((3, 4))),
        }
        entry = strengths[number]
        for feature, strength, peak in zip(*entry.values(), strict=True):
            kind, column = ("token", feature) if feature < 24 else ("sentence", feature - 24)
            assert float(activations[kind][peak, column]) == pytest.approx(strength, rel=2e-3)


def test_the_same_corpus_makes_the_same_bytes(extracted: Callable[..., Store]) -> None:
    one, two = extracted(rows(20)), extracted(rows(20))
    assert files_of(one.path) == files_of(two.path)


def test_a_table_is_as_good_as_a_corpus_of_it(extracted: Callable[..., Store]) -> None:
    table = pd.DataFrame(rows(20))
    one, two = extracted(table), extracted(read_corpus(table))
    assert files_of(one.path) == files_of(two.path)


def test_the_number_of_threads_does_not_change_a_byte(
    extracted: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = []
    for n_threads in (1, 2):
        monkeypatch.setattr("corpuscope.reader.threads.free_cores", lambda n=n_threads: n)
        stores.append(extracted(rows(20)))
        assert torch.get_num_threads() == n_threads
    assert files_of(stores[0].path) == files_of(stores[1].path)


def test_a_shard_does_not_depend_on_those_before_it(extracted: Callable[..., Store]) -> None:
    whole, second = extracted(rows(16)), extracted(rows(16)[8:])
    written = files_of(whole.path)["strengths/00001.parquet"]
    assert written == files_of(second.path)["strengths/00000.parquet"]


def test_a_document_alone_has_the_strengths_it_has_among_others(
    extracted: Callable[..., Store],
) -> None:
    source = rows(8)
    together = extracted(source).strengths().to_csr().toarray()
    for i, row in enumerate(source):
        alone = extracted([row]).strengths().to_csr().toarray()[0]
        np.testing.assert_allclose(alone, together[i], rtol=2e-3, atol=1e-3)


def test_a_finished_store_is_left_as_it_is(extracted: Callable[..., Store], tmp_path: Path) -> None:
    store = extracted(rows(20), into=tmp_path / "s")
    before = {path: path.stat().st_mtime_ns for path in store.path.rglob("*.parquet")}
    told: list[Progress] = []
    extracted(rows(20), into=tmp_path / "s", progress=told.append)
    assert before == {path: path.stat().st_mtime_ns for path in store.path.rglob("*.parquet")}
    assert [(p.n_documents, p.n_tokens) for p in told] == [(8, 0), (16, 0), (20, 0)]


def test_a_shard_that_was_lost_is_read_again(
    extracted: Callable[..., Store], tmp_path: Path
) -> None:
    store = extracted(rows(20), into=tmp_path / "s")
    before = files_of(store.path)
    (store.path / "strengths" / "00001.parquet").write_bytes(b"")
    extracted(rows(20), into=tmp_path / "s")
    assert files_of(store.path) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[3].update(text="Another text."),
        lambda rows: rows[3].update(n=99),
        lambda rows: rows[3].update(text=""),
        lambda rows: rows.pop(),
        lambda rows: rows.append({"text": "One more.", "n": 1}),
    ],
)
def test_another_corpus_is_noticed(
    extracted: Callable[..., Store], tmp_path: Path, change: Callable[[Any], None]
) -> None:
    source = rows(20)
    extracted(source, into=tmp_path / "s")
    change(source)
    with pytest.raises(CorpusChanged):
        extracted(source, into=tmp_path / "s")


@pytest.mark.parametrize(
    "options",
    [
        {"dictionary": random_dictionary(seed=3)},
        {"dictionary": random_dictionary(threshold=0.1)},
        {"dictionary": random_dictionary(context="passage")},
        {"shard_documents": 4},
    ],
)
def test_other_settings_are_noticed(
    extracted: Callable[..., Store], tmp_path: Path, options: dict[str, Any]
) -> None:
    extracted(rows(20), into=tmp_path / "s")
    with pytest.raises(FeatureMismatch):
        extracted(rows(20), into=tmp_path / "s", **options)


def test_documents_without_the_role_are_skipped_with_the_reason(
    extracted: Callable[..., Store],
) -> None:
    source = [
        {"messages": [{"role": "user", "content": "Why?"}]},
        {"messages": [{"role": "assistant", "content": "The cat knows."}]},
        {"messages": []},
    ]
    store = extracted(source, roles=["assistant"])
    assert store.n_documents == 1
    assert store.skipped_counts == {"no text of the roles assistant": 1, "empty text": 1}
    assert [skip.id for skip in store.skipped] == ["000000", "000002"]
    assert store.provenance["masks"]["roles"] == ["assistant"]


def test_a_chat_is_read_through_the_template_of_its_reader(
    extracted: Callable[..., Store],
) -> None:
    messages = [
        {"role": "user", "content": "Why do cats sleep?"},
        {"role": "assistant", "content": "Nobody knows."},
    ]
    base = random_dictionary(reader="tiny/chat", context="passage", roles=["assistant"])
    parts = (Part("token", (2,), random_sae()), Part("sentence", (2, 3), random_sae(12, 32)))
    store = extracted(
        [{"messages": messages}], dictionary=replace(base, parts=parts), reader=chat_reader()
    )
    assert store.n_documents == 1
    assert store.skipped_counts == {}
    about = store.provenance["reader"]
    assert about["chat_template"] == chat_reader().template_digest
    assert "quantization" not in about


def test_what_the_template_does_to_chats_is_noted(extracted: Callable[..., Store]) -> None:
    base = random_dictionary(reader="tiny/chat", context="passage")
    parts = (Part("token", (2,), random_sae()), Part("sentence", (2, 3), random_sae(12, 32)))
    reader = chat_reader()
    messages = [{"role": "system", "content": "One."}, {"role": "user", "content": "Why?"}]
    reader.tokenizer.chat_template = (TEMPLATES / "gemma2.jinja").read_text("utf-8")
    store = extracted(
        [{"messages": messages}],
        dictionary=replace(base, parts=parts),
        reader=reader,
    )
    assert store.n_documents == 1
    (note,) = store.provenance["reader"]["notes"]
    assert "no system prompt" in note


@pytest.mark.parametrize(
    "text", ["NUL\x00 in the cat\x00.", "😀👩‍👩‍👧", "שלום עולם", "?!...", "鼠龍", "a" * 500, "\x00"]
)
def test_odd_texts_are_kept_or_skipped_but_never_break_a_run(
    extracted: Callable[..., Store], text: str
) -> None:
    store = extracted([{"text": text}, {"text": "The cat sat."}])
    assert store.n_documents + sum(store.skipped_counts.values()) == 2
    assert store.n_documents == (1 if text == "\x00" else 2)


def test_a_corpus_without_documents_makes_no_store(
    extracted: Callable[..., Store], tmp_path: Path
) -> None:
    for source in ([{"text": ""}, {"text": "  "}], []):
        with pytest.raises(NotEnoughData):
            extracted(source, into=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_corpus_without_text_that_counts_is_not_enough(
    extracted: Callable[..., Store],
) -> None:
    with pytest.raises(NotEnoughData, match="no text of the roles assistant"):
        extracted(rows(3), roles=["assistant"])


def test_a_dictionary_for_another_reader_is_refused(extracted: Callable[..., Store]) -> None:
    with pytest.raises(DictionaryError, match="tiny/llama"):
        extracted(rows(3), dictionary=random_dictionary(reader="tiny/llama"))


def test_a_dictionary_that_sees_more_than_the_reader_is_refused(
    extracted: Callable[..., Store],
) -> None:
    with pytest.raises(ReaderError, match="100 tokens"):
        extracted(rows(3), dictionary=random_dictionary(max_tokens=100))


def test_provenance_says_what_the_numbers_depend_on(
    extracted: Callable[..., Store], tmp_path: Path
) -> None:
    dictionary = random_dictionary()
    save_dictionary(dictionary, tmp_path / "d")
    provenance = extracted(rows(3), dictionary=tmp_path / "d").provenance
    assert provenance["reader"]["name"] == "tiny/bert"
    assert provenance["reader"]["dtype"] == "float32"
    assert provenance["dictionary"]["digest"] == dictionary.digest
    assert (provenance["pooling"], provenance["floor"]) == ("max", 0.5)
    assert provenance["masks"] == MaskPolicy().to_config()


def test_progress_counts_documents_and_tokens(extracted: Callable[..., Store]) -> None:
    told: list[Progress] = []
    store = extracted(rows(20), progress=told.append)
    assert [p.n_documents for p in told] == [8, 8, 16, 16, 20, 20]
    assert told[-1].n_total == 20
    assert told[-1].n_tokens == store.n_tokens.sum()
    assert told[-1].seconds_left == 0


def test_a_bar_is_drawn_on_standard_error(
    extracted: Callable[..., Store], capsys: pytest.CaptureFixture[str]
) -> None:
    extracted(rows(20), progress=True)
    captured = capsys.readouterr()
    assert "20/20" in captured.err
    assert captured.out == ""


@pytest.mark.slow
def test_a_text_of_five_million_characters_takes_bounded_memory(
    extracted: Callable[..., Store],
) -> None:
    import resource

    extracted([{"text": "The cat sat on the mat. " * 10_000}])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    store = extracted([{"text": "The cat sat on the mat. " * 210_000}], batch_tokens=65_536)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert store.n_documents == 1
    assert grown < 400, f"{grown:.0f} MB more"


def as_if_built_in() -> dict[str, Any]:
    """The tiny reader as if it were the one of whose last layer vectors are made."""
    reader = tiny_bert()
    reader.is_local = True
    return {"dictionary": random_dictionary(reader=BUILTIN_READER), "reader": reader}


def test_a_document_s_vector_is_the_mean_of_its_sentences_directions(
    extracted: Callable[..., Store],
) -> None:
    options = as_if_built_in()
    reader: LanguageModel = options["reader"]
    source = rows(12)
    store = extracted(source, **options)
    assert store.vector_width == reader.width
    found = np.concatenate(list(store.vector_batches())).astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=2e-3)
    plan = ReadingPlan(sentence_layers=(reader.n_layers,), context="sentence", max_tokens=32)
    plan = replace(plan, masks=MaskPolicy.from_config(options["dictionary"].masks))
    for i, document in enumerate(read_corpus(source)):
        (stretch,) = read_documents([document], reader, plan)
        states = stretch.sentences.states[reader.n_layers]
        mean = torch.nn.functional.normalize(states, dim=1).mean(dim=0)
        expected = torch.nn.functional.normalize(mean, dim=0).numpy()
        np.testing.assert_allclose(found[i], expected, atol=3e-3)


def test_no_other_reader_leaves_vectors(extracted: Callable[..., Store]) -> None:
    assert extracted(rows(4)).vector_width == 0
    passages = random_dictionary(reader=BUILTIN_READER, context="passage")
    options = as_if_built_in() | {"dictionary": passages}
    assert extracted(rows(4), **options).vector_width == 0
