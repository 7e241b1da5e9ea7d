"""Documents x features on disk and in memory.

`writer` makes a store, shard by shard; `store` opens one; `matrix` is its sparse matrix both
ways round; `joined` makes one of several; `lexical` counts words beside the features; `evidence`
shows where a feature peaks. Knows no language model and no dictionary.
"""

from corpuscope.store.evidence import Evidence, strongest
from corpuscope.store.joined import joined
from corpuscope.store.lexical import LexicalMatrix, lexical_presence
from corpuscope.store.matrix import FeatureStrengths, SparseStrengths
from corpuscope.store.rows import StoredDocument
from corpuscope.store.store import Store, open_store
from corpuscope.store.writer import CommittedShard, DocumentRecord, StoreWriter

__all__ = [
    "CommittedShard",
    "DocumentRecord",
    "Evidence",
    "FeatureStrengths",
    "LexicalMatrix",
    "SparseStrengths",
    "Store",
    "StoreWriter",
    "StoredDocument",
    "joined",
    "lexical_presence",
    "open_store",
    "strongest",
]
