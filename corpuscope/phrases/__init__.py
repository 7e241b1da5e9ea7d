"""Short texts as vectors, without a GPU library: what a phrase means, beside other phrases."""

from corpuscope.phrases.embedder import PHRASE_WIDTH, PhraseEmbedder, load_phrase_embedder

__all__ = ["PHRASE_WIDTH", "PhraseEmbedder", "load_phrase_embedder"]
