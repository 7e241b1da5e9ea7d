"""The features of a store that take part in a question, all of them or those with support."""

import numpy as np

from corpuscope.analyses.comparison.tested_features import TestedFeatures, supported_features
from corpuscope.labels.named_store import NamedStore


def columns_of(
    source: NamedStore, *, words: bool = False, features: bool = True, min_support: int = 1
) -> TestedFeatures:
    everyone = np.ones(source.n_documents, dtype=bool)
    return supported_features(
        source, everyone, words=words, features=features, min_support=min_support, level=None
    )
