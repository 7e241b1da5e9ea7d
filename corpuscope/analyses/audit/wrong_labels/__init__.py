"""Likely label errors: which they are, how many, and whether a reader agrees."""
