"""Kinds of sentences: features per sentence, and an omnibus test over many of them."""
