"""Sentences, words and marks of a text, and its language."""
