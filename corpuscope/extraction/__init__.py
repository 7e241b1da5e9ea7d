"""From a corpus to a store: the one place where reader, dictionary and store meet.

`run` goes through the corpus shard by shard; `records` makes a shard's documents into the
records that are stored; `progress` tells how far it has come.
"""
