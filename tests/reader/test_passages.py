"""Passages hold whole sentences as far as they fit, and batches hold each token once."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pytest

from corpuscope.corpus.document import Document
from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.passages import Load, batches, tokenized
from corpuscope.reader.sections import Context, plain_sections
from tests.reader.tiny import TEXTS, document, tiny_bert, tiny_llama

ALL = MaskPolicy()
DOCUMENTS = [document(text) for text in (TEXTS[0], TEXTS[1], "cat " * 30 + "sat. Dogs sleep.", "")]
TALKS = [
    document("Why do cats sleep? Nobody knows. The cat sat.", (0, 18, "user"),
             (19, 45, "assistant")),
    document("Dogs sleep. One two three.", (0, 11, "user")),
    document("Why? Fry the onion.", (5, 19, "assistant")),
]  # fmt: skip


@pytest.fixture(scope="module")
def bert() -> LanguageModel:
    return tiny_bert()


@pytest.fixture(scope="module")
def llama() -> LanguageModel:
    return tiny_llama()


def load_of(
    reader: LanguageModel,
    documents: Sequence[Document],
    context: Context,
    *,
    max_tokens: int = 12,
    masks: MaskPolicy = ALL,
) -> Load:
    sections = [
        section
        for number, one in enumerate(documents)
        for section in plain_sections(one, number, context=context, masks=masks, window=64)
    ]
    return tokenized(sections, reader, context=context, max_tokens=max_tokens)


def sentences_of(documents: Sequence[Document]) -> list[tuple[int, int, int]]:
    return [(n, a, b) for n, one in enumerate(documents) for a, b in split_sentences(one.text)]


@pytest.mark.parametrize("context", ["sentence", "passage"])
def test_tokens_are_at_their_places_in_documents_and_sentences(
    context: Context, bert: LanguageModel
) -> None:
    load = load_of(bert, DOCUMENTS, context)
    assert load.counts.all()
    places = np.column_stack([load.sentence_documents, load.sentence_spans]).tolist()
    assert [tuple(place) for place in places] == sentences_of(DOCUMENTS)
    words = []
    for number, (start, end), sentence in zip(
        load.documents.tolist(), load.spans.tolist(), load.sentences.tolist(), strict=True
    ):
        owner, first, last = places[sentence]
        assert owner == number
        assert first <= start < end <= last
        words.append(DOCUMENTS[number].text[start:end].lower())
    pieces = bert.tokenizer.convert_ids_to_tokens(load.ids.tolist())
    # What the vocabulary has not is one unknown token.
    known = [(w, p.removeprefix("##")) for w, p in zip(words, pieces, strict=True) if p != "[UNK]"]
    assert [word for word, _ in known] == [piece for _, piece in known]
    assert len(known) > 50


def greedy(lengths: Sequence[tuple[int, int]], capacity: int) -> list[int]:
    """The lengths of passages of sentences, each given by its section and its length."""
    found: list[int] = []
    for _, own in groupby(lengths, key=lambda one: one[0]):
        held = 0
        for _, length in own:
            if held and held + length > capacity:
                found.append(held)
                held = 0
            held += length
            while held > capacity:
                found.append(capacity)
                held -= capacity
        found.append(held)
    return found


@pytest.mark.parametrize("context", ["sentence", "passage"])
@pytest.mark.parametrize("max_tokens", [3, 7, 12, 20, 64])
def test_passages_take_whole_sentences_as_long_as_these_fit(
    max_tokens: int, context: Context, bert: LanguageModel
) -> None:
    load = load_of(bert, DOCUMENTS, context, max_tokens=max_tokens)
    capacity = max_tokens - 2  # The model writes a token before and one after.
    sizes = np.bincount(load.sentences).tolist()
    sections = range(len(sizes)) if context == "sentence" else load.sentence_documents.tolist()
    expected = greedy(list(zip(sections, sizes, strict=True)), capacity)
    found = load.passages[:, 1] - load.passages[:, 0]
    assert found.tolist() == expected
    assert load.passages[0, 0] == 0
    assert load.passages[:-1, 1].tolist() == load.passages[1:, 0].tolist()
    assert load.passages[-1, 1] == len(load.ids)


def test_no_section_at_all_is_no_token(bert: LanguageModel) -> None:
    load = tokenized([], bert, context="passage", max_tokens=9)
    assert len(load.ids) == len(load.passages) == len(load.sentence_spans) == 0
    assert list(batches(load, bert, batch_tokens=100)) == []


@pytest.mark.parametrize("context", ["sentence", "passage"])
@pytest.mark.parametrize("max_tokens", [4, 8, 64])
def test_what_does_not_count_is_context_or_is_not_read(
    max_tokens: int, context: Context, bert: LanguageModel
) -> None:
    masks = MaskPolicy(frozenset({"assistant"}))
    load = load_of(bert, TALKS, context, max_tokens=max_tokens, masks=masks)
    said = {
        number: set(range(role.start, role.end))
        for number, one in enumerate(TALKS)
        for role in one.roles
        if role.role == "assistant"
    }
    seen: dict[int, set[int]] = {number: set() for number in said}
    for number, (start, end) in zip(load.documents.tolist(), load.spans.tolist(), strict=True):
        assert set(range(start, end)) <= said[number]
        seen[number] |= set(range(start, end))
    for number, own in said.items():
        letters = {at for at in own if TALKS[number].text[at] != " "}
        assert seen[number] == letters
    assert set(load.sentence_documents.tolist()) == set(said)
    assert load.sentences.tolist() == sorted(load.sentences.tolist())
    # A passage without a token that counts is not read.
    n_counted = [int(load.counts[a:b].sum()) for a, b in load.passages.tolist()]
    assert min(n_counted) > 0
    assert sum(n_counted) == int(load.counts.sum()) == len(load.spans)
    assert load.counts.all() == (context == "sentence")


@pytest.mark.parametrize("batch_tokens", [1, 24, 60, 10_000])
@pytest.mark.parametrize("name", ["bert", "llama"])
def test_batches_hold_each_passage_in_its_frame_and_each_counted_token_once(
    name: str, batch_tokens: int, request: pytest.FixtureRequest
) -> None:
    reader: LanguageModel = request.getfixturevalue(name)
    masks = MaskPolicy(frozenset({"assistant"}))
    load = load_of(reader, TALKS, "passage", max_tokens=10, masks=masks)
    before, after = reader.frame
    assert (len(before), len(after)) == ((1, 1) if name == "bert" else (1, 0))
    passages = {
        (*before, *load.ids[first:last].tolist(), *after) for first, last in load.passages.tolist()
    }
    seen: list[int] = []
    read: list[tuple[int, ...]] = []
    for batch in batches(load, reader, batch_tokens=batch_tokens):
        assert batch.ids.shape == batch.mask.shape
        assert batch.ids.size <= batch_tokens or len(batch.ids) == 1
        lengths = batch.mask.sum(axis=1).tolist()
        assert max(lengths) == batch.ids.shape[1]
        for row, is_there, length in zip(batch.ids, batch.mask, lengths, strict=True):
            # Padding is on the right.
            assert is_there.tolist() == [True] * length + [False] * (len(row) - length)
            read.append(tuple(row[:length].tolist()))
        ids = batch.ids.flatten()[batch.places]
        assert np.array_equal(ids, load.ids[load.counts][batch.tokens])
        assert batch.mask.flatten()[batch.places].all()
        seen += batch.tokens.tolist()
    assert sorted(seen) == list(range(len(load.spans)))
    assert set(read) == passages
    assert len(read) == len(load.passages)
    # The longest come first.
    sizes = list(map(len, read))
    assert sizes == sorted(sizes, reverse=True)


def test_as_many_passages_are_in_a_batch_as_fit(bert: LanguageModel) -> None:
    load = load_of(bert, [document("cat sat. " * 10)], "sentence")
    n_passages = len(load.passages)
    length = int(load.passages[0, 1] - load.passages[0, 0]) + 2
    for batch_tokens in (length, 3 * length, 3 * length + length - 1, 100 * length):
        sizes = [len(one.ids) for one in batches(load, bert, batch_tokens=batch_tokens)]
        size = min(batch_tokens // length, n_passages)
        assert sizes[:-1] == [size] * (len(sizes) - 1)
        assert sum(sizes) == n_passages
