"""Sentence embeddings of phrases and documents, without a GPU library."""
