import numpy as np
import pytest
import torch

from corpuscope.embedding.embedder import PhraseEmbedder, load_phrase_embedder
from corpuscope.reader.language_model import load_reader

TEXTS = [
    "hedges instead of answering",
    "",
    "A refusal, with an apology!",
    "numbered list",
    "emoji 😀 and ünïcödé",
    "It was the best of times, it was the worst of times. " * 4,
]


@pytest.fixture(scope="module")
def embedder() -> PhraseEmbedder:
    return load_phrase_embedder()


def test_vectors_are_those_of_the_original(embedder: PhraseEmbedder) -> None:
    reader = load_reader()
    batch = reader.tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = reader.model(**batch).last_hidden_state.float()  # type: ignore[operator]
    mask = batch["attention_mask"][:, :, None]
    mean = (states * mask).sum(dim=1) / mask.sum(dim=1)
    truth = torch.nn.functional.normalize(mean, dim=1).numpy()
    cosines = (embedder.embed(TEXTS) * truth).sum(axis=1)
    assert cosines.min() > 0.995


def test_a_vector_has_length_one_and_does_not_depend_on_the_others(
    embedder: PhraseEmbedder,
) -> None:
    together = embedder.embed(TEXTS)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
    for text, vector in zip(TEXTS, together, strict=True):
        assert embedder.embed([text])[0] == pytest.approx(vector, abs=1e-4)


def test_meaning_is_nearer_than_words(embedder: PhraseEmbedder) -> None:
    asked, like, unlike = embedder.embed(["a happy text", "joyful writing", "a parking permit"])
    assert asked @ like > asked @ unlike + 0.2


def test_what_is_beyond_the_limit_is_not_read(embedder: PhraseEmbedder) -> None:
    long = "word " * 300
    assert embedder.embed([long])[0] == pytest.approx(embedder.embed([long * 2])[0], abs=1e-4)


def test_no_texts_no_vectors(embedder: PhraseEmbedder) -> None:
    assert embedder.embed([]).shape == (0, 384)
