"""Kinds of sentences: which features sentences have, and tests of many of them together."""
