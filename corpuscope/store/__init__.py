"""Documents x features on disk and in memory.

`writer` makes a store, shard by shard; `store` opens one; `matrix` is its sparse matrix both
ways round; `joined` makes one of several; `lexical` counts words beside the features; `evidence`
shows where a feature peaks. Knows no language model and no dictionary.
"""
