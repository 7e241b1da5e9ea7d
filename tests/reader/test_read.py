import numpy as np
import pytest
import torch

from corpuscope.corpus.document import Document
from corpuscope.corpus.texts.sentences import split_sentences
from corpuscope.errors import ReaderError
from corpuscope.reader.chat.render import render
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.read import ReadingPlan, Stretch, read_documents
from tests.reader.chat.chats import TEMPLATES, chat_of
from tests.reader.tiny import TEXTS, chat, chat_reader, document, tiny_bert, tiny_llama

PLAIN = ReadingPlan((2,), (3,), "sentence", 32, MaskPolicy(outlier_norm=None))
PASSAGE = ReadingPlan((2,), (3,), "passage", 32, MaskPolicy(outlier_norm=None))


def with_roles(plan: ReadingPlan, *roles: str) -> ReadingPlan:
    masks = MaskPolicy(roles=frozenset(roles), outlier_norm=None)
    return ReadingPlan(
        plan.token_layers, plan.sentence_layers, plan.context, plan.max_tokens, masks
    )


def read_one(document: Document, reader: LanguageModel, plan: ReadingPlan) -> Stretch:
    (stretch,) = read_documents([document], reader, plan)
    return stretch


def words(document: Document, stretch: Stretch) -> list[str]:
    return [document.text[a:b] for a, b in stretch.tokens.spans.tolist()]


def sentences(document: Document, stretch: Stretch) -> list[str]:
    return [document.text[a:b] for a, b in stretch.sentences.spans.tolist()]


def states_of(text: str, reader: LanguageModel, layer: int) -> torch.Tensor:
    """The states of a text alone, by the shortest way."""
    before, after = reader.frame
    ids = torch.tensor([[*before, *reader.tokenize([text]).ids.tolist(), *after]])
    states = reader.states(ids, torch.ones_like(ids, dtype=torch.bool), layers=[layer])[layer][0]
    return states[len(before) : len(states) - len(after)]


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_each_sentence_is_read_alone_and_its_state_is_the_mean_of_its_tokens() -> None:
    reader = tiny_bert()
    documents = [document(text) for text in TEXTS]
    (stretch,) = read_documents(documents, reader, PLAIN)
    spans = [(t, a, b) for t, text in enumerate(TEXTS) for a, b in split_sentences(text)]
    alone = [TEXTS[t][a:b] for t, a, b in spans]
    close(stretch.tokens.states[2], torch.cat([states_of(text, reader, 2) for text in alone]))
    means = torch.stack([states_of(text, reader, 3).mean(dim=0) for text in alone])
    close(stretch.sentences.states[3], means)
    assert stretch.sentences.documents.tolist() == [t for t, _, _ in spans]
    assert stretch.sentences.spans.tolist() == [[a, b] for _, a, b in spans]


def test_small_batches_change_nothing_but_rounding() -> None:
    reader = tiny_bert()
    documents = [document(text) for text in TEXTS]
    small = ReadingPlan((2,), (3,), "sentence", 32, MaskPolicy(outlier_norm=None), batch_tokens=24)
    (one,), (many,) = (read_documents(documents, reader, plan) for plan in (PLAIN, small))
    close(many.tokens.states[2], one.tokens.states[2])
    close(many.sentences.states[3], one.sentences.states[3])


def test_a_passage_holds_as_many_sentences_as_fit() -> None:
    reader = tiny_bert()
    text = "The cat sat. The cat slept. It was warm there and the cat slept."
    n_tokens = len(reader.tokenize([text]).ids)
    whole = ReadingPlan((2,), (), "passage", n_tokens + 2, MaskPolicy(outlier_norm=None))
    close(read_one(document(text), reader, whole).tokens.states[2], states_of(text, reader, 2))
    cut = ReadingPlan((2,), (), "passage", n_tokens + 1, MaskPolicy(outlier_norm=None))
    two_and_one = [text[:27], text[28:]]
    expected = torch.cat([states_of(part, reader, 2) for part in two_and_one])
    close(read_one(document(text), reader, cut).tokens.states[2], expected)


@pytest.mark.parametrize("context", ["sentence", "passage"])
def test_a_sentence_longer_than_the_window_is_cut_and_stays_one_sentence(context: str) -> None:
    reader = tiny_bert()
    long = document("cat " * 50 + "sat. The cat slept.")
    plan = ReadingPlan((3,), (3,), context, 12, MaskPolicy(outlier_norm=None))  # type: ignore[arg-type]
    stretch = read_one(long, reader, plan)
    assert sentences(long, stretch) == [long.text[:204].strip(), "The cat slept."]
    assert words(long, stretch)[:51] == ["cat"] * 50 + ["sat"]
    # Ten places are left for words, so the first windows are the same ten words.
    close(stretch.tokens.states[3][:10], stretch.tokens.states[3][10:20])
    n_first = int((stretch.tokens.spans[:, 1] <= 204).sum())
    close(stretch.sentences.states[3][0], stretch.tokens.states[3][:n_first].mean(dim=0))


