"""Extraction: from a corpus to a store, with a reader and a dictionary.

`extract` processes the corpus shard by shard; `records` turns the documents of a shard into the
records that are stored; `progress` reports progress.
"""
