"""Options of `cluster`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """Options of `cluster`.

    Attributes:
        n_features: Number of features selected by each phrase.
        words: Whether clusters are described by words, too.
        min_support: Minimum number of documents with a feature, and without it.
        evidence: Number of documents shown per cluster.
        level: Factor on the presence thresholds of the features.
        rename: Whether features are named from these documents; otherwise by the dictionary.
        seed: Random seed.
    """

    n_features: int = 300
    words: bool = True
    min_support: int = 5
    evidence: int = 5
    level: float | None = None
    rename: bool = True
    seed: int = 0
