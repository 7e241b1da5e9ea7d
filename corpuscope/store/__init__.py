"""Documents x features on disk and in memory.

`writer` creates a store, shard by shard; `store` opens one; `matrix` is its sparse matrix by
document and by feature; `joined` combines several; `lexical` adds word features; `evidence` shows
where a feature peaks. Independent of language models and dictionaries.
"""
