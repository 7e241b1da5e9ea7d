"""Short texts as vectors, without a GPU library: what a phrase means, beside other phrases."""

from corpuscope.phrases.embedder import PhraseEmbedder, load_phrase_embedder

__all__ = ["PhraseEmbedder", "load_phrase_embedder"]
