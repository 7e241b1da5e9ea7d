"""Sentences, words and format marks of a text, and its language."""