def test_unselected_roles_are_context_of_a_passage_and_are_not_counted() -> None:
    reader = tiny_bert()
    talk = chat(("user", "Why do cats sleep?"), ("assistant", "Nobody knows. It was warm."))
    stretch = read_one(talk, reader, with_roles(PASSAGE, "assistant"))
    assert sentences(talk, stretch) == ["Nobody knows.", "It was warm."]
    everything = read_one(talk, reader, PASSAGE)
    n = len(stretch.tokens)
    close(stretch.tokens.states[2], everything.tokens.states[2][-n:])
    alone = read_one(document("Nobody knows. It was warm."), reader, PASSAGE)
    assert not torch.allclose(alone.tokens.states[2], stretch.tokens.states[2], atol=1e-3)


def test_unselected_sentences_are_not_read_where_each_is_read_alone() -> None:
    reader = tiny_bert()
    talk = chat(("user", "Why do cats sleep?"), ("assistant", "Nobody knows."))
    stretch = read_one(talk, reader, with_roles(PLAIN, "assistant"))
    close(stretch.tokens.states[2], states_of("Nobody knows.", reader, 2))
    assert words(talk, stretch)[0] == "Nobody"[: len(words(talk, stretch)[0])]


def test_no_sentence_lies_across_two_roles() -> None:
    text = "one two three four"
    talk = document(text, (0, 7, "user"), (8, 18, "assistant"))
    assert sentences(talk, read_one(talk, tiny_bert(), PASSAGE)) == ["one two", "three four"]


def test_a_document_without_the_role_has_no_units() -> None:
    stretch = read_one(chat(("user", "Why?")), tiny_bert(), with_roles(PASSAGE, "assistant"))
    assert len(stretch.tokens) == len(stretch.sentences) == 0
    assert stretch.n_finished == 1


@pytest.mark.parametrize(
    "text",
    [
        "NUL\x00 in the cat.\x00",
        "😀 cat 👩‍👩‍👧 sat!",
        "שלום עולם. مرحبا؟",
        "?! ... ---",
        "鼠 龍 鼠龍",
        "\x00\x01",
        "  cat\t\n",
    ],
)
@pytest.mark.parametrize("context", ["sentence", "passage"])
@pytest.mark.parametrize("make", [tiny_bert, tiny_llama])
def test_odd_texts_are_read_with_spans_of_the_text_as_it_is(
    text: str, context: str, make: type
) -> None:
    plan = ReadingPlan((1,), (1,), context, 16, MaskPolicy())  # type: ignore[arg-type]
    odd = document(text)
    stretch = read_one(odd, make(), plan)
    spans = stretch.tokens.spans
    assert np.all((spans[:, 0] < spans[:, 1]) & (spans[:, 1] <= len(text)))
    assert np.all(np.diff(spans[:, 0]) >= 0)
    seen = {c for a, b in spans.tolist() for c in text[a:b]}
    letters = {c for c in text if c.isalnum()}
    assert letters <= seen
    assert torch.isfinite(stretch.sentences.states[1]).all()


def test_a_template_is_read_but_not_counted_and_spans_point_into_the_document() -> None:
    reader = chat_reader()
    talk = chat(
        ("user", "  user says <|end|> Why? "), ("assistant", "assistant knows. Cats sleep.")
    )
    plan = ReadingPlan((2,), (2,), "passage", 64, MaskPolicy(outlier_norm=None))
    stretch = read_one(talk, reader, plan)
    assert "".join(words(talk, stretch)).replace(" ", "") == (
        "usersaysWhy?assistantknows.Catssleep."
    )
    assert sentences(talk, stretch)[-2:] == ["assistant knows.", "Cats sleep."]
    rendered = (
        "<s><|user|>\nuser says <|end|> Why?<|end|>\n"
        "<|assistant|>\nassistant knows. Cats sleep.<|end|>\n"
    )
    ids = torch.from_numpy(reader.tokenize([rendered]).ids)[None]
    whole = reader.states(ids, torch.ones_like(ids, dtype=torch.bool), layers=[2])[2][0]
    distance = torch.cdist(stretch.tokens.states[2], whole).min(dim=1).values
    assert distance.max() < 1e-4, "a state that the whole chat does not have"


def test_roles_of_a_template_are_found_where_it_put_them_not_where_words_occur() -> None:
    reader = chat_reader()
    talk = chat(("system", "user"), ("user", "system"), ("assistant", "user"))
    stretch = read_one(talk, reader, with_roles(PASSAGE, "assistant"))
    (span,) = {tuple(span) for span in stretch.sentences.spans.tolist()}
    assert span == (14, 18)


def test_a_chat_that_the_template_refuses_is_left_out_with_the_reason() -> None:
    reader = chat_reader()
    reader.tokenizer.chat_template = "{{ raise_exception('roles must alternate') }}"
    talks = [chat(("user", "Why?")), document("The cat sat.")]
    (stretch,) = read_documents(talks, reader, PASSAGE)
    assert "roles must alternate" in stretch.refused[0]
    assert set(stretch.tokens.documents.tolist()) == {1}


def test_outliers_do_not_count_and_not_in_the_mean_either() -> None:
    reader = tiny_bert()
    cat = int(reader.tokenize(["cat"]).ids[0])
    reader.model.embeddings.LayerNorm = torch.nn.Identity()
    reader.model.embeddings.word_embeddings.weight[cat] *= 1e4
    text = document("The cat sat. cat")
    masked = ReadingPlan((0,), (0,), "sentence", 32, MaskPolicy())
    found = read_one(text, reader, masked)
    assert "cat" not in words(text, found)
    everything = read_one(text, reader, ReadingPlan((0,), (0,), "sentence", 32, PLAIN.masks))
    assert words(text, everything).count("cat") == 2
    close(found.sentences.states[0][0], found.tokens.states[0].mean(dim=0))
    assert sentences(text, found) == ["The cat sat."]


def test_a_long_document_is_read_in_several_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LanguageModel, "load_characters", 200)
    reader = tiny_bert()
    plan = ReadingPlan((2,), (3,), "sentence", 32, PLAIN.masks, batch_tokens=64)
    documents = [document(" ".join(TEXTS)), document(TEXTS[0])]
    stretches = list(read_documents(documents, reader, plan))
    assert len(stretches) > 1
    monkeypatch.undo()
    (whole,) = read_documents(documents, reader, PLAIN)
    close(torch.cat([s.tokens.states[2] for s in stretches]), whole.tokens.states[2])
    spans = np.concatenate([s.sentences.spans for s in stretches])
    np.testing.assert_array_equal(spans, whole.sentences.spans)
    assert [s.n_finished for s in stretches][-1] == 2


def test_more_tokens_at_once_than_the_reader_can_see_are_refused() -> None:
    plan = ReadingPlan((1,), (), "sentence", 65)
    with pytest.raises(ReaderError, match="3 to 64"):
        list(read_documents([document("cat")], tiny_bert(), plan))


@pytest.mark.parametrize("family", ["llama3", "qwen3", "mistral", "harmony", "gemma2", "smollm2"])
@pytest.mark.parametrize("name", ["plain", "system", "tools", "inline"])
def test_tokens_of_chats_cover_what_was_said_and_nothing_else(family: str, name: str) -> None:
    reader = chat_reader()
    reader.tokenizer.chat_template = (TEMPLATES / f"{family}.jinja").read_text("utf-8")
    talk = chat_of(name)
    (stretch,) = read_documents([talk], reader, PASSAGE)
    if stretch.refused:
        assert name == "tools"
        assert family in ("gemma2", "smollm2")
        return
    _, pieces = render(talk, reader.tokenizer)
    visible = {
        place
        for piece in pieces
        for place in range(piece.document_start, piece.document_end)
        if not talk.text[place].isspace()
    }
    covered = {place for a, b in stretch.tokens.spans.tolist() for place in range(a, b)}
    inside = {place for role in talk.roles for place in range(role.start, role.end)}
    assert visible <= covered <= inside
    for a, b in stretch.sentences.spans.tolist():
        assert any(role.start <= a < b <= role.end for role in talk.roles)


def test_a_role_of_a_chat_with_tools_counts_alone() -> None:
    reader = chat_reader()
    reader.tokenizer.chat_template = (TEMPLATES / "llama3.jinja").read_text("utf-8")
    talk = chat_of("tools")
    stretch = read_one(talk, reader, with_roles(PASSAGE, "tool", "assistant"))
    assert sentences(talk, stretch)[-1] == "It is 20 degrees."
    assert sentences(talk, stretch)[0].startswith('{"temp": 20')
